#!/bin/sh
# shellcheck disable=SC2016
test_description='promotions: budgets, maximum rates, kinds, audiences, expiry'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
. "$EM_SRC/t/lib-pay.sh"
em_conf limits.write_rate=0
em_conf payments.min_amount=100
em_start

# promotion JSON: creates a promotion. Sets $p.
promotion() {
	api POST /admin/promotions -t "$TOKEN_adm" "$1" && expect 201 &&
	p=$(json .id)
}
redeem() {
	api POST /promotions/redeem -t "$(token_of "$1")" "{\"code\":\"$2\"}"
}
# budget ID RESERVED SPENT
budget() {
	is "$2|$3" "$(em_sql "SELECT reserved, spent FROM promotion
	    WHERE id = $1")"
}
# topup NAME AMOUNT: a paid sandbox payment. Sets $payment and $ref.
topup() {
	initiate "$(token_of "$1")" "$2" &&
	em_cli pay simulate "$payment" >out
}
reverse() {
	hook sandbox "$1" payment="$payment" ref="$ref" return_ref="$2" amount="$3" && expect 200
}
# owns NAME BALANCE BONUS [OWED]
owns() {
	api GET /user/balance -t "$(token_of "$1")" && expect 200 &&
	check_json ".balance == $2 and .bonus == $3 and .owed == ${4:-0}"
}
# talk NAME LISTENER: a session of one minute.
talk() {
	start "$1" "$2" && ago 30 && end "$1"
}
# soon: prints a time at which all jobs are due again.
soon() {
	date -u -d "+$(($(cat soon 2>/dev/null || echo 0) + 11)) seconds" \
	    +%Y-%m-%dT%H:%M:%SZ
	echo "$(($(cat soon 2>/dev/null || echo 0) + 11))" >soon
}

test_expect_success 'free minutes do not apply above the maximum rate' '
	em_user adm admin && em_user ana && listener lis 1000 &&
	listener dear 1000000000 &&
	promotion "{\"code\":\"TEN\",\"kind\":\"minutes\",\"value\":10,
	    \"max_rate\":1000}" && ten=$p && check_json ".max_rate == 1000 and
	    .budget == 1000000 and .reserved == 0 and .spent == 0 and
	    .audience == \"all\" and .listed and .valid_days == null" &&
	redeem ana TEN && expect 200 && check_json ".max_rate == 1000" &&
	budget $ten 10000 0 &&
	api POST /sessions/start -t "$TOKEN_ana" \
	    "{\"listener_id\":$ID_dear}" && expect 402 insufficient_balance &&
	fund ana 1000000000 && talk ana dear && owns ana 0 0 &&
	check_json ".free_minutes == 10" && budget $ten 10000 0 &&
	is 0 "$(row billed_free)"
'

test_expect_success 'free minutes are spent at the rate, and the rest is released' '
	listener low 400 && start ana low && ago 90 &&
	api POST /sessions/end -t "$TOKEN_ana" "{\"session_id\":$s}" &&
	expect 200 && is 2 "$(row billed_free)" && budget $ten 8000 800 &&
	api GET /user/balance -t "$TOKEN_ana" &&
	check_json ".free_minutes == 8" && sound
'

test_expect_success 'a session holds minutes and returns them if they are not used' '
	start ana low && budget $ten 8000 800 &&
	api GET /user/balance -t "$TOKEN_ana" && check_json ".free_minutes == 7" &&
	end ana && api GET /user/balance -t "$TOKEN_ana" &&
	check_json ".free_minutes == 8" && budget $ten 8000 800 &&
	is 0 "$(em_sql "SELECT count(*) FROM redemption_hold")"
'

test_expect_success 'max_rate is required for free minutes only' '
	for f in "max_rate|\"kind\":\"minutes\",\"value\":1" \
	    "max_rate|\"kind\":\"bonus\",\"value\":1,\"max_rate\":1" \
	    "max_bonus|\"kind\":\"topup_percent\",\"value\":1" \
	    "max_bonus|\"kind\":\"bonus\",\"value\":1,\"max_bonus\":1" \
	    "min_topup|\"kind\":\"bonus\",\"value\":1,\"min_topup\":1" \
	    "first_topup_only|\"kind\":\"bonus\",\"value\":1,\"first_topup_only\":true" \
	    "value|\"kind\":\"topup_percent\",\"value\":1001,\"max_bonus\":1" \
	    "budget|\"kind\":\"bonus\",\"value\":10,\"budget\":9" \
	    "users|\"kind\":\"bonus\",\"value\":10,\"audience\":\"list\"" \
	    "users|\"kind\":\"bonus\",\"value\":10,\"users\":[$ID_ana]" \
	    "users|\"kind\":\"bonus\",\"value\":10,\"audience\":\"list\",
		\"users\":[$ID_ana,$ID_ana]" \
	    "users|\"kind\":\"bonus\",\"value\":10,\"audience\":\"list\",
		\"users\":[999999]"; do
		api POST /admin/promotions -t "$TOKEN_adm" \
		    "{\"code\":\"BAD\",${f#*|}}" &&
		expect 400 validation_failed &&
		check_json ".fields.${f%%|*}" || return 1
	done
'

test_expect_success 'a redemption that does not fit the budget returns 409' '
	em_user ben && em_user cal &&
	promotion "{\"code\":\"TWO\",\"kind\":\"bonus\",\"value\":300,
	    \"budget\":700,\"per_user\":9}" && two=$p &&
	redeem ana TWO && expect 200 && redeem ben TWO && expect 200 &&
	redeem cal TWO && expect 409 promotion_exhausted && owns cal 0 0 &&
	budget $two 0 600 &&
	api PATCH "/admin/promotions/$two" -t "$TOKEN_adm" \
	    "{\"budget\":599}" && expect 400 validation_failed &&
	check_json ".fields.budget" &&
	api PATCH "/admin/promotions/$two" -t "$TOKEN_adm" \
	    "{\"budget\":900}" && expect 200 && redeem cal TWO && expect 200 &&
	api GET "/admin/audit?target=promotion:$two" -t "$TOKEN_adm" &&
	check_json ".audit[0].before.budget == 700 and
	    .audit[0].after.budget == 900"
'

test_expect_success 'of 50 simultaneous redemptions at the edge of a budget, 7 fit' '
	tokens= && for i in 0 1 2 3 4 5 6 7 8 9; do
		em_user "u_$i" && eval "tokens=\"\$tokens \$TOKEN_u_$i\"" ||
		    return 1
	done &&
	promotion "{\"code\":\"EDGE\",\"kind\":\"minutes\",\"value\":2,
	    \"max_rate\":50,\"per_user\":5,\"budget\":799}" && edge=$p &&
	for t in $tokens $tokens $tokens $tokens $tokens; do
		echo "$t"
	done | shuf | xargs -P 50 -I @ curl -sS -o /dev/null \
	    -w "%{http_code}\n" -H "Authorization: Bearer @" \
	    -H "Content-Type: application/json" -d "{\"code\":\"EDGE\"}" \
	    "$URL/promotions/redeem" | sort | uniq -c | sed "s/^ *//" >got &&
	printf "7 200\n43 409\n" >want && test_cmp want got &&
	budget $edge 700 0
'

test_expect_success 'topup_percent pays a share of the next top-up, up to max_bonus' '
	promotion "{\"code\":\"HALF\",\"kind\":\"topup_percent\",\"value\":50,
	    \"max_bonus\":2000,\"min_topup\":1000,\"per_user\":2}" && half=$p &&
	em_user dan && redeem dan HALF && expect 200 && owns dan 0 0 &&
	budget $half 2000 0 && topup dan 900 && owns dan 900 0 &&
	topup dan 3000 && owns dan 5400 1500 && budget $half 0 1500 &&
	topup dan 3000 && owns dan 8400 1500 &&
	redeem dan HALF && topup dan 100000 && owns dan 110400 3500 &&
	budget $half 0 3500 && sound
'

test_expect_success 'a refund of a top-up takes its share of the bonus back' '
	em_user eve && promotion "{\"code\":\"BACK\",\"kind\":\"topup_percent\",
	    \"value\":100,\"max_bonus\":1000}" && back=$p &&
	redeem eve BACK && topup eve 1000 && owns eve 2000 1000 &&
	reverse refund r_1 400 && owns eve 1200 600 &&
	reverse refund r_2 600 && owns eve 0 0 && budget $back 0 1000 &&
	reverse refund r_2 600 && owns eve 0 0 && sound
'

test_expect_success 'a spent bonus that is taken back is owed, and a won dispute returns it' '
	em_user fay && redeem fay BACK && topup fay 1000 && talk fay lis &&
	owns fay 1000 0 && reverse dispute d_1 1000 && owns fay 0 0 1000 &&
	reverse won d_1 1000 && owns fay 1000 0 && sound &&
	reverse won d_1 1000 && owns fay 1000 0
'

test_expect_success 'first_topup_only applies to users without a top-up' '
	promotion "{\"code\":\"FIRST\",\"kind\":\"topup_percent\",\"value\":10,
	    \"max_bonus\":100,\"min_topup\":500,\"first_topup_only\":true}" &&
	first=$p && redeem dan FIRST && expect 409 promotion_not_eligible &&
	em_user gus && redeem gus FIRST && expect 200 && budget $first 100 0 &&
	topup gus 500 && owns gus 550 50 && budget $first 0 50 &&
	em_user hal && redeem hal FIRST && expect 200 && topup hal 100 &&
	owns hal 100 0 && budget $first 0 50
'

test_expect_success 'the audience limits who can redeem and who sees a promotion' '
	promotion "{\"code\":\"NEWBIE\",\"kind\":\"bonus\",\"value\":5,
	    \"audience\":\"new\"}" &&
	promotion "{\"code\":\"FEW\",\"kind\":\"bonus\",\"value\":5,
	    \"audience\":\"list\",\"users\":[$ID_hal,$ID_ben]}" &&
	promotion "{\"code\":\"SECRET\",\"kind\":\"bonus\",\"value\":5,
	    \"listed\":false}" && em_user ida &&
	codes() {
		api GET /promotions -t "$(token_of "$1")" && expect 200 &&
		json "[.promotions[].code] | map(select(. == (\"NEWBIE\", \"FEW\",
		    \"SECRET\"))) | sort | join(\" \")"
	} &&
	is NEWBIE "$(codes ida)" && is FEW "$(codes hal)" &&
	is "FEW NEWBIE" "$(codes ben)" && is "" "$(codes dan)" &&
	redeem hal NEWBIE && expect 409 promotion_not_eligible &&
	redeem ida FEW && expect 409 promotion_not_eligible &&
	redeem ben FEW && expect 200 && redeem ben SECRET && expect 200 &&
	is NEWBIE "$(codes ben)"
'

test_expect_success 'GET /promotions lists what is left of what was granted' '
	em_user jon && redeem jon TEN && redeem jon HALF && redeem jon TWO
	api GET /promotions -t "$TOKEN_jon" && expect 200 &&
	check_json "(.granted | length) == 2 and
	    ([.granted[].code] | sort) == [\"HALF\", \"TEN\"] and
	    (.granted[] | select(.code == \"TEN\") | .minutes_left == 10 and
	    .max_rate == 1000 and .expires_at == null) and
	    (.promotions | map(.code) | index(\"TEN\")) == null" &&
	api GET /promotions && expect 401
'

test_expect_success 'a benefit expires after valid_days, and its budget is released' '
	promotion "{\"code\":\"SHORT\",\"kind\":\"minutes\",\"value\":5,
	    \"max_rate\":1000,\"valid_days\":2}" && short=$p &&
	promotion "{\"code\":\"MONEY\",\"kind\":\"bonus\",\"value\":1000,
	    \"valid_days\":2}" && money=$p &&
	em_user kim && fund kim 1000 && redeem kim SHORT && expect 200 &&
	check_json ".expires_at != null" &&
	redeem kim MONEY && expect 200 && budget $short 5000 0 &&
	em_user leo && redeem leo MONEY && talk leo low && owns leo 600 600 &&
	start kim low && em_jobs "$(soon)" &&
	api GET /user/balance -t "$TOKEN_kim" &&
	check_json ".free_minutes == 4" && em_sql "UPDATE redemption
	    SET expires_at = expires_at - 3 * 86400000" && em_jobs "$(soon)" &&
	owns kim 1000 0 && check_json ".free_minutes == 0" && owns leo 0 0 &&
	budget $money 0 400 && budget $short 1000 0 &&
	redeem kim SHORT && expect 409 promotion_already_redeemed &&
	end kim && em_jobs "$(soon)" &&
	api GET /user/balance -t "$TOKEN_kim" &&
	check_json ".free_minutes == 0" && budget $short 0 0 && sound
'

test_expect_success 'revenue is the commission on money that customers paid' '
	listener pay 1000 && em_user max && fund max 1000 && bonus max 1000 &&
	minutes max 1 && em_sql "SELECT coalesce(max(id), 0) FROM fact" >from &&
	for i in 1 2 3; do
		talk max pay || return 1
	done && is 2400 "$(em_sql "SELECT balance FROM ledger_account
	    WHERE id = $ID_pay * 16 + 4")" &&
	is "200|1000" "$(em_sql "SELECT
	    sum(n) FILTER (WHERE metric = 5), sum(n) FILTER (WHERE metric = 11)
	    FROM fact WHERE id > $(cat from)")" &&
	em_jobs "$(date -u +%Y-%m-%dT%H:%M:%SZ)" &&
	api GET /admin/dashboard -t "$TOKEN_adm" && expect 200 &&
	check_json ".today.promotions > 0 and .today.revenue >= 200" &&
	api GET "/admin/analytics?metric=promotions&bucket=day" \
	    -t "$TOKEN_adm" && expect 200 &&
	check_json ".points[-1].by | keys == [\"bonus\", \"minutes\", \"referral\"]"
'

test_expect_success 'deleting an account releases what its benefits reserve' '
	budget $half 2000 3500 && api DELETE /user/profile -t "$TOKEN_jon" &&
	expect 204 && budget $half 0 3500 && budget $ten 8000 800
'

test_expect_success 'budgets agree with redemptions and the ledger' '
	is 0 "$(em_sql "SELECT count(*) FROM promotion AS p WHERE
	    reserved <> (SELECT coalesce(sum(reserved), 0) FROM redemption
		WHERE promotion_id = p.id) OR
	    spent <> (SELECT coalesce(sum(spent), 0) FROM redemption
		WHERE promotion_id = p.id) OR spent + reserved > budget")" &&
	is "$(em_sql "SELECT -balance FROM ledger_account WHERE id = 9")" \
	    "$(em_sql "SELECT sum(spent - clawed_bonus - clawed_owed)
	    FROM redemption")" && sound
'

test_done
