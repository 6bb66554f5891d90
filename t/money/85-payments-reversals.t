#!/bin/sh
test_description='payments: refunds and disputes'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-payment-doubles.sh
. "$EM_SRC/t/lib-payment-doubles.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"
providers razorpay,stripe,sandbox || exit 1
em_start

# pay USER AMOUNT [PROVIDER]: creates a payment that is paid.
pay_n=0
pay() {
	pay_n=$((pay_n + 1))
	eval "pay_token=\$TOKEN_$1"
	initiate "$pay_token" "$2" "${3:-razorpay}" &&
	if [ "${3:-razorpay}" = sandbox ]; then
		paid=paid_$pay_n
	else
		control "${3:-razorpay}" POST pay "{\"ref\":\"$ref\"}" &&
		paid=$(jq -r ".payment // .charge" "$reply")
	fi &&
	hook "${3:-razorpay}" paid ref="$ref" paid_ref="$paid" amount="$2" &&
	outcome credited
}
status_is() {
	api GET "/admin/payments/$payment" -t "$TOKEN_adm" && expect 200 &&
	check_json ".status == \"$1\""
}
later() {
	date -u -d "+$1" +%FT%TZ
}

test_expect_success 'repeated refund webhooks take the amount back once' '
	em_user ana && em_user adm admin && em_user lis listener &&
	em_stop_jobs && pay ana 10000 &&
	for i in 1 2 3; do
		hook razorpay refund ref=$ref paid_ref=$paid return_ref=rfnd_1 \
		    amount=3000 && expect 200 || return 1
	done &&
	has "$ID_ana" "7000 0" && status_is partially_refunded &&
	check_json ".refunded == 3000 and (.returns | length) == 1 and
	    .returns[0].taken == 3000 and .returns[0].kind == \"refund\" and
	    .returns[0].state == \"done\" and
	    [.events[].outcome] == [\"known\", \"known\", \"reversed\", \"credited\"]" &&
	api GET "/payments/$payment" -t "$TOKEN_ana" &&
	check_json ".status == \"partially_refunded\" and .refunded == 3000"
'

test_expect_success 'refunds above the payment are limited and flagged' '
	hook razorpay refund ref=$ref paid_ref=$paid return_ref=rfnd_2 \
	    amount=9000 && expect 200 && outcome flagged &&
	has "$ID_ana" "0 0" && status_is refunded &&
	check_json ".flag | test(\"refund of 9000: only 7000\")" &&
	hook razorpay refund ref=$ref paid_ref=$paid return_ref=rfnd_3 \
	    amount=20000 && expect 200 && outcome flagged &&
	hook razorpay refund ref=$ref paid_ref=$paid return_ref=rfnd_4 \
	    amount=10 currency=USD && expect 200 && outcome flagged &&
	has "$ID_ana" "0 0"
'

test_expect_success 'a refund that fails at the provider is credited again' '
	pay ana 5000 stripe &&
	hook stripe refund ref=$ref paid_ref=$paid return_ref=re_1 \
	    amount=5000 state=pending && outcome reversed &&
	has "$ID_ana" "0 0" && status_is refunded &&
	hook stripe refund ref=$ref paid_ref=$paid return_ref=re_1 \
	    amount=5000 state=failed && outcome reinstated &&
	has "$ID_ana" "5000 0" && status_is paid &&
	hook stripe refund ref=$ref paid_ref=$paid return_ref=re_1 \
	    amount=5000 state=pending && expect 200 &&
	hook stripe refund ref=$ref paid_ref=$paid return_ref=re_1 \
	    amount=5000 && expect 200 && has "$ID_ana" "5000 0" &&
	hook stripe refund ref=$ref paid_ref=$paid return_ref=re_2 \
	    amount=1000 state=failed && has "$ID_ana" "5000 0" &&
	hook stripe refund ref=$ref paid_ref=$paid return_ref=re_2 \
	    amount=1000 && has "$ID_ana" "5000 0"
'

test_expect_success 'a refund received before the payment is applied when it is credited' '
	initiate "$TOKEN_ana" 6000 stripe &&
	hook stripe refund ref=$ref paid_ref=ch_x return_ref=re_3 \
	    amount=2000 && expect 200 && outcome known && has "$ID_ana" "5000 0" &&
	hook stripe won ref=$ref paid_ref=ch_x return_ref=dp_0 amount=6000 &&
	hook stripe paid ref=$ref paid_ref=ch_x amount=6000 &&
	outcome credited && has "$ID_ana" "9000 0" &&
	hook stripe dispute ref=$ref paid_ref=ch_x return_ref=dp_0 \
	    amount=6000 && has "$ID_ana" "9000 0"
'

test_expect_success 'a dispute of spent money creates a debt that blocks sessions' '
	em_user bob && pay bob 8000 stripe && bob_payment=$payment bob_ref=$ref &&
	bob_paid=$paid && em_cli ledger adjust bob -6000 --reason spent &&
	hook stripe dispute ref=$ref paid_ref=$paid return_ref=dp_1 \
	    amount=8000 && outcome reversed && has "$ID_bob" "0 -6000" &&
	status_is disputed &&
	hook stripe dispute ref=$ref paid_ref=$paid return_ref=dp_1 \
	    amount=8000 && outcome known && has "$ID_bob" "0 -6000" &&
	api GET /user/balance -t "$TOKEN_bob" &&
	check_json ".balance == 0 and .owed == 6000" &&
	api POST /listeners/register -t "$TOKEN_lis" \
	    "{\"languages\":[\"en\"],\"rate_per_minute\":100}" &&
	api POST "/admin/listeners/$ID_lis/verify" -t "$TOKEN_adm" &&
	expect 200 &&
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\"}" &&
	api POST /sessions/start -t "$TOKEN_bob" "{\"listener_id\":$ID_lis}" &&
	expect 402 balance_owed &&
	payment_before=$payment && pay bob 4000 && has "$ID_bob" "0 -2000" &&
	api POST /sessions/start -t "$TOKEN_bob" "{\"listener_id\":$ID_lis}" &&
	expect 402 balance_owed &&
	pay bob 5000 && has "$ID_bob" "3000 0" &&
	api POST /sessions/start -t "$TOKEN_bob" "{\"listener_id\":$ID_lis}" &&
	expect 201 &&
	api POST /sessions/end -t "$TOKEN_bob" \
	    "{\"session_id\":$(json .session_id)}" && expect 200 &&
	has "$ID_bob" "3000 0"
'

test_expect_success 'a won dispute is credited again' '
	for i in 1 2; do
		hook stripe won ref=$bob_ref paid_ref=$bob_paid \
		    return_ref=dp_1 amount=8000 && expect 200 || return 1
	done &&
	has "$ID_bob" "11000 0" && payment=$bob_payment && status_is paid &&
	check_json ".disputed == 0 and .returns[0].state == \"failed\" and
	    .returns[0].taken == 0"
'

test_expect_success 'a won dispute returns bonus as bonus' '
	em_user eva && pay eva 4000 stripe && eva_ref=$ref eva_paid=$paid &&
	em_cli ledger adjust eva -3000 --reason spent &&
	em_cli ledger adjust eva 2500 --account bonus --reason gift &&
	hook stripe dispute ref=$ref paid_ref=$paid return_ref=dp_5 \
	    amount=4000 && outcome reversed && has "$ID_eva" "0 -500" &&
	api GET "/admin/payments/$payment" -t "$TOKEN_adm" &&
	check_json ".returns[0] | .taken == 4000 and .taken_bonus == 2500 and
	    .lost == 0" &&
	hook stripe won ref=$ref paid_ref=$paid return_ref=dp_5 amount=4000 &&
	outcome reinstated && has "$ID_eva" "1000 0" &&
	api GET "/admin/wallets/$ID_eva" -t "$TOKEN_adm" &&
	check_json ".bonus == 2500 and .balance == 3500"
'

# loss: prints the balance of the account "loss".
loss() {
	em_sql "SELECT coalesce(sum(balance), 0) FROM ledger_account
	    WHERE id = 12"
}
test_expect_success 'a dispute after a full refund is booked as a loss' '
	before=$(loss) && pay eva 6000 stripe && has "$ID_eva" "7000 0" &&
	hook stripe refund ref=$ref paid_ref=$paid return_ref=re_50 \
	    amount=6000 && has "$ID_eva" "1000 0" &&
	hook stripe dispute ref=$ref paid_ref=$paid return_ref=dp_6 \
	    amount=6000 && outcome flagged && has "$ID_eva" "1000 0" &&
	[ "$(loss)" = $((before - 6000)) ] && status_is refunded &&
	check_json "(.returns[1] | .taken == 0 and .lost == 6000) and
	    (.flags[-1] | test(\"the rest is a loss\"))" &&
	em_cli ledger verify
'

test_expect_success 'a loss ends if the dispute is won, or if the refund fails' '
	hook stripe won ref=$ref paid_ref=$paid return_ref=dp_6 amount=6000 &&
	outcome reinstated && [ "$(loss)" = "$before" ] &&
	has "$ID_eva" "1000 0" &&
	hook stripe dispute ref=$ref paid_ref=$paid return_ref=dp_7 \
	    amount=5000 && [ "$(loss)" = $((before - 5000)) ] &&
	hook stripe refund ref=$ref paid_ref=$paid return_ref=re_50 \
	    amount=6000 state=failed && outcome reinstated &&
	[ "$(loss)" = "$before" ] && has "$ID_eva" "2000 0" &&
	status_is disputed && em_cli ledger verify
'

refund() {
	api POST "/admin/payments/$payment/refund" -t "$TOKEN_adm" "$@"
}

test_expect_success 'refunds that are not possible return 4xx' '
	initiate "$TOKEN_ana" 1000 && refund "{\"reason\":\"r\"}" &&
	expect 409 not_refundable && payment=99999 &&
	refund "{\"reason\":\"r\"}" && expect 404 not_found &&
	pay ana 4000 && refund "{}" && expect 400 validation_failed &&
	refund "{\"reason\":\"r\",\"amount\":4001}" && expect 409 not_refundable &&
	em_cli ledger adjust ana -10000 --reason spent && has "$ID_ana" "3000 0" &&
	refund "{\"reason\":\"r\"}" && expect 409 insufficient_balance &&
	api POST "/admin/payments/$payment/refund" -t "$TOKEN_ana" \
	    "{\"reason\":\"r\"}" && expect 403 && has "$ID_ana" "3000 0"
'

test_expect_success 'a refund by an administrator is taken at once, sent and audited' '
	refund "{\"reason\":\"Asked for it\",\"amount\":1000}" \
	    -H "Idempotency-Key: r1" && expect 202 &&
	check_json ".state == \"asked\" and .amount == 1000 and .taken == 1000 and
	    .reason == \"Asked for it\" and .ref == null" &&
	refund "{\"reason\":\"Asked for it\",\"amount\":1000}" \
	    -H "Idempotency-Key: r1" && expect 202 &&
	[ "$(header Idempotent-Replayed)" = true ] &&
	has "$ID_ana" "2000 0" &&
	em_jobs >out && grep -q "^payments 1$" out &&
	status_is partially_refunded &&
	check_json "(.returns | length) == 1 and (.returns[0].state |
	    test(\"pending|done\")) and .returns[0].ref != null and
	    .returns[0].attempts == 1" && back=$(json ".returns[0].ref") &&
	hook razorpay refund ref=$ref paid_ref=$paid return_ref=$back \
	    amount=1000 return=1 && outcome known && has "$ID_ana" "2000 0" &&
	status_is partially_refunded &&
	check_json ".returns[0].state == \"done\"" &&
	api GET "/admin/audit?target=payment:$payment" -t "$TOKEN_adm" &&
	check_json ".audit[0].action == \"payment.refund\" and
	    .audit[0].actor_id == $ID_adm and .audit[0].after.refunded == 1000"
'

test_expect_success 'a refund of spent money with even_if_spent creates a debt' '
	refund "{\"reason\":\"r\",\"even_if_spent\":true}" && expect 202 &&
	has "$ID_ana" "0 -1000" && em_jobs >/dev/null && status_is refunded &&
	em_cli ledger adjust ana 1000 --reason settled && has "$ID_ana" "0 0"
'

test_expect_success 'a webhook that arrives before the response belongs to the same refund' '
	pay ana 5000 stripe && refund "{\"reason\":\"r\",\"amount\":500}" &&
	number=$(json .return_id) && control stripe DELETE log &&
	control stripe POST fault "{\"what\":\"lose\",\"times\":9,
	    \"method\":\"POST\",\"path\":\"/v1/refunds\"}" &&
	control stripe POST fault "{\"what\":\"status\",\"status\":500,\"times\":9,
	    \"method\":\"GET\"}" &&
	{ em_jobs || true; } && status_is partially_refunded &&
	check_json ".returns[0].state == \"asked\" and .returns[0].attempts == 1" &&
	hook stripe refund ref=$ref paid_ref=$paid return_ref=re_9 amount=500 \
	    return=$number && outcome known && has "$ID_ana" "4500 0" &&
	status_is partially_refunded &&
	check_json "(.returns | length) == 1 and .returns[0].ref == \"re_9\" and
	    .returns[0].state == \"done\""
'

test_expect_success 'a refund without a response is retried with the same key' '
	refund "{\"reason\":\"r\",\"amount\":700}" && control stripe DELETE fault &&
	control stripe DELETE log &&
	control stripe POST fault "{\"what\":\"lose\",\"times\":9,
	    \"method\":\"POST\"}" &&
	control stripe POST fault "{\"what\":\"status\",\"status\":503,\"times\":9,
	    \"method\":\"GET\"}" &&
	test_must_fail em_jobs && test_must_fail em_jobs "$(later 40sec)" &&
	em_jobs "$(later 50sec)" && control stripe DELETE fault &&
	em_jobs "$(later 5min)" >out && grep -q "^payments 1$" out &&
	asked stripe "[.[] | select(.method == \"POST\") |
	    .headers.\"idempotency-key\"] | length, (unique | length)" >got &&
	printf "%s\n" 3 1 >want && test_cmp want got &&
	control stripe GET state &&
	jq -e "[.refunds[] | select(.amount == 700)] | length == 1" "$reply" &&
	has "$ID_ana" "3800 0" && status_is partially_refunded &&
	check_json ".refunded == 1200 and .returns[1].attempts == 3 and
	    .returns[1].ref != null"
'

test_expect_success 'a refund rejected by the provider is credited again' '
	refund "{\"reason\":\"r\",\"amount\":800}" && has "$ID_ana" "3000 0" &&
	control stripe POST fault "{\"what\":\"status\",\"status\":400,\"times\":9,
	    \"method\":\"POST\"}" &&
	em_jobs && has "$ID_ana" "3800 0" && status_is partially_refunded &&
	check_json ".refunded == 1200 and .returns[2].state == \"failed\" and
	    .returns[2].taken == 0 and (.flag | test(\"^refund .* failed:\"))" &&
	control stripe DELETE fault
'

test_expect_success 'a refund without a response for a day is credited again' '
	refund "{\"reason\":\"r\",\"amount\":900}" &&
	control stripe POST fault "{\"what\":\"status\",\"status\":503,\"times\":99}" &&
	test_must_fail em_jobs "$(later 12hours)" && has "$ID_ana" "2900 0" &&
	test_must_fail em_jobs "$(later 25hours)" && has "$ID_ana" "3800 0" &&
	control stripe DELETE fault
'
test_expect_success 'a late webhook of that refund takes the amount back' '
	number=$(em_sql "SELECT max(id) FROM payment_reversal") &&
	hook stripe refund ref=$ref paid_ref=$paid return_ref=re_late \
	    amount=900 return=$number && outcome reversed &&
	has "$ID_ana" "2900 0" && status_is partially_refunded &&
	check_json ".refunded == 2100"
'

test_expect_success 'earmark pay refund checks its arguments and refunds' '
	refuses 2 "reason needs one line" em_cli pay refund $payment &&
	refuses 2 "not a payment number" em_cli pay refund x --reason r &&
	refuses 2 "not an amount" em_cli pay refund $payment 1.5 --reason r &&
	refuses 1 "can be refunded" em_cli pay refund $payment 99999 --reason r &&
	refuses 1 "Payment not found" em_cli pay refund 99999 --reason r &&
	em_cli pay refund $payment 100 --reason "By phone" >out &&
	grep -Eq "^[0-9]+$" out && has "$ID_ana" "2800 0" &&
	em_jobs && status_is partially_refunded &&
	check_json ".returns[-1].reason == \"By phone\" and
	    .returns[-1].state == \"done\"" &&
	api GET "/admin/audit?target=payment:$payment" -t "$TOKEN_adm" &&
	check_json ".audit[0].actor_id == null" &&
	em_cli ledger verify
'

test_done
