#!/bin/sh
test_description='payments: webhooks of Stripe and Razorpay'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-payment-doubles.sh
. "$EM_SRC/t/lib-payment-doubles.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"
providers sandbox,stripe,razorpay || exit 1
em_start

# Each vector contains the verdict of the library of the vendor. Earmark also
# rejects signatures more than 300 s in the future. It returns 400 for a signed
# body that is not an event, which the Razorpay libraries do not check.
vectors() {
	mkdir -p v && /usr/bin/python3 "$EM_SRC/t/tools/vectors.py" \
	    "$EM_SRC/t/tools/vectors/webhooks.json" v >v/list || return 1
	wrong=0
	while read -r n provider want name; do
		code=$(curl -s -o got -w "%{http_code}" -H @v/$n.headers \
		    -H Expect: --data-binary @v/$n.body "$URL$1") || code=000
		error=$(jq -r ".error // empty" got)
		case $name in
		"future timestamp 1h"*) want=refused ;;
		"utf-8 body") want=invalid ;;
		esac
		case $want:$code:$error in
		accepted:200: | refused:400:webhook_signature_invalid | \
		    invalid:400:webhook_invalid) ;;
		*)
			note "$provider, $name: $want, but $code $error"
			wrong=$((wrong + 1))
			;;
		esac
	done <v/list
	[ "$(wc -l <v/list)" = 30 ] && [ $wrong = 0 ]
}

test_expect_success 'the verdict of each vector is that of the vendor or stricter' '
	vectors /payments/webhook
'

test_expect_success 'rejected webhooks are not stored, accepted ones are stored once' '
	em_sql "SELECT provider, event_id FROM payment_event
	    ORDER BY provider, event_id" >got &&
	printf "%s\n" "2|vector_23" "2|vector_30" "3|evt_1EarmarkTest" \
	    "3|evt_utf8" >want && test_cmp want got
'

test_expect_success 'Razorpay: payment.captured and order.paid credit once in any order' '
	em_user ana && em_user adm admin &&
	initiate "$TOKEN_ana" 49900 razorpay &&
	check_json ".provider == \"razorpay\" and .checkout.order_id == \"$ref\" and
	    .checkout.key_id == \"rzp_test_double\" and (.checkout | length) == 2" &&
	hook razorpay paid ref=$ref paid_ref=pay_1 amount=49900 &&
	expect 200 && outcome credited &&
	hook razorpay order.paid ref=$ref paid_ref=pay_1 amount=49900 &&
	expect 200 && outcome known && has "$ID_ana" "49900 0" &&
	initiate "$TOKEN_ana" 10000 razorpay &&
	hook razorpay order.paid ref=$ref paid_ref=pay_2 amount=10000 &&
	outcome credited &&
	hook razorpay paid ref=$ref paid_ref=pay_2 amount=10000 &&
	expect 200 && outcome known &&
	credits $payment 1 && has "$ID_ana" "59900 0"
'

test_expect_success 'Razorpay: 50 simultaneous deliveries of each event credit once' '
	initiate "$TOKEN_ana" 20000 razorpay &&
	hook_write razorpay paid ref=$ref paid_ref=pay_3 amount=20000 \
	    from=1 to=50 &&
	hook_write razorpay order.paid ref=$ref paid_ref=pay_3 amount=20000 \
	    from=51 to=100 &&
	seq 100 | shuf | xargs -P 100 -I{} curl -s -o /dev/null \
	    -w "%{http_code}\n" -H @hook.headers.{} -H Expect: --data-binary @hook.body.{} \
	    "$URL/payments/webhook/razorpay" >codes &&
	[ "$(sort codes | uniq -c | tr -s " ")" = " 100 200" ] &&
	credits $payment 1 && has "$ID_ana" "79900 0"
'

test_expect_success 'Razorpay: a second payment of one order is flagged' '
	hook razorpay paid ref=$ref paid_ref=pay_4 amount=20000 &&
	expect 200 && outcome flagged && has "$ID_ana" "79900 0" &&
	api GET "/admin/payments/$payment" -t "$TOKEN_adm" &&
	check_json ".flag | test(\"pay_3, and again by pay_4\")"
'

test_expect_success 'Razorpay: a payment is credited after a failed attempt' '
	initiate "$TOKEN_ana" 1000 razorpay &&
	hook razorpay failed ref=$ref paid_ref=pay_5 amount=1000 &&
	outcome failed &&
	api GET "/payments/$payment" -t "$TOKEN_ana" &&
	check_json ".status == \"pending\" and .error == \"No luck\"" &&
	hook razorpay paid ref=$ref paid_ref=pay_6 amount=1000 &&
	outcome credited &&
	api GET "/payments/$payment" -t "$TOKEN_ana" &&
	check_json ".status == \"paid\" and .error == null"
'

test_expect_success 'Stripe: a payment with another amount or currency is flagged' '
	initiate "$TOKEN_ana" 2000 stripe &&
	check_json ".checkout.publishable_key == \"pk_test_double\" and
	    (.checkout.client_secret | startswith(\"${ref}_secret_\"))" &&
	hook stripe paid ref=$ref paid_ref=ch_1 amount=1999 &&
	expect 200 && outcome flagged &&
	hook stripe paid ref=$ref paid_ref=ch_1 amount=2000 currency=USD &&
	expect 200 && outcome flagged && has "$ID_ana" "80900 0" &&
	hook stripe paid ref=$ref paid_ref=ch_1 amount=2000 currency=inr &&
	expect 200 && outcome credited && has "$ID_ana" "82900 0" &&
	initiate "$TOKEN_ana" 3000 stripe &&
	hook stripe ended ref=$ref amount=3000 && outcome failed &&
	api GET "/payments/$payment" -t "$TOKEN_ana" &&
	check_json ".status == \"failed\""
'

test_expect_success 'the payment number of an event counts only if the reference is unknown' '
	hook stripe paid ref=pi_of_another_house paid_ref=ch_9 \
	    payment=$payment amount=3000 && expect 200 && outcome foreign &&
	hook razorpay paid ref=order_x paid_ref=pay_9 payment=$payment \
	    amount=3000 && expect 200 && outcome foreign &&
	em_sql "UPDATE payment SET ref = NULL WHERE id = $payment" &&
	hook stripe paid ref=$ref paid_ref=ch_2 payment=$payment amount=3000 &&
	expect 200 && outcome credited && has "$ID_ana" "85900 0" &&
	[ "$(em_sql "SELECT ref FROM payment WHERE id = $payment")" = "$ref" ]
'

test_expect_success 'a charge that belongs to another payment is flagged' '
	initiate "$TOKEN_ana" 3000 stripe &&
	hook stripe paid ref=$ref paid_ref=ch_2 amount=3000 &&
	expect 200 && outcome flagged && has "$ID_ana" "85900 0" &&
	em_cli ledger verify
'

test_done
