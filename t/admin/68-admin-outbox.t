#!/bin/sh
test_description='admin: outgoing messages and retries'
. "$(dirname "$0")/../lib.sh"
em_start

outbox() {
	api GET "/admin/outbox?$1" -t "$TOKEN_adm" && expect 200
}
retry() {
	api POST "/admin/outbox/$1/retry" -t "$TOKEN_adm" \
	    -H "X-Request-Id: ${2:-retry-request-1}"
}
# dead ID [ERROR]: marks a message as failed, as the dispatcher does.
dead() {
	em_sql "UPDATE outbox SET state = 2, done_at = created_at + 5000,
	    error = '${2:-the provider does not answer}', attempts = 7,
	    code = NULL,
	    recipient = iif(code IS NULL, recipient, NULL),
	    title = iif(code IS NULL, title, NULL),
	    body = iif(code IS NULL, body, NULL),
	    data = iif(code IS NULL, data, NULL) WHERE id = $1"
}
# put CHANNEL USER RECIPIENT TEMPLATE CODE BODY: queues a message for the future.
put() {
	em_sql "INSERT INTO outbox(channel, user_id, recipient, template, code,
		title, body, due_at, expires_at, created_at)
	    SELECT $1, $2, $3, $4, $5, 'Title', $6, now + 8e7, now + 8.6e7, now
	    FROM (SELECT unixepoch() * 1000 AS now);
	    SELECT max(id) FROM outbox"
}

test_expect_success 'setup: messages of three channels' '
	em_user adm admin && em_user ana && em_user bob &&
	sms=$(put 1 "$ID_ana" "'\''+919876543210'\''" "'\''news'\''" NULL \
	    "'\''Hello'\''") &&
	mail=$(put 2 "$ID_ana" "'\''ana@mail.example'\''" "'\''news'\''" NULL \
	    "'\''Hello'\''") &&
	push=$(put 3 "$ID_bob" "'\''fcm-token-0123456789'\''" "'\''news'\''" \
	    NULL "'\''Hello'\''") &&
	code=$(put 1 "$ID_bob" "'\''+14155550100'\''" "'\''otp_login'\''" \
	    "'\''123456'\''" "'\''Your code is 123456'\''") &&
	ring=$(put 3 "$ID_bob" "'\''fcm-token-0123456789'\''" \
	    "'\''call_incoming'\''" NULL "'\''ana is calling'\''") &&
	nobody=$(put 2 NULL "'\''x@mail.example'\''" "'\''otp_register'\''" \
	    "'\''654321'\''" "'\''Your code is 654321'\''")
'

test_expect_success 'GET /admin/outbox lists messages with masked recipients and without text' '
	outbox "user_id=$ID_ana" && check_json ".total_count == 2 and
	    [.messages[].id] == [$mail, $sms] and
	    [.messages[].recipient] == [\"a***@mail.example\",
		\"+91********10\"] and
	    .messages[0].user_id == $ID_ana and
	    .messages[0].lane == \"email\" and
	    .messages[0].state == \"pending\" and
	    .messages[0].done_at == null" &&
	outbox "" && check_json ".messages[0].id == $nobody and
	    .messages[0].user_id == null" &&
	! grep -E "Hello|123456|654321|0123456789|9876543210|ana@" "$body"
'

test_expect_success 'messages can be filtered and counted by channel and state' '
	dead "$mail" && dead "$code" && dead "$ring" &&
	for q in "" state=pending state=sent state=dead lane=sms lane=email \
	    lane=push "state=dead&lane=push" "state=pending&lane=sms" \
	    "user_id=$ID_bob" "user_id=$ID_bob&state=dead" \
	    "user_id=$ID_bob&lane=sms"; do
		where=$(echo "$q" | sed "s/&/ AND /g; s/lane/channel/; s/pending/0/; s/sent/1/
		    s/dead/2/; s/sms/1/; s/email/2/; s/push/3/") &&
		em_sql "SELECT id FROM outbox WHERE ${where:-1} ORDER BY id DESC" \
		    >want &&
		outbox "per_page=100&$q" && json ".messages[].id" >got &&
		test_cmp want got &&
		check_json ".total_count == $(wc -l <want)" || return 1
	done
'

test_expect_success 'pages by cursor return each message once with all filters' '
	for q in "" state=dead lane=push "state=pending&lane=sms"; do
		outbox "per_page=100&$q" && json ".messages[].id" >want &&
		: >got && c= &&
		for i in $(seq 30); do
			outbox "per_page=1&$q${c:+&cursor=$c}" &&
			json ".messages[].id" >>got || return 1
			c=$(json ".next_cursor // empty")
			[ -n "$c" ] || break
		done && test_cmp want got || return 1
	done &&
	outbox "per_page=1&state=dead" && c=$(json .next_cursor) &&
	api GET "/admin/outbox?state=sent&cursor=$c" -t "$TOKEN_adm" &&
	expect 400 validation_failed
'

test_expect_success 'a retry sends a failed message again and is audited' '
	retry "$mail" && expect 200 && check_json ".state == \"pending\" and
	    .attempts == 0 and .error == null and .done_at == null and
	    .recipient == \"a***@mail.example\"" &&
	em_until "outbox \"user_id=$ID_ana&lane=email\" &&
	    [ \"\$(json .messages[0].state)\" = sent ]" &&
	check_json ".messages[0].recipient == null" &&
	jq -c "select(.to == \"ana@mail.example\") | .body" \
	    "$EM_STATE/outbox.jsonl" >sent && grep -x "\"Hello\"" sent &&
	api GET "/admin/audit?target=outbox:$mail" -t "$TOKEN_adm" &&
	check_json ".total_count == 1 and (.audit[0] |
	    .action == \"outbox.retry\" and .actor_id == $ID_adm and
	    .request_id == \"retry-request-1\" and
	    .before.state == \"dead\" and .before.attempts == 7 and
	    .after.state == \"pending\" and .after.attempts == 0)"
'

test_expect_success 'pending and sent messages, codes and call notifications cannot be retried' '
	em_sql "SELECT count(*) FROM audit" >before &&
	for id in "$sms" "$mail" "$code" "$ring"; do
		retry "$id" && expect 409 not_retryable || return 1
	done &&
	retry 999999 && expect 404 not_found &&
	retry x && expect 404 not_found &&
	em_sql "SELECT count(*) FROM audit" >after && test_cmp before after &&
	[ "$(em_sql "SELECT state || coalesce(body, code, recipient, '\''-'\'')
	    FROM outbox WHERE id = $code")" = 2- ]
'

test_expect_success 'an expired message keeps its text, but not its code' '
	em_sql "UPDATE outbox SET due_at = created_at, expires_at = created_at
	    WHERE id IN ($sms, $nobody)" && em_jobs &&
	em_sql "SELECT state, recipient, body, code FROM outbox
	    WHERE id IN ($sms, $nobody) ORDER BY id" >got &&
	printf "%s\n" "2|+919876543210|Hello|" "2|||" >want &&
	test_cmp want got && retry "$sms" && expect 200
'

test_expect_success 'stored counts equal the rows after old messages were deleted' '
	for days in 9 18; do
		em_jobs "$(date -u -d "+$days days" +%Y-%m-%dT%H:%M:%SZ)" ||
		    return 1
	done &&
	[ "$(em_sql "SELECT count(*) FROM outbox")" = 0 ] &&
	[ "$(em_sql "SELECT sum(n) FROM counter WHERE name LIKE '\''outbox:%'\''
	    AND n <> 0")" = "" ]
'

test_expect_success 'invalid parameters return 400, and other users get 401 or 403' '
	for q in state=x lane=fax user_id=0 page=0 cursor=x; do
		api GET "/admin/outbox?$q" -t "$TOKEN_adm" &&
		expect 400 validation_failed || return 1
	done &&
	api GET /admin/outbox && expect 401 token_required &&
	api GET /admin/outbox -t "$TOKEN_ana" && expect 403 role_required &&
	api POST "/admin/outbox/1/retry" -t "$TOKEN_ana" &&
	expect 403 role_required
'

test_done
