#!/bin/sh
# shellcheck disable=SC2016
test_description='accounts: export and deletion of accounts with payments'
. "$(dirname "$0")/../lib.sh"
em_conf limits.write_rate=0
# The session is moved into the past.
em_conf sessions.direct=immediate
em_conf calls.gap=86400
em_conf calls.lost_after=86400
em_start

test_expect_success 'setup: an account with payments, sessions and a redeemed promotion' '
	em_user adm admin && em_user ana && em_user lia &&
	em_cli user grant lia listener &&
	api POST /listeners/register -t "$TOKEN_lia" "{\"bio\":\"b\",
	    \"languages\":[\"hi\"],\"interests\":[],\"rate_per_minute\":100}" &&
	expect 201 && em_sql "UPDATE listener SET verification = 1;
	    UPDATE presence SET status = 1, online_until = 4102444800000
	    WHERE user_id = $ID_lia" &&
	api POST /admin/promotions -t "$TOKEN_adm" "{\"code\":\"CODE\",
	    \"kind\":\"minutes\",\"value\":9,\"max_rate\":100}" && expect 201 &&
	api POST /promotions/redeem -t "$TOKEN_ana" "{\"code\":\"code\"}" &&
	expect 200 &&
	api POST /user/balance/topup -t "$TOKEN_ana" "{\"amount\":5000}" &&
	expect 201 && payment=$(json .payment_id) &&
	em_cli pay simulate "$payment" >out &&
	api POST /sessions/start -t "$TOKEN_ana" \
	    "{\"listener_id\":$ID_lia}" && expect 201 &&
	session=$(json .session_id) &&
	em_sql "UPDATE session SET started_at = started_at - 90000,
	    billed_from = billed_from - 90000,
	    leased_until = leased_until - 90000,
	    lasts_until = lasts_until - 90000 WHERE id = $session" &&
	api POST /sessions/end -t "$TOKEN_ana" \
	    "{\"session_id\":$session}" && expect 200 &&
	api POST "/sessions/$session/review" -t "$TOKEN_ana" \
	    "{\"rating\":4,\"comment\":\"greetings from ana in pune\"}" &&
	expect 201
'

test_expect_success 'GET /api/v1/me/export contains wallet, payments, sessions and redemptions' '
	api GET /api/v1/me/export -t "$TOKEN_ana" && expect 200 &&
	check_json ".wallet.balance == 5000 and .wallet.free_minutes == 7 and
	    [.transactions[] | [.type, .amount, .reference]] ==
	    [[\"topup\", 5000, \"payment:$payment\"]] and
	    [.payments[] | [.payment_id, .status]] == [[$payment, \"paid\"]] and
	    [.paid_sessions[] | [.session_id, .rating, .comment]] ==
	    [[$session, 4, \"greetings from ana in pune\"]] and
	    [.redemptions[] | [.code, .kind, .value]] ==
	    [[\"CODE\", \"minutes\", 9]]" &&
	api GET /api/v1/me/export -t "$TOKEN_lia" && expect 200 &&
	check_json "[.paid_sessions[].session_id] == [$session] and
	    .payments == [] and .redemptions == []" &&
	api GET /api/v1/me/export -t "$TOKEN_adm" && expect 200 &&
	check_json ".transactions == [] and .paid_sessions == []"
'

test_expect_success 'the export contains the blocks and reports of the user, without decisions' '
	em_user ben && em_user cat && api POST /call/start -t "$TOKEN_ana" \
	    "{\"callee_id\":$ID_lia}" && expect 201 && call=$(json .call_id) &&
	api POST /call/cancel -t "$TOKEN_ana" "{\"call_id\":$call}" &&
	expect 200 && for i in $ID_ben $ID_cat; do
		api PUT "/user/blocks/$i" -t "$TOKEN_ana" && expect 200 || return 1
	done &&
	api POST /support/reports -t "$TOKEN_ana" "{\"user_id\":$ID_lia,
	    \"reason\":\"rude\",\"text\":\"a text\",\"call_id\":$call}" &&
	expect 201 && report=$(json .report_id) &&
	api POST /support/reports -t "$TOKEN_ana" "{\"user_id\":$ID_ben,
	    \"reason\":\"spam\"}" && expect 201 &&
	api POST "/admin/reports/$report/decide" -t "$TOKEN_adm" \
	    "{\"action\":\"dismiss\",\"note\":\"internal\"}" && expect 200 &&
	api DELETE "/user/profile?forfeit=true" -t "$TOKEN_cat" && expect 204 &&
	api GET /api/v1/me/export -t "$TOKEN_ana" && expect 200 &&
	check_json "[.blocks[] | [.user_id, .username]] ==
	    [[$ID_ben, \"ben\"]] and .blocks[0].created_at != null and
	    [.reports[] | [.report_id, .user_id, .reason, .text, .call_id,
	    .review_id, .flyer_id]] ==
	    [[$report, $ID_lia, \"rude\", \"a text\", $call, null, null],
	    [$((report + 1)), $ID_ben, \"spam\", null, null, null, null]] and
	    (.reports | tostring | contains(\"internal\") | not)" &&
	api GET /api/v1/me/export -t "$TOKEN_lia" && expect 200 &&
	check_json ".reports == [] and .blocks == []"
'

test_expect_success 'the export contains identities, settings, security events, calls and referrals' '
	em_sql "INSERT INTO identity(user_id, provider, issuer, subject,
	    created_at, used_at) VALUES ($ID_ana, '\''google'\'',
	    '\''https://accounts.google.com'\'', '\''110'\'', 1700000000000,
	    1700000001000)" &&
	api PUT /user/settings -t "$TOKEN_ana" \
	    "{\"time_zone\":\"Asia/Kolkata\"}" && expect 200 &&
	api PUT /notifications/preferences -t "$TOKEN_ana" \
	    "{\"kinds\":[{\"kind\":\"messages\",\"push\":false}]}" && expect 200 &&
	api GET /user/profile -t "$TOKEN_ana" && code=$(json .referral_code) &&
	api POST /auth/register "{\"username\":\"joe\",
	    \"email\":\"joe@example.org\",\"password\":\"$EM_PASSWORD\",
	    \"referral_code\":\"$code\"}" && expect 201 &&
	api POST /auth/verify-otp "{\"identifier\":\"joe@example.org\",
	    \"code\":\"$(em_code joe@example.org)\",\"purpose\":\"register\"}" &&
	expect 200 && api GET /api/v1/me/export -t "$TOKEN_ana" && expect 200 &&
	check_json ".identities == [{id: 1, provider: \"google\",
	    issuer: \"https://accounts.google.com\", subject: \"110\",
	    created_at: \"2023-11-14T22:13:20Z\",
	    last_used_at: \"2023-11-14T22:13:21Z\"}] and
	    .settings.time_zone == \"Asia/Kolkata\" and
	    (.notification_preferences.kinds[] |
	    select(.kind == \"messages\") | .push == false and .in_app) and
	    .second_factor == {totp: false, recovery_codes: 0} and
	    (.security_events[-1] | .kind == \"signed_in\") and
	    [.calls[] | [.call_id, .state, .callee_username]] ==
	    [[$call, \"cancelled\", \"lia\"]] and
	    [.referrals[].username] == [\"joe\"]" &&
	api GET /api/v1/me/export -t "$TOKEN_lia" && expect 200 &&
	check_json ".identities == [] and .referrals == [] and
	    [.calls[].call_id] == [$call] and (.calls[0] | has(\"cost\") | not)" &&
	api GET /user/security -t "$TOKEN_ana" && expect 200 &&
	json .events >events && api GET /api/v1/me/export -t "$TOKEN_ana" &&
	json .security_events | cmp - events
'

test_expect_success 'an export of many transactions contains each once, newest first' '
	for i in $(seq 120); do
		echo "-H \"Authorization: Bearer $TOKEN_adm\"
		    -H \"Content-Type: application/json\"
		    -d {\\\"amount\\\":1,\\\"reason\\\":\\\"x\\\"}
		    $URL/admin/wallets/$ID_ana/adjust" | tr -d "\n"
		echo
	done | xargs -P 8 -L 1 curl -sS -o /dev/null -w "%{http_code}\n" |
	    sort | uniq -c >got && grep -q " 120 20[01]$" got &&
	api GET /api/v1/me/export -t "$TOKEN_ana" && expect 200 &&
	check_json "[.transactions[].id] | length == 121 and
	    (unique | length) == 121 and . == (sort | reverse)"
'

test_expect_success 'deleting an account ends its paid session' '
	api POST /sessions/start -t "$TOKEN_ana" \
	    "{\"listener_id\":$ID_lia}" && expect 201 &&
	api DELETE "/user/profile?forfeit=true" -t "$TOKEN_ana" && expect 204 &&
	[ "$(em_sql "SELECT count(*) FROM session WHERE state = 0")" = 0 ] &&
	[ "$(em_sql "SELECT total(balance) = 0 FROM ledger_account
	    WHERE id = $ID_ana * 16 + 3")" = 1 ]
'

test_expect_success 'transactions of a deleted account remain without personal data' '
	for table in wallet_entry payment session_total; do
		[ "$(em_sql "SELECT count(*) > 0 FROM $table
		    WHERE user_id = $ID_ana")" = 1 ] || { note $table; return 1; }
	done &&
	em_until "[ \"\$(em_sql \"SELECT count(*) FROM account_removal\")\" = 0 ]" &&
	for table in event idempotency; do
		[ "$(em_sql "SELECT count(*) FROM $table
		    WHERE user_id = $ID_ana")" = 0 ] || { note $table; return 1; }
	done &&
	sqlite3 -readonly "$EM_STATE/earmark.db" .dump >dump &&
	! grep -aE "'\''ana'\''|from ana in pune" dump
'

test_expect_success 'the listener sees past sessions without the name of the deleted customer' '
	api GET /listeners/sessions -t "$TOKEN_lia" && expect 200 &&
	check_json "(.sessions | length) == 2 and
	    ([.sessions[].customer_username] | unique) == [null]" &&
	api GET "/listeners/$ID_lia/reviews" && expect 200 &&
	check_json ".reviews[0].rating == 4 and .reviews[0].comment == null and
	    .reviews[0].username == null" &&
	api GET "/listeners/$ID_lia" && check_json ".rating == 4"
'

test_expect_success 'administrators still find payments of the deleted account' '
	api GET "/admin/payments/$payment" -t "$TOKEN_adm" && expect 200 &&
	check_json ".status == \"paid\" and .amount == 5000"
'

test_expect_success 'the ledger passes its verification' '
	em_cli ledger verify >out && note "$(cat out)"
'

test_done
