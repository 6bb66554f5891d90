#!/bin/sh
# npm installs the libraries of the vendors for this test only.
test_description='the doubles of Stripe and Razorpay work with the libraries of the vendors'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-payment-doubles.sh
. "$EM_SRC/t/lib-payment-doubles.sh"
# shellcheck source=t/lib-npm.sh
. "$EM_SRC/t/lib-npm.sh"

packages=$EM_BUILD/t/npm
npm_need "$packages" "$EM_SRC/t/npm/package.json" \
    "$EM_SRC/t/npm/package-lock.json" "$EM_SRC/t/npm/sdk.js"

em_temp
double stripe && double razorpay || exit 1

sdk() {
	node "$packages/sdk.js" "$PORT_stripe" "$PORT_razorpay" "$@"
}

test_expect_success 'npm installed the versions of the lock file' '
	npm_there
'

test_expect_success 'Stripe: the library creates payment intents and reads charges' 'sdk stripe_intents'
test_expect_success 'Stripe: the library reports errors of the double by their type' '
	sdk stripe_errors
'
test_expect_success 'Stripe: the library uses idempotency keys' 'sdk stripe_once'
test_expect_success 'Stripe: retries of the library create one object' '
	sdk stripe_retries
'
test_expect_success 'Stripe: the library creates refunds' 'sdk stripe_refunds'
test_expect_success 'Stripe: the library verifies webhooks of the double' 'sdk stripe_hooks'
test_expect_success 'Razorpay: the library creates orders and reads payments' 'sdk razorpay_orders'
test_expect_success 'Razorpay: the library reports errors of the double by their type' '
	sdk razorpay_errors
'
test_expect_success 'Razorpay: the library creates refunds' 'sdk razorpay_refunds'
test_expect_success 'Razorpay: refunds with a key are created once' '
	sdk razorpay_once
'
test_expect_success 'Razorpay: the library verifies webhooks of the double' 'sdk razorpay_hooks'

test_expect_success 'the libraries confirm the verdict of each vector' '
	sdk vectors "$EM_SRC/t/tools/vectors/webhooks.json"
'

umask 077
echo whsec_double >"$EM_TEMP/hooks"
echo secret >"$EM_TEMP/secret"
em_conf payments.providers=sandbox,stripe,razorpay
em_conf "payments.stripe_key_file=$EM_TEMP/secret"
em_conf "payments.stripe_webhook_file=$EM_TEMP/hooks"
em_conf payments.razorpay_key_id=rzp_test_double
em_conf "payments.razorpay_key_file=$EM_TEMP/secret"
em_conf "payments.razorpay_webhook_file=$EM_TEMP/hooks"
em_bare >/dev/null

ours() {
	"$EM_BUILD/t/tools/provider" "$EM_STATE/earmark.conf" "$1" write "$2" >hook &&
	sdk "$1_ours" hook "$3"
}

# In the order of enum payment_event_kind.
n=0
for type in ping payment_intent.succeeded payment_intent.payment_failed \
    payment_intent.canceled refund.created charge.dispute.funds_withdrawn \
    charge.dispute.funds_reinstated; do
	test_expect_success "Stripe's library accepts a $type of pay simulate" \
	    "ours stripe $n $type"
	n=$((n + 1))
done
n=0
for type in ping payment.captured payment.failed order.ended \
    refund.processed payment.dispute.lost payment.dispute.won; do
	test_expect_success "Razorpay's library accepts a $type of pay simulate" \
	    "ours razorpay $n $type"
	n=$((n + 1))
done

test_done
