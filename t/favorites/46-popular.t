#!/bin/sh
# shellcheck disable=SC2016
test_description='/api/v1/popular: cards of the objects that were saved most'
. "$(dirname "$0")/../lib.sh"
em_start
em_stop_jobs

# verified NAME: creates a listener that is verified.
verified() {
	em_user "$1" customer listener &&
	api POST /listeners/register -t "$(eval "echo \"\$TOKEN_$1\"")" \
	    "{\"languages\":[\"en\"],\"rate_per_minute\":500}" && expect 201 &&
	em_sql "UPDATE listener SET verification = 1"
}

# popular KIND [QUERY] [OPTIONS]...: requests a ranking of the last 24 hours.
popular() {
	kind=$1 query=${2-}
	shift
	[ $# = 0 ] || shift
	api GET "/api/v1/popular?kind=$kind&window=24h$query" "$@" && expect 200
}

# create PATH NAME JSON: creates an object as ana, and sets NAME to its id.
create() {
	api POST "$1" -t "$TOKEN_ana" "$3" && expect 201 &&
	eval "$2=$(json .id)"
}

# same KIND PATH [FILTER]: succeeds if the first card is the object that the
# list PATH shows to ben.
same() {
	popular "$1" "" -t "$TOKEN_ben" && json .items[0].card >card &&
	api GET "$2" -t "$TOKEN_ben" && expect 200 &&
	json "${3:-.}" >want && test_cmp want card
}

test_expect_success 'setup: each kind has two objects, and ben saved the first ones' '
	em_user adm admin && em_user ana && em_user ben && verified lis &&
	verified lou &&
	create /api/flyers/ F1 "{\"title\":\"one\",\"latitude\":1,\"longitude\":2}" &&
	create /api/flyers/ F2 "{\"title\":\"two\"}" &&
	create /api/styles S1 "{\"name\":\"one\"}" &&
	create /api/styles S2 "{\"name\":\"two\"}" &&
	create /api/creatives C1 "{\"is_published\":true,\"html_url\":\"https://x.example/\"}" &&
	create /api/creatives C2 "{\"is_published\":true}" &&
	create /api/documents D1 "{\"title\":\"one\",\"content\":\"text\",\"is_public\":true}" &&
	create /api/documents D2 "{\"title\":\"two\",\"is_public\":true}" &&
	for name in T1 T2; do
		api POST /api/v1/destinations -t "$TOKEN_adm" \
		    "{\"name\":\"$name\",\"city\":\"c\",\"images\":[\"https://x.example/$name.jpg\"]}" &&
		expect 201 && eval "$name=$(json .id)" || return 1
	done &&
	em_sql "INSERT INTO favorite(user_id, kind, entity_id, created_at, updated_at)
	    SELECT $ID_ben, kind, min(id), 1, 1 FROM favoritable GROUP BY kind" &&
	em_sql "INSERT INTO favorite_log(user_id, kind, entity_id, action, at, request_id)
	    SELECT u.id, e.kind, e.id, 1, unixepoch() * 1000, '\''r'\''
	    FROM favoritable AS e CROSS JOIN user AS u
	    WHERE u.id = $ID_ben OR e.id = (SELECT min(m.id) FROM favoritable AS m
		WHERE m.kind = e.kind)" &&
	em_jobs >out && popular flyer && check_json "[.items[].id] == [$F1, $F2]"
'

test_expect_success 'a card is the object as the lists of its kind show it' '
	same listener "/listeners/$ID_lis" &&
	same flyer "/api/flyers/$F1/" &&
	same destination "/api/v1/destinations/$T1" &&
	same style "/api/styles/$S1" &&
	same creative "/api/creatives?page=1" ".items[] | select(.id == \"$C1\")" &&
	same document "/api/documents/$D1"
'

test_expect_success 'an item and its card have the saved state of the caller' '
	for kind in listener flyer destination style creative document; do
		popular $kind "" -t "$TOKEN_ben" &&
		check_json "[.items[].is_favorited] == [true, false] and
		    ([.items[].card | if has(\"is_favorite\")
			then .is_favorite else .is_favorited end]
			== [true, false])" &&
		popular $kind "" -t "$TOKEN_ana" &&
		check_json "[.items[].is_favorited] == [false, false]" &&
		popular $kind &&
		check_json "[.items[].is_favorited] == [false, false]" || return 1
	done
'

test_expect_success 'saving an object changes the ETag and the saved state at once' '
	popular flyer "" -t "$TOKEN_ana" && tag=$(header ETag) &&
	api POST "/api/flyers/$F1/favorite/" -t "$TOKEN_ana" && expect 201 &&
	popular flyer "" -t "$TOKEN_ana" -H "If-None-Match: $tag" &&
	check_json ".items[0] | .is_favorited and .card.is_favorited and
	    .favorites_count == 2" && tag=$(header ETag) &&
	api GET "/api/v1/popular?kind=flyer&window=24h" -t "$TOKEN_ana" \
	    -H "If-None-Match: $tag" && expect 304 &&
	api PATCH "/api/flyers/$F1/" -t "$TOKEN_ana" "{\"title\":\"new\"}" &&
	expect 200 &&
	popular flyer "" -t "$TOKEN_ana" -H "If-None-Match: $tag" &&
	check_json ".items[0] | .title == \"new\" and .card.title == \"new\""
'

test_expect_success 'a cursor continues a ranking, and is valid for it only' '
	popular style "&limit=1" && check_json "[.items[].rank] == [1]" &&
	cursor=$(json .next_cursor) && header Link | grep -q "rel=\"next\"" &&
	popular style "&limit=1&cursor=$cursor" &&
	check_json "[.items[] | .rank, .id] == [2, \"$S2\"] and
	    .next_cursor == null" && [ -z "$(header Link)" ] &&
	api GET "/api/v1/popular?kind=style&window=7d&cursor=$cursor" &&
	expect 400 validation_failed &&
	api GET "/api/v1/popular?kind=flyer&window=24h&cursor=$cursor" &&
	expect 400 validation_failed
'

# statements: prints the number of statements of the last request.
statements() {
	request=$(header X-Request-ID) &&
	em_until "grep -q $request \"$EM_STATE/log/favorites.log\"" &&
	grep "$request" "$EM_STATE/log/favorites.log" | jq .sql
}

test_expect_success 'the number of statements does not depend on the number of items' '
	for kind in listener flyer destination style creative document; do
		popular $kind "&limit=1" -t "$TOKEN_ben" &&
		check_json "(.items | length) == 1" && one=$(statements) &&
		popular $kind "" -t "$TOKEN_ben" &&
		check_json "(.items | length) == 2" && two=$(statements) &&
		[ "$one" -gt 0 ] && [ "$one" = "$two" ] || return 1
	done
'

test_expect_success 'listeners that blocked each other are not in their rankings' '
	api PUT "/user/blocks/$ID_ben" -t "$TOKEN_lis" && expect 200 &&
	popular listener "" -t "$TOKEN_ben" &&
	check_json "[.items[] | .rank, .id] == [1, $ID_lou]" &&
	popular listener "" -t "$TOKEN_ana" &&
	check_json "[.items[].id] == [$ID_lis, $ID_lou]" &&
	api DELETE "/user/blocks/$ID_ben" -t "$TOKEN_lis" && expect 200
'

test_expect_success 'objects that are no longer public leave the ranking at once' '
	api PATCH "/api/documents/$D1" -t "$TOKEN_ana" "{\"is_public\":false}" &&
	api PATCH "/api/creatives/$C1" -t "$TOKEN_ana" "{\"is_published\":false}" &&
	for token in "$TOKEN_ana" "$TOKEN_ben"; do
		popular document "" -t "$token" &&
		check_json "[.items[] | .rank, .id] == [1, \"$D2\"]" &&
		popular creative "" -t "$token" &&
		check_json "[.items[].id] == [\"$C2\"]" || return 1
	done
'

test_expect_success 'a page of long documents has fewer items and a cursor' '
	em_sql "INSERT INTO document(uuid, owner_id, title, content, status,
		is_public, created_at, updated_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
	    SELECT randomblob(16), $ID_ana, '\''long '\'' || i,
		replace(hex(zeroblob(25000)), '\''0'\'', '\''x'\''), '\''draft'\'', 1, 1, 1 FROM n;
	    INSERT INTO favorite_log(user_id, kind, entity_id, action, at, request_id)
	    SELECT $ID_ben, 6, id, 1, unixepoch() * 1000, '\''r'\'' FROM document
	    WHERE title LIKE '\''long %'\''" && em_jobs >out &&
	cursor="" seen=0 &&
	while [ "$cursor" != null ]; do
		popular document "&limit=100${cursor:+&cursor=$cursor}" &&
		[ "$(wc -c <"$body")" -lt 3000000 ] &&
		check_json ".items[0].rank == $seen + 1" &&
		seen=$((seen + $(json ".items | length"))) &&
		cursor=$(json .next_cursor) || return 1
	done &&
	[ $seen = 61 ]
'

test_done
