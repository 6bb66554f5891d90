#!/bin/sh
# shellcheck disable=SC2016
test_description='notifications about money contain the amounts'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
. "$EM_SRC/t/lib-pay.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_start

# notices NAME TYPE: prints the data of the notifications of NAME, oldest first.
notices() {
	api GET '/notifications?per_page=100' -t "$(token_of "$1")" &&
	expect 200 && json -c "[.notifications[].data |
	    select(.type == \"$2\")] | reverse | .[]"
}
# sums NAME TYPE FILTER: prints FILTER of each notification.
sums() {
	notices "$1" "$2" | gojq -c "$3"
}

test_expect_success 'a credited top-up sends one notification with the amount' '
	em_user adm admin && em_user ana && listener lis 600 &&
	em_device ana lis &&
	initiate "$TOKEN_ana" 5000 && is "" "$(notices ana topup.credited)" &&
	em_cli pay simulate "$payment" --times 3 >out &&
	is "[$payment,5000,\"INR\"]" "$(sums ana topup.credited \
	    "[.payment_id, .amount, .currency]")" && first=$payment
'

test_expect_success 'the end of a session sends the cost and the earnings' '
	start ana lis && ago 61 && end ana && end lis &&
	is "[$s,1200,null,\"INR\"]" "$(sums ana session.ended \
	    "[.session_id, .cost, .earnings, .currency]")" &&
	is "[$s,null,960,\"INR\"]" "$(sums lis session.ended \
	    "[.session_id, .cost, .earnings, .currency]")" &&
	is "[$s,1200,\"INR\"]" "$(events ana session.ended |
	    gojq -c "[.session_id, .cost, .currency]")" &&
	is "[$s,960,\"INR\"]" "$(events lis session.ended |
	    gojq -c "[.session_id, .earned, .currency]")" &&
	is 4 "$(em_sql "SELECT count(*) FROM outbox WHERE channel = 3
	    AND template IN ('\''session_ended'\'', '\''session_earned'\'',
	    '\''session_started'\'', '\''topup_credited'\'')")"
'

test_expect_success 'a direct session notifies both parties with the rate' '
	is "[$s,600,\"INR\"]" "$(sums lis session.started \
	    "[.session_id, .rate_per_minute, .currency]")" &&
	is "[$s,600,$ID_lis,null]" "$(sums ana session.started \
	    "[.session_id, .rate_per_minute, .listener_id, .customer_id]")" &&
	is 1 "$(em_sql "SELECT count(*) FROM outbox WHERE channel = 3
	    AND template IN ('\''session_started'\'', '\''session_running'\'')")"
'

test_expect_success 'refunds of a session and of a payment name the amount' '
	api POST "/admin/sessions/$s/refund" -t "$TOKEN_adm" \
	    "{\"amount\":500,\"reason\":\"test\"}" && expect 200 &&
	api POST "/admin/payments/$first/refund" -t "$TOKEN_adm" \
	    "{\"amount\":700,\"reason\":\"test\"}" && expect 202 &&
	is "[$s,null,500,\"INR\"]
[null,$first,700,\"INR\"]" "$(sums ana refund \
	    "[.session_id, .payment_id, .amount, .currency]")" &&
	is "" "$(notices lis refund)"
'

test_expect_success 'reversed earnings alone and a dispute send no refund notification' '
	api POST "/admin/sessions/$s/refund" -t "$TOKEN_adm" \
	    "{\"earnings\":100,\"reason\":\"test\"}" && expect 200 &&
	hook sandbox dispute payment=$first ref=$ref return_ref=dp_1 \
	    amount=300 && expect 200 &&
	is 2 "$(notices ana refund | grep -c .)"
'

test_expect_success 'a low balance notifies only the customer, once' '
	em_user ben && fund ben 1300 && start ben lis && later 70 &&
	is "[$s,600,\"INR\"]" "$(sums ben session.low_balance \
	    "[.session_id, .rate_per_minute, .currency]")" &&
	is true "$(sums ben session.low_balance ".seconds_left > 0 and
	    .seconds_left <= 60")" && later 75 &&
	is 1 "$(notices ben session.low_balance | grep -c .)" &&
	is "" "$(notices lis session.low_balance)" && end ben
'

test_expect_success 'blocking ends the session without notifications' '
	em_user cat && fund cat 5000 && start cat lis && ago 61 &&
	api PUT "/user/blocks/$ID_lis" -t "$TOKEN_cat" && expect 200 &&
	is 1 "$(row "cost > 0")" && is "" "$(notices cat session.ended)" &&
	is 2 "$(notices lis session.ended | grep -c .)" &&
	is "[$s,$(row cost)]" "$(events cat session.ended |
	    gojq -c "[.session_id, .cost]")"
'

test_expect_success 'disabled channels receive no notification' '
	em_user dan && fund dan 5000 &&
	api PUT /notifications/preferences -t "$TOKEN_dan" \
	    "{\"kinds\":[{\"kind\":\"calls\",\"in_app\":false}]}" && expect 200 &&
	start dan lis && end dan && is "" "$(notices dan session.ended)" &&
	sound
'

test_done
