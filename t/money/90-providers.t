#!/bin/sh
test_description='payment providers: requests and handling of responses'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-payment-doubles.sh
. "$EM_SRC/t/lib-payment-doubles.sh"

em_temp
double stripe && double razorpay || exit 1
umask 077
echo whsec_double >"$EM_TEMP/hooks"
echo sk_test_double >"$EM_TEMP/stripe.key"
echo secret_double >"$EM_TEMP/razorpay.key"
em_conf payments.providers=stripe,razorpay
em_conf payments.timeout=3
em_conf "payments.stripe_url=http://127.0.0.1:$PORT_stripe"
em_conf "payments.stripe_key_file=$EM_TEMP/stripe.key"
em_conf "payments.stripe_webhook_file=$EM_TEMP/hooks"
em_conf "payments.razorpay_url=http://127.0.0.1:$PORT_razorpay"
em_conf payments.razorpay_key_id=rzp_test_double
em_conf "payments.razorpay_key_file=$EM_TEMP/razorpay.key"
em_conf "payments.razorpay_webhook_file=$EM_TEMP/hooks"
em_bare >/dev/null

# p ARGS...: calls the provider. The file got contains the result.
p() {
	"$EM_BUILD/t/tools/provider" "$EM_STATE/earmark.conf" "$@" >got 2>>log.txt
}

# is FILTER: succeeds if the result matches FILTER.
is() {
	jq -e "$1" got >/dev/null || {
		note "not $1: $(cat got) $(tail -n 2 log.txt)"
		return 1
	}
}
ref() {
	jq -r .ref got
}

test_expect_success 'Stripe: an intent is created once for each idempotency key' '
	p stripe open 42 49900 INR earmark-open-42 &&
	is ".rc == \"ok\" and (.ref | startswith(\"pi_\"))" &&
	is "(.ref as \$r | .secret | startswith(\$r + \"_secret_\"))" &&
	pi=$(ref) &&
	p stripe open 42 49900 INR earmark-open-42 &&
	is ".ref == \"$pi\"" &&
	p stripe open 42 49900 INR earmark-open-43 &&
	is ".ref != \"$pi\""
'

test_expect_success 'Stripe: headers and body of the request are as documented' '
	test "$(asked stripe "[.[] | .headers] | all(
	    .authorization == \"Bearer sk_test_double\" and
	    .\"stripe-version\" == \"2026-10-28.endive\" and
	    .\"content-type\" == \"application/x-www-form-urlencoded\" and
	    (.\"idempotency-key\" | startswith(\"earmark-open-4\")) and
	    (has(\"expect\") or has(\"transfer-encoding\") | not))")" = true &&
	test "$(asked stripe ".[0].body")" = "amount=49900&currency=inr&autom$(:
	    )atic_payment_methods[enabled]=true&metadata[earmark_payment]=42$(:
	    )&metadata[earmark_user]=7"
'

test_expect_success 'Stripe: a key with other parameters is rejected' '
	p stripe open 42 50000 INR earmark-open-42 &&
	is ".rc == \"provider_refused\" and .ref == null"
'

test_expect_success 'Stripe: a rejection contains the reason of the provider' '
	p stripe open 44 10 INR earmark-open-44 &&
	is ".rc == \"provider_refused\"" &&
	is ".message | startswith(\"The provider rejected the request: amount_too_small\")" &&
	p stripe open 44 5001 KWD earmark-open-44 &&
	is ".rc == \"provider_refused\""
'

test_expect_success 'Stripe: the state of an intent is read' '
	p stripe ask "$pi" && is ".state == \"open\"" &&
	control stripe POST fail "{\"ref\":\"$pi\"}" &&
	p stripe ask "$pi" && is ".state == \"open\"" &&
	control stripe POST pay "{\"ref\":\"$pi\"}" &&
	p stripe ask "$pi" &&
	is ".state == \"paid\" and .amount == 49900 and .currency == \"inr\"" &&
	is ".paid_ref | startswith(\"ch_\")" &&
	p stripe open 45 500 USD earmark-open-45 &&
	other=$(ref) &&
	control stripe POST cancel "{\"ref\":\"$other\"}" &&
	p stripe ask "$other" && is ".state == \"ended\"" &&
	p stripe ask pi_none && is ".rc == \"provider_refused\""
'

test_expect_success 'Stripe: a refund is created once' '
	p stripe refund "$pi" "" 9900 3 earmark-refund-3 &&
	is ".rc == \"ok\" and .done and (.ref | startswith(\"re_\"))" &&
	re=$(ref) &&
	p stripe refund "$pi" "" 9900 3 earmark-refund-3 &&
	is ".ref == \"$re\"" &&
	control stripe GET state &&
	test "$(jq ".refunds | length" "$reply")" = 1 &&
	p stripe refund "$pi" "" 49900 4 earmark-refund-4 &&
	is ".rc == \"provider_refused\" and .ref == null"
'

# Stripe forgets a key after a day. A refund that was made must still be found,
# neither repeated nor reported as rejected.
test_expect_success 'Stripe: a refund is found after its response was lost' '
	control stripe POST fault "{\"what\":\"lose\",\"path\":\"/v1/refunds\",
	    \"method\":\"POST\"}" &&
	control stripe POST fault "{\"what\":\"status\",\"status\":500,
	    \"path\":\"/v1/refunds\",\"method\":\"GET\"}" &&
	p stripe refund "$pi" "" 40000 5 earmark-refund-5 &&
	is ".rc == \"provider_unavailable\"" &&
	p stripe refund "$pi" "" 40000 5 earmark-another-5 &&
	is ".rc == \"ok\" and .done" &&
	p stripe refund "$pi" "" 40000 6 earmark-refund-6 &&
	is ".rc == \"provider_refused\"" &&
	control stripe GET state &&
	test "$(jq ".refunds | length" "$reply")" = 2
'

test_expect_success 'Razorpay: an order is created' '
	p razorpay open 42 49900 INR earmark-open-42 &&
	is ".rc == \"ok\" and .secret == null" &&
	is ".ref | startswith(\"order_\")" &&
	order=$(ref) &&
	test "$(asked razorpay ".[0].headers.authorization")" = \
	    "Basic $(printf rzp_test_double:secret_double | base64)" &&
	test "$(asked razorpay ".[0].headers.\"content-type\"")" = \
	    application/json &&
	asked razorpay ".[0].body" >sent &&
	jq -e ".amount == 49900 and .currency == \"INR\" and
	    .notes.earmark_payment == \"42\" and (.receipt | length <= 40)" sent \
	    >/dev/null
'

test_expect_success 'Razorpay: a payment has one order' '
	p razorpay open 42 49900 INR earmark-open-42 &&
	is ".rc == \"ok\" and .ref == \"$order\"" &&
	p razorpay open 42 49900 INR earmark-open-of-another-database &&
	is ".rc == \"ok\" and .ref != \"$order\""
'

test_expect_success 'Razorpay: a rejection contains the reason of the provider' '
	p razorpay open 44 99 INR earmark-open-44 &&
	is ".rc == \"provider_refused\"" &&
	is ".message | endswith(\"The amount must be at least INR 1.00\")"
'

test_expect_success 'Razorpay: the state of an order is read' '
	p razorpay ask "$order" && is ".state == \"open\"" &&
	control razorpay POST fail "{\"ref\":\"$order\"}" &&
	p razorpay ask "$order" && is ".state == \"open\"" &&
	control razorpay POST pay "{\"ref\":\"$order\"}" &&
	pay=$(jq -r .payment "$reply") &&
	p razorpay ask "$order" &&
	is ".state == \"paid\" and .paid_ref == \"$pay\"" &&
	is ".amount == 49900 and .currency == \"INR\"" &&
	p razorpay ask order_none && is ".rc == \"provider_refused\""
'

test_expect_success 'Razorpay: a refund is created once' '
	p razorpay refund "$order" "$pay" 9900 3 earmark-refund-3 &&
	is ".rc == \"ok\" and .done and (.ref | startswith(\"rfnd_\"))" &&
	rfnd=$(ref) &&
	p razorpay refund "$order" "$pay" 9900 3 earmark-refund-3 &&
	is ".ref == \"$rfnd\"" &&
	p razorpay refund "$order" "$pay" 40000 4 earmark-refund-4 &&
	is ".rc == \"ok\"" &&
	p razorpay refund "$order" "$pay" 40000 4 earmark-refund-4-later &&
	is ".rc == \"ok\"" &&
	p razorpay refund "$order" "$pay" 40000 5 earmark-refund-5 &&
	is ".rc == \"provider_refused\"" &&
	control razorpay GET state &&
	test "$(jq ".refunds | length" "$reply")" = 2 &&
	p razorpay ask "$order" && is ".state == \"paid\""
'

test_expect_success 'Stripe: after a lost response, the same key returns the same intent' '
	control stripe POST fault "{\"what\":\"lose\"}" &&
	p stripe open 50 500 INR earmark-open-50 &&
	is ".rc == \"provider_unavailable\"" &&
	p stripe open 50 500 INR earmark-open-50 && is ".rc == \"ok\"" &&
	control stripe GET state &&
	jq -e "[.intents[] | select(.metadata.earmark_payment == \"50\")] |
	    length == 1" "$reply" >/dev/null
'

test_expect_success 'Razorpay: after a lost response, the order is found by its receipt' '
	control razorpay POST fault "{\"what\":\"lose\"}" &&
	p razorpay open 50 500 INR earmark-open-50 && is ".rc == \"ok\"" &&
	control razorpay GET state &&
	jq -e "[.orders[] | select(.notes.earmark_payment == \"50\")] |
	    length == 1" "$reply" >/dev/null
'

test_expect_success 'Retry-After of a busy provider is returned' '
	control stripe POST fault "{\"what\":\"status\",\"status\":429,
	    \"retry_after\":17}" &&
	p stripe ask "$pi" &&
	is ".rc == \"provider_unavailable\" and .retry_after == 17"
'

test_expect_success 'proxies of the environment are not used' '
	http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 \
	    p stripe ask "$pi" &&
	is ".rc == \"ok\""
'

test_expect_success 'redirects are not followed' '
	control stripe POST fault "{\"what\":\"redirect\",
	    \"to\":\"/v1/payment_intents/$pi\"}" &&
	p stripe ask "$pi" &&
	is ".rc == \"provider_unavailable\""
'

# Each fault affects the next response. The result must be RC_UPSTREAM.
while read -r what more; do
	for who in stripe razorpay; do
		test_expect_success "$who: fault $what $more is reported as unavailable" '
			control $who POST fault "{\"what\":\"$what\"$more}" &&
			p $who open 60 500 INR "earmark-$who-$what-$more" &&
			control $who DELETE fault &&
			is ".rc == \"provider_unavailable\" and .ref == null" &&
			is ".ms < 4000"
		'
	done
done <<'EOF'
status ,"status":500,"times":2
status ,"status":503,"times":2
status ,"status":429,"times":2
status ,"status":401,"times":2
garbage ,"times":2
html ,"times":2
html ,"status":404,"times":2
empty ,"times":2
huge ,"times":2
cut ,"times":2
drop ,"times":2
hang ,"times":2,"seconds":6
EOF

test_expect_success 'reading stops if a response is too long' '
	grep -q "the response is too large" log.txt
'

# The following tests use the webhooks that the doubles recorded.

# hook PROVIDER N: verifies and parses the Nth event. The file got contains the
# result.
hook() {
	jq -r ".events[$2] | (.headers | to_entries[] | \"\\(.key): \\(.value)\"),
	    \"\", .body" "$reply" | head -c -1 >raw &&
	"$EM_BUILD/t/tools/provider" "$EM_STATE/earmark.conf" "$1" read <raw >got
}

test_expect_success 'all webhooks of the doubles pass verification and are parsed' '
	control stripe POST dispute "{\"ref\":\"$pi\"}" &&
	dispute=$(jq -r .dispute "$reply") &&
	control stripe POST dispute_close \
	    "{\"dispute\":\"$dispute\",\"status\":\"won\"}" &&
	control razorpay POST dispute "{\"ref\":\"$order\"}" &&
	dispute=$(jq -r .dispute "$reply") &&
	control razorpay POST dispute_close \
	    "{\"dispute\":\"$dispute\",\"status\":\"won\"}" &&
	for who in stripe razorpay; do
		control $who GET events &&
		count=$(jq ".events | length" "$reply") && n=0 &&
		while [ $n -lt "$count" ]; do
			hook $who $n && is ".verified and .rc == \"ok\"" ||
			return 1
			cat got >>read.$who
			n=$((n + 1))
		done
	done
'

# read_as PROVIDER TYPE FILTER: succeeds if parsed events of TYPE match FILTER.
read_as() {
	jq -es "map(select(.type == \"$2\")) | length > 0 and all(.[]; $3)" \
	    "read.$1" >/dev/null || {
		note "$1 $2 is not $3:" \
		    "$(jq -c "select(.type == \"$2\")" "read.$1")"
		return 1
	}
}

# The order of enum payment_event_kind is paid 1, failed, ended, refund,
# dispute, won.
test_expect_success 'webhooks are parsed with kind, amount and references' '
	read_as stripe payment_intent.succeeded ".kind == 1 and .payment == 42
	    and .ref == \"$pi\" and .amount == 49900 and .currency == \"inr\"
	    and (.paid_ref | startswith(\"ch_\"))" &&
	read_as stripe payment_intent.payment_failed ".kind == 2" &&
	read_as stripe payment_intent.canceled ".kind == 3" &&
	read_as stripe refund.created ".kind == 4 and .return_state == 2 and
	    (.return_no | IN(3, 5)) and .ref == \"$pi\"" &&
	read_as stripe charge.refunded ".kind == 0" &&
	read_as stripe charge.dispute.funds_withdrawn ".kind == 5" &&
	read_as stripe charge.dispute.closed ".kind == 6" &&
	read_as razorpay payment.captured ".kind == 1 and .ref == \"$order\" and
	    .paid_ref == \"$pay\" and .amount == 49900" &&
	read_as razorpay order.paid ".kind == 1 and .payment == 42 and
	    .ref == \"$order\" and .paid_ref == \"$pay\"" &&
	read_as razorpay payment.authorized ".kind == 0" &&
	read_as razorpay payment.failed ".kind == 2" &&
	read_as razorpay refund.processed ".kind == 4 and .return_state == 2 and
	    (.return_no | IN(3, 4)) and .paid_ref == \"$pay\" and
	    .currency == \"INR\"" &&
	read_as razorpay payment.dispute.created ".kind == 5" &&
	read_as razorpay payment.dispute.won ".kind == 6"
'

# No request may be sent if the certificate is not trusted.
test_expect_success 'an untrusted TLS certificate is rejected' '
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout tls.key \
	    -out tls.crt -subj /CN=127.0.0.1 \
	    -addext subjectAltName=IP:127.0.0.1 2>/dev/null &&
	double stripe --tls "$PWD/tls.crt" "$PWD/tls.key" &&
	CONTROL_SCHEME=https control stripe GET log && test -s "$reply" &&
	sed "s|^stripe_url.*|stripe_url = https://127.0.0.1:$PORT_stripe|" \
	    "$EM_STATE/earmark.conf" >"$EM_STATE/tls.conf" &&
	"$EM_BUILD/t/tools/provider" "$EM_STATE/tls.conf" stripe ask "$pi" >got \
	    2>>log.txt &&
	is ".rc == \"provider_unavailable\"" &&
	grep -q "SSL certificate" log.txt &&
	CONTROL_SCHEME=https control stripe GET log &&
	test "$(jq ".log | length" "$reply")" = 0
'

test_expect_success 'no log contains a key' '
	! grep -e sk_test_double -e secret_double -e whsec_double log.txt
'

test_expect_success 'missing key files are reported in one sentence' '
	em_cli config check >out &&
	rm "$EM_TEMP/stripe.key" &&
	refuses 3 "payments.stripe_key_file: $EM_TEMP/stripe.key: No such file" \
	    em_cli config check &&
	em_cli doctor >out; grep "^bad   payments" out | grep -q stripe_key_file
'

test_done
