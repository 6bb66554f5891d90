#!/bin/sh
test_description='presence: updates and queries'
. "$(dirname "$0")/../lib.sh"
em_conf presence.online_ttl=60
em_start

test_expect_success 'a user who was never online is offline without last_seen' '
	em_user ana && em_user bob && em_user lis customer listener &&
	em_user adm admin &&
	api GET "/api/v1/presence/$ID_ana" -t "$TOKEN_bob" && expect 200 &&
	check_json ". == {user_id: $ID_ana, status: \"offline\",
	    is_online: false, is_busy: false, last_seen: null}"
'

test_expect_success 'a user can be online, away and offline, and last_seen is kept' '
	api POST /api/v1/presence/update -t "$TOKEN_ana" \
	    "{\"status\":\"online\"}" && expect 200 &&
	check_json ".status == \"online\" and .is_online and
	    .user_id == $ID_ana and (.last_seen | test(\"Z$\"))" &&
	api GET "/presence/$ID_ana/" -t "$TOKEN_bob" &&
	check_json ".status == \"online\" and .is_online" &&
	api POST /presence/update -t "$TOKEN_ana" "{\"status\":\"away\"}" &&
	check_json ".status == \"away\" and .is_online" &&
	api POST /presence/update -t "$TOKEN_ana" "{\"status\":\"offline\"}" &&
	check_json ".status == \"offline\" and (.is_online | not) and
	    .last_seen != null" &&
	api GET "/presence/$ID_ana" -t "$TOKEN_ana" &&
	check_json ".status == \"offline\" and .last_seen != null"
'

test_expect_success 'is_busy cannot be set by a presence update' '
	api POST /presence/update -t "$TOKEN_ana" \
	    "{\"status\":\"online\",\"is_busy\":true}" && expect 200 &&
	check_json ".is_busy == false" &&
	em_sql "UPDATE presence SET busy_since = 1 WHERE user_id = $ID_ana" &&
	api GET "/presence/$ID_ana" -t "$TOKEN_bob" && check_json ".is_busy" &&
	em_sql "UPDATE presence SET busy_since = NULL"
'

online_until() {
	em_sql "SELECT online_until FROM presence WHERE user_id = $ID_ana"
}

test_expect_success 'online expires after presence.online_ttl unless it is renewed' '
	api POST /presence/update -t "$TOKEN_ana" "{\"status\":\"online\"}" &&
	first=$(online_until) && test $first -gt $(date +%s)000 &&
	sleep 0.1 && api POST /presence/update -t "$TOKEN_ana" \
	    "{\"status\":\"online\"}" && test $(online_until) -gt $first &&
	api GET "/presence/$ID_ana" -t "$TOKEN_bob" &&
	check_json ".is_online" && tag=$(header ETag) &&
	api GET "/presence/$ID_ana" -t "$TOKEN_bob" \
	    -H "If-None-Match: $tag" && expect 304 &&
	em_sql "UPDATE presence SET online_until = 1 WHERE user_id = $ID_ana" &&
	api GET "/presence/$ID_ana" -t "$TOKEN_bob" \
	    -H "If-None-Match: $tag" && expect 200 &&
	check_json ".status == \"offline\" and (.is_online | not)"
'

test_expect_success 'reachable_for requires a device that can ring' '
	api POST /presence/update -t "$TOKEN_lis" \
	    "{\"status\":\"online\",\"reachable_for\":3600}" &&
	expect 409 no_ringing_device &&
	api POST /notifications/devices -t "$TOKEN_lis" \
	    "{\"token\":\"lis-browser\",\"platform\":\"web\"}" && expect 201 &&
	api POST /presence/update -t "$TOKEN_lis" \
	    "{\"status\":\"online\",\"reachable_for\":3600}" &&
	expect 409 no_ringing_device &&
	[ "$(em_sql "SELECT reachable_until FROM presence
	    WHERE user_id = $ID_lis")" = 0 ] &&
	api POST /notifications/devices -t "$TOKEN_lis" \
	    "{\"token\":\"lis-phone-1\",\"platform\":\"ios\"}" && expect 201
'

test_expect_success 'reachable_for keeps a listener online in the background' '
	api POST /presence/update -t "$TOKEN_lis" \
	    "{\"status\":\"online\",\"reachable_for\":3600}" && expect 200 &&
	em_sql "UPDATE presence SET online_until = 1 WHERE user_id = $ID_lis" &&
	api GET "/presence/$ID_lis" -t "$TOKEN_bob" && check_json ".is_online" &&
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"away\"}" &&
	em_sql "UPDATE presence SET online_until = 1 WHERE user_id = $ID_lis" &&
	api GET "/presence/$ID_lis" -t "$TOKEN_bob" &&
	check_json ".status == \"away\"" &&
	api POST /presence/update -t "$TOKEN_lis" \
	    "{\"status\":\"online\",\"reachable_for\":0}" &&
	em_sql "UPDATE presence SET online_until = 1 WHERE user_id = $ID_lis" &&
	api GET "/presence/$ID_lis" -t "$TOKEN_bob" &&
	check_json ".is_online | not" &&
	api POST /presence/update -t "$TOKEN_lis" \
	    "{\"status\":\"online\",\"reachableFor\":43200}" && expect 200 &&
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"offline\"}" &&
	api GET "/presence/$ID_lis" -t "$TOKEN_bob" &&
	check_json ".is_online | not"
'

test_expect_success 'POST /presence/query returns known users in the requested order' '
	api POST /presence/update -t "$TOKEN_bob" "{\"status\":\"online\"}" &&
	api POST /api/v1/presence/query -t "$TOKEN_ana" \
	    "{\"user_ids\":[$ID_bob,999999,$ID_ana,0,-1,$ID_bob]}" &&
	expect 200 && check_json "[.presence[].user_id] ==
	    [$ID_bob, $ID_ana, $ID_bob] and .presence[0].is_online and
	    (.presence[1].is_online | not)" &&
	api POST /presence/query -t "$TOKEN_ana" "{\"userIds\":[999999]}" &&
	expect 200 && check_json ". == {presence: []}"
'

test_expect_success 'the presence of a banned user returns 404' '
	api POST /admin/ban-user -t "$TOKEN_adm" \
	    "{\"user_id\":$ID_bob,\"reason\":\"r\"}" && expect 200 &&
	api GET "/presence/$ID_bob" -t "$TOKEN_ana" && expect 404 not_found &&
	api POST /presence/query -t "$TOKEN_ana" "{\"user_ids\":[$ID_bob]}" &&
	check_json ".presence == []" &&
	api POST /presence/update -t "$TOKEN_bob" "{\"status\":\"online\"}" &&
	expect 403 account_inactive &&
	api POST /admin/unban-user -t "$TOKEN_adm" "{\"user_id\":$ID_bob}" &&
	api GET "/presence/$ID_bob" -t "$TOKEN_ana" && expect 200 &&
	check_json ".status == \"offline\""
'

test_expect_success 'invalid presence updates return 400 and change nothing' '
	em_sql "UPDATE presence SET online_until = 4102444800000
	    WHERE online_until > 0" &&
	em_sql "SELECT * FROM presence" >before &&
	for b in "{" "[]" "{}" "{\"status\":\"busy\"}" "{\"status\":1}" \
	    "{\"status\":\"Online\"}" "{\"status\":null}" "{\"status\":[]}" \
	    "{\"status\":\"online\",\"status\":\"away\"}" \
	    "{\"status\":\"online\",\"reachable_for\":43201}" \
	    "{\"status\":\"online\",\"reachable_for\":-1}" \
	    "{\"status\":\"online\",\"reachable_for\":\"5\"}" \
	    "{\"status\":\"online\",\"reachable_for\":1.5}"; do
		api POST /presence/update -t "$TOKEN_lis" "$b" && expect 400 ||
		    return 1
	done &&
	api POST /presence/update -t "$TOKEN_ana" \
	    "{\"status\":\"online\",\"reachable_for\":60}" &&
	expect 403 role_required &&
	[ "$(json .message)" = "Access denied. Listener role required" ] &&
	em_sql "SELECT * FROM presence" >after && test_cmp before after &&
	for b in "{" "{}" "{\"user_ids\":[]}" "{\"user_ids\":1}" \
	    "{\"user_ids\":[\"1\"]}" "{\"user_ids\":[1.5]}" \
	    "{\"user_ids\":[$(seq -s , 101)]}" "{\"user_ids\":null}"; do
		api POST /presence/query -t "$TOKEN_ana" "$b" && expect 400 ||
		    return 1
	done &&
	api POST /presence/query -t "$TOKEN_ana" \
	    "{\"user_ids\":[$(seq -s , 100)]}" && expect 200 &&
	for id in 0 -1 abc 1.5 999999 99999999999999999999; do
		api GET "/presence/$id" -t "$TOKEN_ana" &&
		expect 404 not_found || return 1
	done
'

test_expect_success 'presence endpoints return 401 without a valid token' '
	api GET "/presence/$ID_ana" && expect 401 token_required &&
	api POST /presence/query "{\"user_ids\":[1]}" &&
	expect 401 token_required &&
	api POST /presence/update "{\"status\":\"online\"}" &&
	expect 401 token_required &&
	api POST /presence/update -t "$TOKEN_ana.x" "{\"status\":\"online\"}" &&
	expect 401 token_invalid &&
	api DELETE "/presence/$ID_ana" -t "$TOKEN_ana" && expect 405 &&
	api GET /presence/update -t "$TOKEN_ana" && expect 405 &&
	[ "$(header Allow)" = POST ]
'

test_done
