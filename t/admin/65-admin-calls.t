#!/bin/sh
test_description='admin: list of calls, and ending a call'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=600
em_start

calls() {
	api GET "/admin/calls?$1" -t "$TOKEN_adm" && expect 200
}
# ring CALLER LISTENER: starts a call. accept LISTENER: accepts it.
ring() {
	api POST /presence/update -t "$(token_of "$2")" \
	    "{\"status\":\"online\"}" && expect 200 &&
	api POST /call/start -t "$(token_of "$1")" \
	    "{\"calleeId\":$(id_of "$2")}" && expect 201 && call=$(json .call_id)
}
accept() {
	api POST /call/accept -t "$(token_of "$1")" "{\"callId\":$call}" &&
	expect 200
}
stop() {
	api POST "/admin/calls/$1/end" -t "$TOKEN_adm" \
	    -H "X-Request-Id: end-request-1" "{\"reason\":\" Say \\\"no\\\" \"}"
}

test_expect_success 'setup: an ended, a running and a ringing call' '
	em_user adm admin && em_user ana && em_user bob &&
	listener lis 600 && listener kim 300 &&
	fund ana 100000 && fund bob 100000 &&
	ring ana lis && accept lis && first=$call &&
	api POST /call/end -t "$TOKEN_ana" "{\"callId\":$first}" && expect 200 &&
	ring ana lis && accept lis && runs=$call && ring bob kim && rings=$call
'

test_expect_success 'GET /admin/calls lists all calls with usernames, newest first' '
	calls "" && check_json ".total_count == 3 and
	    [.calls[].call_id] == [$rings, $runs, $first] and
	    [.calls[].state] == [\"ringing\", \"accepted\", \"ended\"] and
	    .calls[1].caller_username == \"ana\" and
	    .calls[1].callee_username == \"lis\" and
	    .calls[2].cost == 0 and ([.calls[] | has(\"rtc\")] | any | not)"
'

test_expect_success 'calls can be filtered by live, state and user' '
	calls live=true && check_json ".total_count == 2 and
	    [.calls[].call_id] == [$rings, $runs]" &&
	calls "live=true&state=ringing" && check_json ".total_count == 1 and
	    .calls[0].call_id == $rings" &&
	calls state=ended && check_json ".total_count == 1 and
	    .calls[0].call_id == $first" &&
	calls state=missed && check_json ".total_count == 0 and .calls == []" &&
	calls "user_id=$ID_ana" && check_json ".total_count == 2 and
	    [.calls[].call_id] == [$runs, $first]" &&
	calls "userId=$ID_lis&state=ended" && check_json ".total_count == 1" &&
	calls "user_id=$ID_lis&live=true" && check_json ".total_count == 1 and
	    .calls[0].call_id == $runs" &&
	calls "user_id=$ID_lis&live=true&state=ringing" &&
	check_json ".total_count == 0 and .calls == []" &&
	calls "user_id=$ID_adm" && check_json ".total_count == 0" &&
	api GET "/admin/sessions?live=true" -t "$TOKEN_adm" && expect 200 &&
	check_json ".total_count == 1 and .sessions[0].call_id == $runs" &&
	api GET "/admin/sessions?live=false" -t "$TOKEN_adm" &&
	check_json ".total_count == 2"
'

test_expect_success 'pages by cursor return each call once with all filters' '
	for q in "" live=true "user_id=$ID_ana"; do
		calls "$q" && json ".calls[].call_id" >want && : >got && c= &&
		for i in 1 2 3 4 5; do
			calls "per_page=1&$q${c:+&cursor=$c}" &&
			json ".calls[].call_id" >>got || return 1
			c=$(json ".next_cursor // empty")
			[ -n "$c" ] || break
		done && test_cmp want got || return 1
	done
'

test_expect_success 'POST /admin/calls/{id}/end ends a running call and its session' '
	stop "$runs" && expect 200 && check_json ".state == \"ended\" and
	    .cause == \"operator\" and .ended_by == null and .cost == 0" &&
	s=$(json .session_id) && is "1|6" "$(row "state, cause")" &&
	events ana call.ended >told && tail -n 1 told >last &&
	jq -e ".call_id == $runs and .cause == \"operator\"" <last &&
	events lis call.ended >told && tail -n 1 told >last &&
	jq -e ".call_id == $runs and .cause == \"operator\"" <last &&
	api GET "/presence/$ID_lis" -t "$TOKEN_ana" &&
	check_json ".is_busy == false" &&
	api GET "/admin/sessions/$s/receipt" -t "$TOKEN_adm" && expect 200 &&
	grep -q "the operator" "$body"
'

test_expect_success 'ending a ringing call cancels it and sends call.cancelled' '
	stop "$rings" && expect 200 && check_json ".state == \"cancelled\" and
	    .cause == \"operator\" and .session_id == null" &&
	events kim call.cancelled >told && jq -e ".call_id == $rings" <told &&
	api GET "/presence/$ID_kim" -t "$TOKEN_ana" &&
	check_json ".is_busy == false"
'

test_expect_success 'a ringing call after its deadline ends at the deadline' '
	ring bob kim && em_sql "UPDATE call SET created_at = created_at - 60000,
	    ring_until = ring_until - 60000 WHERE id = $call" &&
	stop "$call" &&
	{ [ "$status" = 409 ] || expect 200; } &&
	is 1 "$(em_sql "SELECT ended_at = ring_until FROM call WHERE id = $call")"
'

test_expect_success 'ending a call is audited with its reason' '
	api GET "/admin/audit?target=call:$runs&q=end-request-1" \
	    -t "$TOKEN_adm" && check_json ".total_count == 1 and (.audit[0] |
	    .action == \"call.end\" and .actor_id == $ID_adm and
	    .before == {state: \"accepted\", caller_id: $ID_ana,
		callee_id: $ID_lis, session_id: $s} and
	    .after == {state: \"ended\", caller_id: $ID_ana,
		callee_id: $ID_lis, session_id: $s, cost: 0,
		reason: \"Say \\\"no\\\"\"})"
'

test_expect_success 'an ended call returns 409 and is unchanged' '
	em_sql "SELECT count(*) FROM audit; SELECT * FROM call" >before &&
	for id in "$first" "$runs" "$rings"; do
		stop "$id" && expect 409 call_state || return 1
	done &&
	check_json ".state == \"cancelled\"" &&
	stop 999999 && expect 404 not_found && stop x && expect 404 not_found &&
	api POST "/admin/calls/$first/end" -t "$TOKEN_adm" "{}" &&
	expect 400 validation_failed &&
	api POST "/admin/calls/$first/end" -t "$TOKEN_ana" \
	    "{\"reason\":\"x\"}" && expect 403 role_required &&
	em_sql "SELECT count(*) FROM audit; SELECT * FROM call" >after &&
	test_cmp before after
'

test_expect_success 'invalid parameters return 400, and other users get 401 or 403' '
	for q in state=x live=maybe user_id=0 cursor=x \
	    "live=true&state=ended"; do
		api GET "/admin/calls?$q" -t "$TOKEN_adm" &&
		expect 400 validation_failed || return 1
	done &&
	api GET "/admin/sessions?live=true&state=ended" -t "$TOKEN_adm" &&
	expect 400 validation_failed &&
	api GET /admin/calls && expect 401 token_required &&
	api GET /admin/calls -t "$TOKEN_ana" && expect 403 role_required
'

test_expect_success 'stored counts equal the rows, and the ledger is valid' '
	em_sql "SELECT substr(name, 6), n FROM counter WHERE name LIKE '\''call:%'\''
	    AND n > 0 ORDER BY name" >told &&
	em_sql "SELECT state, count(*) FROM call GROUP BY state" >counted &&
	test_cmp counted told && sound
'

test_done
