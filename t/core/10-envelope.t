#!/bin/sh
test_description='core: error envelope, request ids, methods, paths, CORS, rate limits'
. "$(dirname "$0")/../lib.sh"
em_conf server.cors_origins=https://app.example.com,https://b.example.com
em_conf limits.write_rate=30
em_start

test_expect_success 'setup: accounts and a flyer' '
	em_user ana && em_sql "INSERT INTO flyer(id, publisher_id, title,
	    created_at, updated_at) VALUES (1, $ID_ana, 1, 1, 1)"
'

test_expect_success 'an error response has exactly the members of the envelope' '
	api GET /customer/favorites && expect 401 &&
	check_json "keys == [\"error\", \"message\", \"request_id\"]" &&
	[ "$(json .request_id)" = "$(header X-Request-Id)" ] &&
	[ "$(header X-Content-Type-Options)" = nosniff ] &&
	[ "$(header Cache-Control)" = no-store ] &&
	header Content-Type | grep "^application/json"
'

test_expect_success 'one response lists all invalid parameters' '
	api GET "/customer/favorites?page=0&per_page=x&sort=up" \
	    -t "$TOKEN_ana" && expect 400 validation_failed &&
	check_json ".fields | keys == [\"page\", \"per_page\", \"sort\"]"
'

test_expect_success 'Accept: application/problem+json selects problem details of RFC 9457' '
	api GET /customer/favorites -H "Accept: application/problem+json" &&
	expect 401 && header Content-Type | grep "^application/problem+json" &&
	check_json ".status == 401 and .code == \"token_required\" and
	    .detail == \"Access token required\" and .request_id and .title" &&
	api GET /customer/favorites \
	    -H "Accept: application/json, application/problem+json" &&
	expect 401 token_required
'

test_expect_success 'a valid X-Request-Id is kept, and an invalid one is replaced' '
	id() { api GET /health -H "X-Request-Id: $1" && header X-Request-Id; } &&
	[ "$(id abcDEF-123)" = abcDEF-123 ] &&
	for bad in short "has space 1" "semi;colon" "$(printf "%065d" 0)"; do
		[ "$(id "$bad")" != "$bad" ] || return 1
	done &&
	id "" | grep -E "^[0-9a-f]{32}$"
'

test_expect_success 'the request id is stored in the activity log and in the access log' '
	api POST /api/flyers/1/favorite/ -t "$TOKEN_ana" \
	    -H "X-Request-Id: trace-me-0001" && expect 201 &&
	[ "$(em_sql "SELECT request_id FROM favorite_log")" = trace-me-0001 ] &&
	em_until "grep -q trace-me-0001 \"$EM_STATE/log/favorites.log\"" &&
	grep trace-me-0001 "$EM_STATE/log/favorites.log" | jq -e "
	    .event == \"request\" and .user == $ID_ana and .status == 201 and
	    .route == \"/api/flyers/{flyer_id}/favorite\" and
	    .target == \"flyer_id=1\" and .us >= 0"
'

# logged ID: prints route and target of a request in the access log.
logged() {
	em_until "grep -q '$1' \"$EM_STATE/log/favorites.log\"" &&
	grep "$1" "$EM_STATE/log/favorites.log" | jq -r "[.route, .target] | @tsv"
}

test_expect_success 'the access log names the objects in path and body, and no other text' '
	id=018f0000-0000-7000-8000-00000000000a tab=$(printf "\t") &&
	base=/api/v1/users/me/favorites &&
	api POST $base -t "$TOKEN_ana" -H "X-Request-Id: trace-me-0002" \
	    "{\"destination_id\":\"$id\"}" && expect 404 &&
	test "$(logged trace-me-0002)" = \
	    "/api/v1/users/{user}/favorites${tab}user=me destination_id=$id" &&
	api DELETE $base/$id -t "$TOKEN_ana" -H "X-Request-Id: trace-me-0003" &&
	logged trace-me-0003 | grep "user=me destination_id=$id$" &&
	api POST /customer/favorites -t "$TOKEN_ana" "{\"listenerId\":77}" \
	    -H "X-Request-Id: trace-me-0004" && expect 404 &&
	test "$(logged trace-me-0004)" = \
	    "/api/v1/customer/favorites${tab}listener_id=77" &&
	api GET /customer/favorites/secret-text -t "$TOKEN_ana" \
	    -H "X-Request-Id: trace-me-0005" && expect 404 &&
	test "$(logged trace-me-0005)" = \
	    "/api/v1/customer/favorites/{listener_id}${tab}"
'

test_expect_success 'no log contains a token, password or address' '
	! grep -rFe "$TOKEN_ana" -e "$REFRESH_ana" -e "$EM_PASSWORD" \
	    "$EM_STATE/log"
'

test_expect_success 'unsupported methods return 405 with Allow, and HEAD is like GET' '
	api PATCH /api/flyers/1/favorite/ -t "$TOKEN_ana" "{}" &&
	expect 405 method_not_allowed &&
	[ "$(header Allow)" = "GET, HEAD, POST, DELETE" ] &&
	api PURGE /health && expect 405 &&
	api HEAD /health && expect 200 &&
	[ "$(header Content-Length)" -gt 0 ] &&
	api HEAD /nothing && expect 404
'

test_expect_success 'unknown paths and paths with dots, escapes or double slashes return 404' '
	for p in /nothing /api /api/v1 /api/v2/health /api/flyers/1/favorite/x \
	    /customer//favorites /customer/./favorites \
	    /customer/x/../favorites /customer/favorites%2f \
	    /customer%2ffavorites /customer/favorites/%00x; do
		api GET "$p" -t "$TOKEN_ana" &&
		case $status in
		404) expect 404 not_found ;;
		400) check_json ".error == \"bad_request\"" ;;
		*) note "$p: $status" && false ;;
		esac || return 1
	done
'

test_expect_success 'configured origins get CORS headers, and others do not' '
	api OPTIONS /customer/favorites -H "Origin: https://app.example.com" \
	    -H "Access-Control-Request-Method: POST" && expect 204 &&
	[ "$(header Access-Control-Allow-Origin)" = \
	    https://app.example.com ] &&
	header Access-Control-Allow-Headers | grep -i idempotency-key &&
	api GET /customer/favorites -H "Origin: https://b.example.com" &&
	[ "$(header Access-Control-Allow-Origin)" = https://b.example.com ] &&
	for o in https://evil.example.com https://app.example.com.evil.com \
	    https://app.example.co null "*"; do
		api GET /health -H "Origin: $o" &&
		[ -z "$(header Access-Control-Allow-Origin)" ] || return 1
	done
'

# A worker does not read again what it knows, so it may be fewer.
test_expect_success 'a list of 100 items runs as many SQL statements as a list of one' '
	em_sql "INSERT INTO flyer(id, publisher_id, title, created_at,
	    updated_at) WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1
	    FROM n WHERE i < 100) SELECT i, $ID_ana, i, i, i FROM n;
	    INSERT INTO favorite(user_id, kind, entity_id, created_at,
	    updated_at) SELECT $ID_ana, 2, id, id, id FROM flyer WHERE id > 1" &&
	sql() {
		api GET "$1" -t "$TOKEN_ana" -H "X-Request-Id: count-$2" &&
		expect 200 &&
		em_until "grep -q \"count-$2\" \"$EM_STATE\"/log/*.log" &&
		grep -h "count-$2" "$EM_STATE"/log/*.log | jq .sql
	} &&
	one=$(sql "/api/users/me/favorites/?limit=1" aaaa) &&
	all=$(sql "/api/users/me/favorites/?limit=100" bbbb) &&
	[ "$all" -le "$one" ] &&
	[ "$(sql "/api/flyers/?limit=1" cccc)" = \
	    "$(sql "/api/flyers/?limit=100" dddd)" ] &&
	[ "$(sql "/api/flyers/?limit=100" eeee)" -le 8 ]
'

test_expect_success 'writes above the limit return 429 with Retry-After and RateLimit headers' '
	n=0 && status= &&
	while [ $n -lt 40 ] && [ "$status" != 429 ]; do
		api POST /api/flyers/1/favorite/ -t "$TOKEN_ana"
		n=$((n + 1))
	done &&
	expect 429 rate_limited && [ "$(header Retry-After)" -ge 1 ] &&
	[ "$(header RateLimit-Limit)" = 30 ] &&
	[ "$(header RateLimit-Remaining)" = 0 ] &&
	[ "$n" -gt 20 ] &&
	api GET /api/users/me/favorites/ -t "$TOKEN_ana" && expect 200
'

test_done
