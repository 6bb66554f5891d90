#!/bin/sh
test_description='account deletion: identity, money, and what arrives later'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf auth.login_max_attempts=3
em_start

# has_money ID 'WALLET BONUS EARNINGS OWED'
has_money() {
	for kind in 1 2 4 5; do
		em_sql "SELECT coalesce((SELECT balance FROM ledger_account
		    WHERE id = $1 * 16 + $kind), 0)"
	done | tr '\n' ' ' >money.out
	[ "$(cat money.out)" = "$2 " ] || {
		note "user $1 has $(cat money.out), expected $2"
		return 1
	}
}
leave() {
	api DELETE "/user/profile${3-}" -t "$1" ${2:+"$2"}
}
# stale NAME: the last sign-in of a user was 16 minutes ago.
stale() {
	em_sql "UPDATE device_session SET created_at = created_at - 960000
	    WHERE user_id = $(id_of "$1")"
}

test_expect_success 'deletion needs a recent sign-in or the password' '
	em_user adm admin && em_user ana && stale ana &&
	leave "$TOKEN_ana" && expect 403 reauthentication_required &&
	leave "$TOKEN_ana" "{\"password\":\"wrong password\"}" &&
	expect 403 reauthentication_required &&
	leave "$TOKEN_ana" "{\"password\":\"\"}" &&
	expect 400 validation_failed &&
	api POST /auth/refresh-token "{\"refresh_token\":\"$REFRESH_ana\"}" &&
	expect 200 && leave "$(json .access_token)" &&
	expect 403 reauthentication_required &&
	leave "$TOKEN_ana" "{\"password\":\"$EM_PASSWORD\"}" && expect 204 &&
	api GET /user/profile -t "$TOKEN_ana" && expect 401 &&
	em_user ben && leave "$TOKEN_ben" && expect 204
'

test_expect_success 'wrong passwords are limited' '
	em_user cat && stale cat &&
	for i in 1 2 3; do
		leave "$TOKEN_cat" "{\"password\":\"wrong password\"}" &&
		expect 403 reauthentication_required || return 1
	done &&
	leave "$TOKEN_cat" "{\"password\":\"$EM_PASSWORD\"}" && expect 429 &&
	api GET /user/profile -t "$TOKEN_cat" && expect 200
'

test_expect_success 'an account with money returns 409 with the amounts' '
	em_user dan && fund dan 700 &&
	em_cli ledger adjust dan 300 --account bonus --reason r >/dev/null &&
	initiate "$TOKEN_dan" 2000 && late=$payment late_ref=$ref &&
	leave "$TOKEN_dan" && expect 409 account_has_money &&
	check_json ".balance == 1000 and .bonus == 300 and .earnings == 0 and
	    .owed == 0 and .pending_payments == 1" &&
	leave "$TOKEN_dan" "{\"forfeit\":false}" &&
	expect 409 account_has_money && has dan "700|300|0" &&
	api GET /user/profile -t "$TOKEN_dan" && expect 200
'

test_expect_success 'forfeit gives up balance and bonus' '
	was=$(em_sql "SELECT balance FROM ledger_account WHERE id = 10") &&
	leave "$TOKEN_dan" "{\"forfeit\":true,\"payout_contact\":\"me@x.example\"}" &&
	expect 204 && has_money "$ID_dan" "0 0 0 0" &&
	[ "$(em_sql "SELECT balance FROM ledger_account WHERE id = 10")" = \
	    $((was + 1000)) ] &&
	[ "$(em_sql "SELECT count(*) FROM closed_wallet
	    WHERE payout_contact IS NOT NULL")" = 0 ] && sound &&
	em_user eli && fund eli 5 && leave "$TOKEN_eli" "" "?forfeit=true" &&
	expect 204 && has_money "$ID_eli" "0 0 0 0" && sound
'

test_expect_success 'a late capture for a deleted account is flagged and refunded' '
	hook sandbox paid payment=$late ref=$late_ref paid_ref=late_1 \
	    amount=2000 && expect 200 && outcome flagged &&
	has_money "$ID_dan" "0 0 0 0" && sound && em_jobs >/dev/null &&
	api GET "/admin/payments/$late" -t "$TOKEN_adm" &&
	check_json ".status == \"refunded\" and
	    (.flag | test(\"after the account was deleted\")) and
	    (.returns | length) == 1 and (.returns[0] | .state == \"done\" and
	    .taken == 2000 and .reason == \"The account was deleted\")" &&
	hook sandbox paid payment=$late ref=$late_ref paid_ref=late_1 \
	    amount=2000 && outcome known && has_money "$ID_dan" "0 0 0 0" &&
	[ "$(em_sql "SELECT count(*) FROM payment_reversal
	    WHERE payment_id = $late")" = 1 ] && sound
'

test_expect_success 'a late capture of another amount is flagged only' '
	em_user fay && initiate "$TOKEN_fay" 2000 && leave "$TOKEN_fay" &&
	expect 204 && hook sandbox paid payment=$payment ref=$ref \
	    paid_ref=late_2 amount=2500 && outcome flagged &&
	has_money "$ID_fay" "0 0 0 0" &&
	api POST "/admin/payments/$payment/accept" -t "$TOKEN_adm" \
	    "{\"note\":\"x\"}" && expect 409 account_deleted && sound
'

test_expect_success 'debts do not prevent deletion, and reversals after it leave no money' '
	em_user gus && initiate "$TOKEN_gus" 3000 && gus=$payment gus_ref=$ref &&
	hook sandbox paid payment=$gus ref=$gus_ref paid_ref=g1 amount=3000 &&
	outcome credited && em_cli ledger adjust gus -2000 --reason r &&
	hook sandbox dispute payment=$gus ref=$gus_ref paid_ref=g1 \
	    return_ref=gd1 amount=3000 && has_money "$ID_gus" "0 0 0 -2000" &&
	leave "$TOKEN_gus" && expect 204 &&
	has_money "$ID_gus" "0 0 0 -2000" &&
	hook sandbox won payment=$gus ref=$gus_ref paid_ref=g1 \
	    return_ref=gd1 amount=3000 && outcome reinstated &&
	has_money "$ID_gus" "0 0 0 0" && sound
'

test_expect_success 'a deleted account cannot receive money' '
	api POST "/admin/wallets/$ID_gus/adjust" -t "$TOKEN_adm" \
	    "{\"amount\":5,\"reason\":\"r\"}" && expect 409 account_deleted &&
	api POST "/admin/wallets/$ID_gus/adjust" -t "$TOKEN_adm" \
	    "{\"amount\":5,\"reason\":\"r\",\"account\":\"bonus\"}" &&
	expect 409 account_deleted && has_money "$ID_gus" "0 0 0 0"
'

test_expect_success 'earnings stay payable after deletion, to the contact' '
	listener lis 100 && api POST /presence/update -t "$TOKEN_lis" \
	    "{\"status\":\"online\"}" && em_user hal && fund hal 1000 &&
	start hal lis && ago 90 && end hal &&
	leave "$TOKEN_lis" && expect 409 account_has_money &&
	check_json ".earnings == 160 and .balance == 0" &&
	leave "$TOKEN_lis" "{\"forfeit\":true,
	    \"payout_contact\":\"lis@bank.example\"}" && expect 204 &&
	has_money "$ID_lis" "0 0 160 0" && sound &&
	api GET "/admin/wallets/$ID_lis" -t "$TOKEN_adm" &&
	check_json ".earnings == 160 and
	    .payout_contact == \"lis@bank.example\" and
	    (.payable_until | startswith(\"$(date -u -d +730days +%Y-%m)\"))"
'

test_expect_success 'a refund of a session reverses the earnings of a deleted listener' '
	api POST "/admin/sessions/$s/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"r\",\"amount\":100,\"earnings\":80}" && expect 200 &&
	has_money "$ID_lis" "0 0 80 0" && has hal "900|0|0" && sound
'

test_expect_success 'the contact is deleted after the payment' '
	em_cli ledger payout "$ID_lis" 30 --note bank >/dev/null &&
	api GET "/admin/wallets/$ID_lis" -t "$TOKEN_adm" &&
	check_json ".payout_contact == \"lis@bank.example\"" &&
	em_cli ledger payout "$ID_lis" 50 --note bank >/dev/null &&
	has_money "$ID_lis" "0 0 0 0" &&
	api GET "/admin/wallets/$ID_lis" -t "$TOKEN_adm" &&
	check_json ".payout_contact == null and .payable_until == null" &&
	sqlite3 "$EM_STATE/earmark.db" "PRAGMA wal_checkpoint(TRUNCATE)" >&2 &&
	! grep -a "lis@bank.example" "$EM_STATE"/earmark.db* && sound
'

test_expect_success 'a session of a deleted customer can only be reversed for the listener' '
	listener kim 100 && api POST /presence/update -t "$TOKEN_kim" \
	    "{\"status\":\"online\"}" && start hal kim && ago 90 && end hal &&
	leave "$TOKEN_hal" "{\"forfeit\":true}" && expect 204 &&
	api POST "/admin/sessions/$s/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"r\"}" && expect 409 account_deleted &&
	api POST "/admin/sessions/$s/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"r\",\"earnings\":60}" && expect 200 &&
	has_money "$ID_kim" "0 0 100 0" && sound
'

test_expect_success 'earnings expire after 24 months, with the contact' '
	leave "$TOKEN_kim" "{\"forfeit\":true,\"payout_contact\":\"kim\"}" &&
	expect 204 && em_jobs "$(date -u -d +729days +%FT%TZ)" >/dev/null &&
	has_money "$ID_kim" "0 0 100 0" &&
	em_jobs "$(date -u -d +731days +%FT%TZ)" >/dev/null &&
	has_money "$ID_kim" "0 0 0 0" &&
	[ "$(em_sql "SELECT count(*) FROM closed_wallet
	    WHERE payout_contact IS NOT NULL OR expires_at IS NOT NULL")" = 0 ] &&
	[ "$(em_sql "SELECT count(*) FROM audit
	    WHERE action = '\''wallet.expire'\''")" = 1 ] && sound
'

test_expect_success 'deletion during a session pays the session first' '
	listener lea 100 && api POST /presence/update -t "$TOKEN_lea" \
	    "{\"status\":\"online\"}" && em_user ida && fund ida 1000 &&
	start ida lea && ago 90 &&
	leave "$TOKEN_ida" && expect 409 account_has_money &&
	check_json ".balance == 1000" &&
	leave "$TOKEN_ida" "{\"forfeit\":true}" && expect 204 &&
	has_money "$ID_ida" "0 0 0 0" && has_money "$ID_lea" "0 0 160 0" && sound
'

# The jobs may verify the ledger at this moment.
test_expect_success 'ledger verify finds money of a deleted account' '
	em_allow "60 of wallet of user .* has no owner" &&
	em_user joe && fund joe 60 &&
	em_sql "UPDATE user SET status = 2 WHERE id = $ID_joe" &&
	{ ! em_cli ledger verify 2>err; } &&
	grep -q "60 of wallet of user $ID_joe has no owner" err &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_joe" && sound
'

test_expect_success 'a job takes the balances of accounts that were deleted by earlier versions' '
	em_sql "UPDATE user SET status = 2 WHERE id = $ID_joe;
	    INSERT INTO closed_wallet(user_id, closed_at, unsettled)
	    VALUES ($ID_joe, 0, 1)" && sound && em_jobs >/dev/null &&
	has_money "$ID_joe" "0 0 0 0" && sound
'

test_done
