#!/bin/sh
test_description='/api/user-favorites: styles, creatives, documents'
. "$(dirname "$0")/../lib.sh"
em_start

S=11111111-1111-4111-8111-111111111111 # a style of ben
C=22222222-2222-4222-8222-222222222222 # a published creative of ben
H=33333333-3333-4333-8333-333333333333 # a draft of ben
D=44444444-4444-4444-8444-444444444444 # a public document
P=55555555-5555-4555-8555-555555555555 # a private document
X=66666666-6666-4666-8666-666666666666 # unknown

hex() {
	printf "x'%s'" "$(echo "$1" | tr -d -)"
}

test_expect_success 'setup: accounts, styles, creatives and documents' '
	em_user ana && em_user ben &&
	em_sql "INSERT INTO style(uuid, owner_id, name, created_at, updated_at)
	    VALUES ($(hex $S), $ID_ben, '\''bold'\'', 1, 1);
	    INSERT INTO creative(uuid, owner_id, is_published, created_at,
	    updated_at) VALUES ($(hex $C), $ID_ben, 1, 1, 1),
	    ($(hex $H), $ID_ben, 0, 1, 1);
	    INSERT INTO document(uuid, owner_id, title, is_public, created_at,
	    updated_at) VALUES ($(hex $D), $ID_ben, '\''pub'\'', 1, 1, 1),
	    ($(hex $P), $ID_ben, '\''priv'\'', 0, 1, 1)"
'

# fav ID TYPE [TOKEN [PATH]]: saves an item.
fav() {
	api POST "/api/user-favorites${4:-}" -t "${3:-$TOKEN_ana}" \
	    "{\"entity_id\":\"$1\",\"entity_type\":\"$2\"${5:-}}"
}

test_expect_success 'POST /api/user-favorites returns 201, and 409 if repeated' '
	fav $S style && expect 201 && check_json "keys == [\"created_at\",
	    \"entity_id\", \"entity_type\", \"id\", \"updated_at\", \"user_id\"]
	    and .user_id == \"$UUID_ana\" and .entity_type == \"style\"" &&
	fav $S style && expect 409 already_exists
'

test_expect_success 'items of other users can be saved only if they are published or public' '
	fav $C creative && expect 201 && fav $D document && expect 201 &&
	fav $H creative && expect 403 forbidden &&
	fav $P document && expect 403 forbidden &&
	fav $P document "$TOKEN_ben" && expect 201 &&
	fav $X style && expect 404 not_found &&
	fav $S creative && expect 404 &&
	fav $S picture && expect 400 validation_failed &&
	fav nonsense style && expect 400 validation_failed &&
	api POST /api/user-favorites "{}" && expect 401
'

test_expect_success 'GET /api/user-favorites lists items with their data, newest first' '
	api GET /api/user-favorites -t "$TOKEN_ana" && expect 200 &&
	check_json "[.items[].entity_type] == [\"document\", \"creative\",
	    \"style\"] and .total_count == 3" &&
	check_json ".items[2].entity_data.name == \"bold\" and
	    .items[1].entity_data.is_published and
	    .items[0].entity_data.title == \"pub\"" &&
	api GET "/api/user-favorites?entity_type=style" -t "$TOKEN_ana" &&
	check_json ".total_count == 1 and (.items | length) == 1" &&
	api GET "/api/user-favorites?sort_order=asc&sort_by=updated_at" \
	    -t "$TOKEN_ana" &&
	check_json "[.items[].entity_type] == [\"style\", \"creative\",
	    \"document\"]" &&
	api GET "/api/user-favorites?limit=2&page=2" -t "$TOKEN_ana" &&
	check_json "[.items[].entity_type] == [\"style\"]" &&
	for q in page=0 limit=0 limit=x entity_type=x sort_by=x sort_order=up; do
		api GET "/api/user-favorites?$q" -t "$TOKEN_ana" &&
		expect 400 validation_failed || return 1
	done
'

test_expect_success 'the favorite of a deleted item remains with null data' '
	em_sql "DELETE FROM style WHERE uuid = $(hex $S)" &&
	api GET "/api/user-favorites?entity_type=style" -t "$TOKEN_ana" &&
	check_json ".total_count == 1 and .items[0].entity_data == null and
	    .items[0].entity_id == \"$S\""
'

test_expect_success 'the favorite of an item that became private keeps its data' '
	em_sql "UPDATE document SET is_public = 0 WHERE uuid = $(hex $D)" &&
	api GET "/api/user-favorites?entity_type=document" -t "$TOKEN_ana" &&
	check_json ".items[0].entity_data.is_public == false" &&
	em_sql "UPDATE document SET is_public = 1 WHERE uuid = $(hex $D)"
'

test_expect_success 'DELETE returns 204, 404, 403 for another user and 400 for a malformed id' '
	api GET /api/user-favorites -t "$TOKEN_ana" &&
	id=$(json ".items[0].id") &&
	api DELETE "/api/user-favorites/$id" -t "$TOKEN_ben" &&
	expect 403 forbidden &&
	api DELETE "/api/user-favorites/$id" -t "$TOKEN_ana" && expect 204 &&
	api DELETE "/api/user-favorites/$id" -t "$TOKEN_ana" && expect 404 &&
	api DELETE /api/user-favorites/nonsense -t "$TOKEN_ana" && expect 400
'

test_expect_success 'POST /api/user-favorites/toggle saves, removes, or sets a state' '
	fav $D document "$TOKEN_ana" /toggle && expect 200 &&
	check_json ".is_favorite and .favorite.entity_id == \"$D\"" &&
	fav $D document "$TOKEN_ana" /toggle && expect 200 &&
	check_json ". == {is_favorite: false, favorite: null}" &&
	fav $D document "$TOKEN_ana" /toggle ",\"is_favorite\":true" &&
	check_json ".is_favorite" && json .favorite.id >one &&
	fav $D document "$TOKEN_ana" /toggle ",\"is_favorite\":true" &&
	json .favorite.id >two && test_cmp one two &&
	fav $D document "$TOKEN_ana" /toggle ",\"is_favorite\":false" &&
	fav $D document "$TOKEN_ana" /toggle ",\"is_favorite\":false" &&
	check_json ".is_favorite == false" &&
	fav $S style "$TOKEN_ana" /toggle && expect 200 &&
	check_json ".is_favorite == false" &&
	fav $S style "$TOKEN_ana" /toggle && expect 404 &&
	fav $P document "$TOKEN_ana" /toggle && expect 403
'

test_expect_success 'a repeat of a rejected toggle has the media type of the first response' '
	unknown() {
		api POST /api/user-favorites/toggle -t "$TOKEN_ana" \
		    -H "Idempotency-Key: k0" -H "Accept: application/problem+json" \
		    "{\"entity_id\":\"11111111-1111-4111-8111-111111111111\",
		    \"entity_type\":\"document\"}"
	} &&
	unknown && [ "$(header Content-Type)" = application/problem+json ] &&
	cp "$body" first && unknown && test_cmp first "$body" &&
	[ "$(header Content-Type)" = application/problem+json ] &&
	[ "$(header Idempotent-Replayed)" = true ]
'

test_expect_success 'a repeated toggle with an idempotency key returns the first response' '
	key() {
		api POST /api/user-favorites/toggle -t "$TOKEN_ana" \
		    -H "Idempotency-Key: $1" \
		    "{\"entity_id\":\"$2\",\"entity_type\":\"document\"}"
	} &&
	key k1 $D && expect 200 && check_json ".is_favorite" &&
	[ -z "$(header Idempotent-Replayed)" ] && cp "$body" first &&
	key k1 $D && expect 200 && test_cmp first "$body" &&
	[ "$(header Idempotent-Replayed)" = true ] &&
	key "\"k1\"" $D && expect 200 && test_cmp first "$body" &&
	key k1 $P && expect 422 idempotency_key_reused &&
	key k2 $D && expect 200 && check_json ".is_favorite == false" &&
	key "$(printf "%0256d" 0)" $D && expect 400 &&
	key k3 $P && expect 403 && key k3 $P && expect 403 &&
	[ "$(header Idempotent-Replayed)" = true ]
'

test_done
