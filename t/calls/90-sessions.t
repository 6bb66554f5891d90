#!/bin/sh
test_description='paid sessions: start, end, history, receipt'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
em_start

test_expect_success 'setup: accounts' '
	em_user adm admin && em_user ana && em_user bob && em_user eva &&
	listener lis 500 && listener liz 700 && listener new 300 &&
	em_sql "UPDATE listener SET verification = 0
	    WHERE user_id = $ID_new" &&
	fund ana 5000 && fund bob 499 && fund eva 5000
'

refused() {
	api POST /sessions/start -t "$(token_of "$1")" "$2" && expect "$3" "$4"
}

test_expect_success 'sessions that cannot start return the documented errors and change nothing' '
	em_sql "SELECT count(*), max(id) FROM transfer" >before &&
	refused ana "{}" 400 validation_failed &&
	refused ana "{\"listener_id\":0}" 400 validation_failed &&
	refused ana "{\"listener_id\":\"x\"}" 400 validation_failed &&
	refused lis "{\"listener_id\":$ID_lis}" 400 cannot_call_self &&
	refused ana "{\"listener_id\":999999}" 404 not_found &&
	refused ana "{\"listener_id\":$ID_bob}" 404 not_found &&
	refused ana "{\"listener_id\":$ID_new}" 404 not_found &&
	refused ana "{\"listener_id\":$ID_lis,\"call_id\":1}" 404 not_found &&
	check_json ".message == \"Call not found\"" &&
	refused bob "{\"listener_id\":$ID_lis}" 402 insufficient_balance &&
	refused adm "{\"listener_id\":$ID_lis}" 403 role_required &&
	em_sql "SELECT count(*), max(id) FROM transfer" >after &&
	test_cmp before after &&
	is "0" "$(em_sql "SELECT count(*) FROM session")" &&
	is "0" "$(em_sql "SELECT count(*) FROM presence
	    WHERE busy_since IS NOT NULL")"
'

test_expect_success 'POST /sessions/start returns rate and duration, and reserves one minute' '
	api POST /api/v1/sessions/start -t "$TOKEN_ana" \
	    -H "Idempotency-Key: one" "{\"listenerId\":$ID_lis}" &&
	expect 201 && s=$(json .session_id) &&
	check_json ".rate_per_minute == 500 and .max_seconds == 610 and
	    .listener_id == $ID_lis and .currency == \"INR\" and
	    (.started_at | test(\"Z$\"))" &&
	has ana "4500|0|500" &&
	api GET /user/balance -t "$TOKEN_ana" && check_json ".balance == 5000"
'

test_expect_success 'a repeated idempotency key returns the same session' '
	api POST /api/v1/sessions/start -t "$TOKEN_ana" \
	    -H "Idempotency-Key: one" "{\"listenerId\":$ID_lis}" &&
	expect 201 && check_json ".session_id == $s" &&
	[ "$(header Idempotent-Replayed)" = true ] &&
	api POST /api/v1/sessions/start -t "$TOKEN_ana" \
	    -H "Idempotency-Key: one" "{\"listenerId\":$ID_liz}" &&
	expect 422 idempotency_key_reused &&
	is 1 "$(em_sql "SELECT count(*) FROM session")"
'

test_expect_success 'both users are busy and cannot start another session' '
	refused ana "{\"listener_id\":$ID_liz}" 409 customer_busy &&
	refused eva "{\"listener_id\":$ID_lis}" 409 listener_busy &&
	check_json ".wait_time == 10" &&
	refused liz "{\"listener_id\":$ID_lis}" 409 listener_busy &&
	fund lis 5000 && refused lis "{\"listener_id\":$ID_liz}" 409 \
	    customer_busy &&
	for who in ana lis; do
		api GET "/presence/$(id_of $who)" -t "$TOKEN_eva" &&
		check_json .is_busy || return 1
	done &&
	api GET "/listeners/$ID_lis" && check_json ".is_busy and
	    .wait_time == 10 and (.is_available | not)"
'

test_expect_success 'both users get the event session.started, the listener without max_seconds' '
	events ana session.started >got &&
	echo "{\"kind\":\"audio\",\"max_seconds\":610,\"rate_per_minute\":500,\"session_id\":$s}" \
	    >want && test_cmp want got &&
	events lis session.started >got &&
	jq -e "has(\"max_seconds\") | not" got && jq -e ".rate_per_minute == 500
	    and .session_id == $s and .customer_username == \"ana\"" got
'

test_expect_success 'GET /sessions/{id} returns a live session without its cost' '
	api GET "/sessions/$s" -t "$TOKEN_ana" && expect 200 &&
	check_json ".state == \"live\" and .max_seconds == 610 and
	    .cost == null and .ended_at == null and .cause == null and
	    .listener_username == \"lis\" and .customer_username == \"ana\" and
	    (has(\"earned\") | not)" &&
	api GET "/sessions/$s" -t "$TOKEN_lis" && expect 200 &&
	check_json ".earned == null" &&
	api GET "/sessions/$s/receipt" -t "$TOKEN_ana" &&
	expect 409 session_live &&
	api POST "/sessions/$s/review" -t "$TOKEN_ana" "{\"rating\":5}" &&
	expect 409 session_live
'

test_expect_success 'other users get 404 for a session' '
	for path in "/sessions/$s" "/sessions/$s/receipt" "/sessions/999999" \
	    "/sessions/x" "/sessions/0/receipt"; do
		api GET "$path" -t "$TOKEN_eva" && expect 404 not_found ||
		return 1
	done &&
	api POST /sessions/end -t "$TOKEN_eva" "{\"session_id\":$s}" &&
	expect 404 not_found &&
	api POST "/sessions/$s/review" -t "$TOKEN_eva" "{\"rating\":5}" &&
	expect 404 not_found && is 0 "$(row state)"
'

test_expect_success 'POST /sessions/end bills the started minutes' '
	ago 95 &&
	api POST /sessions/end -t "$TOKEN_ana" -H "Idempotency-Key: two" \
	    "{\"sessionId\":$s,\"cost\":1,\"duration_seconds\":1}" &&
	expect 200 && check_json ".billed_minutes == 2 and .cost == 1000 and
	    .balance == 4000 and .free_minutes == 0 and
	    .cause == \"customer\" and .duration_seconds >= 95 and
	    .duration_seconds < 120 and (has(\"earned\") | not)" &&
	cp body first && has ana "4000|0|0" && sound
'

test_expect_success 'a repeated end returns the same bill to both users' '
	api POST /sessions/end -t "$TOKEN_ana" -H "Idempotency-Key: two" \
	    "{\"sessionId\":$s,\"cost\":1,\"duration_seconds\":1}" &&
	expect 200 && test_cmp first body &&
	[ "$(header Idempotent-Replayed)" = true ] &&
	end ana && test_cmp first body &&
	end lis && check_json ".cost == 1000 and .earned == 800 and
	    .balance == null and .cause == \"customer\"" &&
	has ana "4000|0|0" && has lis "5000|0|0" && sound
'

test_expect_success 'both users are free and get the event session.ended' '
	api GET "/listeners/$ID_lis" && check_json "(.is_busy | not) and
	    .wait_time == null and .sessions_count == 1" &&
	is 0 "$(em_sql "SELECT count(*) FROM presence
	    WHERE busy_since IS NOT NULL")" &&
	events ana session.ended >got && jq -e ".cost == 1000 and
	    .cause == \"customer\" and .session_id == $s and
	    (has(\"earned\") | not)" got &&
	events lis session.ended >got && jq -e ".earned == 800 and
	    (has(\"cost\") | not)" got &&
	events ana wallet.changed >got && tail -n 1 got >last &&
	jq -e ".balance == 4000 and .amount == -1000" last
'

test_expect_success 'each user has one transaction for the session' '
	api GET "/user/transactions?type=session" -t "$TOKEN_ana" &&
	check_json "(.transactions | length) == 1 and
	    .transactions[0].amount == -1000 and
	    .transactions[0].balance_after == 4000" &&
	api GET "/user/transactions?type=session" -t "$TOKEN_lis" &&
	check_json "[.transactions[].amount] == [800]"
'

line() {
	check_json "[.lines[] | select(.what == \"$1\")] | length == 1 and
	    (.[0] | $2)"
}

test_expect_success 'the receipt lists how the cost was computed' '
	ms=$(row "ended_at - started_at") &&
	api GET "/sessions/$s/receipt" -t "$TOKEN_ana" && expect 200 &&
	line clock ".milliseconds == $ms and
	    (.text | test(\"by the customer\"))" &&
	line free ".milliseconds == 10000" &&
	line billable ".milliseconds == $ms - 10000" &&
	line minutes ".minutes == 2" && line promotion ".minutes == 0" &&
	line rate ".amount == 500" && line cost ".amount == 1000" &&
	line bonus ".amount == 0" && line wallet ".amount == 1000" &&
	check_json ".media == [] and .cost == 1000 and
	    ([.lines[].what] | index(\"earned\")) == null" &&
	api GET "/sessions/$s/receipt" -t "$TOKEN_lis" && expect 200 &&
	line gross ".amount == 1000" && line fee ".amount == -200" &&
	line earned ".amount == 800" &&
	check_json "([.lines[].what] | index(\"wallet\")) == null" &&
	api GET "/admin/sessions/$s/receipt" -t "$TOKEN_adm" && expect 200 &&
	line wallet ".amount == 1000" && line earned ".amount == 800"
'

test_expect_success 'ETags stay the same until something changes' '
	for path in "/sessions/$s" "/sessions/$s/receipt" /sessions/history; do
		api GET "$path" -t "$TOKEN_ana" && expect 200 &&
		tag=$(header ETag) && [ -n "$tag" ] &&
		api GET "$path" -t "$TOKEN_ana" -H "If-None-Match: $tag" &&
		expect 304 && echo "$path $tag" || return 1
	done >tags &&
	api POST "/sessions/$s/review" -t "$TOKEN_ana" "{\"rating\":4}" &&
	expect 201 && while read -r path tag; do
		api GET "$path" -t "$TOKEN_ana" -H "If-None-Match: $tag" &&
		expect 200 || return 1
	done <tags
'

test_expect_success 'a session that ends in the free seconds costs nothing' '
	start eva lis && ago 5 && end lis &&
	check_json ".cost == 0 and .earned == 0 and .billed_minutes == 0 and
	    .cause == \"listener\"" &&
	has eva "5000|0|0" &&
	api GET "/user/transactions?type=session" -t "$TOKEN_eva" &&
	check_json ".transactions == []" && sound
'

test_expect_success 'the history lists sessions of both sides, by page and cursor' '
	start lis liz && third=$s && end liz &&
	api GET /sessions/history -t "$TOKEN_lis" && expect 200 &&
	check_json ".total_count == 3 and
	    [.sessions[].session_id] == [3, 2, 1] and
	    (.sessions[0] | has(\"earned\") | not) and
	    .sessions[2].earned == 800" &&
	api GET "/sessions/history?per_page=2" -t "$TOKEN_lis" &&
	check_json ".has_next and [.sessions[].session_id] == [3, 2]" &&
	c=$(json .next_cursor) &&
	api GET "/sessions/history?per_page=2&cursor=$c" -t "$TOKEN_lis" &&
	check_json "[.sessions[].session_id] == [1] and (.has_next | not)" &&
	api GET "/sessions/history?page=2&per_page=2" -t "$TOKEN_lis" &&
	check_json "[.sessions[].session_id] == [1]" &&
	api GET "/listeners/sessions" -t "$TOKEN_lis" &&
	check_json "[.sessions[].session_id] == [2, 1] and .total_count == 2 and
	    [.sessions[].earned] == [0, 800]" &&
	api GET "/listeners/sessions?cursor=$c" -t "$TOKEN_lis" && expect 400 &&
	api GET "/listeners/sessions" -t "$TOKEN_eva" &&
	expect 403 role_required &&
	api GET "/sessions/history" -t "$TOKEN_bob" &&
	check_json ".sessions == [] and .total_count == 0"
'

test_expect_success 'administrators list all sessions, by user and state' '
	start ana liz &&
	api GET /admin/sessions -t "$TOKEN_adm" && expect 200 &&
	check_json "[.sessions[].session_id] == [4, 3, 2, 1] and
	    .total_count == 4 and .sessions[3].fee == 200 and
	    .sessions[3].earned == 800" &&
	api GET "/admin/sessions?state=live" -t "$TOKEN_adm" &&
	check_json "[.sessions[].session_id] == [4] and .total_count == 1" &&
	api GET "/admin/sessions?state=ended&per_page=2" -t "$TOKEN_adm" &&
	check_json "[.sessions[].session_id] == [3, 2] and .total_count == 3" &&
	api GET "/admin/sessions?user_id=$ID_ana" -t "$TOKEN_adm" &&
	check_json "[.sessions[].session_id] == [4, 1] and .total_count == 2" &&
	api GET "/admin/sessions?user_id=$ID_liz&state=ended" -t "$TOKEN_adm" &&
	check_json "[.sessions[].session_id] == [3] and .total_count == 1" &&
	api GET "/admin/sessions?state=odd" -t "$TOKEN_adm" && expect 400 &&
	api GET /admin/sessions -t "$TOKEN_ana" && expect 403 role_required &&
	end ana && sound
'

# many PATH BODY TOKEN...: sends simultaneous requests. Each writes status.N
# and answer.N.
many() {
	many_path=$1 many_body=$2
	shift 2
	for many_token; do
		many_n=$((many_n + 1))
		curl -sS -o "answer.$many_n" -w "%{http_code}\n" \
		    -H "Authorization: Bearer $many_token" \
		    -H "Content-Type: application/json" \
		    -d "$many_body" "$URL$many_path" >"status.$many_n" &
	done
	wait
}

test_expect_success 'of 50 simultaneous starts with money for one, one succeeds' '
	fund bob 1 && has bob "500|0|0" && rm -f status.* && many_n=0 &&
	before=$(em_sql "SELECT count(*) FROM session") &&
	set -- && for i in 1 2 3 4 5 6 7 8 9 10; do
		set -- "$@" "$TOKEN_bob" "$TOKEN_bob" "$TOKEN_bob" \
		    "$TOKEN_bob" "$TOKEN_bob"
	done &&
	many /sessions/start "{\"listener_id\":$ID_lis}" "$@" &&
	is 1 "$(cat status.* | grep -c 201)" &&
	is 49 "$(cat status.* | grep -c 409)" &&
	is $((before + 1)) "$(em_sql "SELECT count(*) FROM session")" &&
	has bob "0|0|500" && sound
'

test_expect_success 'simultaneous ends by both users create one bill' '
	s=$(em_sql "SELECT id FROM session WHERE state = 0") && ago 60 &&
	rm -f status.* answer.* && many_n=0 &&
	many /sessions/end "{\"session_id\":$s}" "$TOKEN_bob" "$TOKEN_lis" \
	    "$TOKEN_bob" "$TOKEN_lis" "$TOKEN_bob" "$TOKEN_lis" &&
	is 6 "$(cat status.* | grep -c 200)" &&
	is 1 "$(jq -r .duration_seconds answer.* | sort -u | wc -l)" &&
	is 500 "$(jq -r .cost answer.* | sort -u)" &&
	has bob "0|0|0" && sound &&
	is 1 "$(em_sql "SELECT count(*) FROM transfer
	    WHERE type = 4 AND reference = $s")"
'

test_done
