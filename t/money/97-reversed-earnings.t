#!/bin/sh
test_description='money: reversed earnings, and adjustments of each account'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_start

# earned NAME: prints the earnings of a listener.
earned() {
	em_sql "SELECT coalesce((SELECT balance FROM ledger_account
	    WHERE id = $(id_of "$1") * 16 + 4), 0)"
}
# house KIND: prints the balance of an account of the operator.
house() {
	em_sql "SELECT coalesce((SELECT balance FROM ledger_account
	    WHERE id = $1), 0)"
}
FEE=6 REFUNDS=8 PROMOTION=9 ADJUSTMENT=10
refund() {
	api POST "/admin/sessions/$s/refund" -t "$TOKEN_adm" "$1"
}
# talk CUSTOMER LISTENER MINUTES: an ended session. Sets $s.
talk() {
	start "$1" "$2" && ago "$(($3 * 60 - 30))" && end "$1"
}

test_expect_success 'the earnings of a session paid by free minutes can be reversed' '
	em_user adm admin && em_user ana && listener lis 1000 &&
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\"}" &&
	minutes ana 3 && talk ana lis 3 && is 2400 "$(earned lis)" &&
	is -3000 "$(house $PROMOTION)" &&
	refund "{\"reason\":\"fraud\"}" && expect 409 not_refundable &&
	refund "{\"reason\":\"fraud\",\"earnings\":2401}" &&
	expect 409 not_refundable && is 2400 "$(earned lis)" &&
	refund "{\"reason\":\"fraud\",\"earnings\":2000}" && expect 200 &&
	check_json ".refunded == 0 and .earnings_reversed == 2000 and
	    .earned == 2400" &&
	is 400 "$(earned lis)" && is -1000 "$(house $PROMOTION)" &&
	refund "{\"reason\":\"fraud\",\"earnings\":400}" && expect 200 &&
	is 0 "$(earned lis)" && is -600 "$(house $PROMOTION)" && sound
'

test_expect_success 'earnings become negative after a payout and are offset by later earnings' '
	fund ana 10000 && talk ana lis 2 && is 1600 "$(earned lis)" &&
	em_cli ledger payout lis 1600 --note bank &&
	refund "{\"reason\":\"r\",\"charge_listener\":true}" && expect 200 &&
	check_json ".refunded == 2000 and .earnings_reversed == 1600" &&
	is -1600 "$(earned lis)" && has ana "10000|0|0" &&
	api GET /user/balance -t "$TOKEN_lis" && expect 200 &&
	api GET /user/transactions -t "$TOKEN_lis" &&
	check_json ".transactions[0] | .account == \"earnings\" and
	    .amount == -1600 and .balance_after == -1600" &&
	refuses 1 "exceeds the earnings" \
	    em_cli ledger payout lis 1 --note bank &&
	refuses 1 "must be more than 0" \
	    em_cli ledger payout lis -1 --note bank &&
	talk ana lis 1 && is -800 "$(earned lis)" &&
	talk ana lis 2 && is 800 "$(earned lis)" &&
	em_cli ledger payout lis 800 --note bank && is 0 "$(earned lis)" &&
	sound
'

test_expect_success 'amount and earnings of a refund are independent' '
	talk ana lis 2 && fee=$(house $FEE) paid=$(house $REFUNDS) &&
	refund "{\"reason\":\"r\",\"amount\":1000}" && expect 200 &&
	is 1600 "$(earned lis)" && is $((paid - 800)) "$(house $REFUNDS)" &&
	is $((fee - 200)) "$(house $FEE)" &&
	refund "{\"reason\":\"r\",\"amount\":0,\"earnings\":800}" &&
	expect 200 && is 800 "$(earned lis)" && is "$paid" "$(house $REFUNDS)" &&
	refund "{\"reason\":\"r\",\"amount\":1000,\"earnings\":800}" &&
	expect 200 && is 0 "$(earned lis)" && is $((fee - 400)) "$(house $FEE)" &&
	is "$paid" "$(house $REFUNDS)" &&
	refund "{\"reason\":\"r\",\"earnings\":1}" && expect 409 not_refundable &&
	refund "{\"reason\":\"r\",\"amount\":1}" && expect 409 not_refundable &&
	sound
'

test_expect_success 'earnings that no promotion paid become an adjustment' '
	talk ana lis 1 && before=$(house $ADJUSTMENT) promo=$(house $PROMOTION) &&
	refund "{\"reason\":\"penalty\",\"earnings\":800}" && expect 200 &&
	is 0 "$(earned lis)" && is $((before + 800)) "$(house $ADJUSTMENT)" &&
	is "$promo" "$(house $PROMOTION)" &&
	refund "{\"reason\":\"r\"}" && expect 200 &&
	check_json ".refunded == 1000 and .earnings_reversed == 800" &&
	is "$before" "$(house $ADJUSTMENT)" && sound
'

test_expect_success 'invalid refunds return 4xx without effect' '
	talk ana lis 1 && id=$(em_sql "SELECT max(id) FROM transfer") &&
	for bad in "{\"reason\":\"r\",\"earnings\":-1}" \
	    "{\"reason\":\"r\",\"amount\":-1}" \
	    "{\"reason\":\"r\",\"earnings\":1,\"charge_listener\":true}" \
	    "{\"earnings\":1}"; do
		refund "$bad" && expect 400 validation_failed || return 1
	done &&
	refund "{\"reason\":\"r\",\"amount\":0,\"earnings\":0}" &&
	expect 409 not_refundable &&
	is "$id" "$(em_sql "SELECT max(id) FROM transfer")"
'

adjust() {
	api POST "/admin/wallets/$(id_of "$1")/adjust" -t "$TOKEN_adm" "$2"
}
test_expect_success 'an administrator adjusts wallet, bonus and earnings' '
	em_user bob && adjust bob "{\"amount\":500,\"reason\":\"r\",
	    \"account\":\"bonus\"}" && expect 200 &&
	check_json ".bonus == 500 and .balance == 500" && has bob "0|500|0" &&
	adjust bob "{\"amount\":-501,\"reason\":\"r\",\"account\":\"bonus\"}" &&
	expect 409 insufficient_balance &&
	adjust bob "{\"amount\":-200,\"reason\":\"r\",\"account\":\"bonus\"}" &&
	has bob "0|300|0" &&
	adjust bob "{\"amount\":70,\"reason\":\"r\",\"account\":\"wallet\"}" &&
	has bob "70|300|0" &&
	was=$(earned lis) &&
	adjust lis "{\"amount\":250,\"reason\":\"r\",\"account\":\"earnings\"}" &&
	expect 200 && is $((was + 250)) "$(earned lis)" &&
	adjust lis "{\"amount\":-5000,\"reason\":\"r\",
	    \"account\":\"earnings\"}" && expect 200 &&
	check_json ".earnings == $((was - 4750))" &&
	adjust lis "{\"amount\":5,\"reason\":\"r\",\"account\":\"held\"}" &&
	expect 400 validation_failed &&
	api GET /listeners/me/earnings -t "$TOKEN_lis" && sound
'

test_expect_success 'earmark ledger adjust changes each account' '
	em_cli ledger adjust bob 7 --account bonus --reason r >out &&
	grep -q "^bonus	307$" out &&
	em_cli ledger adjust lis 4750 --account earnings --reason r >out &&
	grep -q "^earnings	$was$" out &&
	refuses 2 "is not wallet, bonus or earnings" \
	    em_cli ledger adjust bob 1 --account held --reason r &&
	refuses 2 "unknown option" \
	    em_cli ledger payout lis 1 --account bonus --note r
'

test_expect_success 'the ledger passes its verification, also from an earlier check on' '
	sound && em_jobs >/dev/null && sound
'

test_done
