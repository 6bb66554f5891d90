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

test_expect_success 'user forget-address deletes the hashes of the other addresses too' '
	member leo leo@example.org && em_sql "UPDATE user SET
	    phone = \"+919876500999\", phone_ok = 1 WHERE id = $ID_leo" &&
	gone leo && is 2 "$(em_sql "SELECT count(*) FROM former_address
	    WHERE user_id = $ID_leo")" &&
	em_cli user forget-address leo@example.org &&
	is 0 "$(em_sql "SELECT count(*) FROM former_address
	    WHERE user_id = $ID_leo")"
'

# move NAME EMAIL: changes the address of NAME.
move() {
	no_codes && fresh && api POST /user/email -t "$(token_of "$1")" "{\"email\":\"$2\"}" &&
	expect 202 && api POST /user/email/verify -t "$(token_of "$1")" \
	    "{\"code\":\"$(code_of "$2")\"}" && expect 200
}
# dispute NAME [OWED]: NAME owes money after a dispute of a payment that was
# spent.
dispute() {
	topup "$1" 5000 && start "$1" lis && ago 30 && end "$1" &&
	hook sandbox dispute payment=$payment ref=$ref return_ref="d_$1" \
	    amount=5000 && expect 200 && owes "$1" "${2:-5000}"
}

test_expect_success 'a change of the address before the deletion resets nothing' '
	member mel mel@example.org && dispute mel && redeem mel ONE &&
	expect 200 && move mel mel-b@example.org && gone mel &&
	member mel2 mel@example.org && owes mel2 5000 && owes mel 0 &&
	redeem mel2 ONE && expect 409 promotion_already_redeemed && sound
'

test_expect_success 'two addresses do not make any number of new accounts' '
	member nia nia@example.org && redeem nia ONE && expect 200 &&
	move nia nia-b@example.org && member nia2 nia@example.org &&
	redeem nia2 ONE && expect 409 promotion_already_redeemed &&
	redeem nia2 NEWCOMER && expect 409 promotion_not_eligible &&
	dispute nia 4900 && owes nia2 0 && gone nia &&
	move nia2 nia-b@example.org && owes nia2 4900 && owes nia 0 &&
	member nia3 nia@example.org && owes nia3 0 &&
	redeem nia3 ONE && expect 409 promotion_already_redeemed && sound
'

# blocks NAME OTHER: NAME blocks OTHER.
blocks() {
	api PUT "/user/blocks/$(id_of "$2")" -t "$(token_of "$1")" && expect 200
}
# paired NAME OTHER N: one of the two blocks the other (N is 1), or not (0).
paired() {
	is "$3" "$(em_sql "SELECT count(*) FROM user_block_pair
	    WHERE user_id = $(id_of "$1") AND other_id = $(id_of "$2")")" &&
	is "$3" "$(em_sql "SELECT count(*) FROM user_block_pair
	    WHERE user_id = $(id_of "$2") AND other_id = $(id_of "$1")")"
}

test_expect_success 'a dispute after the return concerns the account that returned' '
	member hal hal@example.org && topup hal 5000 && start hal lis &&
	ago 30 && end hal && gone hal && member hal2 hal@example.org &&
	owes hal2 0 && hook sandbox dispute payment=$payment ref=$ref \
	    return_ref=d_3 amount=5000 && expect 200 && owes hal 0 &&
	owes hal2 5000 && gone hal2 && member hal3 hal@example.org &&
	owes hal3 5000 && owes hal2 0 &&
	hook sandbox won payment=$payment ref=$ref return_ref=d_3 \
	    amount=5000 && expect 200 && owes hal3 0 &&
	api GET /user/balance -t "$TOKEN_hal3" &&
	check_json ".balance == 0 and .owed == 0" && sound
'

test_expect_success 'a dispute more than 90 days after the deletion concerns the deleted account' '
	member jim jim@example.org && topup jim 5000 && start jim lis &&
	ago 30 && end jim && gone jim && member jim2 jim@example.org &&
	em_sql "UPDATE closed_wallet SET closed_at = closed_at -
	    91 * 86400000 WHERE user_id = $ID_jim" &&
	hook sandbox dispute payment=$payment ref=$ref return_ref=d_4 \
	    amount=5000 && expect 200 && owes jim 5000 && owes jim2 0 && sound
'

test_expect_success 'a bonus that an inviter spent is owed by the account that returned' '
	member ken ken@example.org &&
	code=$(em_sql "SELECT referral_code FROM user WHERE id = $ID_ken") &&
	member leo leo@example.org "$code" && topup leo 9000 &&
	first=$payment first_ref=$ref && start leo lis && ago 30 && end leo &&
	em_sql "UPDATE presence SET busy_since = NULL" &&
	em_jobs "$(date -u -d "+60 seconds" +%Y-%m-%dT%H:%M:%SZ)" &&
	is 700 "$(em_sql "SELECT inviter_bonus FROM referral
	    WHERE invited_id = $ID_leo")" && listener cheap 700 &&
	start ken cheap && ago 30 && end ken && gone ken &&
	member ken2 ken@example.org && owes ken2 0 &&
	hook sandbox dispute payment=$first ref=$first_ref return_ref=d_5 \
	    amount=9000 && expect 200 && owes ken2 700 && owes ken 0 &&
	hook sandbox won payment=$first ref=$first_ref return_ref=d_5 \
	    amount=9000 && expect 200 && owes ken2 0 && sound
'

test_expect_success 'users that a deleted inviter was paid for count for the account that returned' '
	code=$(em_sql "SELECT referral_code FROM user WHERE id = $ID_ken2") &&
	member mia mia@example.org "$code" && topup mia 9000 &&
	start mia lis && ago 30 && end mia &&
	em_sql "UPDATE presence SET busy_since = NULL" &&
	em_sql "INSERT INTO referral(invited_id, inviter_id, payment_id, topup_at,
	    inviter_bonus, paid_at)
	    SELECT u.id, $ID_ken, $payment, 0, 1, r.paid_at FROM user AS u,
	    referral AS r WHERE r.invited_id = $ID_leo
	    AND u.status <> 0 AND u.id NOT IN
	    (SELECT invited_id FROM referral) LIMIT 19" &&
	em_jobs "$(date -u -d "+90 seconds" +%Y-%m-%dT%H:%M:%SZ)" &&
	is "" "$(em_sql "SELECT paid_at FROM referral
	    WHERE invited_id = $ID_mia")" &&
	is 1 "$(em_sql "SELECT due_at > topup_at + 29 * 86400000 FROM referral
	    WHERE invited_id = $ID_mia")"
'

test_expect_success 'blocks by a deleted account, and of it, apply to the account that returned' '
	em_user sue && em_user tom && member nat nat@example.org &&
	blocks nat lis && blocks sue nat && gone nat &&
	api GET /user/blocks -t "$TOKEN_sue" &&
	check_json "[.blocks[].username] == [null]" &&
	member nat2 nat@example.org && paired nat2 lis 1 &&
	paired nat2 sue 1 && paired nat2 tom 0 &&
	api POST /sessions/start -t "$TOKEN_nat2" \
	    "{\"listener_id\":$ID_lis}" && expect 409 listener_offline &&
	api GET /user/blocks -t "$TOKEN_nat2" &&
	check_json "[.blocks[].username] == [\"lis\"]" &&
	api GET /user/blocks -t "$TOKEN_sue" &&
	check_json "[.blocks[].username] | sort == [null, \"nat2\"]"
'

test_expect_success 'the returned account can remove its blocks, and be unblocked' '
	api DELETE "/user/blocks/$ID_lis" -t "$TOKEN_nat2" && expect 200 &&
	paired nat2 lis 0 &&
	api DELETE "/user/blocks/$ID_nat2" -t "$TOKEN_sue" && expect 200 &&
	paired nat2 sue 0 && blocks tom nat2
'

test_expect_success 'the blocks of the last deleted account of an address remain' '
	gone nat2 && is 0 "$(em_sql "SELECT count(*) FROM user_block
	    WHERE $ID_nat IN (user_id, blocked_id)")" &&
	member nat3 nat@example.org && paired nat3 tom 1 && paired nat3 sue 0
'

test_expect_success 'forget-address deletes the blocks of the deleted account' '
	member ola ola@example.org && blocks sue ola && blocks ola tom &&
	gone ola && paired sue ola 1 &&
	em_cli user forget-address ola@example.org && paired sue ola 0 &&
	paired ola tom 0 && member ola2 ola@example.org && paired sue ola2 0
'

test_expect_success 'blocks of an account without a verified address are deleted with it' '
	em_user pam && em_sql "UPDATE user SET email_ok = 0, phone_ok = 0
	    WHERE id = $ID_pam" && blocks sue pam && gone pam && paired sue pam 0
'

test_expect_success 'hashes are deleted after accounts.return_days' '
	member gus gus@example.org && redeem gus ONE && expect 200 &&
	blocks sue gus && gone gus &&
	em_jobs "$(date -u -d "+364 days" +%Y-%m-%dT%H:%M:%SZ)" &&
	is 1 "$(em_sql "SELECT count(*) FROM former_address
	    WHERE user_id = $ID_gus")" && paired sue gus 1 &&
	em_jobs "$(date -u -d "+366 days" +%Y-%m-%dT%H:%M:%SZ)" &&
	is 0 "$(former)" && paired sue gus 0
'

test_done
