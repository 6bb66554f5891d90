#!/bin/sh
test_description='/api/flyers/{id}/favorite: favorite flyers'
. "$(dirname "$0")/../lib.sh"
em_start

test_expect_success 'setup: accounts and flyers' '
	em_user ana && em_user ben &&
	em_sql "INSERT INTO flyer(id, publisher_id, title, created_at,
	    updated_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 30)
	    SELECT i, $ID_ben, '\''flyer '\'' || i, i, i
	    FROM n"
'

test_expect_success 'saving a flyer returns 201, and 200 with the same row if repeated' '
	api POST /api/flyers/7/favorite/ -t "$TOKEN_ana" && expect 201 &&
	check_json "keys == [\"created_at\", \"flyer_id\", \"id\"] and
	    .flyer_id == 7" && json .id >first &&
	api POST /api/flyers/7/favorite -t "$TOKEN_ana" && expect 200 &&
	json .id >second && test_cmp first second &&
	api POST /api/flyers/7/favorite/ -t "$TOKEN_ben" && expect 201 &&
	api GET /api/flyers/7/favorite/ -t "$TOKEN_ana" && expect 200 &&
	check_json ". == {flyer_id: 7, is_favorited: true}"
'

test_expect_success 'unknown and malformed flyer ids return 404 with detail' '
	for f in 999 0 -1 x 1.5 99999999999999999999; do
		api POST "/api/flyers/$f/favorite/" -t "$TOKEN_ana" &&
		expect 404 not_found &&
		[ "$(json .detail)" = "Flyer not found" ] &&
		[ "$(json .message)" = "Flyer not found" ] || return 1
	done
'

test_expect_success 'flyer favorites return 401 without a token' '
	for m in POST DELETE GET; do
		api $m /api/flyers/7/favorite/ && expect 401 token_required &&
		[ "$(json .detail)" = "Access token required" ] || return 1
	done &&
	api GET /api/users/me/favorites/ && expect 401
'

test_expect_success 'DELETE returns 204, then 404, and does not affect other users' '
	api DELETE /api/flyers/7/favorite/ -t "$TOKEN_ana" && expect 204 &&
	[ ! -s "$body" ] &&
	api DELETE /api/flyers/7/favorite/ -t "$TOKEN_ana" && expect 404 &&
	[ "$(json .detail)" = "Favorite not found" ] &&
	[ "$(em_sql "SELECT favorites_count FROM favoritable
	    WHERE kind = 2 AND id = 7")" = 1 ]
'

test_expect_success 'GET /api/users/me/favorites returns an array of flyers, newest first' '
	api GET /api/users/me/favorites/ -t "$TOKEN_ana" && expect 200 &&
	check_json ". == []" &&
	for f in 1 2 3 4 5; do
		api POST /api/flyers/$f/favorite/ -t "$TOKEN_ana" || return 1
	done &&
	api GET /api/users/me/favorites/ -t "$TOKEN_ana" && expect 200 &&
	check_json "[.[].flyer_id] == [5,4,3,2,1] and
	    .[0].flyer.title == \"flyer 5\" and
	    .[0].flyer.favorites_count == 1 and .[0].flyer.is_favorited"
'

test_expect_success 'with limit or offset, the list has the pages of Django REST framework' '
	api GET "/api/users/me/favorites/?limit=2&offset=1" -t "$TOKEN_ana" &&
	expect 200 && check_json "[.count, [.results[].flyer_id]] ==
	    [5, [4, 3]]" &&
	check_json ".next | test(\"offset=3\")" &&
	check_json ".previous | test(\"offset=0\")" &&
	api GET "/api/users/me/favorites/?limit=2&cursor=$(json .next_cursor)" \
	    -t "$TOKEN_ana" &&
	check_json "[.results[].flyer_id] == [2, 1] and .next == null" &&
	api GET "/api/users/me/favorites/?limit=4" -t "$TOKEN_ana" &&
	check_json "(.results | length) == 4 and (.next | test(\"offset=4\"))" &&
	api GET "/api/users/me/favorites/?limit=5" -t "$TOKEN_ana" &&
	check_json "(.results | length) == 5 and .next == null" &&
	api GET "/api/users/me/favorites/?limit=0" -t "$TOKEN_ana" &&
	expect 400 validation_failed &&
	api GET "/api/users/me/favorites/?offset=-1" -t "$TOKEN_ana" &&
	expect 400 validation_failed
'

test_expect_success 'the ETag changes with the list, its flyers and their counts' '
	api GET /api/users/me/favorites/ -t "$TOKEN_ana" && e=$(header ETag) &&
	same() {
		api GET /api/users/me/favorites/ -t "$TOKEN_ana" \
		    -H "If-None-Match: $e" && expect "$1" &&
		if [ "$1" = 200 ]; then e=$(header ETag); fi
	} &&
	same 304 &&
	api POST /api/flyers/9/favorite/ -t "$TOKEN_ben" && same 304 &&
	api POST /api/flyers/2/favorite/ -t "$TOKEN_ben" && same 200 &&
	same 304 &&
	em_sql "UPDATE flyer SET title = '\''x'\'' WHERE id = 3" && same 200 &&
	api DELETE /api/flyers/1/favorite/ -t "$TOKEN_ana" && same 200
'

test_expect_success 'a page shows changes of flyers and counts at once' '
	page() {
		api GET "/api/users/me/favorites/?limit=3&offset=0" \
		    -t "$TOKEN_ana" && expect 200
	} &&
	page && page && check_json ".results[1].flyer |
	    .id == 4 and .title == \"flyer 4\" and .favorites_count == 1" &&
	api PATCH /api/flyers/4/ -t "$TOKEN_ben" "{\"title\": \"new\"}" &&
	expect 200 && page && check_json ".results[1].flyer |
	    .title == \"new\" and .favorites_count == 1" &&
	api POST /api/flyers/4/favorite/ -t "$TOKEN_ben" && page &&
	check_json ".results[1].flyer |
	    .title == \"new\" and .favorites_count == 2" &&
	api DELETE /api/flyers/4/favorite/ -t "$TOKEN_ben" && page &&
	check_json ".results[1].flyer.favorites_count == 1" &&
	api GET /api/users/me/favorites/ -t "$TOKEN_ana" &&
	check_json ".[1].flyer.title == \"new\""
'

test_expect_success 'flyers and accounts that are being deleted are not listed' '
	em_stop_jobs &&
	em_sql "INSERT INTO entity_removal(kind, id, request_id, created_at)
	    VALUES (2, 4, '\''r'\'', 1)" &&
	api GET "/api/users/me/favorites/?limit=3" -t "$TOKEN_ana" &&
	check_json "[.results[].flyer_id] == [5, 3, 2]" &&
	em_sql "DELETE FROM entity_removal; INSERT INTO account_removal(user_id,
	    request_id, created_at) VALUES ($ID_ana, '\''r'\'', 1);
	    UPDATE flyer SET publisher_id = $ID_ana WHERE id = 3" &&
	api GET "/api/users/me/favorites/?limit=3" -t "$TOKEN_ana" &&
	check_json "[.results[].flyer_id] == [5, 4, 2]" &&
	em_sql "DELETE FROM account_removal;
	    UPDATE flyer SET publisher_id = $ID_ben WHERE id = 3" &&
	api GET "/api/users/me/favorites/?limit=3" -t "$TOKEN_ana" &&
	check_json "[.results[].flyer_id] == [5, 4, 3]"
'

test_expect_success 'deleting a flyer deletes its favorites' '
	em_sql "DELETE FROM flyer WHERE id = 5" &&
	api GET /api/users/me/favorites/ -t "$TOKEN_ana" &&
	check_json "[.[].flyer_id] == [4, 3, 2]" &&
	[ "$(em_sql "SELECT n FROM favorite_total WHERE user_id = $ID_ana
	    AND kind = 2")" = 3 ]
'

test_expect_success 'favorite counts are right after flyers and favorites were deleted' '
	em_sql "DELETE FROM flyer WHERE publisher_id = $ID_ben AND id > 20" &&
	em_sql "DELETE FROM favorite WHERE user_id = $ID_ben" &&
	[ "$(em_sql "SELECT sum(favorites_count) FROM favoritable")" = 3 ]
'

test_done
