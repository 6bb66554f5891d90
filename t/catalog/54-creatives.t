#!/bin/sh
test_description='/api/creatives: drafts, published ones, collections'
. "$(dirname "$0")/../lib.sh"
em_start

NONE=5b7a8702-b2c5-4de4-93c9-000000000000
COLL=aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa

creative() {
	api POST /api/creatives -t "${2-$TOKEN_ana}" "$1" && expect 201
}
ids() {
	json '[.items[].bundle_id] | join(" ")'
}

test_expect_success 'setup: accounts' '
	em_user ana && em_user ben && em_user root admin
'

test_expect_success 'a creative needs no members, and all given ones are stored' '
	creative "{}" &&
	check_json "del(.id, .created_at, .updated_at) == {collection_id: null,
	    creative_format_id: null, style_id: null, document_ids: [],
	    asset_ids: [], html_url: null, draft_url: null, bundle_id: null,
	    screenshot_url: null, is_published: false, publish_url: null,
	    is_favorite: false}" && EMPTY=$(json .id) &&
	creative "{\"collection_id\":\"$COLL\",
	    \"creative_format_id\":\"BBBBBBBB-bbbb-4bbb-8bbb-bbbbbbbbbbbb\",
	    \"style_id\":\"$NONE\",\"document_ids\":[\"doc1\",\"doc2\",\"doc1\"],
	    \"asset_ids\":[\"asset1\"],
	    \"html_url\":\"https://example.com/c.html\",
	    \"draft_url\":\"https://example.com/d.html\",\"bundle_id\":\"b-1\",
	    \"screenshot_url\":\"https://example.com/s.jpg\",
	    \"is_published\":true,
	    \"publish_url\":\"https://example.com/p.html\"}" &&
	check_json "del(.id, .created_at, .updated_at) == {
	    collection_id: \"$COLL\",
	    creative_format_id: \"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb\",
	    style_id: \"$NONE\", document_ids: [\"doc1\", \"doc2\"],
	    asset_ids: [\"asset1\"], html_url: \"https://example.com/c.html\",
	    draft_url: \"https://example.com/d.html\", bundle_id: \"b-1\",
	    screenshot_url: \"https://example.com/s.jpg\", is_published: true,
	    publish_url: \"https://example.com/p.html\", is_favorite: false}" &&
	PUB=$(json .id) && [ "$(header Location)" = "$URL/api/creatives/$PUB" ]
'

bad() {
	api POST /api/creatives -t "$TOKEN_ana" "$2" &&
	expect 400 validation_failed &&
	check_json ".fields | keys == [\"$1\"]" &&
	api PATCH /api/creatives/$PUB -t "$TOKEN_ana" "$2" &&
	expect 400 validation_failed
}
test_expect_success 'an invalid creative returns 400 with its field' '
	api GET /api/creatives/$PUB -t "$TOKEN_ana" && cp "$body" before &&
	bad collection_id "{\"collection_id\":\"x\"}" &&
	bad style_id "{\"style_id\":7}" &&
	bad creative_format_id "{\"creative_format_id\":\"\"}" &&
	bad document_ids "{\"document_ids\":\"doc1\"}" &&
	bad document_ids "{\"document_ids\":[1]}" &&
	bad document_ids "{\"document_ids\":[\"\"]}" &&
	bad document_ids "{\"document_ids\":[\"a\\nb\"]}" &&
	bad asset_ids "{\"asset_ids\":[$(printf "\"%d\"," $(seq 100))\"101\"]}" &&
	bad asset_ids "{\"asset_ids\":[\"$(printf %0101d 0)\"]}" &&
	bad is_published "{\"is_published\":\"true\"}" &&
	bad is_published "{\"is_published\":1}" &&
	bad bundle_id "{\"bundle_id\":\"$(printf %0101d 0)\"}" &&
	for u in html_url draft_url screenshot_url publish_url; do
		bad $u "{\"$u\":\"ftp://x\"}" || return 1
	done &&
	api GET /api/creatives/$PUB -t "$TOKEN_ana" && test_cmp before "$body" &&
	[ "$(em_sql "SELECT count(*) FROM creative")" = 2 ]
'

test_expect_success 'creative endpoints return 401 without a token' '
	for m in "GET /api/creatives" "POST /api/creatives" \
	    "GET /api/creatives/$PUB" "PATCH /api/creatives/$PUB" \
	    "DELETE /api/creatives/$PUB"; do
		# shellcheck disable=SC2086
		api $m "{}" && expect 401 token_required || return 1
	done
'

test_expect_success 'only the owner can access a draft' '
	api GET /api/creatives/$EMPTY -t "$TOKEN_ana" && expect 200 &&
	for who in "$TOKEN_ben" "$TOKEN_root"; do
		for m in GET PATCH DELETE; do
			api $m /api/creatives/$EMPTY -t "$who" "{}" &&
			expect 404 not_found || return 1
		done || return 1
	done
'

test_expect_success 'all users can read a published creative, only the owner can change it' '
	api GET /api/creatives/$PUB -t "$TOKEN_ben" && expect 200 &&
	api PATCH /api/creatives/$PUB -t "$TOKEN_ben" "{}" &&
	expect 403 forbidden &&
	api DELETE /api/creatives/$PUB -t "$TOKEN_root" &&
	expect 403 forbidden &&
	api PATCH /api/creatives/$PUB -t "$TOKEN_ana" \
	    "{\"is_published\":false}" && expect 200 &&
	check_json ".is_published == false and .bundle_id == \"b-1\"" &&
	api GET /api/creatives/$PUB -t "$TOKEN_ben" && expect 404 &&
	api PATCH /api/creatives/$PUB -t "$TOKEN_ana" "{\"is_published\":true,
	    \"style_id\":null,\"document_ids\":[],\"draft_url\":null,
	    \"asset_ids\":null}" && expect 200 &&
	check_json ".is_published and .style_id == null and .draft_url == null
	    and .document_ids == [] and .asset_ids == [] and
	    .collection_id == \"$COLL\""
'

test_expect_success 'an unknown creative id returns 404, a malformed one 400' '
	for m in GET PATCH DELETE; do
		api $m /api/creatives/$NONE -t "$TOKEN_ana" "{}" &&
		expect 404 not_found &&
		api $m /api/creatives/x -t "$TOKEN_ana" "{}" &&
		expect 400 validation_failed || return 1
	done
'

test_expect_success 'GET /api/creatives/{id} adds the style and the documents the user may read' '
	api POST /api/styles -t "$TOKEN_ben" "{\"name\":\"S\"}" &&
	style=$(json .id) &&
	doc() {
		api POST /api/documents -t "$1" \
		    "{\"title\":\"$2\",\"is_public\":$3}" && expect 201 &&
		json .id
	} &&
	mine=$(doc "$TOKEN_ana" mine false) &&
	theirs=$(doc "$TOKEN_ben" theirs false) &&
	open=$(doc "$TOKEN_ben" open true) &&
	creative "{\"is_published\":true,\"style_id\":\"$style\",
	    \"document_ids\":[\"$open\",\"doc1\",\"$theirs\",\"$mine\",
	    \"$NONE\",\"$style\"]}" && id=$(json .id) &&
	api GET /api/creatives/$id -t "$TOKEN_ana" && expect 200 &&
	check_json "keys == [\"creative\",\"documents\",\"is_favorite\",
	    \"style\"] and .creative.id == \"$id\" and
	    (.creative | has(\"is_favorite\") | not) and
	    .style.name == \"S\" and .style.user_id == \"$UUID_ben\" and
	    [.documents[].title] == [\"open\", \"mine\"] and
	    (.creative.document_ids | length) == 6" &&
	api GET /api/creatives/$id -t "$TOKEN_ben" &&
	check_json "[.documents[].title] == [\"open\", \"theirs\"]" &&
	api GET /api/creatives/$id -t "$TOKEN_root" &&
	check_json "[.documents[].title] == [\"open\"]" &&
	a=$(header ETag) &&
	api PATCH /api/documents/$open -t "$TOKEN_ben" "{\"title\":\"o\"}" &&
	api GET /api/creatives/$id -t "$TOKEN_root" \
	    -H "If-None-Match: $a" && expect 200 && a=$(header ETag) &&
	api PATCH /api/documents/$mine -t "$TOKEN_ana" "{\"title\":\"m\"}" &&
	api GET /api/creatives/$id -t "$TOKEN_root" \
	    -H "If-None-Match: $a" && expect 304 &&
	api DELETE /api/styles/$style -t "$TOKEN_ben" &&
	api DELETE /api/documents/$open -t "$TOKEN_ben" &&
	api GET /api/creatives/$id -t "$TOKEN_root" \
	    -H "If-None-Match: $a" && expect 200 &&
	check_json ".style == null and .documents == [] and
	    .creative.style_id == \"$style\""
'

test_expect_success 'GET /api/creatives lists published ones and own drafts, newest first' '
	em_sql "DELETE FROM creative" &&
	[ "$(em_sql "SELECT n FROM counter
	    WHERE name = '\''creative:published'\''")" = 0 ] &&
	for i in 1 2 3 4 5 6; do
		p=$([ $((i % 2)) = 0 ] && echo true || echo false)
		creative "{\"bundle_id\":\"a$i\",\"is_published\":$p,
		    \"collection_id\":\"$COLL\"}" &&
		creative "{\"bundle_id\":\"b$i\",\"is_published\":$p}" \
		    "$TOKEN_ben" || return 1
	done &&
	api GET /api/creatives -t "$TOKEN_ana" && expect 200 &&
	[ "$(ids)" = "b6 a6 a5 b4 a4 a3 b2 a2 a1" ] &&
	check_json ".total_count == 9 and .page == 1 and .limit == 10 and
	    .next_cursor == null and (.items | all(.is_favorite == false))" &&
	api GET /api/creatives -t "$TOKEN_ben" &&
	[ "$(ids)" = "b6 a6 b5 b4 a4 b3 b2 a2 b1" ] &&
	api GET /api/creatives -t "$TOKEN_root" &&
	[ "$(ids)" = "b6 a6 b4 a4 b2 a2" ] && check_json ".total_count == 6" &&
	api GET "/api/creatives?mine=true" -t "$TOKEN_ben" &&
	[ "$(ids)" = "b6 b5 b4 b3 b2 b1" ] && check_json ".total_count == 6" &&
	api GET "/api/creatives?page=2&limit=4" -t "$TOKEN_ana" &&
	[ "$(ids)" = "a4 a3 b2 a2" ] && check_json ".page == 2"
'

test_expect_success 'collection_id filters the list' '
	api GET "/api/creatives?collection_id=$COLL" -t "$TOKEN_ana" &&
	[ "$(ids)" = "a6 a5 a4 a3 a2 a1" ] && check_json ".total_count == 6" &&
	api GET "/api/creatives?collection_id=$COLL&limit=2" -t "$TOKEN_ben" &&
	[ "$(ids)" = "a6 a4" ] && check_json ".total_count == 3" &&
	api GET "/api/creatives?collection_id=$COLL&limit=2&cursor=$(json \
	    .next_cursor)" -t "$TOKEN_ben" && [ "$(ids)" = a2 ] &&
	api GET "/api/creatives?collection_id=$COLL&mine=true" \
	    -t "$TOKEN_ben" && [ "$(ids)" = "" ] &&
	api GET "/api/creatives?collection_id=$NONE" -t "$TOKEN_ana" &&
	check_json ".items == [] and .total_count == 0" &&
	api GET "/api/creatives?collection_id=x" -t "$TOKEN_ana" &&
	expect 400 validation_failed && check_json .fields.collection_id
'

test_expect_success 'pages by cursor return each creative once' '
	for who in "$TOKEN_ana" "$TOKEN_ben" "$TOKEN_root"; do
		for q in x= mine=true "collection_id=$COLL"; do
			api GET "/api/creatives?$q" -t "$who" && ids >want &&
			p="/api/creatives?$q&limit=2" && k=0 && : >got &&
			while [ -n "$p" ]; do
				[ $((k += 1)) -le 20 ] &&
				api GET "$p" -t "$who" && expect 200 &&
				ids >>got || return 1
				p=$(header Link | sed -n "s/^<\(.*\)>;.*/\1/p")
				p=${p#"$URL"}
			done &&
			[ "$(echo $(cat got))" = "$(cat want)" ] || return 1
		done || return 1
	done &&
	api GET "/api/creatives?limit=2" -t "$TOKEN_ana" &&
	c=$(json .next_cursor) &&
	api GET "/api/creatives?mine=true&cursor=$c" -t "$TOKEN_ana" &&
	expect 400
'

test_expect_success 'is_favorite depends on the user and changes the ETag' '
	api GET "/api/creatives?limit=1" -t "$TOKEN_ana" && a=$(header ETag) &&
	id=$(json ".items[0].id") &&
	api POST /api/user-favorites -t "$TOKEN_ana" \
	    "{\"entity_id\":\"$id\",\"entity_type\":\"creative\"}" &&
	expect 201 && fav=$(json .id) &&
	api GET "/api/creatives?limit=1" -t "$TOKEN_ana" \
	    -H "If-None-Match: $a" && expect 200 &&
	check_json ".items[0].is_favorite" &&
	api GET /api/creatives/$id -t "$TOKEN_ana" && check_json .is_favorite &&
	api GET /api/creatives/$id -t "$TOKEN_ben" &&
	check_json ".is_favorite == false" &&
	api DELETE /api/user-favorites/$fav -t "$TOKEN_ana" &&
	api GET "/api/creatives?limit=1" -t "$TOKEN_ana" \
	    -H "If-None-Match: $a" && expect 304
'

test_expect_success 'only the owner can delete a creative' '
	api DELETE /api/creatives/$id -t "$TOKEN_ana" && expect 403 &&
	api DELETE /api/creatives/$id -t "$TOKEN_ben" && expect 204 &&
	api DELETE /api/creatives/$id -t "$TOKEN_ben" && expect 404 &&
	[ "$(em_sql "SELECT n = (SELECT count(*) FROM creative
	    WHERE is_published = 1) FROM counter
	    WHERE name = '\''creative:published'\''")" = 1 ]
'

test_done
