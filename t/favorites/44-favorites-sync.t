#!/bin/sh
test_description='favorites: changes, contains, popular, export'
. "$(dirname "$0")/../lib.sh"
em_start

A=5b7a8702-b2c5-4de4-93c9-99322bd49ee2

test_expect_success 'setup: accounts, flyers and a destination' '
	em_user ana && em_user ben &&
	em_sql "INSERT INTO flyer(id, publisher_id, title, created_at,
	    updated_at) VALUES (1, $ID_ben, '\''f1'\'', 1, 1),
	    (2, $ID_ben, '\''f2'\'', 1, 1), (3, $ID_ben, '\''f3'\'', 1, 1);
	    INSERT INTO destination(uuid, name, created_at, updated_at)
	    VALUES (x'\''$(echo $A | tr -d -)'\'', '\''Bromo'\'', 1, 1)"
'

flyer() {
	api "$1" "/api/flyers/$2/favorite/" -t "$TOKEN_ana"
}
changes() {
	api GET "/api/v1/me/changes${1:+?$1}" -t "$TOKEN_ana" && expect 200
}

test_expect_success 'GET /api/v1/me/changes without a cursor returns all favorites and full' '
	changes && check_json ".items == [] and .full and (.has_more | not)" &&
	flyer POST 1 && flyer POST 2 &&
	api POST /api/v1/users/me/favorites -t "$TOKEN_ana" \
	    "{\"destination_id\":\"$A\"}" && expect 201 &&
	changes && check_json ".full and [.items[].id] == [1, 2, \"$A\"]" &&
	cursor=$(json .cursor)
'

test_expect_success 'GET /api/v1/me/changes with a cursor returns later changes in order' '
	changes "since=$cursor" && check_json ".items == [] and (.full | not)" &&
	flyer DELETE 1 && flyer POST 3 && flyer DELETE 3 &&
	changes "since=$cursor" && check_json "[.items[] | [.id, .action]] ==
	    [[1, \"unsaved\"], [3, \"saved\"], [3, \"unsaved\"]]" &&
	changes "since=$cursor&limit=2" && check_json ".has_more" &&
	changes "since=$(json .cursor)" && check_json "(.items | length) == 1
	    and (.has_more | not)" && cursor=$(json .cursor)
'

test_expect_success 'changes of other users are not returned' '
	api POST /api/flyers/1/favorite/ -t "$TOKEN_ben" && expect 201 &&
	changes "since=$cursor" && check_json ".items == []"
'

test_expect_success 'a full list is paged' '
	changes limit=1 && check_json ".full and .has_more" &&
	json ".items[].id" >got &&
	changes "limit=1&since=$(json .cursor)" && check_json ".full" &&
	json ".items[].id" >>got && printf "2\n$A\n" >want &&
	test_cmp want got && check_json ".has_more | not"
'

test_expect_success 'a cursor older than the stored history returns a full list' '
	flyer POST 1 &&
	em_sql "DELETE FROM favorite_log WHERE seq <= 4;
	    INSERT INTO setting VALUES ('\''favorite_log_floor'\'', 9)
	    ON CONFLICT (key) DO UPDATE SET value = 9" &&
	changes "since=$cursor" && check_json ".full and
	    [.items[].id] == [1, 2, \"$A\"]"
'

test_expect_success 'GET /api/v1/me/changes rejects invalid parameters' '
	for q in since=abc "since=$(json .cursor)x" limit=0 limit=x; do
		api GET "/api/v1/me/changes?$q" -t "$TOKEN_ana" &&
		expect 400 validation_failed || return 1
	done && api GET /api/v1/me/changes && expect 401
'

test_expect_success 'POST /api/v1/me/favorites/contains accepts all kinds, in the given order' '
	has() {
		api POST /api/v1/me/favorites/contains -t "$TOKEN_ana" "$1"
	} &&
	has "{\"items\":[{\"kind\":\"flyer\",\"id\":3},
	    {\"kind\":\"destination\",\"id\":\"$A\"},
	    {\"kind\":\"flyer\",\"id\":2}, {\"kind\":\"style\",\"id\":\"$A\"},
	    {\"kind\":\"listener\",\"id\":2}]}" && expect 200 &&
	check_json ".contains == [false, true, true, false, false]" &&
	has "{\"items\":[{\"kind\":\"flyer\",\"id\":\"x\"}]}" && expect 400 &&
	has "{\"items\":[{\"kind\":\"destination\",\"id\":7}]}" && expect 400 &&
	has "{\"items\":[{\"kind\":\"x\",\"id\":7}]}" && expect 400 &&
	has "{\"items\":7}" && expect 400 && has "{}" && expect 400 &&
	has "{\"items\":[$(yes "{\"kind\":\"flyer\",\"id\":1}," | head -100 |
	    tr -d "\n"){\"kind\":\"flyer\",\"id\":1}]}" && expect 400
'

test_expect_success 'GET /api/v1/popular returns the ranking that the jobs computed' '
	em_jobs &&
	api GET "/api/v1/popular?kind=flyer&window=24h" && expect 200 &&
	check_json ".kind == \"flyer\" and .window == \"24h\" and
	    .items[0].id == 1 and .items[0].title == \"f1\"" &&
	e=$(header ETag) &&
	api GET "/api/v1/popular?kind=flyer&window=24h" \
	    -H "If-None-Match: $e" && expect 304 &&
	api GET /api/v1/popular && expect 400 &&
	api GET "/api/v1/popular?kind=flyer&window=1y" && expect 400
'

test_expect_success 'GET /api/v1/me/export returns all data of the user' '
	api GET /api/v1/me/export -t "$TOKEN_ana" && expect 200 &&
	check_json ".profile.username == \"ana\" and
	    ([.favorites[].id] | sort) == ([1, 2, \"$A\"] | sort) and
	    (.sessions | length) >= 1 and .listener == null" &&
	api GET /api/v1/me/export && expect 401
'

test_done
