#!/bin/sh
# shellcheck disable=SC2016
test_description='referrals: a bonus for both users after the first top-up'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-auth.sh"
em_conf limits.write_rate=0
em_conf promotions.referral_inviter=700
em_conf promotions.referral_invited=300
em_start

code_of_user() {
	api GET /referrals -t "$1" && expect 200 && json .referral_code
}
# invited NAME CODE: registers NAME with a referral code and verifies the
# address.
invited() {
	post register username="$1" password="$EM_PASSWORD" \
	    email="$1@example.org" referral_code="$2" && expect 201 &&
	verify "$1@example.org" "$(em_code "$1@example.org")" register &&
	expect 200 && em_login "$1"
}
# topup NAME AMOUNT: creates a pending sandbox payment. Sets $payment.
topup() {
	eval "api POST /user/balance/topup -t \"\$TOKEN_$1\"" \
	    "'{\"amount\":$2}'" && expect 201 && payment=$(json .payment_id)
}
# paid NAME AMOUNT: creates a payment and pays it.
paid() {
	topup "$1" "$2" && em_cli pay simulate "$payment" >out
}
has() {
	eval "api GET /user/balance -t \"\$TOKEN_$1\"" && expect 200 &&
	check_json ".balance == $2 and .bonus == $3"
}

test_expect_success 'each user has a referral code of its own' '
	em_user ana && em_user ben && code=$(code_of_user "$TOKEN_ana") &&
	check_json ".invited == 0 and .paid == 0 and .earned == 0 and
	    .referrals == [] and .total_count == 0" &&
	[ "$code" != "$(code_of_user "$TOKEN_ben")" ]
'

test_expect_success 'an unverified account is not listed as a referral' '
	post register username=cal password="$EM_PASSWORD" \
	    email=cal@example.org referral_code="$code" && expect 201 &&
	api GET /referrals -t "$TOKEN_ana" &&
	check_json ".invited == 0 and .referrals == []" &&
	verify cal@example.org "$(em_code cal@example.org)" register &&
	expect 200 && em_login cal &&
	api GET /referrals -t "$TOKEN_ana" && e=$(header ETag) &&
	check_json ".invited == 1 and .paid == 0 and
	    .referrals[0].username == \"cal\" and .referrals[0].bonus == 0 and
	    .referrals[0].paid_at == null"
'

test_expect_success 'a pending payment gives no bonus' '
	topup cal 1000 && has cal 0 0 && has ana 0 0 &&
	api GET /referrals -t "$TOKEN_ana" -H "If-None-Match: $e" && expect 304
'

test_expect_success 'the first paid payment gives both users their bonus' '
	em_cli pay simulate "$payment" >out && has cal 1300 300 &&
	has ana 700 700 &&
	api GET /referrals -t "$TOKEN_ana" -H "If-None-Match: $e" &&
	expect 200 && check_json ".paid == 1 and .earned == 700 and
	    .referrals[0].bonus == 700 and .referrals[0].paid_at != null" &&
	api GET /user/transactions -t "$TOKEN_cal" &&
	check_json "[.transactions[] | [.type, .amount]] ==
	    [[\"bonus\", 300], [\"topup\", 1000]]"
'

test_expect_success 'repeated webhooks and later payments give no further bonus' '
	em_cli pay simulate "$payment" --times 3 >out && has ana 700 700 &&
	paid cal 2000 && has cal 3300 300 && has ana 700 700
'

test_expect_success 'a payment after a refund of the first one gives no bonus' '
	invited dan "$code" && paid dan 5000 && has dan 5300 300 &&
	has ana 1400 1400 && em_user adm admin &&
	api POST "/admin/payments/$payment/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"test\"}" && expect 202 && has dan 300 300 && paid dan 5000 && has dan 5300 300 &&
	has ana 1400 1400
'

test_expect_success 'a user without a referrer gets no bonus' '
	paid ben 1000 && has ben 1000 0 && has ana 1400 1400
'

test_expect_success 'a code cannot be used by its owner, and an unknown one returns 400' '
	post register username=eve password="$EM_PASSWORD" \
	    email=eve@example.org referral_code=NOBODY99 && expect 400 &&
	invited eve "$code" && own=$(code_of_user "$TOKEN_eve") &&
	api PUT /user/profile -t "$TOKEN_eve" "{\"referral_code\":\"$own\"}" &&
	[ "$(em_sql "SELECT referred_by FROM user WHERE username = '\''eve'\''")" = \
	    "$ID_ana" ] &&
	em_sql "UPDATE user SET referred_by = id WHERE username = '\''eve'\''" &&
	paid eve 1000 && has eve 1000 0 &&
	em_sql "UPDATE user SET referred_by = $ID_ana
	    WHERE username = '\''eve'\''"
'

test_expect_success 'a deleted account gets no bonus, and its code is invalid' '
	invited fay "$(code_of_user "$TOKEN_ben")" &&
	api DELETE "/user/profile?forfeit=true" -t "$TOKEN_ben" && expect 204 &&
	paid fay 1000 && has fay 1000 0 &&
	[ "$(em_sql "SELECT count(*) FROM referral
	    WHERE inviter_id = $ID_ben")" = 0 ] &&
	post register username=gus password="$EM_PASSWORD" \
	    email=gus@example.org referral_code="deleted-$ID_ben" && expect 400
'

test_expect_success 'a deleted referral is listed without a name' '
	api DELETE "/user/profile?forfeit=true" -t "$TOKEN_dan" && expect 204 &&
	api GET /referrals -t "$TOKEN_ana" && expect 200 &&
	check_json ".invited == 3 and .paid == 2 and
	    ([.referrals[] | select(.username == null)] | length) == 1"
'

test_expect_success '20 simultaneous first payments give each user one bonus' '
	invited hal "$code" && before=$(em_sql "SELECT earned FROM referral_total
	    WHERE user_id = $ID_ana") &&
	for i in $(seq 20); do
		topup hal 1000 && echo "$payment" || return 1
	done >ids &&
	xargs -P 20 -n 1 "$EM_BUILD/earmark" -c "$EM_STATE/earmark.conf" \
	    pay simulate <ids >out 2>&1 && has hal 20300 300 &&
	[ "$(em_sql "SELECT earned FROM referral_total
	    WHERE user_id = $ID_ana")" = $((before + 700)) ]
'

test_expect_success 'pages by cursor return each referral once' '
	api GET "/referrals?per_page=100" -t "$TOKEN_ana" &&
	json ".referrals[].user_id" >all && : >paged && c= &&
	check_json ".total_count == (.referrals | length)" &&
	for i in $(seq 9); do
		api GET "/referrals?per_page=1${c:+&cursor=$c}" \
		    -t "$TOKEN_ana" && json ".referrals[].user_id" >>paged ||
		    return 1
		c=$(json ".next_cursor // empty")
		[ -n "$c" ] || break
	done && test_cmp all paged && sort -rn all | test_cmp all -
'

test_expect_success 'the ledger passes its verification' '
	em_cli ledger verify >out && note "$(cat out)" &&
	[ "$(em_sql "SELECT -balance FROM ledger_account WHERE id = 9")" = \
	    "$(em_sql "SELECT sum(inviter_bonus + invited_bonus)
	    FROM referral")" ]
'

test_done
