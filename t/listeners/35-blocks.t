#!/bin/sh
test_description='blocked users: search, favorites, presence, calls, sessions, notifications'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
em_conf limits.blocks=3
em_conf calls.rings=1000
em_conf calls.rings_hour=1000
em_conf calls.rings_total=1000
em_start

# block NAME OTHER, unblock NAME OTHER
block() {
	api PUT "/user/blocks/$(id_of "$2")" -t "$(token_of "$1")" && expect 200
}
unblock() {
	api DELETE "/user/blocks/$(id_of "$2")" -t "$(token_of "$1")" &&
	expect 200
}
online() {
	api POST /presence/update -t "$(token_of "$1")" \
	    "{\"status\":\"${2:-online}\"}" && expect 200
}
# call NAME OTHER: starts a call.
call() {
	api POST /call/start -t "$(token_of "$1")" \
	    "{\"callee_id\":$(id_of "$2")}"
}
# sees NAME OTHER: prints what NAME sees of the listener OTHER everywhere.
sees() {
	api GET "/listeners/$(id_of "$2")" -t "$(token_of "$1")" &&
	json "\"detail \(.is_online) \(.is_busy) \(.is_available)\"" &&
	api GET "/presence/$(id_of "$2")" -t "$(token_of "$1")" &&
	json "\"presence \(.is_online) \(.is_busy) \(.last_seen == null)\"" &&
	api POST /presence/query -t "$(token_of "$1")" \
	    "{\"user_ids\":[$(id_of "$2")]}" &&
	json ".presence[0] | \"query \(.status) \(.is_online)\"" &&
	for query in "" "?sort=rating" "?online=true" "?q=$2" \
	    "?sort=popular" "?sort=rate" "?lang=en"; do
		api GET "/listeners$query" -t "$(token_of "$1")" &&
		json "\"search$query \(.total_count) \(.listeners | length)\"" ||
		return 1
	done &&
	api GET /customer/favorites -t "$(token_of "$1")" &&
	json ".favorites[0] | \"favorite \(.is_online) \(.is_available) \(
	    .last_seen == null)\""
}
counts() {
	em_sql "SELECT count(*) FROM user_block;
	    SELECT count(*) FROM user_block_pair"
}

test_expect_success 'before a block, a customer sees a listener online everywhere' '
	em_user adm admin && listener lena 600 && em_user cara && em_user dan &&
	em_sql "UPDATE listener SET verification = 1" &&
	fund cara 100000 && fund dan 100000 && online lena && online cara &&
	api POST "/customer/favorites" -t "$TOKEN_cara" \
	    "{\"listener_id\":$ID_lena}" && expect 200 &&
	api PUT "/customer/favorites/$ID_lena" -t "$TOKEN_cara" \
	    "{\"notify_when_available\":true}" && expect 200 &&
	sees cara lena >before &&
	grep -q "^detail true false true" before &&
	grep -q "^search 1 1" before && ! grep -q " 0 " before
'

test_expect_success 'PUT /user/blocks/{user_id} blocks a user and is idempotent' '
	block cara lena && check_json ".user_id == $ID_lena and .is_blocked" &&
	at=$(json .created_at) && block cara lena &&
	check_json ".created_at == \"$at\"" &&
	[ "$(counts)" = "1
2" ]
'

test_expect_success 'GET /user/blocks lists the blocked users' '
	api GET /user/blocks -t "$TOKEN_cara" && expect 200 &&
	check_json ".total_count == 1 and .blocks[0].user_id == $ID_lena and
	    .blocks[0].username == \"lena\"" &&
	tag=$(header ETag) &&
	api GET /user/blocks -t "$TOKEN_cara" -H "If-None-Match: $tag" &&
	expect 304 &&
	api GET /user/blocks -t "$TOKEN_lena" && check_json ".blocks == []"
'

test_expect_success 'after a block, the customer sees the listener offline and not in searches' '
	cat >want <<-EOF &&
	detail false false false
	presence false false true
	query offline false
	search 0 0
	search?sort=rating 0 0
	search?online=true 0 0
	search?q=lena 0 0
	search?sort=popular 0 0
	search?sort=rate 0 0
	search?lang=en 0 0
	favorite false false true
	EOF
	sees cara lena >got && test_cmp want got
'

test_expect_success 'other users and the listener herself see no difference' '
	api GET /listeners -t "$TOKEN_dan" && check_json ".total_count == 1" &&
	api GET /listeners && check_json ".listeners[0].is_online" &&
	api GET "/presence/$ID_lena" -t "$TOKEN_lena" &&
	check_json ".is_online"
'

test_expect_success 'the block works in both directions' '
	api GET "/presence/$ID_cara" -t "$TOKEN_lena" &&
	check_json "(.is_online | not) and .last_seen == null" &&
	api GET "/presence/$ID_cara" -t "$TOKEN_dan" && check_json ".is_online"
'

test_expect_success 'favorites: the listener counts as offline, filters agree' '
	api GET /customer/favorites -t "$TOKEN_cara" && expect 200 &&
	check_json ".favorites | length == 1" &&
	api GET "/customer/favorites?online=true" -t "$TOKEN_cara" &&
	check_json ".favorites == []" &&
	api GET "/customer/favorites?online=false" -t "$TOKEN_cara" &&
	check_json ".favorites | length == 1 and (.[0].is_online | not)"
'

test_expect_success 'the entity tag of favorites does not reveal the presence of a blocked listener' '
	api GET /customer/favorites -t "$TOKEN_cara" && tag=$(header ETag) &&
	online lena offline && online lena && online lena away &&
	api GET /customer/favorites -t "$TOKEN_cara" \
	    -H "If-None-Match: $tag" && expect 304 && online lena &&
	api PUT /listeners/profile -t "$TOKEN_lena" "{\"bio\":\"New\"}" &&
	expect 200 && api GET /customer/favorites -t "$TOKEN_cara" \
	    -H "If-None-Match: $tag" && expect 200
'

test_expect_success 'saving a blocked listener still returns 200' '
	api DELETE "/customer/favorites/$ID_lena" -t "$TOKEN_cara" &&
	api POST "/customer/favorites" -t "$TOKEN_cara" \
	    "{\"listener_id\":$ID_lena}" && expect 200 &&
	api PUT "/customer/favorites/$ID_lena" -t "$TOKEN_cara" \
	    "{\"notify_when_available\":true}" && expect 200
'

test_expect_success 'flyers of both users remain visible to the other' '
	for pair in "cara lena" "lena cara"; do
		api POST /api/flyers -t "$(token_of "${pair% *}")" \
		    "{\"title\":\"Jazz\"}" && expect 201 && flyer=$(json .id) &&
		api GET "/api/flyers/$flyer" -t "$(token_of "${pair#* }")" &&
		expect 200 && api GET "/api/flyers?q=jazz" \
		    -t "$(token_of "${pair#* }")" &&
		check_json ".results[0].id == $flyer" || return 1
	done
'

test_expect_success 'a call returns 409 callee_offline and sends no notification, whoever blocked' '
	call cara lena && expect 409 callee_offline && cp "$body" by-block &&
	unblock cara lena && block lena cara &&
	call cara lena && expect 409 callee_offline &&
	[ "$(em_sql "SELECT count(*) FROM notification")" = 0 ] &&
	[ "$(em_sql "SELECT count(*) FROM call")" = 0 ] &&
	online lena offline && call dan lena && expect 409 callee_offline &&
	jq "del(.request_id)" "$body" >want &&
	jq "del(.request_id)" by-block >got && test_cmp want got &&
	api GET /notifications -t "$TOKEN_lena" &&
	check_json "[.notifications[].data.caller_id] == [$ID_dan]" &&
	online lena
'

test_expect_success 'a session returns 409 listener_offline' '
	api POST /sessions/start -t "$TOKEN_cara" \
	    "{\"listener_id\":$ID_lena}" && expect 409 listener_offline
'

test_expect_success 'a customer gets no alert that a blocked listener is available' '
	api POST "/customer/favorites" -t "$TOKEN_dan" \
	    "{\"listener_id\":$ID_lena}" && expect 200 &&
	api PUT "/customer/favorites/$ID_lena" -t "$TOKEN_dan" \
	    "{\"notify_when_available\":true}" && expect 200 &&
	online lena offline && online lena && em_jobs &&
	[ "$(em_sql "SELECT count(*) FROM favorite WHERE notify = 1")" = 2 ] &&
	api GET /notifications -t "$TOKEN_dan" &&
	check_json ".total_count == 1" &&
	api GET /notifications -t "$TOKEN_cara" &&
	check_json ".total_count == 0"
'

test_expect_success 'unblocking one direction keeps a block of the other' '
	block cara lena && unblock lena cara && call cara lena &&
	expect 409 callee_offline && unblock cara lena &&
	unblock cara lena && [ "$(counts)" = "0
0" ] && call cara lena && expect 201 && c=$(json .call_id)
'

test_expect_success 'blocking ends a ringing call, without a missed call' '
	block lena cara && api GET /events -t "$TOKEN_cara" &&
	check_json "[.events[].type] | index(\"call.rejected\") != null" &&
	[ "$(em_sql "SELECT state FROM call WHERE id = $c")" = 3 ] &&
	unblock lena cara && call cara lena && expect 201 &&
	c=$(json .call_id) && block cara lena &&
	[ "$(em_sql "SELECT state FROM call WHERE id = $c")" = 4 ] &&
	api GET /notifications -t "$TOKEN_lena" &&
	check_json "[.notifications[].data.caller_id] == [$ID_dan]" &&
	[ "$(em_sql "SELECT count(*) FROM call_live")" = 0 ]
'

test_expect_success 'blocking after the deadline of a ringing call sends no notification' '
	em_stop_jobs &&
	unblock cara lena && call cara lena && expect 201 && c=$(json .call_id) &&
	em_sql "UPDATE call SET ring_until = 1000 WHERE id = $c" &&
	block cara lena &&
	[ "$(em_sql "SELECT state FROM call WHERE id = $c")" = 5 ] &&
	api GET /notifications -t "$TOKEN_lena" &&
	check_json "[.notifications[].data.caller_id] == [$ID_dan]"
'

test_expect_success 'blocking ends an accepted call and its session' '
	unblock cara lena && call cara lena && expect 201 && c=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lena" "{\"call_id\":$c}" && expect 200 &&
	block lena cara &&
	[ "$(em_sql "SELECT c.state, s.state, s.cause FROM call AS c
	    JOIN session AS s ON s.id = c.session_id WHERE c.id = $c")" = "2|1|2" ] &&
	[ "$(em_sql "SELECT count(*) FROM presence
	    WHERE busy_since IS NOT NULL")" = 0 ] &&
	em_cli ledger verify >/dev/null
'

test_expect_success 'blocking does not end a call with another user' '
	online lena && call dan lena && expect 201 && c=$(json .call_id) &&
	unblock lena cara && block cara lena &&
	[ "$(em_sql "SELECT state FROM call WHERE id = $c")" = 0 ] &&
	api POST /call/cancel -t "$TOKEN_dan" "{\"call_id\":$c}" && expect 200
'

test_expect_success 'invalid blocks are rejected' '
	api PUT "/user/blocks/$ID_cara" -t "$TOKEN_cara" &&
	expect 400 cannot_block_self &&
	api PUT /user/blocks/999999 -t "$TOKEN_cara" && expect 404 &&
	api PUT /user/blocks/abc -t "$TOKEN_cara" && expect 404 &&
	api PUT "/user/blocks/$ID_lena" && expect 401 &&
	em_user ada && em_user eve && em_user fay &&
	block cara ada && block cara eve &&
	api PUT "/user/blocks/$ID_fay" -t "$TOKEN_cara" &&
	expect 409 quota_exceeded &&
	check_json ".limit == 3 and .used == 3" && block cara ada
'

test_expect_success 'the list can be read in pages' '
	api GET "/user/blocks?per_page=2" -t "$TOKEN_cara" &&
	check_json ".has_next and .total_count == 3 and
	    [.blocks[].username] == [\"eve\", \"ada\"]" &&
	next=$(json .next_cursor) &&
	api GET "/user/blocks?per_page=2&cursor=$next" -t "$TOKEN_cara" &&
	check_json "[.blocks[].username] == [\"lena\"] and (.has_next | not)" &&
	api GET "/user/blocks?per_page=2&page=2" -t "$TOKEN_cara" &&
	check_json "[.blocks[].username] == [\"lena\"]"
'

test_expect_success 'parallel calls and blocks never leave a live call between blocked users' '
	unblock cara lena && n=0 &&
	while [ $n -lt 12 ]; do
		n=$((n + 1)) && online lena &&
		{ call cara lena >/dev/null 2>&1 & } &&
		curl -s -o /dev/null -X PUT \
		    -H "Authorization: Bearer $TOKEN_lena" \
		    "$URL/api/v1/user/blocks/$ID_cara" && wait &&
		[ "$(em_sql "SELECT count(*) FROM call_live")" = 0 ] &&
		unblock lena cara || return 1
	done
'

test_expect_success 'the end of an account removes its blocks from the list of others' '
	block lena cara && em_sql "UPDATE user SET status = 2
	    WHERE id = $ID_cara" && api GET /user/blocks -t "$TOKEN_lena" &&
	check_json ".blocks[0].username == null" && unblock lena cara &&
	check_json ".is_blocked == false"
'

test_done
