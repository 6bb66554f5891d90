#!/bin/sh
test_description='/api/styles'
. "$(dirname "$0")/../lib.sh"
em_start

NONE=5b7a8702-b2c5-4de4-93c9-000000000000

style() {
	api POST /api/styles -t "${2-$TOKEN_ana}" "$1"
}

test_expect_success 'setup: accounts' '
	em_user ana && em_user ben && em_user root admin
'

test_expect_success 'POST /api/styles returns 201 with all members' '
	style "{\"name\":\" My Style \",
	    \"html_url\":\"https://example.com/style.html\",
	    \"screenshot_url\":\"https://example.com/screenshot.jpg\"}" &&
	expect 201 &&
	check_json "keys == [\"created_at\", \"html_url\", \"id\",
	    \"is_favorite\", \"name\", \"screenshot_url\", \"updated_at\",
	    \"user_id\"] and .name == \"My Style\" and
	    .user_id == \"$UUID_ana\" and .is_favorite == false and
	    .html_url == \"https://example.com/style.html\"" &&
	ID=$(json .id) && [ "$(header Location)" = "$URL/api/styles/$ID" ] &&
	cp "$body" made &&
	api GET /api/styles/$ID/ -t "$TOKEN_ben" && expect 200 &&
	test_cmp made "$body"
'

bad() {
	style "$2" && expect 400 validation_failed &&
	check_json ".fields | keys == [\"$1\"]"
}
test_expect_success 'an invalid style returns 400 with its field' '
	bad name "{}" && bad name "{\"name\":\"\"}" &&
	bad name "{\"name\":\" \"}" && bad name "{\"name\":false}" &&
	bad name "{\"name\":\"$(printf %0201d 0)\"}" &&
	bad html_url "{\"name\":\"x\",\"html_url\":\"x\"}" &&
	bad html_url "{\"name\":\"x\",\"html_url\":1}" &&
	bad screenshot_url \
	    "{\"name\":\"x\",\"screenshot_url\":\"javascript:x\"}" &&
	style "{\"name\":" && expect 400 invalid_json &&
	[ "$(em_sql "SELECT count(*) FROM style")" = 1 ]
'

test_expect_success 'style endpoints return 401 without a token' '
	for m in "GET /api/styles" "POST /api/styles" "GET /api/styles/$ID" \
	    "PATCH /api/styles/$ID" "DELETE /api/styles/$ID"; do
		# shellcheck disable=SC2086
		api $m "{\"name\":\"x\"}" && expect 401 token_required || return 1
	done
'

test_expect_success 'other users can read a style but not change it' '
	for who in "$TOKEN_ben" "$TOKEN_root"; do
		api PATCH /api/styles/$ID -t "$who" "{\"name\":\"x\"}" &&
		expect 403 forbidden &&
		api DELETE /api/styles/$ID -t "$who" && expect 403 forbidden ||
		return 1
	done &&
	api GET /api/styles/$ID -t "$TOKEN_ana" && test_cmp made "$body"
'

test_expect_success 'an unknown style id returns 404, a malformed one 400' '
	for m in GET PATCH DELETE; do
		api $m /api/styles/$NONE -t "$TOKEN_ana" "{}" &&
		expect 404 not_found &&
		api $m /api/styles/7 -t "$TOKEN_ana" "{}" &&
		expect 400 validation_failed && check_json .fields.id || return 1
	done
'

test_expect_success 'PATCH by the owner changes only the given members' '
	api PATCH /api/styles/$ID -t "$TOKEN_ana" \
	    "{\"name\":\"Ours\",\"html_url\":null}" && expect 200 &&
	check_json ".name == \"Ours\" and .html_url == null and
	    .screenshot_url == \"https://example.com/screenshot.jpg\"" &&
	api PATCH /api/styles/$ID -t "$TOKEN_ana" "{\"name\":\"\"}" &&
	expect 400 &&
	api PATCH /api/styles/$ID -t "$TOKEN_ana" "{\"html_url\":\"x\"}" &&
	expect 400 && api GET /api/styles/$ID -t "$TOKEN_ben" &&
	check_json ".name == \"Ours\" and .html_url == null"
'

test_expect_success 'GET /api/styles lists all styles, or own ones with mine=true, newest first' '
	for i in 1 2 3 4 5 6; do
		style "{\"name\":\"b$i\"}" "$TOKEN_ben" && expect 201 &&
		style "{\"name\":\"a$i\"}" && expect 201 || return 1
	done &&
	api GET /api/styles -t "$TOKEN_ana" && expect 200 &&
	check_json "[.items[].name] == [\"a6\",\"b6\",\"a5\",\"b5\",\"a4\",
	    \"b4\",\"a3\",\"b3\",\"a2\",\"b2\"] and .total_count == 13 and
	    .page == 1 and .limit == 10" &&
	api GET "/api/styles?page=2" -t "$TOKEN_ana" &&
	check_json "[.items[].name] == [\"a1\",\"b1\",\"Ours\"] and
	    .next_cursor == null and .page == 2" &&
	api GET "/api/styles?page=3" -t "$TOKEN_ana" && expect 200 &&
	check_json ".items == [] and .total_count == 13" &&
	api GET "/api/styles?mine=true&limit=4" -t "$TOKEN_ana" &&
	check_json "[.items[].name] == [\"a6\",\"a5\",\"a4\",\"a3\"] and
	    .total_count == 7" &&
	api GET "/api/styles?mine=true&limit=4&cursor=$(json .next_cursor)" \
	    -t "$TOKEN_ana" &&
	check_json "[.items[].name] == [\"a2\",\"a1\",\"Ours\"] and
	    .next_cursor == null" &&
	api GET "/api/styles?limit=500" -t "$TOKEN_ana" &&
	check_json ".limit == 100 and (.items | length) == 13"
'

test_expect_success 'a cursor is not valid with another value of mine' '
	api GET "/api/styles?limit=4" -t "$TOKEN_ana" && c=$(json .next_cursor) &&
	api GET "/api/styles?mine=true&cursor=$c" -t "$TOKEN_ana" &&
	expect 400 validation_failed && check_json .fields.cursor &&
	for p in page=0 page=x limit=0 limit=-5 cursor=%20 mine=perhaps; do
		api GET "/api/styles?$p" -t "$TOKEN_ana" &&
		expect 400 validation_failed &&
		check_json ".fields | has(\"${p%%=*}\")" || return 1
	done
'

favorite() {
	api "$1" "/api/user-favorites$2" -t "$TOKEN_ben" \
	    "{\"entity_id\":\"$ID\",\"entity_type\":\"style\"}"
}
etag() {
	api GET "$1" -t "$TOKEN_ben" && expect 200 && header ETag
}
test_expect_success 'is_favorite depends on the user and changes the ETag' '
	for p in /api/styles/$ID "/api/styles?page=2"; do
		a=$(etag $p) && favorite POST && expect 201 &&
		fav=$(json .id) && b=$(etag $p) && [ "$a" != "$b" ] &&
		check_json "if .items then .items[2] else . end | .is_favorite" &&
		api GET $p -t "$TOKEN_ana" &&
		check_json "if .items then .items[2] else . end |
		    .is_favorite == false" &&
		api GET $p -t "$TOKEN_ben" -H "If-None-Match: $b" &&
		expect 304 &&
		api DELETE /api/user-favorites/$fav -t "$TOKEN_ben" &&
		expect 204 && [ "$(etag $p)" = "$a" ] || return 1
	done &&
	api PATCH /api/styles/$ID -t "$TOKEN_ana" "{\"name\":\"Ours\"}" &&
	[ "$(etag "/api/styles?page=2")" = "$a" ] &&
	api PATCH /api/styles/$ID -t "$TOKEN_ana" "{\"name\":\"Yours\"}" &&
	[ "$(etag "/api/styles?page=2")" != "$a" ]
'

test_expect_success 'favorites of a deleted style remain without data' '
	favorite POST && expect 201 &&
	api DELETE /api/styles/$ID -t "$TOKEN_ana" && expect 204 &&
	api GET /api/styles/$ID -t "$TOKEN_ana" && expect 404 &&
	api DELETE /api/styles/$ID -t "$TOKEN_ana" && expect 404 &&
	api GET /api/user-favorites -t "$TOKEN_ben" &&
	check_json ".items[0].entity_id == \"$ID\" and
	    .items[0].entity_data == null" &&
	favorite POST && expect 404 &&
	[ "$(em_sql "SELECT n = (SELECT count(*) FROM style) FROM counter
	    WHERE name = '\''style'\''")" = 1 ]
'

test_done
