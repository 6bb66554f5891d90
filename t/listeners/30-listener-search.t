#!/bin/sh
test_description='GET /listeners: search'
. "$(dirname "$0")/../lib.sh"
em_start

NOW=$(($(date +%s) * 1000))
# listener NAME RATE RATING_SUM RATING_COUNT LANGUAGES(json) SET...: creates a
# verified listener.
listener() {
	em_user "$1" customer listener &&
	eval "id=\$ID_$1" &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    rating_sum, rating_count, languages, registered_at)
	    SELECT $id, 1, $2, $3, $4, group_concat(value, char(10)), 1000 + $id
	    FROM json_each('$5') WHERE true
	    ON CONFLICT (user_id) DO UPDATE SET verification = 1,
	    rate_per_minute = excluded.rate_per_minute,
	    rating_sum = excluded.rating_sum,
	    rating_count = excluded.rating_count,
	    languages = excluded.languages,
	    registered_at = excluded.registered_at;
	    INSERT INTO listener_language(language, user_id)
	    SELECT value, $id FROM json_each('$5');
	    UPDATE user SET $6 WHERE id = $id;"
}
online() {
	em_sql "UPDATE presence SET status = 1, online_until = $NOW + 3600000,
	    last_seen = $NOW WHERE user_id = $1"
}
names() {
	json '[.listeners[].username] | join(" ")'
}
find() {
	api GET "/listeners?$1" && expect 200 && names >found &&
	printf '%s\n' "$2" >wanted && test_cmp wanted found
}
NL='char(10)'

test_expect_success 'setup: five verified listeners and an unverified one' '
	listener asha 500 48 10 "[\"hi\",\"en\"]" "sex = '\''female'\'',
	    country = '\''IN'\'', bio = '\''Calm, about Sleep & work'\'',
	    interests = '\''music'\'' || $NL || '\''art'\''" &&
	listener bela 300 9 2 "[\"en\"]" "sex = '\''male'\'',
	    country = '\''US'\'', bio = '\''Deep sleep coach'\'',
	    interests = '\''classical music'\''" &&
	listener carl 900 0 0 "[\"de\",\"hi\"]" "sex = '\''male'\'',
	    country = '\''DE'\'', bio = '\''Über alles reden'\''" &&
	listener dora 100 30 10 "[\"ta\"]" "sex = '\''female'\'',
	    country = '\''IN'\'', bio = '\''o'\'''\''brien'\''" &&
	listener emil 700 50 10 "[\"hi\"]" "sex = '\''other'\''" &&
	listener hidden 1 50 10 "[\"hi\"]" "sex = '\''male'\''" &&
	em_sql "UPDATE listener SET verification = 0
	    WHERE user_id = $ID_hidden" &&
	online "$ID_bela" && online "$ID_dora" &&
	em_sql "UPDATE presence SET busy_since = $NOW - 60000
	    WHERE user_id = $ID_dora"
'

test_expect_success 'GET /listeners needs no token and returns all documented members' '
	api GET /api/v1/listeners && expect 200 &&
	check_json ".total_count == 5 and .page == 1 and .per_page == 20 and
	    (.has_next | not) and (.has_previous | not) and
	    .next_cursor == null" &&
	check_json ".listeners | map(select(.username == \"asha\"))[0] ==
	    {user_id: $ID_asha, username: \"asha\", sex: \"female\",
	    bio: \"Calm, about Sleep & work\", interests: [\"music\", \"art\"],
	    profile_image_url: null, profile_image_thumb_url: null,
	    preferred_language: null, rating: 4.8,
	    country: \"IN\", is_online: false, last_seen: null,
	    is_busy: false, wait_time: null, is_available: false,
	    next_available_at: null,
	    languages: [\"hi\", \"en\"], rate_per_minute: 500,
	    kinds: [\"audio\"], rates: {audio: 500},
	    currency: \"INR\", sessions_count: 0, reviews_count: 10,
	    favorites_count: 0}" &&
	grep -q "\"rating\":0.0" "$body"
'

test_expect_success 'sort=recommended lists available listeners, then busy ones, then the others' '
	find "" "bela dora emil asha carl" &&
	check_json ".listeners[1].wait_time == 9 and .listeners[1].is_busy and
	    .listeners[1].is_online and (.listeners[1].is_available | not)"
'

test_expect_success 'listeners can be sorted by rating, rate, registration and favorites' '
	find sort=rating "emil asha bela dora carl" &&
	find sort=rate "dora bela asha emil carl" &&
	find sort=recent "emil dora carl bela asha" &&
	api POST /customer/favorites -t "$TOKEN_bela" \
	    "{\"listener_id\":$ID_carl}" && expect 200 &&
	find sort=popular "carl emil dora bela asha"
'

test_expect_success 'filters of the search can be combined' '
	find "gender=female" "dora asha" &&
	find "lang=hi" "emil asha carl" &&
	find "country=in" "dora asha" &&
	find "interest=Music" "asha" &&
	find "interest=classical%20music" "bela" &&
	find "online=true" "bela dora" &&
	find "online=false" "emil asha carl" &&
	find "available=true" "bela" &&
	find "available=false&sort=rate" "dora asha emil carl" &&
	find "min_rating=4.5" "bela emil asha" &&
	find "max_rate=300" "bela dora" &&
	find "lang=hi&gender=male&max_rate=900&sort=rate" "carl" &&
	check_json ".total_count == 1" &&
	find "lang=xx" "" && check_json ".total_count == 0" &&
	find "online=true&sort=rate" "dora bela" &&
	check_json ".total_count == 2"
'

test_expect_success 'a full-text search matches the beginnings of all words, ignoring case' '
	find "q=sleep" "bela asha" &&
	find "q=SLE+wor" "asha" &&
	find "q=asha" "asha" &&
	find "q=uber" "carl" &&
	find "q=o%27brien" "dora" &&
	find "q=music&sort=rating" "asha bela" &&
	find "q=sleep&online=true" "bela" &&
	check_json ".total_count == 1" &&
	find "q=sleep&interest=music" "asha"
'

test_expect_success 'operators of the full-text syntax in q are treated as text' '
	for q in "%22" "%22%22" "*" "a%22+OR+%22b" "sleep+NOT" "NEAR(a+b)" \
	    "bio:sleep%22" "%5E" "-" "%28" "a%2A%2A" "%7B%7D" "%F0%9F%98%80" \
	    "AND" "col+:+x" "%27%3B--"; do
		api GET "/listeners?q=$q" && expect 200 || return 1
	done &&
	find "q=%F0%9F%98%80" "" &&
	find "q=sleep+%F0%9F%98%80" "bela asha" &&
	find "q=&sort=rate" "dora bela asha emil carl"
'

test_expect_success 'GET /listeners/gsearch accepts languages by code or name in any case' '
	for l in hindi Hindi HINDI hi HI "%20hindi%20"; do
		api GET "/api/v1/listeners/gsearch?lang=$l&gender=male" &&
		expect 200 && check_json ".total_count == 1 and
		    .listeners[0].username == \"carl\"" || return 1
	done &&
	for l in %E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80 \
	    hindi,klingon "klingon,%20HI"; do
		api GET "/listeners/gsearch?lang=$l&gender=male" &&
		check_json ".total_count == 1" || return 1
	done &&
	api GET "/listeners?lang=hindi,english&sort=rate" &&
	names | tr " " "\n" | sort >both &&
	for l in hindi english; do
		api GET "/listeners?lang=$l" && names || return 1
	done | tr " " "\n" | sort -u >want &&
	test_cmp want both && [ "$(wc -l <both)" -gt 1 ] &&
	for g in Male MALE man m; do
		api GET "/listeners/gsearch/?lang=hindi&gender=$g" &&
		check_json ".total_count == 1" || return 1
	done &&
	api GET "/listeners/gsearch?lang=klingon&gender=male" && expect 200 &&
	check_json ".listeners == [] and .total_count == 0 and
	    (.has_next | not)" &&
	api GET "/listeners/gsearch?lang=hindi&gender=blue" && expect 200 &&
	check_json ".listeners == []" &&
	api GET "/listeners/gsearch" && expect 200 &&
	check_json ".total_count == 5"
'

test_expect_success 'the name of a language in q finds the listeners who speak it' '
	for l in hindi HINDI %E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80 \
	    %E0%A4%B9%E0%A4%BF%E0%A4%82%E0%A4%A6%E0%A5%80; do
		for sort in recommended rating rate; do
			api GET "/listeners?sort=$sort&lang=hi" && names >want &&
			find "q=$l&sort=$sort" "$(cat want)" &&
			check_json ".total_count > 0 and
			    .total_count == (.listeners | length)" || return 1
		done
	done &&
	api GET "/listeners?lang=hi&q=sleep&sort=rate" && names >want &&
	find "q=sleep%20hindi&sort=rate" "$(cat want)" && [ -s want ] &&
	find "q=hindi%20nothing" "" && find "q=hind" "" &&
	api GET "/listeners?lang=hi&interest=music&sort=rate" && names >want &&
	find "q=hindi&interest=music&sort=rate" "$(cat want)"
'

test_expect_success 'a listener is found once, by the text and by the language' '
	em_sql "UPDATE user SET bio = bio || '\'' English'\''
	    WHERE username IN ('\''asha'\'', '\''dora'\'')" &&
	find "q=english&sort=rate" "dora bela asha" &&
	find "q=english%20hindi&sort=rate" "asha"
'

test_expect_success 'GET /listeners/languages returns the languages of listed listeners' '
	api GET /listeners/languages && expect 200 &&
	check_json ".languages == ([.languages[]] | sort_by(.code)) and
	    any(.languages[]; . == {code: \"hi\", name: \"Hindi\"})" &&
	for code in $(json ".languages[].code"); do
		api GET "/listeners?lang=$code" && check_json ".total_count > 0" ||
		    return 1
	done &&
	api GET /listeners/languages &&
	check_json "[.languages[].code] == [\"de\", \"en\", \"hi\", \"ta\"]"
'

test_expect_success 'paging by number and by cursor returns each listener once' '
	for sort in recommended rating rate recent popular; do
		api GET "/listeners?sort=$sort" && names >all &&
		: >paged && for p in 1 2 3; do
			api GET "/listeners?sort=$sort&per_page=2&page=$p" &&
			check_json ".total_count == 5 and .page == $p and
			    .has_next == ($p < 3) and
			    .has_previous == ($p > 1)" &&
			names >>paged || return 1
		done &&
		tr "\n" " " <paged | sed "s/ $//" >a && echo >>a &&
		test_cmp all a &&
		: >paged && c= && for i in 1 2 3 4; do
			api GET "/listeners?sort=$sort&per_page=2${c:+&cursor=$c}" &&
			expect 200 && names >>paged || return 1
			c=$(json ".next_cursor // empty")
			[ -n "$c" ] || break
			header Link | grep -q "cursor=$c.*rel=\"next\"" || return 1
		done &&
		tr "\n" " " <paged | sed "s/ $//" >a && echo >>a &&
		test_cmp all a || return 1
	done &&
	api GET "/listeners?online=true&per_page=1" &&
	c=$(json .next_cursor) &&
	find "online=true&per_page=1&cursor=$c" "dora" &&
	api GET "/listeners?q=sleep&per_page=1" && c=$(json .next_cursor) &&
	find "q=sleep&per_page=1&cursor=$c" "asha" &&
	api GET "/listeners?page=9" && expect 200 &&
	check_json ".listeners == [] and .has_previous and .total_count == 5"
'

test_expect_success 'a cursor of another list or sort order returns 400' '
	api GET "/listeners?sort=rate&per_page=2" && c=$(json .next_cursor) &&
	api GET "/listeners?sort=rating&cursor=$c" &&
	expect 400 validation_failed && check_json ".fields.cursor" &&
	api GET "/listeners?cursor=xyz" && expect 400 validation_failed
'

test_expect_success 'per_page above 100 is reduced to 100' '
	api GET "/listeners?per_page=500" && expect 200 &&
	check_json ".per_page == 100"
'

test_expect_success 'GET /listeners rejects invalid parameters' '
	for q in page=0 page=x page=-1 per_page=0 per_page=1.5 online=maybe \
	    available=2 min_rating=6 min_rating=-1 min_rating=x max_rate=-1 \
	    max_rate=1.5 sort=age gender=blue country=INDIA country=I \
	    page=99999999999999999999; do
		api GET "/listeners?$q" && expect 400 validation_failed &&
		check_json ".fields.${q%%=*}" || return 1
	done &&
	api GET "/listeners?page=x&sort=y&online=z" &&
	expect 400 validation_failed && check_json ".fields | length == 3"
'

test_expect_success 'a valid token adds is_favorited, an invalid one returns 401' '
	api GET /listeners -t "$TOKEN_bela" && expect 200 &&
	check_json "[.listeners[] | select(.is_favorited) | .username] ==
	    [\"carl\"]" &&
	api GET /listeners && check_json "[.listeners[] |
	    has(\"is_favorited\")] | any | not" &&
	api GET /listeners -t nonsense && expect 401 token_invalid &&
	api GET "/listeners/$ID_carl" -t "$TOKEN_bela" &&
	check_json ".is_favorited and .favorites_count == 1"
'

test_expect_success 'GET /listeners/{id} returns 404 unless the listener is listed' '
	api GET "/api/v1/listeners/$ID_asha/" && expect 200 &&
	check_json ".username == \"asha\" and .rating == 4.8" &&
	em_user plain &&
	for id in $ID_hidden $ID_plain 999999 0 -1 abc 1.5 \
	    99999999999999999999; do
		api GET "/listeners/$id" && expect 404 not_found &&
		[ "$(json .message)" = "Listener not found" ] || return 1
	done
'

test_expect_success 'the ETag changes when a listed member changes' '
	api GET "/listeners?lang=hi" && tag=$(header ETag) && [ -n "$tag" ] &&
	api GET "/listeners?lang=hi" -H "If-None-Match: $tag" && expect 304 &&
	[ ! -s "$body" ] &&
	online "$ID_asha" &&
	api GET "/listeners?lang=hi" -H "If-None-Match: $tag" && expect 200 &&
	api GET "/listeners/$ID_asha" && tag=$(header ETag) &&
	api GET "/listeners/$ID_asha" -H "If-None-Match: $tag" &&
	expect 304 &&
	em_sql "UPDATE presence SET online_until = $NOW - 1
	    WHERE user_id = $ID_asha" &&
	api GET "/listeners/$ID_asha" -H "If-None-Match: $tag" &&
	expect 200 && check_json "(.is_online | not) and
	    (.is_available | not)"
'

test_expect_success 'banned, rejected and deleted listeners disappear from the search at once' '
	em_sql "UPDATE user SET status = 3 WHERE id = $ID_bela" &&
	api GET "/listeners/$ID_bela" && expect 404 &&
	find "sort=recent" "emil dora carl asha" &&
	check_json ".total_count == 4" &&
	em_sql "UPDATE listener SET verification = 2
	    WHERE user_id = $ID_emil" &&
	find "sort=recent" "dora carl asha" &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_bela;
	    UPDATE listener SET verification = 1 WHERE user_id = $ID_emil" &&
	find "sort=recent" "emil dora carl bela asha" &&
	api DELETE /user/profile -t "$TOKEN_dora" && rc=$status &&
	[ "$rc" -lt 300 ] && find "sort=recent" "emil carl bela asha" &&
	em_sql "SELECT (SELECT n FROM counter WHERE name = '\''listed'\'') =
	    (SELECT count(*) FROM listing)" >eq && echo 1 >one &&
	test_cmp one eq
'

test_expect_success 'other methods on /listeners return 405' '
	api DELETE /listeners && expect 405 method_not_allowed &&
	[ "$(header Allow)" = "GET, HEAD" ] &&
	api HEAD /listeners && expect 200 &&
	api GET /api/listeners && expect 404
'

test_expect_success 'paging through 150 listeners with equal sort keys returns each once' '
	em_sql "INSERT INTO user(uuid, status, roles, username,
	    referral_code, created_at, updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 150)
	    SELECT randomblob(16), 1, 3, '\''many'\'' || i, '\''m'\'' || i, i, i
	    FROM n;
	    INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) SELECT id, 1, 5000, '\''sw'\'', 7 FROM user
	    WHERE username LIKE '\''many%'\''" &&
	for sort in recommended rating rate recent popular; do
		: >seen && c= && for i in 1 2 3 4 5; do
			api GET "/listeners?sort=$sort&per_page=40${c:+&cursor=$c}" &&
			expect 200 && check_json ".total_count == 154" &&
			json ".listeners[].user_id" >>seen || return 1
			c=$(json ".next_cursor // empty")
			[ -n "$c" ] || break
		done &&
		[ "$(wc -l <seen)" = 154 ] &&
		[ "$(sort -u seen | wc -l)" = 154 ] || return 1
	done
'

test_done
