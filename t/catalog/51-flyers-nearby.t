#!/bin/sh
test_description='GET /api/flyers?near: flyers within a radius'
. "$(dirname "$0")/../lib.sh"
em_start

near() {
	api GET "/api/flyers/?near=$1" && expect 200 &&
	json '[.results[].title] | join(" ")'
}

# Six places in Europe and Ecuador, two at the date line, two at the north
# pole, one without a place.
test_expect_success 'setup: flyers at known places' '
	em_user ana &&
	em_sql "INSERT INTO flyer(publisher_id, title, category, lat, lng,
	    created_at, updated_at)
	    SELECT $ID_ana, column1, column2, column3, column4, 1, 1 FROM (VALUES
	    ('\''munich'\'', '\''Music'\'', 48137154, 11576124),
	    ('\''dachau'\'', '\''Food'\'', 48260000, 11434000),
	    ('\''augsburg'\'', '\''Music'\'', 48366512, 10894446),
	    ('\''salzburg'\'', '\''Music'\'', 47809490, 13055010),
	    ('\''london'\'', '\''Food'\'', 51507351, -127758),
	    ('\''quito'\'', '\''Food'\'', -180653, -78467838),
	    ('\''fiji'\'', NULL, -16500000, 179900000),
	    ('\''samoa'\'', NULL, -16500000, -179900000),
	    ('\''north'\'', NULL, 89999000, 10000000),
	    ('\''arctic'\'', NULL, 89999000, -170000000),
	    ('\''nowhere'\'', '\''Music'\'', NULL, NULL))"
'

test_expect_success 'near returns flyers within radius_km, by default 10, newest first' '
	[ "$(near 48.1371,11.5761)" = munich ] &&
	[ "$(near "48.1371,11.5761&radius_km=20")" = "dachau munich" ] &&
	[ "$(near "48.1371,11.5761&radius_km=60")" = \
	    "augsburg dachau munich" ] &&
	[ "$(near "48.1371,11.5761&radius_km=200")" = \
	    "salzburg augsburg dachau munich" ] &&
	check_json ".count == 4" &&
	[ "$(near "%2048.1371%20,%20%2011.5761&radius_km=20")" = \
	    "dachau munich" ] &&
	[ "$(near 10,10)" = "" ] && check_json ".count == 0"
'

# The haversine formula on a sphere of 6,371,009 m gives 17.2455 km from Munich
# to Dachau. The bounding box alone would include Dachau at a smaller radius.
test_expect_success 'the radius is a circle, not its bounding box' '
	/usr/bin/python3 -c "
from math import *
a, b = (48137154, 11576124), (48260000, 11434000)
r = lambda x: radians(x / 1e6)
h = sin(r(b[0] - a[0]) / 2) ** 2 + cos(r(a[0])) * cos(r(b[0])) * \
    sin(r(b[1] - a[1]) / 2) ** 2
print(floor(2 * 6371009 * asin(sqrt(h))))" >metres &&
	m=$(cat metres) && [ "$m" -gt 17000 ] && [ "$m" -lt 18000 ] &&
	km() { echo "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"; } &&
	[ "$(near "48.137154,11.576124&radius_km=$(km "$m")")" = munich ] &&
	[ "$(near "48.137154,11.576124&radius_km=$(km $((m + 1)))")" = \
	    "dachau munich" ]
'

test_expect_success 'circles across the date line and around the poles work' '
	[ "$(near "-16.5,179.95&radius_km=10")" = fiji ] &&
	[ "$(near "-16.5,180&radius_km=30")" = "samoa fiji" ] &&
	[ "$(near "-16.5,-180&radius_km=30")" = "samoa fiji" ] &&
	[ "$(near "-16.5,-179.95&radius_km=30")" = "samoa fiji" ] &&
	[ "$(near "90,0&radius_km=1")" = "arctic north" ] &&
	[ "$(near "90,123&radius_km=0.1")" = "" ] &&
	[ "$(near "89.999,10&radius_km=0.01")" = north ] &&
	[ "$(near "-90,0&radius_km=1000")" = "" ]
'

test_expect_success 'the bounding box contains all flyers of the circle' '
	em_sql "DELETE FROM flyer" &&
	em_sql "INSERT INTO flyer(publisher_id, title, lat, lng, created_at,
	    updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 3999)
	    SELECT $ID_ana, '\''x'\'', (i * 7919 % 4000) * 45000 - 90000000,
	    (i * 104729 % 4001) * 89977 - 179999999, 1, 1 FROM n" &&
	em_sql "SELECT lat, lng FROM flyer" >places &&
	/usr/bin/python3 -c "
from math import *
places = [tuple(map(int, l.split(\"|\"))) for l in open(\"places\")]
r = lambda x: radians(x / 1e6)
for lat in range(-90, 91, 15):
    for lng, km in ((-179, 1000), (0, 300), (93, 700)):
        n = 0
        for a, b in places:
            h = sin(r(a - lat * 10**6) / 2) ** 2 + cos(r(a)) * \
                cos(radians(lat)) * sin(r(b - lng * 10**6) / 2) ** 2
            n += h <= sin(km * 1000 / 12742018) ** 2
        print(lat, lng, km, n)" >want &&
	while read -r lat lng km _; do
		api GET "/api/flyers/?near=$lat,$lng&radius_km=$km&limit=1" ||
		return 1
		echo "$lat $lng $km $(json .count)"
	done <want >got &&
	test_cmp want got && awk "{ n += \$4 } END { exit n < 100 }" want
'

test_expect_success 'near can be combined with text, category and pages' '
	em_sql "DELETE FROM flyer" &&
	em_sql "INSERT INTO flyer(publisher_id, title, category, lat, lng,
	    created_at, updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 40)
	    SELECT $ID_ana, '\''n'\'' || i, CASE WHEN i % 2 THEN '\''Odd'\'' ELSE
	    '\''Even'\'' END, i * 10000, 0, 1, 1 FROM n" &&
	[ "$(near "0,0&radius_km=9&category=odd")" = "n7 n5 n3 n1" ] &&
	[ "$(near "0,0&radius_km=20&q=n1")" = \
	    "n17 n16 n15 n14 n13 n12 n11 n10 n1" ] &&
	[ "$(near "0,0&radius_km=20&q=n1&category=EVEN&limit=2")" = \
	    "n16 n14" ] && check_json ".count == 4" &&
	c=$(json .next_cursor) &&
	[ "$(near "0,0&radius_km=20&q=n1&category=EVEN&limit=2&cursor=$c")" = \
	    "n12 n10" ] && check_json ".next_cursor == null" &&
	[ "$(near "0,0&radius_km=20&q=%22")" = "" ] &&
	[ "$(near "0,0&radius_km=9&offset=6&limit=2")" = "n2 n1" ]
'

test_expect_success 'a moved flyer is found at its new place only' '
	api POST /api/flyers -t "$TOKEN_ana" \
	    "{\"title\":\"m\",\"latitude\":-60,\"longitude\":60}" &&
	id=$(json .id) && [ "$(near -60,60)" = m ] &&
	api PATCH /api/flyers/$id -t "$TOKEN_ana" \
	    "{\"latitude\":-61,\"longitude\":61}" &&
	[ "$(near -60,60)" = "" ] && [ "$(near -61,61)" = m ] &&
	api PATCH /api/flyers/$id -t "$TOKEN_ana" \
	    "{\"latitude\":null,\"longitude\":null}" &&
	[ "$(near -61,61)" = "" ] &&
	api PATCH /api/flyers/$id -t "$TOKEN_ana" \
	    "{\"latitude\":-62,\"longitude\":62}" && [ "$(near -62,62)" = m ] &&
	api DELETE /api/flyers/$id -t "$TOKEN_ana" && [ "$(near -62,62)" = "" ] &&
	[ "$(em_sql "SELECT (SELECT count(*) FROM flyer_place)
	    - (SELECT count(*) FROM flyer WHERE lat IS NOT NULL)")" = 0 ]
'

test_expect_success 'an invalid place or radius returns 400' '
	for p in near=1 near=1, near=,1 near=1,2,3 near=x,y near=91,0 \
	    near=0,181 near=1%2C "near=1%202" near=nan,nan; do
		api GET "/api/flyers/?$p" && expect 400 validation_failed &&
		check_json ".fields | keys == [\"near\"]" || return 1
	done &&
	for r in 0 -1 x 1000.1 0.0001; do
		api GET "/api/flyers/?near=0,0&radius_km=$r" &&
		expect 400 validation_failed &&
		check_json ".fields | keys == [\"radius_km\"]" || return 1
	done &&
	api GET "/api/flyers/?radius_km=5" && expect 400 validation_failed &&
	check_json ".fields | keys == [\"near\"]"
'

# A degree of latitude is 6371009 * pi / 180 meters.
test_expect_success 'lists by place have distances in meters, other responses do not' '
	em_sql "INSERT INTO flyer(publisher_id, title, lat, lng, created_at,
	    updated_at) VALUES ($ID_ana, '\''degree'\'', 49100000, 11500000, 1,
	    1)" &&
	api GET "/api/flyers/?near=48.1,11.5&radius_km=200" && expect 200 &&
	check_json "any(.results[]; .title == \"degree\" and
	    .distance_meters == 111195)" &&
	api GET "/api/flyers/?limit=5" && expect 200 &&
	check_json "all(.results[]; has(\"distance_meters\") | not)" &&
	api GET /api/flyers/2/ && check_json "has(\"distance_meters\") | not"
'

test_done
