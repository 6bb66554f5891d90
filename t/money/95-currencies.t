#!/bin/sh
test_description='currencies: units of the providers, and the fixed currency'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-payment-doubles.sh
. "$EM_SRC/t/lib-payment-doubles.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"
providers stripe,razorpay,sandbox || exit 1
em_conf server.currency=UGX
em_conf payments.min_amount=1
em_conf payments.max_amount=900000
em_start

# pay_whole PROVIDER UNITS: pays UNITS minor units. The double delivers its own
# webhook. Sets $price to the amount in whole units, as the provider shows it.
pay_whole() {
	initiate "$TOKEN_ana" "$2" "$1" &&
	control "$1" POST price "{\"ref\":\"$ref\"}" &&
	price=$(jq -r .price "$reply") &&
	control "$1" POST pay "{\"ref\":\"$ref\"}" &&
	paid=$(jq -r ".payment // .charge" "$reply") &&
	deliver "$1"
}
# deliver PROVIDER [EVENT]: sends the last event of the double, with its body
# unchanged.
deliver() {
	control "$1" GET events &&
	jq -c ".events | map(select(\"${2-}\" == \"\" or .type == \"${2-}\")) |
	    last" "$reply" >event &&
	jq -rj .body event >hook.body &&
	deliver_as "$1"
}
# Signs a body of a double with the secrets of this test.
deliver_as() {
	case $1 in
	stripe)
		at=$(date +%s)
		mac=$({ printf '%s.' "$at" && cat hook.body; } |
		    openssl dgst -sha256 -hmac \
		    whsec_test_earmark_0123456789abcdef | sed 's/.* //') &&
		echo "Stripe-Signature: t=$at,v1=$mac" >hook.headers
		;;
	razorpay)
		mac=$(openssl dgst -sha256 -hmac rzp_webhook_secret_earmark \
		    <hook.body | sed 's/.* //') &&
		printf '%s\n' "X-Razorpay-Signature: $mac" \
		    "X-Razorpay-Event-Id: $(jq -r .id event)" >hook.headers
		;;
	esac && hook_send && expect 200
}

test_expect_success 'Stripe receives UGX with two decimals, and its webhook credits the payment' '
	em_user ana && em_user adm admin && pay_whole stripe 5000 &&
	[ "$price" = 5000 ] && outcome credited && has "$ID_ana" "5000 0" &&
	[ "$(asked stripe "map(select(.target == \"/v1/payment_intents\")) |
	    last.body" | grep -c "^amount=500000&")" = 1 ] &&
	[ "$(jq .data.object.amount_received hook.body)" = 500000 ]
'

test_expect_success 'Razorpay receives UGX without decimals' '
	pay_whole razorpay 5000 && [ "$price" = 5000 ] && outcome credited &&
	has "$ID_ana" "10000 0"
'

test_expect_success 'a refund of UGX at Stripe is converted in both directions' '
	pay_whole stripe 7000 &&
	api POST "/admin/payments/$payment/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"r\",\"amount\":2000}" && expect 202 &&
	em_jobs >/dev/null &&
	control stripe GET state &&
	jq -e "[.refunds[] | .amount] == [200000]" "$reply" &&
	has "$ID_ana" "15000 0" && deliver stripe refund.created &&
	outcome known && has "$ID_ana" "15000 0" &&
	control stripe POST refund "{\"ref\":\"$ref\",\"amount\":100000}" &&
	deliver stripe refund.created && outcome reversed &&
	has "$ID_ana" "14000 0"
'

test_expect_success 'a query at Stripe for a payment in UGX credits it' '
	initiate "$TOKEN_ana" 300 stripe &&
	control stripe POST pay "{\"ref\":\"$ref\"}" &&
	em_jobs "$(date -u -d +20min +%FT%TZ)" >/dev/null &&
	has "$ID_ana" "14300 0"
'

test_expect_success 'an amount with a fraction of a UGX is not an event of Stripe' '
	initiate "$TOKEN_ana" 300 stripe &&
	hook stripe paid ref=$ref paid_ref=ch_1 amount=30050 currency=ugx &&
	expect 400 webhook_invalid && has "$ID_ana" "14300 0" &&
	hook stripe paid ref=$ref paid_ref=ch_1 amount=30000 currency=ugx &&
	expect 200 && outcome credited && has "$ID_ana" "14600 0"
'

test_expect_success 'a configuration with another currency is rejected' '
	cp "$EM_STATE/earmark.conf" saved.conf &&
	sed -i "s/^currency *=.*/currency = INR/" "$EM_STATE/earmark.conf" &&
	refuses 3 "created with UGX" em_cli config check &&
	refuses 3 "created with UGX" em_cli ledger verify &&
	refuses 3 "created with UGX" em_cli migrate &&
	refuses 4 "created with UGX" "$EM_BUILD/earmark-jobs" \
	    -c "$EM_STATE/earmark.conf" --once &&
	{ "$EM_BUILD/earmark-wallet" -c "$EM_STATE/earmark.conf" </dev/null \
	    >out 2>&1; [ $? -ne 0 ]; } && grep -q "created with UGX" out &&
	cp saved.conf "$EM_STATE/earmark.conf" && em_cli config check
'

test_expect_success 'the stored currency cannot change' '
	! em_sql "UPDATE currency SET code = '\''INR'\''" 2>err &&
	grep "the currency is final" err &&
	! em_sql "DELETE FROM currency" 2>err &&
	grep "the currency is final" err &&
	[ "$(em_sql "SELECT code FROM currency")" = UGX ]
'

test_expect_success 'a currency that a configured provider does not accept is rejected' '
	for pair in stripe:IQD stripe:LYD razorpay:AFN razorpay:GEL; do
		sed -e "s/^currency *=.*/currency = ${pair#*:}/" \
		    -e "s/^providers *=.*/providers = ${pair%:*}/" \
		    saved.conf >"$EM_STATE/other.conf" &&
		refuses 3 "${pair%:*} does not accept server.currency ${pair#*:}" \
		    "$EM_BUILD/earmark" -c "$EM_STATE/other.conf" config check ||
		return 1
	done
'

# provider_opens PROVIDER AMOUNT CURRENCY: creates a payment at a double.
provider_opens() {
	open_n=$((${open_n:-0} + 1))
	"$EM_BUILD/t/tools/provider" "$EM_STATE/earmark.conf" "$1" open 1 "$2" \
	    "$3" "earmark-$3-$open_n" >got 2>>log.txt && ref=$(jq -r .ref got)
}
test_expect_success 'the doubles show the same number of whole units in each special currency' '
	while read -r provider amount currency whole; do
		provider_opens "$provider" "$amount" "$currency" &&
		control "$provider" POST price "{\"ref\":\"$ref\"}" &&
		[ "$(jq -r .price "$reply")" = "$whole" ] || {
			note "$provider $amount $currency: $(cat got "$reply")"
			return 1
		}
	done <<-EOF
	stripe 7 ISK 7
	stripe 7 UGX 7
	stripe 700 MGA 7
	stripe 7000 KWD 7
	stripe 7000 TND 7
	stripe 700 JPY 700
	stripe 700 HUF 7
	stripe 700 TWD 7
	razorpay 7 ISK 7
	razorpay 7 UGX 7
	razorpay 700 MGA 7
	razorpay 7000 KWD 7
	razorpay 7000 IQD 7
	razorpay 700 JPY 700
	EOF
'

test_expect_success 'amounts that are not a multiple of the step of a provider are rejected' '
	provider_opens stripe 750 MGA &&
	jq -e ".rc == \"provider_refused\"" got &&
	provider_opens stripe 7005 KWD &&
	jq -e ".rc == \"provider_refused\"" got &&
	provider_opens razorpay 7005 KWD &&
	jq -e ".rc == \"provider_refused\"" got &&
	provider_opens razorpay 750 MGA && jq -e ".rc == \"ok\"" got
'

test_expect_success 'the ledger passes its verification' '
	em_cli ledger verify
'

test_done
