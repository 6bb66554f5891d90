#!/bin/sh
# shellcheck disable=SC2016
test_description='deleted accounts that register again with the same address'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-auth.sh"
. "$EM_SRC/t/lib-money.sh"
. "$EM_SRC/t/lib-pay.sh"
em_conf limits.write_rate=0
em_conf promotions.referral_inviter=700
em_conf promotions.referral_invited=300
em_conf referral.hold_days=0
em_start

# member NAME EMAIL [CODE]: registers NAME and verifies EMAIL. Sets ID_NAME.
member() {
	# A minute between two codes of an address is not of interest here.
	em_sql "DELETE FROM otp_request; DELETE FROM public_counter;
	    DELETE FROM throttle" &&
	post register username="$1" password="$EM_PASSWORD" email="$2" \
	    ${3:+referral_code="$3"} && expect 201 &&
	verify "$2" "$(code_of "$(lower "$2")")" register && expect 200 && em_login "$1" &&
	eval "ID_$1=$(em_sql "SELECT id FROM user WHERE username = '$1'")"
}
lower() {
	echo "$1" | tr A-Z a-z
}
gone() {
	api DELETE "/user/profile?forfeit=true" -t "$(token_of "$1")" && expect 204
}
topup() {
	initiate "$(token_of "$1")" "$2" && em_cli pay simulate "$payment" >out
}
redeem() {
	api POST /promotions/redeem -t "$(token_of "$1")" "{\"code\":\"$2\"}"
}
# owes NAME AMOUNT
owes() {
	is "$2" "$(em_sql "SELECT coalesce(-sum(balance), 0) FROM ledger_account
	    WHERE id = $(id_of "$1") * 16 + 5")"
}
former() {
	em_sql "SELECT count(*) FROM former_address"
}

test_expect_success 'the deletion keeps a keyed hash of a verified address' '
	em_user adm admin && listener lis 5000 &&
	member ana ana@example.org && is 0 "$(former)" && gone ana &&
	is 1 "$(former)" && is 32 "$(em_sql "SELECT length(hash)
	    FROM former_address")" &&
	post register username=pen password="$EM_PASSWORD" \
	    email=pending@example.org && expect 201 && is 1 "$(former)"
'

test_expect_success 'redemptions of the deleted account still count' '
	api POST /admin/promotions -t "$TOKEN_adm" "{\"code\":\"ONE\",
	    \"kind\":\"bonus\",\"value\":100}" && expect 201 &&
	api POST /admin/promotions -t "$TOKEN_adm" "{\"code\":\"THREE\",
	    \"kind\":\"bonus\",\"value\":100,\"per_user\":3}" && expect 201 &&
	api POST /admin/promotions -t "$TOKEN_adm" "{\"code\":\"NEWCOMER\",
	    \"kind\":\"bonus\",\"value\":100,\"audience\":\"new\"}" &&
	expect 201 && member ben ben@example.org &&
	redeem ben ONE && expect 200 && redeem ben THREE && expect 200 &&
	gone ben && member ben2 BEN@example.org &&
	redeem ben2 ONE && expect 409 promotion_already_redeemed &&
	redeem ben2 NEWCOMER && expect 409 promotion_not_eligible &&
	redeem ben2 THREE && expect 200 && gone ben2 &&
	member ben3 ben@example.org &&
	redeem ben3 ONE && expect 409 promotion_already_redeemed &&
	redeem ben3 THREE && expect 200 &&
	redeem ben3 THREE && expect 409 promotion_already_redeemed
'

test_expect_success 'a returning account is not an invited user' '
	code=$(em_sql "SELECT referral_code FROM user WHERE id = $ID_ben3") &&
	member cal cal@example.org "$code" && topup cal 9000 &&
	is 1 "$(em_sql "SELECT count(*) FROM referral
	    WHERE invited_id = $ID_cal")" && gone cal &&
	member cal2 cal@example.org "$code" && topup cal2 9000 &&
	is 0 "$(em_sql "SELECT count(*) FROM referral
	    WHERE invited_id = $ID_cal2")"
'

test_expect_success 'a debt moves to the account that returns, and a top-up pays it' '
	member dan dan@example.org && topup dan 5000 && start dan lis &&
	ago 30 && end dan &&
	hook sandbox dispute payment=$payment ref=$ref return_ref=d_1 \
	    amount=5000 && expect 200 && owes dan 5000 && gone dan &&
	member dan2 dan@example.org && owes dan2 5000 && owes dan 0 &&
	api POST /sessions/start -t "$TOKEN_dan2" \
	    "{\"listener_id\":$ID_lis}" && expect 402 balance_owed &&
	topup dan2 6000 && owes dan2 0 && sound
'

test_expect_success 'a debt older than 90 days does not move' '
	member eve eve@example.org && topup eve 5000 && start eve lis &&
	ago 30 && end eve &&
	hook sandbox dispute payment=$payment ref=$ref return_ref=d_2 \
	    amount=5000 && expect 200 && gone eve &&
	em_sql "UPDATE former_address SET deleted_at = deleted_at -
	    91 * 86400000 WHERE user_id = $ID_eve" &&
	member eve2 eve@example.org && owes eve2 0 && owes eve 5000 && sound
'

test_expect_success 'user forget-address ends the link, and is audited' '
	member fay fay@example.org && redeem fay ONE && expect 200 &&
	gone fay && em_cli user forget-address FAY@example.org &&
	member fay2 fay@example.org && redeem fay2 ONE && expect 200 &&
	em_sql "SELECT target FROM audit WHERE action = '\''user.forget_address'\''" \
	    >target && is "user:$ID_fay" "$(cat target)" &&
	em_sql "SELECT count(*) FROM audit WHERE before LIKE '\''%fay@%'\''
	    OR after LIKE '\''%fay@%'\'' OR target LIKE '\''%fay@%'\''" >n &&
	is 0 "$(cat n)" &&
	test_expect_code 1 em_cli user forget-address fay@example.org 2>err &&
	grep -q "No deleted account" err &&
	test_expect_code 2 em_cli user forget-address fay 2>err
'

test_expect_success 'hashes are deleted after accounts.return_days' '
	member gus gus@example.org && redeem gus ONE && expect 200 &&
	gone gus && em_jobs "$(date -u -d "+364 days" +%Y-%m-%dT%H:%M:%SZ)" &&
	is 1 "$(em_sql "SELECT count(*) FROM former_address
	    WHERE user_id = $ID_gus")" &&
	em_jobs "$(date -u -d "+366 days" +%Y-%m-%dT%H:%M:%SZ)" &&
	is 0 "$(former)"
'

test_done
