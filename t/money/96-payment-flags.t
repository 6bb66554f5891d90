#!/bin/sh
test_description='payments: flags, accepted amounts, and simulated webhooks'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-payment-doubles.sh
. "$EM_SRC/t/lib-payment-doubles.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"
providers razorpay,stripe,sandbox || exit 1
em_start

accept() {
	api POST "/admin/payments/$payment/accept" -t "$TOKEN_adm" "$@"
}

test_expect_success 'a second flag does not replace the first, and lists show both' '
	em_user ana && em_user adm admin && initiate "$TOKEN_ana" 4000 &&
	for amount in 3900 4100 4100; do
		hook razorpay paid ref=$ref paid_ref=pay_$amount \
		    amount=$amount && expect 200 && outcome flagged || return 1
	done &&
	api GET "/admin/payments?flagged=true" -t "$TOKEN_adm" &&
	check_json ".total_count == 1 and (.payments[0] |
	    (.flag | test(\"3900 INR.*4000 INR\")) and (.flags | length) == 2
	    and (.flags[1] | test(\"4100 INR\")) and .requested_amount == null)" &&
	api GET "/admin/payments/$payment" -t "$TOKEN_adm" &&
	check_json "(.flags | length) == 2" && has "$ID_ana" "0 0"
'

test_expect_success 'accepting names one of several captured amounts' '
	accept "{\"note\":\"x\"}" && expect 409 not_acceptable &&
	accept "{\"note\":\"x\",\"amount\":4000}" && expect 409 not_acceptable &&
	accept "{\"amount\":3900}" && expect 400 validation_failed &&
	api POST "/admin/payments/$payment/accept" -t "$TOKEN_ana" \
	    "{\"note\":\"x\"}" && expect 403 role_required &&
	api POST "/admin/payments/99999/accept" -t "$TOKEN_adm" \
	    "{\"note\":\"x\"}" && expect 404 not_found && has "$ID_ana" "0 0"
'

test_expect_success 'an accepted amount is credited, and its flag is cleared' '
	accept "{\"note\":\"Paid 39\",\"amount\":3900}" \
	    -H "Idempotency-Key: a1" && expect 200 &&
	check_json ".status == \"paid\" and .amount == 3900 and
	    .requested_amount == 4000 and .paid_ref == \"pay_3900\" and
	    (.flags | length) == 1 and (.flag | test(\"4100\"))" &&
	has "$ID_ana" "3900 0" && credits $payment 1 &&
	accept "{\"note\":\"Paid 39\",\"amount\":3900}" \
	    -H "Idempotency-Key: a1" && expect 200 && has "$ID_ana" "3900 0" &&
	accept "{\"note\":\"again\",\"amount\":4100}" &&
	expect 409 not_acceptable && has "$ID_ana" "3900 0" &&
	api GET "/admin/audit?target=payment:$payment" -t "$TOKEN_adm" &&
	check_json ".audit[0] | .action == \"payment.accept\" and
	    .actor_id == $ID_adm and .before.amount == 4000 and
	    (.before.flags | length) == 2 and .after.amount == 3900 and
	    (.after.flags | length) == 1 and .after.note == \"Paid 39\""
'

test_expect_success 'the webhook of an accepted capture changes nothing' '
	hook razorpay order.paid ref=$ref paid_ref=pay_3900 amount=3900 &&
	expect 200 && outcome known && has "$ID_ana" "3900 0" &&
	api POST "/admin/payments/$payment/unflag" -t "$TOKEN_adm" \
	    "{\"note\":\"seen\"}" && check_json ".flags == [] and .flag == null" &&
	em_cli ledger verify
'

test_expect_success 'an accepted payment can be refunded up to the captured amount' '
	api POST "/admin/payments/$payment/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"r\",\"amount\":3901}" && expect 409 not_refundable &&
	hook razorpay refund ref=$ref paid_ref=pay_3900 return_ref=rfnd_9 \
	    amount=3900 && outcome reversed && has "$ID_ana" "0 0"
'

test_expect_success 'another currency cannot be accepted' '
	initiate "$TOKEN_ana" 5000 stripe &&
	hook stripe paid ref=$ref paid_ref=ch_usd amount=5000 currency=usd &&
	outcome flagged && accept "{\"note\":\"x\"}" &&
	expect 409 not_acceptable && has "$ID_ana" "0 0"
'

test_expect_success 'a capture that belongs to another payment cannot be accepted' '
	hook stripe paid ref=$ref paid_ref=ch_one amount=4000 &&
	outcome flagged && hook stripe paid ref=$ref paid_ref=ch_one \
	    amount=5000 && outcome credited && has "$ID_ana" "5000 0" &&
	initiate "$TOKEN_ana" 6000 stripe &&
	hook stripe paid ref=$ref paid_ref=ch_one amount=5500 &&
	outcome flagged && accept "{\"note\":\"x\",\"amount\":5500}" &&
	expect 409 not_acceptable && has "$ID_ana" "5000 0" &&
	[ "$(em_sql "SELECT status, amount FROM payment
	    WHERE id = $payment")" = "0|6000" ]
'

test_expect_success '50 simultaneous accepts credit once' '
	initiate "$TOKEN_ana" 7000 stripe &&
	hook stripe paid ref=$ref paid_ref=ch_50 amount=7100 &&
	seq 50 | xargs -P 50 -I{} curl -s -o /dev/null -w "%{http_code}\n" \
	    -H "Authorization: Bearer $TOKEN_adm" \
	    -H "Content-Type: application/json" -d "{\"note\":\"x\"}" \
	    "$URL/admin/payments/$payment/accept" >codes &&
	[ "$(sort codes | uniq -c | tr -s " " | tr "\n" ";")" = \
	    " 1 200; 49 409;" ] && has "$ID_ana" "12100 0" &&
	credits $payment 1
'

test_expect_success 'pay simulate is audited' '
	initiate "$TOKEN_ana" 1000 stripe && em_cli pay simulate $payment &&
	has "$ID_ana" "13100 0" &&
	api GET "/admin/audit?target=payment:$payment" -t "$TOKEN_adm" &&
	check_json ".audit[0] | .action == \"payment.simulate\" and
	    .actor_id == null and .after == {provider: \"stripe\",
	    amount: 1000, times: 1, bad_signature: false}"
'

test_expect_success 'with live keys, pay simulate works only for the sandbox' '
	initiate "$TOKEN_ana" 1000 stripe && other=$payment &&
	initiate "$TOKEN_ana" 2000 sandbox &&
	echo sk_live_double >"$EM_TEMP/stripe.key" &&
	refuses 1 "live keys" em_cli pay simulate $other &&
	has "$ID_ana" "13100 0" && em_cli pay simulate $payment &&
	has "$ID_ana" "15100 0" &&
	echo sk_test_double >"$EM_TEMP/stripe.key" &&
	sed -i "s/rzp_test_double/rzp_live_double/" "$EM_STATE/earmark.conf" &&
	refuses 1 "live keys" em_cli pay simulate $other &&
	[ "$(em_sql "SELECT count(*) FROM audit
	    WHERE target = '\''payment:$other'\''")" = 0 ]
'

test_expect_success 'the ledger passes its verification' '
	em_cli ledger verify
'

test_done
