#!/bin/sh
test_description='paid sessions: prepaid billing in unusual situations'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
em_start

test_expect_success 'setup: accounts' '
	em_user adm admin && listener lis 500 && listener liz 500 &&
	for who in ana bob cid dan eva fay gil hal ida jon; do
		em_user $who || return 1
	done
'

test_expect_success 'the jobs reserve each minute before it begins' '
	fund ana 2200 && start ana lis && has ana "1700|0|500" &&
	jobs 60 && has ana "1700|0|500" &&
	jobs 68.5 && has ana "1200|0|1000" &&
	is 130000 "$(row "leased_until - started_at")" &&
	jobs 69.9 && has ana "1200|0|1000" &&
	jobs 129 && has ana "700|0|1500" &&
	api GET /user/balance -t "$TOKEN_ana" &&
	check_json ".balance == 2200 and .available == 700 and .held == 1500" &&
	sound
'

test_expect_success 'reserved minutes are billed once at the end' '
	ago 130 && end ana && check_json ".cost == 1500 and .balance == 700" &&
	has ana "700|0|0" &&
	api GET "/user/transactions" -t "$TOKEN_ana" &&
	check_json "[.transactions[] | select(.type == \"session\") | .amount]
	    == [-1500]" && sound
'

test_expect_success 'nothing is billed after the end' '
	em_sql "SELECT max(id) FROM transfer" >before &&
	jobs 3600 && jobs 36000 && em_sql "SELECT max(id) FROM transfer" >after &&
	test_cmp before after && is 1500 "$(row cost)"
'

test_expect_success 'a session ends at the millisecond when the money ends' '
	fund bob 1400 && start bob lis &&
	jobs 69 && jobs 129 && has bob "400|0|1000" && is 0 "$(row state)" &&
	jobs 129.999 && is 0 "$(row state)" &&
	jobs 130.7 && is "1|130000|3|1000|2" \
	    "$(row "state, ended_at - started_at, cause, cost,
	    billed_minutes")" && has bob "400|0|0" && sound &&
	events bob session.ended >got && jq -e ".cause == \"money\" and
	    .duration_seconds == 130" got &&
	end bob && check_json ".cause == \"money\" and .cost == 1000 and
	    .balance == 400"
'

test_expect_success 'the bill is the same if the jobs were stopped for ten hours' '
	fund bob 600 && start bob lis && jobs 36000 &&
	is "1|130000|3|1000" \
	    "$(row "state, ended_at - started_at, cause, cost")" &&
	has bob "0|0|0" && sound
'

test_expect_success 'an end without jobs bills the actual duration' '
	fund cid 5000 && start cid lis && em_sql "UPDATE session
	    SET started_at = started_at - 200000,
	    billed_from = billed_from - 200000,
	    leased_until = leased_until - 200000,
	    lasts_until = lasts_until - 200000 WHERE id = $s" && end lis &&
	check_json ".billed_minutes == 4 and .cost == 2000 and
	    .cause == \"listener\"" && has cid "3000|0|0" && sound
'

test_expect_success 'an end without jobs bills no more than the balance' '
	fund dan 700 && start dan lis && ago 5000 && end lis &&
	check_json ".cost == 500 and .cause == \"money\" and
	    .duration_seconds == 70" && has dan "200|0|0" && sound
'

test_expect_success 'a balance below one minute starts no session' '
	api POST /sessions/start -t "$TOKEN_dan" "{\"listener_id\":$ID_lis}" &&
	expect 402 insufficient_balance && has dan "200|0|0"
'

test_expect_success 'money that is removed during a session shortens it to the reserved part' '
	fund eva 3000 && start eva lis &&
	api POST "/admin/wallets/$ID_eva/adjust" -t "$TOKEN_adm" \
	    "{\"amount\":-3000,\"reason\":\"x\"}" &&
	expect 409 insufficient_balance &&
	fund eva -2500 && has eva "0|0|500" &&
	jobs 69 && jobs 71 && is "1|70000|3|500" \
	    "$(row "state, ended_at - started_at, cause, cost")" &&
	has eva "0|0|0" && sound
'

test_expect_success 'a free minute is not used by a session within the free seconds' '
	minutes fay 3 && fund fay 1000 && start fay lis &&
	check_json ".max_seconds == 310" && has fay "1000|0|0" &&
	api GET /user/balance -t "$TOKEN_fay" && check_json \
	    ".free_minutes == 2" &&
	ago 4 && end fay && check_json ".free_minutes == 0 and .cost == 0" &&
	api GET /user/balance -t "$TOKEN_fay" && check_json \
	    ".free_minutes == 3 and .balance == 1000" && sound
'

test_expect_success 'free minutes are used first, then bonus, then the wallet' '
	bonus fay 700 && start fay lis &&
	jobs 69 && jobs 129 && has fay "1000|700|0" &&
	jobs 189 && has fay "1000|200|500" &&
	jobs 249 && has fay "700|0|1000" && ago 240 && end fay &&
	check_json ".billed_minutes == 4 and .free_minutes == 3 and
	    .cost == 500" && has fay "1000|200|0" && sound &&
	is "500|500" "$(row "cost, cost_bonus")" &&
	is 1600 "$(row earned)" &&
	api GET "/sessions/$s/receipt" -t "$TOKEN_fay" &&
	check_json "[.lines[] | select(.what == \"promotion\") | .minutes] ==
	    [3] and [.lines[] | select(.what == \"bonus\") | .amount] ==
	    [500]" &&
	start fay lis && ago 100 && end fay && check_json ".cost == 1000" &&
	has fay "200|0|0" && sound
'

test_expect_success 'earnings and fees equal the payments of customers' '
	is 0 "$(em_sql "SELECT sum(balance) FROM ledger_account")" &&
	is "$(em_sql "SELECT sum(earned) FROM session")" \
	    "$(em_sql "SELECT balance FROM ledger_account
		WHERE id = $ID_lis * 16 + 4")" &&
	is "$(em_sql "SELECT sum(fee) FROM session")" \
	    "$(em_sql "SELECT balance FROM ledger_account WHERE id = 6")"
'

test_expect_success 'changes to the profile do not change the balance' '
	fund gil 5000 && start gil lis &&
	api PUT /user/profile -t "$TOKEN_gil" "{\"bio\":\"x\",\"balance\":1}" &&
	expect 200 && em_cli user role gil listener >/dev/null 2>&1;
	has gil "4500|0|500" && ago 65 && end gil && has gil "4500|0|0"
'

test_expect_success 'a changed rate applies to the next session' '
	start gil lis && api PUT /listeners/profile -t "$TOKEN_lis" \
	    "{\"rate_per_minute\":900}" && expect 200 && jobs 69 && ago 100 &&
	end gil && check_json ".cost == 1000" && start gil lis &&
	check_json ".rate_per_minute == 900" && end gil &&
	api PUT /listeners/profile -t "$TOKEN_lis" \
	    "{\"rate_per_minute\":500}" && expect 200
'

test_expect_success 'a clock set back by an hour causes no negative bill' '
	fund hal 5000 && start hal lis && jobs 69 && was=$(row leased_until) &&
	jobs -3600 && is "0|$was" "$(row "state, leased_until")" &&
	em_sql "UPDATE session SET started_at = started_at + 3600000,
	    billed_from = billed_from + 3600000,
	    leased_until = leased_until + 3600000,
	    lasts_until = lasts_until + 3600000 WHERE id = $s" &&
	end hal && check_json ".duration_seconds == 0 and .cost == 0 and
	    .balance == 5000" && has hal "5000|0|0" && sound
'

test_expect_success 'a clock set forward and back causes one bill within the balance' '
	start hal lis && jobs 500 && is 0 "$(row state)" &&
	jobs 0 && jobs 30 && jobs 500 && has hal "0|0|5000" && end hal &&
	check_json ".cost == 0 and .balance == 5000" && has hal "5000|0|0" &&
	start hal lis && jobs 3600 && jobs 0 && jobs 7200 &&
	is "1|610000|5000" "$(row "state, ended_at - started_at, cost")" &&
	has hal "0|0|0" && sound
'

test_expect_success 'both users are warned once, a minute before the money ends' '
	fund ida 1000 && start ida liz && jobs 69 &&
	jobs 69.5 && events ida session.low_balance >got && ! test -s got &&
	jobs 70 && jobs 71 && jobs 100 &&
	for who in ida liz; do
		events $who session.low_balance >got &&
		echo "{\"seconds_left\":60,\"session_id\":$s}" >want &&
		test_cmp want got || return 1
	done
'

test_expect_success 'money added during a session extends it and repeats the warning' '
	promote ida bonus 1000 &&
	is "250000|0" "$(row "lasts_until - started_at, low_balance_notified")" &&
	events ida session.extended >got &&
	echo "{\"max_seconds\":250,\"session_id\":$s}" >want &&
	test_cmp want got &&
	events liz session.extended >got &&
	echo "{\"session_id\":$s}" >want && test_cmp want got &&
	jobs 129 && is 190000 "$(row "leased_until - started_at")" &&
	jobs 189 && jobs 200 && events ida session.low_balance >got &&
	is 2 "$(wc -l <got)" && minutes ida 1 && fund ida 500 &&
	events ida session.extended >got && is 3 "$(wc -l <got)" &&
	jobs 249 && jobs 309 && jobs 371 &&
	is "1|370000|2500|3|1" \
	    "$(row "state, ended_at - started_at, cost, cause, billed_free")" &&
	sound
'

test_expect_success 'money added after the end is too late' '
	fund ida 500 && start ida liz && ago 70.001 && fund ida 700 &&
	is "1|70000|500|3" \
	    "$(row "state, ended_at - started_at, cost, cause")" &&
	has ida "700|0|0" && sound
'

test_expect_success 'a ban of either user ends the session' '
	fund jon 9000 && start jon lis && ago 30 &&
	api POST /admin/ban-user -t "$TOKEN_adm" \
	    "{\"user_id\":$ID_jon,\"reason\":\"x\"}" && expect 200 &&
	is "1|4|500" "$(row "state, cause, cost")" && has jon "8500|0|0" &&
	is "" "$(em_sql "SELECT user_id FROM presence
	    WHERE busy_since IS NOT NULL")" &&
	api POST /admin/unban-user -t "$TOKEN_adm" "{\"user_id\":$ID_jon}" &&
	em_login jon && start jon lis && ago 30 &&
	em_cli user ban lis --reason x && is "1|4|500" \
	    "$(row "state, cause, cost")" && has jon "8000|0|0" && sound &&
	em_cli user unban lis && em_login lis && online lis
'

test_expect_success 'deleting an account ends its session, and the history has no name' '
	start jon lis && ago 30 &&
	api DELETE "/user/profile?forfeit=true" -t "$TOKEN_jon" && expect 204 &&
	is "1|5|500" "$(row "state, cause, cost")" && sound &&
	api GET "/sessions/$s" -t "$TOKEN_lis" && expect 200 &&
	check_json ".customer_username == null and .earned == 400" &&
	is "" "$(em_sql "SELECT user_id FROM presence
	    WHERE busy_since IS NOT NULL")"
'

# The transfer has no valid hash, which earmark-jobs may notice meanwhile.
em_allow 'the ledger is broken'

test_expect_success 'a user in debt cannot start a session' '
	em_sql "SELECT count(*) FROM session" >before &&
	fund hal 5000 && em_sql "BEGIN;
	    INSERT INTO entry VALUES
		((SELECT max(id) + 1 FROM transfer), 0, $ID_hal * 16 + 5,
		    -10, -10),
		((SELECT max(id) + 1 FROM transfer), 1, 7, 10,
		    10 + coalesce((SELECT balance FROM ledger_account
			WHERE id = 7), 0));
	    INSERT INTO transfer(id, type, reference, at, hash)
	    SELECT max(id) + 1, 9, 1, 1, zeroblob(32) FROM transfer;
	    COMMIT" &&
	api POST /sessions/start -t "$TOKEN_hal" "{\"listener_id\":$ID_lis}" &&
	expect 402 balance_owed &&
	em_sql "SELECT count(*) FROM session" >after && test_cmp before after
'

test_done
