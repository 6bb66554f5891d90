#!/bin/sh
test_description='/api/flyers'
. "$(dirname "$0")/../lib.sh"
em_start

flyer() {
	api POST /api/flyers/ -t "$TOKEN_ana" "$1"
}

# Prints the titles of a page in its order, newest first.
titles() {
	json '[.results[].title] | join(" ")'
}

test_expect_success 'setup: accounts' '
	em_user ana && em_user ben && em_user root customer admin &&
	em_user lis listener
'

test_expect_success 'an empty list has count 0 and no Link header' '
	api GET /api/flyers/ && expect 200 &&
	check_json ". == {count: 0, next: null, previous: null, results: [],
	    next_cursor: null}" &&
	[ -z "$(header Link)" ]
'

test_expect_success 'POST /api/flyers returns 201 with Location and all members' '
	flyer "{\"title\":\"  Jazz on the square \",\"category\":\"Music\",
	    \"description\":\"Three bands,\nfree entry\",\"latitude\":48.1371544,
	    \"longitude\":-11.5,\"address\":\"Marienplatz 1\",
	    \"image_url\":\"https://example.com/x.jpg\",
	    \"valid_from\":\"2024-06-23T12:00:00+02:00\",
	    \"valid_until\":\"2024-06-24\",\"is_favorited\":true,\"id\":99}" &&
	expect 201 &&
	[ "$(header Location)" = "$URL/api/flyers/1/" ] &&
	check_json "del(.created_at) == {id: 1, title: \"Jazz on the square\",
	    description: \"Three bands,\nfree entry\",
	    image_url: \"https://example.com/x.jpg\", image_thumb_url: null,
	    category: \"Music\",
	    latitude: 48.137154, longitude: -11.5, address: \"Marienplatz 1\",
	    valid_from: \"2024-06-23T10:00:00Z\",
	    valid_until: \"2024-06-24T00:00:00Z\",
	    publisher_id: $ID_ana, favorites_count: 0, is_favorited: false}" &&
	json .created_at | grep -E "^[-0-9]{10}T[:0-9]{8}Z$" &&
	cp "$body" made &&
	api GET /api/flyers/1/ && expect 200 && test_cmp made "$body" &&
	api GET /api/flyers/1 && test_cmp made "$body"
'

test_expect_success 'a flyer needs only a title' '
	flyer "{\"title\":\"Poetry\"}" && expect 201 &&
	check_json ".id == 2 and .latitude == null and .valid_until == null"
'

bad() {
	flyer "$2" && expect 400 validation_failed &&
	check_json ".fields | keys == [\"$1\"]" &&
	check_json '.detail == .message'
}

test_expect_success 'an invalid flyer returns 400 with its field and is not stored' '
	bad title "{}" && bad title "{\"title\":null}" &&
	bad title "{\"title\":\"\"}" && bad title "{\"title\":\"  \"}" &&
	bad title "{\"title\":7}" && bad title "{\"title\":[]}" &&
	bad title "{\"title\":\"a\\nb\"}" &&
	bad title "{\"title\":\"$(printf %0201d 0)\"}" &&
	bad description "{\"title\":\"x\",\"description\":{}}" &&
	bad description \
	    "{\"title\":\"x\",\"description\":\"$(printf %05001d 0)\"}" &&
	bad category "{\"title\":\"x\",\"category\":\"$(printf %051d 0)\"}" &&
	bad address "{\"title\":\"x\",\"address\":\"$(printf %0301d 0)\"}" &&
	bad latitude "{\"title\":\"x\",\"latitude\":90.1,\"longitude\":0}" &&
	bad latitude "{\"title\":\"x\",\"latitude\":\"1\",\"longitude\":0}" &&
	bad latitude "{\"title\":\"x\",\"longitude\":0}" &&
	bad longitude "{\"title\":\"x\",\"latitude\":0}" &&
	bad longitude "{\"title\":\"x\",\"latitude\":0,\"longitude\":-180.5}" &&
	bad longitude "{\"title\":\"x\",\"latitude\":0,\"longitude\":1e9}" &&
	bad valid_from "{\"title\":\"x\",\"valid_from\":\"tomorrow\"}" &&
	bad valid_from "{\"title\":\"x\",\"valid_from\":1}" &&
	bad valid_until "{\"title\":\"x\",\"valid_from\":\"2024-02-02\",
	    \"valid_until\":\"2024-02-01\"}" &&
	for u in javascript:alert\(1\) ftp://x/y //x/y http:// https:///x \
	    "http://x/a b" "http://x/<b>" x; do
		bad image_url "{\"title\":\"x\",\"image_url\":\"$u\"}" ||
		return 1
	done &&
	flyer "{\"title\":\"\",\"latitude\":91,\"valid_from\":\"x\"}" &&
	expect 400 &&
	check_json ".fields | keys == [\"latitude\",\"title\",\"valid_from\"]" &&
	flyer "{\"title\":\"x\"" && expect 400 invalid_json &&
	flyer "[]" && expect 400 invalid_json &&
	[ "$(em_sql "SELECT count(*) FROM flyer")" = 2 ]
'

test_expect_success 'flyers can be read without a token, but not written' '
	api GET /api/flyers/2 && expect 200 &&
	for m in PATCH DELETE; do
		api $m /api/flyers/2 "{}" && expect 401 token_required &&
		check_json ".detail == \"Access token required\"" || return 1
	done &&
	api POST /api/flyers "{\"title\":\"x\"}" && expect 401 &&
	api GET /api/flyers -t nonsense && expect 401 token_invalid &&
	api GET /api/flyers/2 -t nonsense && expect 401 token_invalid
'

test_expect_success 'unknown and malformed flyer ids return 404 for each method' '
	for id in 99 0 -1 x 1.5 99999999999999999999; do
		for m in GET PATCH DELETE; do
			api $m /api/flyers/$id/ -t "$TOKEN_ana" "{}" &&
			expect 404 not_found &&
			check_json ".detail == \"Flyer not found\"" || return 1
		done || return 1
	done
'

test_expect_success 'only the publisher can PATCH a flyer, and only given members change' '
	api PATCH /api/flyers/1/ -t "$TOKEN_ben" "{\"title\":\"mine\"}" &&
	expect 403 forbidden && check_json .detail &&
	api PATCH /api/flyers/1/ -t "$TOKEN_lis" "{\"title\":\"mine\"}" &&
	expect 403 forbidden &&
	api GET /api/flyers/1 && test_cmp made "$body" &&
	api PATCH /api/flyers/1/ -t "$TOKEN_ana" "{\"title\":\"Jazz\",
	    \"description\":null,\"valid_until\":null}" && expect 200 &&
	cp "$body" changed &&
	jq ".title = \"Jazz\" | .description = null | .valid_until = null" \
	    made >want && jq . changed >got && test_cmp want got &&
	api PATCH /api/flyers/1/ -t "$TOKEN_ana" \
	    "{\"latitude\":null,\"longitude\":null,\"category\":\"\"}" &&
	expect 200 && check_json ".latitude == null and .longitude == null and
	    .category == null and .address == \"Marienplatz 1\""
'

test_expect_success 'an invalid PATCH returns 400 and changes nothing' '
	api GET /api/flyers/1 && cp "$body" before &&
	for b in "{\"title\":\"\"}" "{\"latitude\":1}" \
	    "{\"image_url\":\"x\"}" "{\"title\":\"ok\",\"longitude\":1}" \
	    "{\"valid_until\":\"2024-06-22\"}"; do
		api PATCH /api/flyers/1 -t "$TOKEN_ana" "$b" &&
		expect 400 validation_failed || return 1
	done &&
	api GET /api/flyers/1 && test_cmp before "$body" &&
	api PATCH /api/flyers/1 -t "$TOKEN_ana" "{}" && expect 200 &&
	test_cmp before "$body"
'

test_expect_success 'an administrator can change and delete any flyer, and it is audited' '
	api PATCH /api/flyers/1 -t "$TOKEN_root" -H "X-Request-Id: audit-1234" \
	    "{\"title\":\"Jazz!\"}" && expect 200 &&
	em_sql "SELECT actor_id, action, target, before ->> '\''title'\'',
	    after ->> '\''title'\'', request_id FROM audit
	    WHERE target LIKE '\''flyer:%'\''" >got &&
	echo "$ID_root|flyer.change|flyer:1|Jazz|Jazz!|audit-1234" >want &&
	test_cmp want got &&
	flyer "{\"title\":\"spam\"}" && id=$(json .id) &&
	api DELETE /api/flyers/$id -t "$TOKEN_ben" && expect 403 forbidden &&
	api DELETE /api/flyers/$id -t "$TOKEN_root" && expect 204 &&
	[ "$(em_sql "SELECT count(*) FROM audit WHERE action =
	    '\''flyer.delete'\'' AND after IS NULL")" = 1 ] &&
	api GET /api/flyers/$id && expect 404
'

test_expect_success 'a moderator can delete any flyer but not change it, and it is audited' '
	em_user mod moderator &&
	flyer "{\"title\":\"spam again\"}" && id=$(json .id) &&
	api PATCH /api/flyers/$id -t "$TOKEN_mod" "{\"title\":\"mine\"}" &&
	expect 403 forbidden &&
	api DELETE /api/flyers/$id -t "$TOKEN_mod" && expect 204 &&
	api GET /api/flyers/$id && expect 404 &&
	[ "$(em_sql "SELECT actor_id FROM audit WHERE action =
	    '\''flyer.delete'\'' AND target = '\''flyer:$id'\''")" = "$ID_mod" ]
'

test_expect_success 'writes of a publisher are not audited' '
	flyer "{\"title\":\"soon gone\"}" && id=$(json .id) &&
	api PATCH /api/flyers/$id -t "$TOKEN_ana" "{\"title\":\"gone\"}" &&
	api DELETE /api/flyers/$id/ -t "$TOKEN_ana" && expect 204 &&
	[ ! -s "$body" ] &&
	api DELETE /api/flyers/$id/ -t "$TOKEN_ana" && expect 404 &&
	[ "$(em_sql "SELECT count(*) FROM audit WHERE target =
	    '\''flyer:$id'\''")" = 0 ]
'

test_expect_success 'is_favorited depends on the user, favorites_count does not' '
	api POST /api/flyers/1/favorite -t "$TOKEN_ben" && expect 201 &&
	api GET /api/flyers/1 -t "$TOKEN_ben" &&
	check_json ".is_favorited and .favorites_count == 1" &&
	api GET /api/flyers/1 -t "$TOKEN_ana" &&
	check_json "(.is_favorited | not) and .favorites_count == 1" &&
	api GET /api/flyers/1 &&
	check_json "(.is_favorited | not) and .favorites_count == 1" &&
	api GET /api/flyers -t "$TOKEN_ben" &&
	check_json "[.results[] | [.id, .is_favorited, .favorites_count]] ==
	    [[2, false, 0], [1, true, 1]]"
'

test_expect_success 'deleting a flyer deletes its favorites and logs it for each user' '
	flyer "{\"title\":\"loved\"}" && id=$(json .id) &&
	for who in "$TOKEN_ana" "$TOKEN_ben"; do
		api POST /api/flyers/$id/favorite -t "$who" && expect 201 ||
		return 1
	done &&
	api GET "/api/v1/me/changes" -t "$TOKEN_ben" &&
	since=$(json .next_cursor) &&
	api DELETE /api/flyers/$id -t "$TOKEN_ana" && expect 204 &&
	[ "$(em_sql "SELECT count(*) FROM favorite
	    WHERE kind = 2 AND entity_id = $id")" = 0 ] &&
	[ "$(em_sql "SELECT action FROM favorite_log
	    WHERE kind = 2 AND entity_id = $id ORDER BY seq" |
	    tr -d "\n")" = 1100 ] &&
	[ "$(em_sql "SELECT n FROM favorite_total
	    WHERE user_id = $ID_ben AND kind = 2")" = 1 ] &&
	api GET /api/users/me/favorites -t "$TOKEN_ben" &&
	check_json "[.[].flyer_id] == [1]"
'

test_expect_success 'deleting the account of its publisher deletes flyers and favorites' '
	em_user gone && api POST /api/flyers -t "$TOKEN_gone" \
	    "{\"title\":\"orphan\"}" && id=$(json .id) &&
	for who in "$TOKEN_ben" "$TOKEN_gone"; do
		api POST /api/flyers/$id/favorite -t "$who" && expect 201 ||
		return 1
	done &&
	api DELETE /user/profile -t "$TOKEN_gone" && expect 204 &&
	api GET /api/flyers/$id && expect 404 &&
	em_sql "SELECT user_id, action FROM favorite_log
	    WHERE kind = 2 AND entity_id = $id ORDER BY seq" >got &&
	printf "%s|1\n%s|0\n" "$ID_ben" "$ID_ben" >want &&
	test_cmp want got
'

# Flyers are titled f01 to f30. Each third has the category Food.
test_expect_success 'setup: 30 flyers' '
	em_sql "DELETE FROM flyer" &&
	em_sql "INSERT INTO flyer(id, publisher_id, title, description,
	    category, created_at, updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 30)
	    SELECT 1000 + i, $ID_ana, printf('\''f%02d'\'', i),
	    CASE WHEN i % 2 THEN '\''Über Crème brûlée'\'' END,
	    CASE WHEN i % 3 THEN '\''Music'\'' ELSE '\''Food'\'' END,
	    1700000000000, 1700000000000 FROM n" &&
	[ "$(em_sql "SELECT n FROM counter WHERE name = '\''flyer'\''")" = 30 ]
'

test_expect_success 'pages by offset have count, next and previous' '
	api GET "/api/flyers/?limit=12" && expect 200 &&
	check_json ".count == 30 and (.results | length) == 12 and
	    .previous == null and .results[0].title == \"f30\"" &&
	next=$(json .next) && [ "${next#"$URL"/api/flyers/?}" != "$next" ] &&
	api GET "${next#"$URL"}" && expect 200 &&
	check_json ".results[0].title == \"f18\" and .count == 30" &&
	api GET "$(json ".next | ltrimstr(\"$URL\")")" &&
	check_json ".next == null and .next_cursor == null and
	    .results[5].title == \"f01\"" && [ -z "$(header Link)" ] &&
	api GET "$(json ".previous | ltrimstr(\"$URL\")")" &&
	check_json ".results[0].title == \"f18\"" &&
	api GET "$(json ".previous | ltrimstr(\"$URL\")")" &&
	check_json ".results[0].title == \"f30\" and .previous == null" &&
	api GET "/api/flyers/?offset=1000" && expect 200 &&
	check_json ".results == [] and .count == 30 and .next == null"
'

# walk PATH: follows the cursors to the end of a list. Prints all titles in
# order.
walk() {
	: >seen
	walk_path=$1 walk_n=0
	while [ $((walk_n += 1)) -le 100 ]; do
		api GET "$walk_path" && expect 200 || return 1
		json '.results[].title' >>seen
		walk_next=$(header Link | sed -n 's/^<\(.*\)>; rel="next"$/\1/p')
		[ "$(json '.next_cursor == null')" = \
		    "$([ -z "$walk_next" ] && echo true || echo false)" ] ||
		    return 1
		[ -n "$walk_next" ] || {
			tr '\n' ' ' <seen
			return
		}
		walk_path=${walk_next#"$URL"}
	done
	note "no end: $1"
	return 1
}

test_expect_success 'pages by cursor return each flyer once, even during writes' '
	em_sql "SELECT title FROM flyer ORDER BY id DESC" >all &&
	for n in 1 7 30 31; do
		walk "/api/flyers/?limit=$n" >/dev/null &&
		test_cmp all seen || return 1
	done &&
	api GET "/api/flyers/?limit=10" && c=$(json .next_cursor) &&
	flyer "{\"title\":\"late\"}" && id=$(json .id) &&
	em_sql "DELETE FROM flyer WHERE title = '\''f21'\''" &&
	api GET "/api/flyers/?limit=2&cursor=$c" && [ "$(titles)" = "f20 f19" ] &&
	api DELETE /api/flyers/$id -t "$TOKEN_ana" && expect 204
'

test_expect_success 'flyers can be filtered by text and category' '
	api GET "/api/flyers/?category=food&limit=100" &&
	check_json ".count == 9 and all(.results[]; .category == \"Food\")" &&
	walk "/api/flyers/?category=FOOD&limit=4" >got &&
	[ "$(cat got)" = "f30 f27 f24 f18 f15 f12 f09 f06 f03 " ] &&
	api GET "/api/flyers/?q=creme%20BRU" && check_json ".count == 14" &&
	walk "/api/flyers/?q=uber+brulee&category=food&limit=2" >got &&
	[ "$(cat got)" = "f27 f15 f09 f03 " ] &&
	api GET "/api/flyers/?q=f0" && check_json ".count == 9" &&
	api GET "/api/flyers/?q=nowhere" &&
	check_json ".count == 0 and .results == []" &&
	api GET "/api/flyers/?category=nothing" && check_json ".count == 0" &&
	api GET "/api/flyers/?q=&category=" && check_json ".count == 29"
'

test_expect_success 'operators of the full-text syntax in q are treated as text' '
	for q in %22 %27 "*" "(" ")" "a%22%22b" "AND" "NOT" "OR%20OR" "NEAR(a%20b)" \
	    "title:f30" "%7B" "-" "%5E" "%F0%9F%98%80"; do
		api GET "/api/flyers/?q=$q" && expect 200 &&
		check_json ".count == 0" || return 1
	done &&
	api GET "/api/flyers/?q=%22f30%22" && check_json ".count == 1"
'

test_expect_success 'GET /api/flyers rejects invalid parameters with detail' '
	for p in limit=0 limit=-1 limit=x limit=1.5 offset=-1 offset=x \
	    cursor=x cursor=AAAA "cursor=$(printf %0600d 0)" \
	    "q=$(printf %0201d 0)" "category=$(printf %051d 0)" q=%FF q=%00 \
	    limit=5\&limit=6; do
		api GET "/api/flyers/?$p" && expect 400 validation_failed &&
		check_json ".fields | has(\"${p%%=*}\")" &&
		check_json ".detail == .message" || return 1
	done &&
	api GET "/api/flyers/?limit=5" && c=$(json .next_cursor) &&
	api GET "/api/v1/destinations?cursor=$c" && expect 422 &&
	api GET "/api/flyers/?limit=1000" && expect 200 && check_json ".count == 29" &&
	api GET "/api/flyers/?limit=" && expect 200 &&
	check_json "(.results | length) == 20"
'

test_expect_success 'a limit above 100 is reduced to 100' '
	em_sql "INSERT INTO flyer(publisher_id, title, created_at, updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 100)
	    SELECT $ID_ben, '\''x'\'', 1, 1 FROM n" &&
	api GET "/api/flyers/?limit=1000" && expect 200 &&
	check_json "(.results | length) == 100 and .count == 129" &&
	api GET "$(json ".next | ltrimstr(\"$URL\")")" &&
	check_json "(.results | length) == 29 and .next == null" &&
	em_sql "DELETE FROM flyer WHERE title = '\''x'\''"
'

etag() {
	api GET "$1" -t "${2-$TOKEN_ana}" && expect 200 && header ETag
}

test_expect_success 'the ETag changes exactly when the response does' '
	for p in /api/flyers/1030/ "/api/flyers/?limit=3"; do
		a=$(etag $p) && [ -n "$a" ] &&
		api GET $p -t "$TOKEN_ana" -H "If-None-Match: $a" &&
		expect 304 && [ ! -s "$body" ] && [ "$(header ETag)" = "$a" ] &&
		api POST /api/flyers/1030/favorite -t "$TOKEN_ben" &&
		b=$(etag $p) && [ "$a" != "$b" ] &&
		api GET $p -t "$TOKEN_ana" -H "If-None-Match: $a" &&
		expect 200 &&
		api DELETE /api/flyers/1030/favorite -t "$TOKEN_ben" &&
		[ "$(etag $p)" = "$a" ] &&
		api PATCH /api/flyers/1030 -t "$TOKEN_ana" \
		    "{\"title\":\"f30\"}" && [ "$(etag $p)" = "$a" ] &&
		api PATCH /api/flyers/1030 -t "$TOKEN_ana" \
		    "{\"title\":\"f30 b\"}" && [ "$(etag $p)" != "$a" ] &&
		api PATCH /api/flyers/1030 -t "$TOKEN_ana" \
		    "{\"title\":\"f30\"}" || return 1
	done &&
	a=$(etag "/api/flyers/?limit=3") &&
	flyer "{\"title\":\"new\"}" && id=$(json .id) &&
	[ "$(etag "/api/flyers/?limit=3")" != "$a" ] &&
	api DELETE /api/flyers/$id -t "$TOKEN_ana" &&
	[ "$(etag "/api/flyers/?limit=3")" = "$a" ]
'

test_expect_success 'HEAD returns headers only, and other methods return 405' '
	api HEAD /api/flyers/1030 && expect 200 && [ -n "$(header ETag)" ] &&
	api PUT /api/flyers/1030 -t "$TOKEN_ana" "{}" && expect 405 &&
	[ "$(header Allow)" = "GET, HEAD, PATCH, DELETE" ] &&
	api DELETE /api/flyers -t "$TOKEN_ana" && expect 405 &&
	[ "$(header Allow)" = "GET, HEAD, POST" ]
'

test_expect_success 'stored counts equal the number of rows' '
	[ "$(em_sql "SELECT n = (SELECT count(*) FROM flyer) FROM counter
	    WHERE name = '\''flyer'\''")" = 1 ] &&
	[ "$(em_sql "SELECT count(*) FROM favoritable WHERE kind = 2")" = \
	    "$(em_sql "SELECT count(*) FROM flyer")" ] &&
	em_sql "INSERT INTO flyer_text(flyer_text, rank)
	    VALUES ('\''integrity-check'\'', 1)"
'

test_done
