#!/bin/sh
test_description='/api/v1/destinations'
. "$(dirname "$0")/../lib.sh"
em_start

NONE=5b7a8702-b2c5-4de4-93c9-000000000000

dest() {
	api POST /api/v1/destinations -t "$TOKEN_root" "$1"
}
names() {
	json '[.items[].name] | join(" ")'
}
find_names() {
	api GET "/api/v1/destinations?$1" && expect 200 && names
}

test_expect_success 'setup: accounts' '
	em_user ana && em_user root customer admin && em_user lis listener
'

test_expect_success 'an empty list has total 0' '
	api GET /api/v1/destinations && expect 200 &&
	check_json ". == {items: [], pagination: {limit: 20, offset: 0,
	    total: 0}, next_cursor: null}" &&
	api GET /destinations && expect 404 && api GET /api/destinations &&
	expect 404
'

test_expect_success 'POST /api/v1/destinations by an administrator returns 201 with all members' '
	dest "{\"name\":\" Mount Bromo \",\"city\":\"Probolinggo\",
	    \"country\":\"Indonesia\",\"summary\":\"A volcano\nin sand\",
	    \"thumbnail_url\":\"https://cdn.fitcity.app/5b7a.../thumb.jpg\",
	    \"images\":[\"https://x.example/1\",\"https://x.example/2\"],
	    \"latitude\":-7.942494,\"longitude\":112.953012}" && expect 201 &&
	check_json "del(.id, .created_at, .updated_at) == {
	    name: \"Mount Bromo\", city: \"Probolinggo\",
	    country: \"Indonesia\", summary: \"A volcano\nin sand\",
	    thumbnail_url: \"https://cdn.fitcity.app/5b7a.../thumb.jpg\",
	    images: [\"https://x.example/1\", \"https://x.example/2\"],
	    latitude: -7.942494, longitude: 112.953012, favorites_count: 0,
	    is_favorited: false} and .created_at == .updated_at" &&
	ID=$(json .id) && echo "$ID" | grep -E "^[-0-9a-f]{36}$" &&
	[ "$(header Location)" = "$URL/api/v1/destinations/$ID" ] &&
	cp "$body" made &&
	api GET /api/v1/destinations/$ID && expect 200 && test_cmp made "$body" &&
	api GET /api/v1/destinations/$(echo $ID | tr a-f A-F)/ && expect 200 &&
	test_cmp made "$body"
'

test_expect_success 'only administrators can write destinations' '
	for m in "POST /api/v1/destinations" "PATCH /api/v1/destinations/$ID" \
	    "DELETE /api/v1/destinations/$ID"; do
		# shellcheck disable=SC2086
		api $m "{\"name\":\"x\"}" && expect 401 token_required &&
		for t in "$TOKEN_ana" "$TOKEN_lis"; do
			api $m -t "$t" "{\"name\":\"x\"}" &&
			expect 403 role_required &&
			check_json ".message ==
			    \"Access denied. Admin role required\"" ||
			return 1
		done || return 1
	done &&
	api GET /api/v1/destinations/$ID && test_cmp made "$body"
'

bad() {
	dest "$2" && expect 422 validation_failed &&
	check_json ".fields | keys == [\"$1\"]" &&
	api PATCH /api/v1/destinations/$ID -t "$TOKEN_root" "$2" &&
	if [ "$2" != "{}" ]; then expect 422 validation_failed; fi
}

test_expect_success 'an invalid destination returns 422 with its field and changes nothing' '
	bad name "{}" && bad name "{\"name\":\"\"}" && bad name "{\"name\":1}" &&
	bad name "{\"name\":\"$(printf %0201d 0)\"}" &&
	bad city "{\"name\":\"x\",\"city\":[]}" &&
	bad country "{\"name\":\"x\",\"country\":\"$(printf %0101d 0)\"}" &&
	bad thumbnail_url "{\"name\":\"x\",\"thumbnail_url\":\"data:x\"}" &&
	bad summary "{\"name\":\"x\",\"summary\":\"$(printf %02001d 0)\"}" &&
	bad images "{\"name\":\"x\",\"images\":\"https://x\"}" &&
	bad images "{\"name\":\"x\",\"images\":[\"x\"]}" &&
	bad images "{\"name\":\"x\",\"images\":[1]}" &&
	bad images "{\"name\":\"x\",\"images\":[$(printf "\"http://x/%d\"," \
	    $(seq 50))\"http://x/51\"]}" &&
	bad latitude "{\"name\":\"x\",\"latitude\":-91,\"longitude\":1}" &&
	bad longitude "{\"name\":\"x\",\"latitude\":1,\"longitude\":180.000001}" &&
	api PATCH /api/v1/destinations/$ID -t "$TOKEN_root" \
	    "{\"latitude\":null}" && expect 422 validation_failed &&
	dest "{" && expect 400 invalid_json &&
	api GET /api/v1/destinations/$ID && test_cmp made "$body" &&
	[ "$(em_sql "SELECT count(*) FROM destination")" = 1 ]
'

test_expect_success 'a malformed destination id returns 422, an unknown one 404' '
	for m in GET PATCH DELETE; do
		for id in x 1 ${ID}0 "${ID%?}g"; do
			api $m /api/v1/destinations/$id -t "$TOKEN_root" "{}" &&
			expect 422 validation_failed &&
			check_json .fields.destination_id || return 1
		done &&
		api $m /api/v1/destinations/$NONE -t "$TOKEN_root" "{}" &&
		expect 404 destination_not_found || return 1
	done
'

test_expect_success 'PATCH changes only given members, and each write is audited' '
	api PATCH /api/v1/destinations/$ID -t "$TOKEN_root" "{\"summary\":null,
	    \"images\":null,\"city\":\"Malang\"}" && expect 200 &&
	check_json ".summary == null and .images == [] and
	    .city == \"Malang\" and .name == \"Mount Bromo\" and
	    .latitude == -7.942494" &&
	api GET /api/v1/destinations/$ID && check_json ".city == \"Malang\"" &&
	api PATCH /api/v1/destinations/$ID -t "$TOKEN_root" \
	    "{\"city\":\"Malang\"}" && expect 200 &&
	dest "{\"name\":\"gone\"}" && gone=$(json .id) &&
	api DELETE /api/v1/destinations/$gone -t "$TOKEN_root" &&
	expect 204 && [ ! -s "$body" ] &&
	api DELETE /api/v1/destinations/$gone -t "$TOKEN_root" &&
	expect 404 destination_not_found &&
	em_sql "SELECT action, target, before ->> '\''name'\'',
	    after ->> '\''city'\'' FROM audit
	    WHERE actor_id = $ID_root ORDER BY id" >got &&
	cat >want <<-EOF &&
	destination.add|destination:$ID||Probolinggo
	destination.change|destination:$ID|Mount Bromo|Malang
	destination.add|destination:$gone||
	destination.delete|destination:$gone|gone|
	EOF
	test_cmp want got
'

test_expect_success 'destinations are found by name, city and country, ignoring case and accents' '
	cat >cities.jsonl <<-\EOF &&
	{"name":"Paris","lat":"48.85341","lng":"2.3488","country":"FR"}
	{"name":"Paris","lat":"33.66094","lng":"-95.55551","country":"US"}
	{"name":"São Paulo","lat":"-23.5475","lng":"-46.63611","country":"BR"}
	{"name":"Saint-Denis","lat":"48.93564","lng":"2.35387","country":"FR"}
	{"name":"Probolinggo","lat":"-7.7543","lng":"113.2159","country":"ID"}
	{"name":"Parisot","city":"Parisot","country":"France"}
	{"name":"Louvre","city":"Paris","country":"France"}
	EOF
	em_cli import destinations cities.jsonl &&
	[ "$(find_names q=probolinggo)" = Probolinggo ] &&
	check_json ".items[0] | .city == \"Probolinggo\" and
	    .country == \"Indonesia\" and .latitude == -7.7543 and
	    .longitude == 113.2159" &&
	[ "$(find_names q=SAO+paul)" = "São Paulo" ] &&
	[ "$(find_names q=saint%20denis)" = "Saint-Denis" ] &&
	[ "$(find_names q=paris)" = "Louvre Paris Paris Parisot" ] &&
	[ "$(find_names "q=paris&country=united+states")" = Paris ] &&
	[ "$(find_names "q=par&city=PARIS&country=france")" = \
	    "Louvre Paris" ] &&
	[ "$(find_names city=paris)" = "Louvre Paris Paris" ] &&
	[ "$(find_names "city=paris&country=FR")" = "Louvre Paris" ] &&
	[ "$(find_names "city=pari")" = "" ] &&
	[ "$(find_names country=fr)" = "Louvre Paris Parisot Saint-Denis" ] &&
	check_json ".pagination.total == 4" &&
	[ "$(find_names country=France)" = "Louvre Paris Parisot Saint-Denis" ] &&
	[ "$(find_names country=zz)" = "" ] &&
	[ "$(find_names "q=%22")" = "" ] && [ "$(find_names "q=paris%20OR%20x")" = "" ]
'

test_expect_success 'destinations can be sorted by name, creation and favorites' '
	id_of() { find_names "q=$1" >/dev/null && json ".items[0].id"; } &&
	b=$(id_of probolinggo) && d=$(id_of louvre) &&
	for t in ana lis; do
		eval "tok=\$TOKEN_$t" &&
		api POST /api/v1/users/me/favorites -t "$tok" \
		    "{\"destination_id\":\"$d\"}" && expect 201 || return 1
	done &&
	api POST /api/v1/users/me/favorites -t "$TOKEN_ana" \
	    "{\"destination_id\":\"$b\"}" && expect 201 &&
	[ "$(find_names limit=3)" = "Louvre Mount Bromo Paris" ] &&
	[ "$(find_names "sort=name&limit=2")" = "Louvre Mount Bromo" ] &&
	[ "$(find_names "sort=recent&limit=2")" = "Louvre Parisot" ] &&
	[ "$(find_names "sort=popular&limit=3")" = \
	    "Louvre Probolinggo Parisot" ] &&
	check_json "[.items[].favorites_count] == [2, 1, 0]" &&
	[ "$(find_names "sort=popular&q=par&limit=2")" = "Louvre Parisot" ] &&
	[ "$(find_names "sort=recent&q=paris")" = \
	    "Louvre Parisot Paris Paris" ] &&
	[ "$(find_names "sort=popular&country=fr")" = \
	    "Louvre Parisot Saint-Denis Paris" ] &&
	[ "$(find_names "sort=recent&country=fr")" = \
	    "Louvre Parisot Saint-Denis Paris" ] &&
	[ "$(find_names "sort=popular&city=paris")" = "Louvre Paris Paris" ] &&
	[ "$(find_names "sort=recent&city=paris")" = "Louvre Paris Paris" ]
'

test_expect_success 'is_favorited depends on the user' '
	api GET "/api/v1/destinations?sort=popular&limit=2" -t "$TOKEN_lis" &&
	check_json "[.items[].is_favorited] == [true, false]" &&
	api GET "/api/v1/destinations?sort=popular&limit=2" &&
	check_json "[.items[].is_favorited] == [false, false]" &&
	api GET /api/v1/destinations/$(json ".items[0].id") -t "$TOKEN_ana" &&
	check_json "(.is_favorited and .favorites_count == 2)"
'

# 300 destinations of three countries. Names repeat, and some are long.
test_expect_success 'setup: 300 destinations' '
	em_sql "DELETE FROM destination" &&
	em_sql "INSERT INTO destination(uuid, name, city, country, created_at,
	    updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 300)
	    SELECT randomblob(16), CASE i % 7 WHEN 0 THEN '\''Same'\''
	    WHEN 1 THEN '\''same'\'' WHEN 2 THEN printf('\''%.*c%d'\'', 190,
	    '\''é'\'', i % 11) ELSE '\''N'\'' || (i % 40) END,
	    '\''C'\'' || (i % 4), '\''L'\'' || (i % 3), 1, 1 FROM n" &&
	em_sql "INSERT INTO favorite(user_id, kind, entity_id, created_at,
	    updated_at) SELECT $ID_ana, 3, id, 1, 1 FROM destination
	    WHERE id % 5 = 0" &&
	em_sql "INSERT INTO favorite(user_id, kind, entity_id, created_at,
	    updated_at) SELECT $ID_lis, 3, id, 1, 1 FROM destination
	    WHERE id % 10 = 0"
'

# Compares all filters in all sort orders: pages by cursor must contain the
# same rows as pages by offset, each once.
by_offset() {
	o=0
	while [ $o -lt 300 ]; do
		api GET "/api/v1/destinations?$1&limit=100&offset=$o" &&
		json '.items[].id' || return 1
		o=$((o + 100))
	done
}
by_cursor() {
	p="/api/v1/destinations?$1&limit=$2" k=0
	while [ -n "$p" ]; do
		[ $((k += 1)) -le 100 ] || return 1
		api GET "$p" && expect 200 && json '.items[].id' || return 1
		p=$(header Link | sed -n 's/^<\(.*\)>; rel="next"$/\1/p')
		p=${p#"$URL"}
	done
}
test_expect_success 'pages by cursor return each destination once in the given order' '
	for f in "x=" q=c1 city=c2 country=l1 "city=c1&country=l2" \
	    "q=same&country=l0" "q=n"; do
		for s in name popular recent; do
			by_offset "$f&sort=$s" >want &&
			n=$(json .pagination.total) &&
			[ "$n" -gt 0 ] && [ "$(wc -l <want)" = "$n" ] &&
			[ "$(sort -u want | wc -l)" = "$n" ] &&
			by_cursor "$f&sort=$s" 17 >got &&
			test_cmp want got || {
				note "$f $s"
				return 1
			}
		done || return 1
	done
'

# Filters that match thousands of rows use another query plan.
test_expect_success 'the same holds if thousands of rows match' '
	em_sql "INSERT INTO destination(uuid, name, city, country, created_at,
	    updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 6000)
	    SELECT randomblob(16), CASE WHEN i % 2 THEN '\''Crowd '\'' ELSE
	    '\''Else '\'' END || (i * 7919 % 6007), '\''D'\'' || (i % 3),
	    '\''M'\'' || (i % 5 > 0), 1, 1 FROM n" &&
	em_sql "INSERT INTO favorite(user_id, kind, entity_id, created_at,
	    updated_at) SELECT $ID_ana, 3, id, 1, 1 FROM destination
	    WHERE name LIKE '\''crowd %9'\''" &&
	for f in "q=crowd" "q=crowd&country=m1"; do
		w="name LIKE '\''crowd %'\''"
		[ "$f" = q=crowd ] || w="$w AND country = '\''m1'\''"
		for s in "name name, d.id" "popular favorites_count DESC, d.id DESC" \
		    "recent d.id DESC"; do
			em_sql "SELECT name FROM destination d JOIN favoritable e
			    ON kind = 3 AND e.id = d.id WHERE $w
			    ORDER BY ${s#* } LIMIT 500" >want &&
			p="/api/v1/destinations?$f&sort=${s%% *}&limit=100" &&
			: >got && for k in 1 2 3 4 5; do
				api GET "$p" && expect 200 &&
				json ".items[].name" >>got || return 1
				p=$(header Link | sed -n "s/^<\(.*\)>;.*/\1/p")
				p=${p#"$URL"}
			done && test_cmp want got &&
			n=$(em_sql "SELECT count(*) FROM destination WHERE $w") &&
			[ "$n" -gt 2000 ] &&
			check_json ".pagination.total == $n" &&
			api GET "/api/v1/destinations?$f&sort=${s%% *}&offset=400&limit=100" &&
			json ".items[].name" >got && tail -n 100 want |
			    test_cmp - got || {
				note "$f $s"
				return 1
			}
		done || return 1
	done &&
	em_sql "DELETE FROM destination WHERE name LIKE '\''crowd %'\''
	    OR name LIKE '\''else %'\''"
'

test_expect_success 'a cursor is valid for one sort order and survives deletions' '
	api GET "/api/v1/destinations?sort=name&limit=5" &&
	c=$(json .next_cursor) && last=$(json ".items[4].id") &&
	api GET "/api/v1/destinations?sort=popular&cursor=$c" && expect 422 &&
	check_json .fields.cursor &&
	api GET "/api/v1/destinations?sort=name&limit=5&cursor=$c" &&
	json ".items[].id" >want &&
	api DELETE /api/v1/destinations/$last -t "$TOKEN_root" && expect 204 &&
	api GET "/api/v1/destinations?sort=name&limit=5&cursor=$c" &&
	json ".items[].id" >got && test_cmp want got
'

test_expect_success 'GET /api/v1/destinations rejects invalid parameters' '
	for p in sort=best sort=Name limit=0 limit=x offset=-1 cursor=x \
	    "q=$(printf %0201d 0)" "city=$(printf %0101d 0)" country=%FF; do
		api GET "/api/v1/destinations?$p" && expect 422 &&
		check_json ".error == \"validation_failed\" and
		    (.fields | has(\"${p%%=*}\"))" || return 1
	done &&
	api GET "/api/v1/destinations?limit=500" && expect 200 &&
	check_json ".pagination.limit == 100 and (.items | length) == 100"
'

etag() {
	api GET "$1" -t "$TOKEN_ana" && expect 200 && header ETag
}
test_expect_success 'the ETag changes exactly when the response does' '
	dest "{\"name\":\"000\"}" && id=$(json .id) &&
	for p in /api/v1/destinations/$id "/api/v1/destinations?limit=2" \
	    "/api/v1/destinations?q=000"; do
		a=$(etag $p) && api GET $p -t "$TOKEN_ana" \
		    -H "If-None-Match: \"x\", $a" && expect 304 &&
		api POST /api/v1/users/me/favorites -t "$TOKEN_lis" \
		    "{\"destination_id\":\"$id\"}" && expect 201 &&
		b=$(etag $p) && [ "$a" != "$b" ] &&
		api DELETE /api/v1/users/me/favorites/$id -t "$TOKEN_lis" &&
		expect 200 && [ "$(etag $p)" = "$a" ] &&
		api PATCH /api/v1/destinations/$id -t "$TOKEN_root" \
		    "{\"name\":\"000\",\"images\":[]}" && expect 200 &&
		[ "$(etag $p)" = "$a" ] &&
		api PATCH /api/v1/destinations/$id -t "$TOKEN_root" \
		    "{\"summary\":\"for $p\"}" && [ "$(etag $p)" != "$a" ] ||
		return 1
	done
'

test_expect_success 'deleting a destination deletes its favorites and logs it' '
	api POST /api/v1/users/me/favorites -t "$TOKEN_ana" \
	    "{\"destination_id\":\"$id\"}" && expect 201 &&
	api DELETE /api/v1/destinations/$id -t "$TOKEN_root" && expect 204 &&
	api GET "/api/v1/users/me/activity?limit=1" -t "$TOKEN_ana" &&
	check_json ".items[0] | .destination_id == \"$id\" and
	    .action == \"unsaved\"" &&
	api GET "/api/v1/destinations/$id/favorites/count" && expect 404 &&
	[ "$(em_sql "SELECT n = (SELECT count(*) FROM favorite
	    WHERE user_id = $ID_ana AND kind = 3) FROM favorite_total
	    WHERE user_id = $ID_ana AND kind = 3")" = 1 ]
'

test_expect_success 'stored counts and the full-text index match the rows' '
	[ "$(em_sql "SELECT n = (SELECT count(*) FROM destination) FROM counter
	    WHERE name = '\''destination'\''")" = 1 ] &&
	[ "$(em_sql "SELECT count(*) FROM favoritable WHERE kind = 3")" = \
	    "$(em_sql "SELECT count(*) FROM destination")" ] &&
	em_sql "INSERT INTO destination_text(destination_text, rank)
	    VALUES ('\''integrity-check'\'', 1)"
'

test_done
