#!/bin/sh
test_description='/api/documents: private and public documents'
. "$(dirname "$0")/../lib.sh"
em_start

NONE=5b7a8702-b2c5-4de4-93c9-000000000000

document() {
	api POST /api/documents -t "${2-$TOKEN_ana}" "$1" && expect 201
}
titles() {
	json '[.items[].title] | join(" ")'
}

test_expect_success 'setup: accounts' '
	em_user ana && em_user ben && em_user root admin
'

test_expect_success 'a document needs only a title, and all given members are stored' '
	document "{\"title\":\"T\"}" &&
	check_json "del(.id, .created_at, .updated_at) == {
	    user_id: \"$UUID_ana\", title: \"T\", content: null, sources: [],
	    status: \"draft\", is_public: false, is_task: false,
	    include_research: null, is_favorite: false}" && OWN=$(json .id) &&
	document "{\"title\":\" My Document \",\"content\":\"Line\n\tline\",
	    \"sources\":[\"source1\",\"source2\"],\"status\":\"completed\",
	    \"is_public\":true,\"is_task\":true,
	    \"include_research\":\"task_dependent\",\"user_id\":\"$UUID_ben\"}" &&
	check_json "del(.id, .created_at, .updated_at) == {
	    user_id: \"$UUID_ana\", title: \"My Document\",
	    content: \"Line\n\tline\", sources: [\"source1\", \"source2\"],
	    status: \"completed\", is_public: true, is_task: true,
	    include_research: \"task_dependent\", is_favorite: false}" &&
	PUB=$(json .id) && [ "$(header Location)" = "$URL/api/documents/$PUB" ] &&
	cp "$body" made &&
	api GET /api/documents/$PUB -t "$TOKEN_ben" && expect 200 &&
	test_cmp made "$body"
'

bad() {
	api POST /api/documents -t "$TOKEN_ana" "$2" &&
	expect 400 validation_failed && check_json ".fields | keys == [\"$1\"]"
}
test_expect_success 'an invalid document returns 400 with its field' '
	bad title "{}" && bad title "{\"title\":\"\"}" &&
	bad title "{\"title\":null}" &&
	bad title "{\"title\":\"$(printf %0201d 0)\"}" &&
	bad content "{\"title\":\"x\",\"content\":[]}" &&
	bad content "{\"title\":\"x\",\"content\":\"$(printf %050001d 0)\"}" &&
	bad sources "{\"title\":\"x\",\"sources\":{}}" &&
	bad sources "{\"title\":\"x\",\"sources\":[null]}" &&
	bad sources "{\"title\":\"x\",\"sources\":[\"\"]}" &&
	bad status "{\"title\":\"x\",\"status\":\"\"}" &&
	bad status "{\"title\":\"x\",\"status\":\"$(printf %051d 0)\"}" &&
	bad is_public "{\"title\":\"x\",\"is_public\":\"yes\"}" &&
	bad is_task "{\"title\":\"x\",\"is_task\":0}" &&
	bad include_research "{\"title\":\"x\",\"include_research\":true}" &&
	[ "$(em_sql "SELECT count(*) FROM document")" = 2 ]
'

test_expect_success '50,000 characters of content are stored, and larger bodies return 413' '
	printf "{\"title\":\"long\",\"content\":\"%s\"}" "$(printf %050000d 7)" \
	    >long.json && document @long.json && id=$(json .id) &&
	check_json "(.content | length) == 50000" &&
	printf "{\"title\":\"l\",\"content\":\"%s\"}" "$(printf %065536d 7)" \
	    >long.json &&
	api POST /api/documents -t "$TOKEN_ana" @long.json && expect 413 &&
	api DELETE /api/documents/$id -t "$TOKEN_ana" && expect 204
'

test_expect_success 'document endpoints return 401 without a token' '
	for m in "GET /api/documents" "POST /api/documents" \
	    "GET /api/documents/$PUB" "PATCH /api/documents/$PUB" \
	    "DELETE /api/documents/$PUB"; do
		# shellcheck disable=SC2086
		api $m "{}" && expect 401 token_required || return 1
	done
'

test_expect_success 'only the owner can access a private document, all users read a public one' '
	for who in "$TOKEN_ben" "$TOKEN_root"; do
		for m in GET PATCH DELETE; do
			api $m /api/documents/$OWN -t "$who" "{}" &&
			expect 404 not_found || return 1
		done &&
		api PATCH /api/documents/$PUB -t "$who" "{}" &&
		expect 403 forbidden &&
		api DELETE /api/documents/$PUB -t "$who" &&
		expect 403 forbidden || return 1
	done &&
	api GET /api/documents/$OWN -t "$TOKEN_ana" && expect 200
'

test_expect_success 'an unknown document id returns 404, a malformed one 400' '
	for m in GET PATCH DELETE; do
		api $m /api/documents/$NONE -t "$TOKEN_ana" "{}" &&
		expect 404 not_found &&
		api $m /api/documents/doc1 -t "$TOKEN_ana" "{}" &&
		expect 400 validation_failed || return 1
	done
'

test_expect_success 'PATCH by the owner changes only the given members' '
	api PATCH /api/documents/$OWN -t "$TOKEN_ana" "{\"is_public\":true,
	    \"content\":\"c\",\"sources\":[\"s\"]}" && expect 200 &&
	check_json ".is_public and .content == \"c\" and .title == \"T\"" &&
	api GET /api/documents/$OWN -t "$TOKEN_ben" && expect 200 &&
	api PATCH /api/documents/$OWN -t "$TOKEN_ana" "{\"is_public\":false,
	    \"content\":null,\"sources\":[]}" && expect 200 &&
	check_json ".content == null and .sources == []" &&
	api GET /api/documents/$OWN -t "$TOKEN_ben" && expect 404 &&
	api PATCH /api/documents/$OWN -t "$TOKEN_ana" "{\"status\":\"\"}" &&
	expect 400 &&
	api PATCH /api/documents/$OWN -t "$TOKEN_ana" "{\"title\":\"\"}" &&
	expect 400 && api GET /api/documents/$OWN -t "$TOKEN_ana" &&
	check_json ".title == \"T\" and .status == \"draft\""
'

test_expect_success 'GET /api/documents lists public ones and all own ones, newest first' '
	em_sql "DELETE FROM document" &&
	for i in 1 2 3 4; do
		p=$([ $((i % 2)) = 0 ] && echo true || echo false)
		document "{\"title\":\"a$i\",\"is_public\":$p}" &&
		document "{\"title\":\"b$i\",\"is_public\":$p}" "$TOKEN_ben" ||
		return 1
	done &&
	api GET /api/documents -t "$TOKEN_ana" && expect 200 &&
	[ "$(titles)" = "b4 a4 a3 b2 a2 a1" ] &&
	check_json ".total_count == 6 and .limit == 10 and .page == 1" &&
	api GET /api/documents -t "$TOKEN_root" &&
	[ "$(titles)" = "b4 a4 b2 a2" ] && check_json ".total_count == 4" &&
	api GET "/api/documents?mine=1" -t "$TOKEN_ben" &&
	[ "$(titles)" = "b4 b3 b2 b1" ] && check_json ".total_count == 4" &&
	api GET "/api/documents?limit=4" -t "$TOKEN_ben" &&
	[ "$(titles)" = "b4 a4 b3 b2" ] &&
	api GET "/api/documents?limit=4&cursor=$(json .next_cursor)" \
	    -t "$TOKEN_ben" && [ "$(titles)" = "a2 b1" ] &&
	check_json ".next_cursor == null" && [ -z "$(header Link)" ] &&
	api GET "/api/documents?limit=4&page=2" -t "$TOKEN_ben" &&
	[ "$(titles)" = "a2 b1" ] &&
	api GET "/api/documents?limit=-1" -t "$TOKEN_ben" && expect 400
'

test_expect_success 'is_favorite depends on the user and changes the ETag' '
	api GET "/api/documents?limit=1" -t "$TOKEN_ana" && a=$(header ETag) &&
	id=$(json ".items[0].id") &&
	api GET /api/documents/$id -t "$TOKEN_ana" && d=$(header ETag) &&
	api POST /api/user-favorites -t "$TOKEN_ana" \
	    "{\"entity_id\":\"$id\",\"entity_type\":\"document\"}" &&
	expect 201 && fav=$(json .id) &&
	api GET "/api/documents?limit=1" -t "$TOKEN_ana" \
	    -H "If-None-Match: $a" && expect 200 &&
	check_json ".items[0].is_favorite" &&
	api GET /api/documents/$id -t "$TOKEN_ana" -H "If-None-Match: $d" &&
	expect 200 && check_json .is_favorite &&
	api GET /api/documents/$id -t "$TOKEN_ben" &&
	check_json ".is_favorite == false" &&
	api DELETE /api/user-favorites/$fav -t "$TOKEN_ana" &&
	for p in "?limit=1 $a" "/$id $d"; do
		api GET "/api/documents${p% *}" -t "$TOKEN_ana" \
		    -H "If-None-Match: ${p#* }" && expect 304 || return 1
	done
'

test_expect_success 'stored counts equal the number of rows' '
	[ "$(em_sql "SELECT n = (SELECT count(*) FROM document
	    WHERE is_public = 1) FROM counter
	    WHERE name = '\''document:public'\''")" = 1 ]
'

test_done
