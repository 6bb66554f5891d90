#!/bin/sh
test_description='/api/v1/users/{id}/favorites: favorite destinations'
. "$(dirname "$0")/../lib.sh"
em_start

A=5b7a8702-b2c5-4de4-93c9-99322bd49ee2
B=5b7a8702-b2c5-4de4-93c9-99322bd49ee3
NONE=5b7a8702-b2c5-4de4-93c9-000000000000

test_expect_success 'setup: accounts and destinations' '
	em_user ana && em_user ben &&
	em_sql "INSERT INTO destination(uuid, name, city, country,
	    thumbnail_url, summary, images, created_at, updated_at) VALUES
	    (x'\''$(echo $A | tr -d -)'\'', '\''Mount Bromo'\'',
	    '\''Probolinggo'\'', '\''Indonesia'\'', '\''https://x/t.jpg'\'',
	    '\''high'\'', '\''https://x/1.jpg'\'', 1, 1),
	    (x'\''$(echo $B | tr -d -)'\'', '\''Ubud'\'', NULL, NULL, NULL,
	    NULL, NULL, 2, 2)"
'

save() {
	api POST "/api/v1/users/${who:-me}/favorites" -t "$TOKEN_ana" \
	    "{\"destination_id\":\"$1\"}"
}

test_expect_success 'saving a destination returns 201 with the documented body' '
	save $A && expect 201 &&
	check_json "keys == [\"destination_id\", \"favorite_id\", \"message\",
	    \"saved_at\"] and .destination_id == \"$A\" and
	    .message == \"Destination saved to Favorites\"" &&
	json .saved_at | grep -E "^[-0-9]{10}T[:0-9]{8}Z$" &&
	json .favorite_id | grep -E "^[-0-9a-f]{36}$"
'

test_expect_success 'saving a destination again returns 409 already_saved' '
	json "{favorite_id, destination_id, saved_at}" >saved &&
	save $A && expect 409 already_saved && json .favorite >got &&
	test_cmp saved got &&
	save "$(echo $A | tr a-f A-F)" && expect 409 already_saved &&
	[ "$(em_sql "SELECT count(*) FROM favorite")" = 1 ]
'

test_expect_success 'a malformed destination id returns 422, an unknown one 404' '
	save xyz && expect 422 validation_failed &&
	check_json ".fields.destination_id" &&
	save 00000000-0000-0000-0000-000000000000 && expect 404 &&
	save $NONE && expect 404 destination_not_found &&
	api POST /api/v1/users/me/favorites -t "$TOKEN_ana" "{}" && expect 422 &&
	api POST /api/v1/users/me/favorites -t "$TOKEN_ana" "{" &&
	expect 400 invalid_json &&
	api DELETE /api/v1/users/me/favorites/xyz -t "$TOKEN_ana" &&
	expect 422 validation_failed &&
	api DELETE /api/v1/users/me/favorites/$NONE -t "$TOKEN_ana" &&
	expect 404 not_saved &&
	api GET "/api/v1/users/me/favorites?limit=x" -t "$TOKEN_ana" &&
	expect 422 &&
	api GET "/api/v1/users/me/favorites?include=all" -t "$TOKEN_ana" &&
	expect 422
'

test_expect_success 'a user can use me, id or UUID in the path, and other users get 403' '
	who=$UUID_ana && save $A && expect 409 &&
	who=$ID_ana && save $A && expect 409 &&
	api GET "/api/v1/users/$ID_ana/favorites" -t "$TOKEN_ana" &&
	expect 200 && check_json ".pagination.total == 1" &&
	api DELETE "/api/v1/users/$UUID_ana/favorites/$A" -t "$TOKEN_ana" &&
	expect 200 &&
	who=$UUID_ana && save $A && expect 201 &&
	who=$UUID_ben && save $B && expect 403 forbidden &&
	who=$ID_ben && save $B && expect 403 forbidden &&
	who=me &&
	api GET "/api/v1/users/$UUID_ben/favorites" -t "$TOKEN_ana" &&
	expect 403 forbidden &&
	api DELETE "/api/v1/users/$UUID_ben/favorites/$A" -t "$TOKEN_ana" &&
	expect 403 forbidden &&
	api GET /api/v1/users/me/favorites && expect 401 token_required
'

test_expect_success 'GET lists destinations, and include adds summary and images' '
	save $B && expect 201 &&
	api GET /api/v1/users/me/favorites -t "$TOKEN_ana" && expect 200 &&
	check_json "[.items[].destination_name] == [\"Ubud\", \"Mount Bromo\"]
	    and .pagination == {limit: 20, offset: 0, total: 2}" &&
	check_json ".items[1] | .city == \"Probolinggo\" and
	    .country == \"Indonesia\" and .thumbnail_url == \"https://x/t.jpg\"
	    and (has(\"summary\") | not)" &&
	api GET "/api/v1/users/me/favorites?include=destination_summary,images" \
	    -t "$TOKEN_ana" &&
	check_json ".items[1] | .summary == \"high\" and
	    .images == [\"https://x/1.jpg\"]" &&
	api GET "/api/v1/users/me/favorites?limit=1&offset=1" -t "$TOKEN_ana" &&
	check_json "[.items[].destination_name] == [\"Mount Bromo\"] and
	    .pagination == {limit: 1, offset: 1, total: 2} and
	    .next_cursor == null" &&
	api GET "/api/v1/users/me/favorites?limit=1" -t "$TOKEN_ana" &&
	check_json "(.items | length) == 1 and .next_cursor != null" &&
	api GET "/api/v1/users/me/favorites?limit=2" -t "$TOKEN_ana" &&
	check_json "(.items | length) == 2 and .next_cursor == null" &&
	api GET "/api/v1/users/me/favorites?limit=500" -t "$TOKEN_ana" &&
	check_json ".pagination.limit == 100"
'

test_expect_success 'GET /api/v1/destinations/{id}/favorites/count needs no token' '
	api GET /api/v1/destinations/$A/favorites/count && expect 200 &&
	check_json ".destination_id == \"$A\" and .favorites_count == 1 and
	    .last_updated != null" &&
	api GET /api/v1/destinations/$NONE/favorites/count &&
	expect 404 destination_not_found &&
	api GET /api/v1/destinations/x/favorites/count && expect 422
'

test_expect_success 'the ETag changes when a destination is saved or edited' '
	api GET /api/v1/users/me/favorites -t "$TOKEN_ana" && e=$(header ETag) &&
	api GET /api/v1/users/me/favorites -t "$TOKEN_ana" \
	    -H "If-None-Match: \"zzz\", $e" && expect 304 && [ ! -s "$body" ] &&
	em_sql "UPDATE destination SET name = '\''Ubud 2'\'', version =
	    version + 1 WHERE name = '\''Ubud'\''" &&
	api GET /api/v1/users/me/favorites -t "$TOKEN_ana" \
	    -H "If-None-Match: $e" && expect 200
'

test_expect_success 'a page shows the included members and changes at once' '
	page() {
		api GET "/api/v1/users/me/favorites?limit=9$1" -t "$TOKEN_ana" &&
		expect 200 && check_json ".items[1] | $2"
	} &&
	page "" "(has(\"summary\") or has(\"images\")) | not" &&
	page "&include=images" ".images == [\"https://x/1.jpg\"] and
	    (has(\"summary\") | not)" &&
	page "&include=destination_summary" ".summary == \"high\" and
	    (has(\"images\") | not)" &&
	em_sql "UPDATE destination SET summary = '\''higher'\'', city = NULL
	    WHERE summary = '\''high'\''" &&
	page "" ".city == null and (has(\"summary\") | not)" &&
	page "&include=destination_summary" ".summary == \"higher\"" &&
	em_sql "UPDATE destination SET summary = '\''high'\'',
	    city = '\''Probolinggo'\'' WHERE summary = '\''higher'\''" &&
	page "" ".city == \"Probolinggo\""
'

# Each worker has its own items, so the requests use many connections.
test_expect_success 'all workers show a change after pages that changed nothing' '
	pages() {
		for n in 1 2 3 4 5 6 7 8; do
			page "" "$1" || return
		done
	} &&
	pages ".city == \"Probolinggo\"" && pages ".city == \"Probolinggo\"" &&
	em_sql "UPDATE destination SET name = name || '\''!'\''
	    WHERE city IS NULL" &&
	pages ".city == \"Probolinggo\"" &&
	em_sql "UPDATE destination SET city = '\''Malang'\''
	    WHERE city = '\''Probolinggo'\''" &&
	pages ".city == \"Malang\"" &&
	em_sql "UPDATE destination SET city = '\''Probolinggo'\''
	    WHERE city = '\''Malang'\'';
	    UPDATE destination SET name = rtrim(name, '\''!'\'')" &&
	pages ".city == \"Probolinggo\""
'

test_expect_success 'a destination that is being deleted is not in a page that was read before' '
	em_stop_jobs && page "" ".city == \"Probolinggo\"" &&
	total=$(json .pagination.total) &&
	em_sql "INSERT INTO entity_removal(kind, id, request_id, created_at)
	    SELECT 3, id, '\''r'\'', 1 FROM destination
	    WHERE city = '\''Probolinggo'\''" &&
	api GET "/api/v1/users/me/favorites?limit=9" -t "$TOKEN_ana" &&
	check_json ".pagination.total == $total - 1 and
	    all(.items[]; .city != \"Probolinggo\")" &&
	em_sql "DELETE FROM entity_removal" &&
	page "" ".city == \"Probolinggo\"" &&
	check_json ".pagination.total == $total"
'

test_expect_success 'DELETE returns 200, then 404 not_saved, and does not affect other users' '
	api DELETE /api/v1/users/me/favorites/$A -t "$TOKEN_ben" &&
	expect 404 not_saved &&
	[ "$(json .message)" = "Destination is not in your Favorites." ] &&
	api DELETE /api/v1/users/me/favorites/$A -t "$TOKEN_ana" &&
	expect 200 && check_json ". == {destination_id: \"$A\",
	    message: \"Destination removed from Favorites\"}" &&
	api DELETE /api/v1/users/me/favorites/$A -t "$TOKEN_ana" &&
	expect 404 not_saved &&
	api GET /api/v1/destinations/$A/favorites/count &&
	check_json ".favorites_count == 0 and .last_updated != null"
'

test_expect_success 'GET /api/v1/users/me/activity lists each change' '
	api GET /api/v1/users/me/activity -t "$TOKEN_ana" && expect 200 &&
	check_json "[.items[].action] == [\"unsaved\", \"saved\", \"saved\", \"unsaved\", \"saved\"]" &&
	check_json ".items[0] | .user_id == \"$UUID_ana\" and
	    .destination_id == \"$A\" and .source == \"favorites_api\" and
	    .occurred_at != null" &&
	api GET "/api/v1/users/me/activity?limit=1" -t "$TOKEN_ana" &&
	api GET "/api/v1/users/me/activity?limit=1&cursor=$(json .next_cursor)" \
	    -t "$TOKEN_ana" && check_json ".items[0].action == \"saved\"" &&
	api GET /api/v1/users/me/activity -t "$TOKEN_ben" &&
	check_json ".items == []"
'

test_done
