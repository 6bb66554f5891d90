#!/bin/sh
# shellcheck disable=SC2016
test_description='referrals: both bonuses follow the commission on own money'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-auth.sh"
. "$EM_SRC/t/lib-money.sh"
. "$EM_SRC/t/lib-pay.sh"
em_conf limits.write_rate=0
em_conf promotions.referral_inviter=700
em_conf promotions.referral_invited=300
em_conf referral.per_month=3
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
# talk NAME LISTENER: a session of one minute.
talk() {
	start "$1" "$2" && ago 30 && end "$1" && em_sql "UPDATE presence
	    SET busy_since = NULL"
}
# later NAME: moves the first top-up of NAME eight days into the past.
later() {
	em_sql "UPDATE referral SET topup_at = topup_at - 8 * 86400000,
	    due_at = due_at - 8 * 86400000 WHERE invited_id = $(id_of "$1")"
}
# gone NAME: deletes the account.
gone() {
	api DELETE "/user/profile?forfeit=true" -t "$(token_of "$1")" && expect 204
}
# pay_due: runs the jobs, each time as if 11 s had passed.
pay_due() {
	pay_due_n=$((${pay_due_n:-0} + 11))
	em_jobs "$(date -u -d "+$pay_due_n seconds" +%Y-%m-%dT%H:%M:%SZ)"
}
# owns NAME BALANCE BONUS [OWED]
owns() {
	eval "api GET /user/balance -t \"\$TOKEN_$1\"" && expect 200 &&
	check_json ".balance == $2 and .bonus == $3 and .owed == ${4:-0}"
}
# state NAME STATE: compares the state in the list of the inviter ana.
state() {
	api GET /referrals -t "$TOKEN_ana" &&
	check_json ".referrals[] | select(.username == \"$1\") |
	    .state == \"$2\""
}

test_expect_success 'each user has a referral code of its own' '
	em_user adm admin && em_user ana && em_user ben &&
	listener lis 5000 && listener inv 5000 &&
	code=$(code_of_user "$TOKEN_ana") &&
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
	    .referrals[0].paid_at == null and
	    .referrals[0].state == \"joined\""
'

test_expect_success 'a top-up alone gives no bonus, even after the hold' '
	topup cal 1000 && owns cal 0 0 &&
	api GET /referrals -t "$TOKEN_ana" -H "If-None-Match: $e" && expect 304 &&
	em_cli pay simulate "$payment" >out && state cal waiting &&
	later cal && pay_due && owns cal 1000 0 && owns ana 0 0
'

test_expect_success 'the bonus is paid when the commission reaches both bonuses' '
	paid cal 5000 && owns cal 6000 0 && talk cal lis && pay_due &&
	owns cal 1300 300 && owns ana 700 700 && state cal paid &&
	check_json ".paid == 1 and .earned == 700 and
	    .referrals[0].bonus == 700 and .referrals[0].paid_at != null" &&
	api GET /user/transactions -t "$TOKEN_cal" &&
	check_json "[.transactions[0] | .type, .amount] == [\"bonus\", 300]" &&
	sound
'

test_expect_success 'repeated webhooks, sessions and payments give no further bonus' '
	em_cli pay simulate "$payment" --times 3 >out && owns ana 700 700 &&
	paid cal 9000 && talk cal lis && pay_due && owns ana 700 700 &&
	owns cal 5300 0
'

test_expect_success 'the bonus waits for the hold' '
	invited dan "$code" && paid dan 9000 && talk dan lis && pay_due &&
	owns dan 4000 0 && state dan waiting && owns ana 700 700 &&
	later dan && pay_due && owns dan 4300 300 && owns ana 1400 1400
'

test_expect_success 'commission on bonus money does not count' '
	invited eve "$(echo "$code" | tr A-Z a-z)" && paid eve 1000 &&
	later eve && bonus eve 5000 && talk eve lis && owns eve 1000 0 &&
	pay_due && owns eve 1000 0 && state eve waiting
'

test_expect_success 'sessions with the inviter do not count' '
	inv=$(code_of_user "$TOKEN_inv") && invited fay "$inv" &&
	paid fay 20000 && later fay && talk fay inv && pay_due &&
	owns fay 15000 0 && talk fay lis && pay_due && owns fay 10300 300
'

test_expect_success 'a refund before the payout prevents it' '
	invited gus "$code" && paid gus 1000 && first=$payment &&
	paid gus 9000 && talk gus lis && later gus &&
	api POST "/admin/payments/$first/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"test\"}" && expect 202 && pay_due &&
	owns gus 4000 0 && owns ana 1400 1400 && state gus waiting
'

test_expect_success 'a refund after the payout takes both bonuses back' '
	invited hal "$code" && paid hal 1000 && first=$payment &&
	paid hal 9000 && talk hal lis && later hal && pay_due &&
	owns hal 5300 300 && owns ana 2100 2100 &&
	api POST "/admin/payments/$first/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"test\"}" && expect 202 &&
	owns hal 4000 0 && owns ana 1400 1400 && state hal reversed &&
	check_json ".paid == 2 and .earned == 1400" && sound
'

test_expect_success 'a refund of the session that earned the bonus takes it back' '
	em_user joe && joe=$(code_of_user "$TOKEN_joe") &&
	invited kim "$joe" && paid kim 9000 && talk kim lis && later kim &&
	pay_due && owns joe 700 700 && owns kim 4300 300 &&
	api POST "/admin/sessions/$s/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"test\",\"charge_listener\":true}" && expect 200 &&
	pay_due && owns kim 9000 0 && owns joe 0 0 && talk kim lis &&
	pay_due && owns joe 0 0 && sound
'

test_expect_success 'a spent bonus that is taken back is owed' '
	owns inv 700 700 && listener far 700 && talk inv far && owns inv 0 0 &&
	api POST "/admin/payments/$(em_sql "SELECT min(id) FROM payment
	    WHERE user_id = $ID_fay")/refund" -t "$TOKEN_adm" \
	    "{\"amount\":100,\"reason\":\"part\"}" && expect 202 &&
	owns inv 0 0 700 && sound
'

test_expect_success 'an inviter is paid for per_month users in 30 days' '
	invited ida "$code" && paid ida 9000 && talk ida lis && later ida &&
	pay_due && owns ida 4000 0 && owns ana 1400 1400 &&
	state ida waiting && em_sql "UPDATE referral
	    SET paid_at = paid_at - 30 * 86400000, due_at = due_at - 30 * 86400000
	    WHERE inviter_id = $ID_ana" &&
	pay_due && owns ida 4300 300 && owns ana 2100 2100
'

test_expect_success 'a dispute takes the bonuses, and winning it returns them' '
	ref=$(em_sql "SELECT ref FROM payment WHERE id = $payment") &&
	hook sandbox dispute payment=$payment ref=$ref return_ref=dp_1 amount=9000 &&
	expect 200 && owns ida 0 0 5000 && owns ana 1400 1400 &&
	state ida reversed && sound &&
	hook sandbox won payment=$payment ref=$ref return_ref=dp_1 amount=9000 && expect 200 &&
	owns ana 2100 2100 && state ida paid && sound
'

test_expect_success 'a user without a referrer gets no bonus' '
	paid ben 9000 && talk ben lis && pay_due && owns ben 4000 0
'

test_expect_success 'registering with an unknown referral code returns 400' '
	post register username=liv password="$EM_PASSWORD" \
	    email=liv@example.org referral_code=NOBODY99 && expect 400 &&
	check_json ".fields.referral_code != null" &&
	is 0 "$(em_sql "SELECT count(*) FROM user
	    WHERE username = '\''liv'\''")"
'

test_expect_success 'a user cannot become the inviter of their own account' '
	invited liv "$code" && own=$(code_of_user "$TOKEN_liv") &&
	api PUT /user/profile -t "$TOKEN_liv" "{\"referral_code\":\"$own\"}" &&
	is "$ID_ana" "$(em_sql "SELECT referred_by FROM user
	    WHERE username = '\''liv'\''")" &&
	em_sql "UPDATE user SET referred_by = id WHERE id = $ID_liv" &&
	paid liv 9000 && talk liv lis && later liv && pay_due &&
	owns liv 4000 0 && is 0 "$(em_sql "SELECT count(*) FROM referral
	    WHERE invited_id = $ID_liv")" &&
	em_sql "UPDATE user SET referred_by = $ID_ana WHERE id = $ID_liv"
'

test_expect_success 'an account whose inviter was deleted before the top-up gets no bonus' '
	em_user max && max=$(code_of_user "$TOKEN_max") &&
	invited meg "$max" && gone max && paid meg 9000 && talk meg lis &&
	later meg && pay_due && owns meg 4000 0 &&
	is 0 "$(em_sql "SELECT count(*) FROM referral
	    WHERE inviter_id = $ID_max")"
'

test_expect_success 'an inviter who is deleted during the hold prevents both bonuses' '
	em_user pat && pat=$(code_of_user "$TOKEN_pat") &&
	invited pia "$pat" && paid pia 9000 && talk pia lis && gone pat &&
	later pia && pay_due && owns pia 4000 0 &&
	is 0 "$(em_sql "SELECT coalesce(sum(balance), 0) FROM ledger_account
	    WHERE id BETWEEN $ID_pat * 16 AND $ID_pat * 16 + 15")" && sound
'

test_expect_success 'the code of a deleted account is unknown' '
	for i in "$max" "deleted-$ID_max"; do
		post register username=ned password="$EM_PASSWORD" \
		    email=ned@example.org referral_code="$i" && expect 400 ||
		    return 1
	done
'

test_expect_success 'a deleted referral is listed without a name and stays paid' '
	api GET /referrals -t "$TOKEN_ana" && before=$(json .paid) &&
	check_json "([.referrals[] | select(.username == null)] | length) == 0" &&
	gone dan && api GET /referrals -t "$TOKEN_ana" && expect 200 &&
	check_json ".paid == $before and
	    ([.referrals[] | select(.username == null) | [.user_id, .state]]) ==
	    [[$ID_dan, \"paid\"]]"
'

test_expect_success '20 simultaneous first payments begin one referral, paid once' '
	em_user ora && ora=$(code_of_user "$TOKEN_ora") &&
	invited ole "$ora" && for i in $(seq 20); do
		topup ole 1000 && echo "$payment" || return 1
	done >ids &&
	xargs -P 20 -n 1 "$EM_BUILD/earmark" -c "$EM_STATE/earmark.conf" \
	    pay simulate <ids >out 2>&1 && owns ole 20000 0 &&
	is 1 "$(em_sql "SELECT count(*) FROM referral
	    WHERE invited_id = $ID_ole")" &&
	talk ole lis && later ole && pay_due && pay_due &&
	owns ole 15300 300 && owns ora 700 700 && sound
'

test_expect_success 'pages by cursor return each referral once' '
	api GET "/referrals?per_page=100" -t "$TOKEN_ana" && expect 200 &&
	json ".referrals[].user_id" >all && : >paged && c= &&
	check_json ".total_count == (.referrals | length) and
	    .total_count == .invited" &&
	for i in $(seq 20); do
		api GET "/referrals?per_page=1${c:+&cursor=$c}" \
		    -t "$TOKEN_ana" && json ".referrals[].user_id" >>paged ||
		    return 1
		c=$(json ".next_cursor // empty")
		[ -n "$c" ] || break
	done && test_cmp all paged && sort -rn all | test_cmp all -
'

test_expect_success 'the ledger passes its verification' '
	sound && [ "$(em_sql "SELECT -balance FROM ledger_account WHERE id = 9")" = \
	    "$(em_sql "SELECT sum(inviter_bonus + invited_bonus) + 5000
	    FROM referral WHERE clawed_at IS NULL")" ]
'

test_done
