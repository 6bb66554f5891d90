#!/bin/sh
test_description='/customer/favorites: favorite listeners'
. "$(dirname "$0")/../lib.sh"
em_start

# listener NAME [VERIFICATION]: creates an account that is also a listener.
listener() {
	em_user "$1" customer listener &&
	eval "id=\$ID_$1" &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($id, ${2:-1}, 100, 'en', 1)
	    ON CONFLICT (user_id) DO UPDATE SET verification = ${2:-1};"
}

fav() {
	api "$1" "${base:-/api/v1}/customer/favorites" -t "$TOKEN_cust" \
	    "{\"listener_id\":$2}"
}

test_expect_success 'setup: accounts' '
	em_user cust && em_user other &&
	listener jane_smith && listener bob 0 && listener zoe
'

test_expect_success 'POST /customer/favorites returns the documented body' '
	fav POST "$ID_jane_smith" && expect 200 &&
	check_json ". == {success: true,
	    message: \"Successfully added jane_smith to favorites\",
	    listener_id: $ID_jane_smith, is_favorited: true}"
'

test_expect_success 'saving a listener again returns the same response and stores one row' '
	fav POST "$ID_jane_smith" && expect 200 &&
	[ "$(em_sql "SELECT count(*) FROM favorite")" = 1 ] &&
	[ "$(em_sql "SELECT count(*) FROM favorite_log")" = 1 ]
'

test_expect_success '/customer/favorites works without /api/v1' '
	base="" && fav POST "$ID_zoe" && expect 200 &&
	api GET /customer/favorites/ -t "$TOKEN_cust" && expect 200 &&
	check_json ".total_count == 2"
'

test_expect_success 'unavailable listeners and the user itself return the documented errors' '
	fav POST "$ID_cust" && expect 400 cannot_favorite_self &&
	[ "$(json .message)" = "Cannot favorite yourself" ] &&
	fav DELETE "$ID_cust" && expect 400 cannot_favorite_self &&
	[ "$(json .message)" = "Cannot unfavorite yourself" ] &&
	fav POST "$ID_bob" && expect 400 listener_not_verified &&
	[ "$(json .message)" = "Listener account is not verified" ] &&
	fav POST 999999 && expect 404 not_found &&
	[ "$(json .message)" = "Listener not found" ] &&
	fav POST "$ID_other" && expect 404 &&
	em_sql "UPDATE user SET status = 3 WHERE id = $ID_zoe" &&
	fav POST "$ID_zoe" && expect 400 listener_inactive &&
	[ "$(json .message)" = "Listener account is inactive" ] &&
	api GET /customer/favorites -t "$TOKEN_cust" &&
	check_json ".total_count == 1" &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_zoe" &&
	api GET /customer/favorites -t "$TOKEN_cust" &&
	check_json ".total_count == 2"
'

test_expect_success 'invalid input returns 4xx and changes nothing' '
	em_sql "SELECT count(*) FROM favorite_log" >before &&
	for b in "{" "[]" "{\"listener_id\":\"1\"}" "{\"listener_id\":1.5}" \
	    "{}" "{\"listener_id\":-1}" "{\"listener_id\":0}" \
	    "{\"listener_id\":9223372036854775808}" \
	    "{\"listener_id\":1,\"listener_id\":2}" "{\"listener_id\":null}"; do
		api POST /customer/favorites -t "$TOKEN_cust" "$b" &&
		expect 400 || return 1
	done &&
	api POST /customer/favorites -t "$TOKEN_cust" \
	    -H "Content-Type: text/plain" "{\"listener_id\":1}" && expect 415 &&
	api POST /customer/favorites -t "$TOKEN_cust" && expect 400 &&
	em_sql "SELECT count(*) FROM favorite_log" >after &&
	test_cmp before after
'

test_expect_success '/customer/favorites returns 401 and 403 with the documented messages' '
	api POST /customer/favorites "{\"listener_id\":1}" &&
	expect 401 token_required &&
	[ "$(header WWW-Authenticate)" = Bearer ] &&
	[ "$(json .message)" = "Access token required" ] &&
	api GET /customer/favorites -t nonsense && expect 401 token_invalid &&
	[ "$(json .message)" = "Invalid or expired token" ] &&
	em_sql "UPDATE user SET roles = 2 WHERE id = $ID_zoe" &&
	api GET /customer/favorites -t "$TOKEN_zoe" &&
	expect 403 role_required &&
	[ "$(json .message)" = "Access denied. Customer role required" ] &&
	em_sql "UPDATE user SET status = 3 WHERE id = $ID_other" &&
	api GET /customer/favorites -t "$TOKEN_other" &&
	expect 403 account_inactive &&
	[ "$(json .message)" = "User account is inactive" ]
'

test_expect_success 'GET /customer/favorites returns all documented members' '
	now=$(($(date +%s) * 1000)) &&
	em_sql "UPDATE presence SET status = 1, online_until = $now + 600000,
	    last_seen = $now, version = version + 1
	    WHERE user_id = $ID_jane_smith" &&
	api GET "/customer/favorites?page=1&per_page=10" -t "$TOKEN_cust" &&
	expect 200 &&
	check_json ".favorites[1] | has(\"user_id\", \"username\", \"sex\",
	    \"bio\", \"interests\", \"profile_image_url\",
	    \"preferred_language\", \"rating\", \"country\", \"is_online\",
	    \"last_seen\", \"is_busy\", \"wait_time\", \"is_available\",
	    \"favorited_at\")" &&
	check_json ".favorites[1] | .username == \"jane_smith\" and .is_online
	    and .is_available and (.is_busy | not) and .wait_time == null" &&
	check_json "[.total_count, .online_count, .available_count, .page,
	    .per_page, .has_next, .has_previous] == [2,1,1,1,10,false,false]"
'

test_expect_success 'a busy listener is unavailable and has a wait time' '
	em_sql "UPDATE presence SET busy_since = $now - 150000,
	    version = version + 1 WHERE user_id = $ID_jane_smith" &&
	api GET "/customer/favorites" -t "$TOKEN_cust" &&
	check_json ".favorites[1] | .is_busy and (.is_available | not) and
	    .wait_time == 8" &&
	check_json "[.online_count, .available_count] == [1, 0]" &&
	em_sql "UPDATE presence SET busy_since = NULL, version = version + 1
	    WHERE user_id = $ID_jane_smith"
'

test_expect_success 'total, online and available counts cover the list, not the page' '
	api GET "/customer/favorites?per_page=1" -t "$TOKEN_cust" &&
	check_json "(.favorites | length) == 1 and .total_count == 2 and
	    .online_count == 1 and .has_next and .next_cursor != null" &&
	header Link | grep "rel=.next." &&
	api GET "/customer/favorites?per_page=1&cursor=$(json .next_cursor)" \
	    -t "$TOKEN_cust" && expect 200 &&
	check_json "(.favorites | length) == 1 and (.has_next | not) and
	    .has_previous and .page == null" &&
	api GET "/customer/favorites?page=2&per_page=1" -t "$TOKEN_cust" &&
	check_json ".favorites[0].username == \"jane_smith\" and .page == 2" &&
	api GET "/customer/favorites?page=9" -t "$TOKEN_cust" &&
	check_json ".favorites == [] and .total_count == 2"
'

test_expect_success 'per_page above 100 is reduced, and invalid parameters return 400' '
	api GET "/customer/favorites?per_page=1000" -t "$TOKEN_cust" &&
	check_json ".per_page == 100" &&
	for q in page=0 page=x per_page=0 per_page=-1 page=1.5 \
	    cursor=abc page=1\&page=2 sort=up online=maybe sex=x; do
		api GET "/customer/favorites?$q" -t "$TOKEN_cust" &&
		expect 400 validation_failed || return 1
	done
'

test_expect_success 'favorite listeners can be filtered and sorted' '
	get() { api GET "/customer/favorites?$1" -t "$TOKEN_cust" && expect 200; } &&
	get online=true && check_json ".total_count == 1" &&
	get available=false && check_json ".total_count == 1" &&
	get q=jan && check_json ".favorites[0].username == \"jane_smith\"" &&
	get q=nobody && check_json ".total_count == 0" &&
	get "q=%22%20OR%20*" && check_json ".total_count == 0" &&
	get sort=name && check_json "[.favorites[].username] ==
	    [\"jane_smith\", \"zoe\"]" &&
	get sort=last_seen && check_json ".favorites[0].username ==
	    \"jane_smith\"" &&
	get sort=rating && check_json ".total_count == 2" &&
	get "sort=name&per_page=1" &&
	get "sort=name&per_page=1&cursor=$(json .next_cursor)" &&
	check_json ".favorites[0].username == \"zoe\"" &&
	get "lang=xx-unknown" && check_json ".total_count == 0"
'

test_expect_success 'an unchanged list returns 304, a changed listener 200' '
	api GET /customer/favorites -t "$TOKEN_cust" &&
	etag=$(header ETag) && [ -n "$etag" ] &&
	api GET /customer/favorites -t "$TOKEN_cust" \
	    -H "If-None-Match: $etag" && expect 304 &&
	em_sql "UPDATE user SET bio = username WHERE id = $ID_zoe" &&
	api GET /customer/favorites -t "$TOKEN_cust" \
	    -H "If-None-Match: $etag" && expect 200
'

test_expect_success 'single favorites, the check endpoint and favorite settings work' '
	api GET "/customer/favorites/$ID_zoe" -t "$TOKEN_cust" && expect 200 &&
	check_json ".is_favorited" &&
	api GET /customer/favorites/99999 -t "$TOKEN_cust" && expect 404 &&
	api GET /customer/favorites/x -t "$TOKEN_cust" && expect 404 &&
	api POST /customer/favorites/check -t "$TOKEN_cust" \
	    "{\"listener_ids\":[$ID_bob,$ID_zoe]}" && expect 200 &&
	check_json "[.favorites[].is_favorited] == [false, true]" &&
	api PUT "/customer/favorites/$ID_zoe" -t "$TOKEN_cust" \
	    "{\"notify_when_available\":true,\"note\":\"kind\"}" && expect 200 &&
	check_json ".notify_when_available and .note == \"kind\"" &&
	api PUT "/customer/favorites/$ID_zoe" -t "$TOKEN_cust" \
	    "{\"note\":null}" && expect 200 &&
	check_json ".notify_when_available and .note == null" &&
	api PUT "/customer/favorites/$ID_bob" -t "$TOKEN_cust" \
	    "{\"note\":\"x\"}" && expect 404
'

test_expect_success 'DELETE /customer/favorites is idempotent and accepts a query parameter' '
	fav DELETE "$ID_zoe" && expect 200 &&
	[ "$(json .message)" = "Successfully removed zoe from favorites" ] &&
	check_json ".is_favorited == false" &&
	fav DELETE "$ID_zoe" && expect 200 &&
	api DELETE "/customer/favorites?listener_id=$ID_jane_smith" \
	    -t "$TOKEN_cust" && expect 200 &&
	api DELETE /customer/favorites -t "$TOKEN_cust" && expect 400 &&
	[ "$(em_sql "SELECT count(*) FROM favorite")" = 0 ] &&
	[ "$(em_sql "SELECT favorites_count FROM favoritable
	    WHERE kind = 1 AND id = $ID_zoe")" = 0 ]
'

test_done
