#!/bin/sh
# shellcheck disable=SC2016
test_description='promotions: codes, limits and administration'
. "$(dirname "$0")/../lib.sh"
em_conf limits.write_rate=0
em_start

at() {
	date -u -d "@$(($(date +%s) + $1))" +%Y-%m-%dT%H:%M:%SZ
}
# promote BODY: creates a promotion as an administrator.
promote() {
	api POST /admin/promotions -t "$TOKEN_adm" "$1"
}
redeem() {
	api POST /promotions/redeem -t "$TOKEN_ana" "{\"code\":\"$1\"}"
}
balance() {
	api GET /user/balance -t "$TOKEN_ana" && expect 200 && check_json "$1"
}
# many CODE TIMES TOKEN...: redeems CODE TIMES times with each token, all at once.
many() {
	m_code=$1 m_times=$2
	shift 2
	for token in "$@"; do
		for i in $(seq "$m_times"); do
			echo "$token"
		done
	done | shuf | xargs -P 50 -I @ curl -sS -o /dev/null \
	    -w '%{http_code}\n' -H 'Authorization: Bearer @' \
	    -H 'Content-Type: application/json' -d "{\"code\":\"$m_code\"}" \
	    "$URL/promotions/redeem" | sort | uniq -c | sed 's/^ *//' >got
}

test_expect_success 'POST /admin/promotions stores the code in upper case' '
	em_user adm admin && em_user ana && em_user ben &&
	promote "{\"code\":\"welcome-5\",\"kind\":\"bonus\",\"value\":5000,
	    \"note\":\"Spring\"}" && expect 201 &&
	check_json ".code == \"WELCOME-5\" and .active and .per_user == 1 and
	    .total == null and .redeemed == 0 and .starts_at == null and
	    .note == \"Spring\"" && welcome=$(json .id)
'

test_expect_success 'a bonus code adds bonus money to the balance' '
	redeem welcome-5 && expect 200 &&
	check_json ". == {code: \"WELCOME-5\", kind: \"bonus\", value: 5000,
	    max_rate: null, max_bonus: null, min_topup: 0,
	    first_topup_only: false, expires_at: null, balance: 5000,
	    bonus: 5000, free_minutes: 0, currency: \"INR\"}" &&
	balance ".balance == 5000 and .bonus == 5000" &&
	api GET /user/transactions -t "$TOKEN_ana" && expect 200 &&
	check_json ".transactions[0].type == \"bonus\" and
	    .transactions[0].amount == 5000" &&
	api GET /events -t "$TOKEN_ana" &&
	check_json ".events[-1].type == \"wallet.changed\" and
	    .events[-1].data.amount == 5000"
'

test_expect_success 'a code can be redeemed once by each user, ignoring case and spaces' '
	for code in WELCOME-5 welcome-5 "  WelCome-5 "; do
		redeem "$code" && expect 409 promotion_already_redeemed ||
		    return 1
	done && balance ".balance == 5000" &&
	api POST /promotions/redeem -t "$TOKEN_ben" \
	    "{\"code\":\"WELCOME-5\"}" && expect 200
'

test_expect_success 'a code for free minutes does not change the balance' '
	promote "{\"code\":\"MIN_3\",\"kind\":\"minutes\",\"value\":3,
	    \"max_rate\":1000,\"per_user\":2}" && expect 201 &&
	redeem min_3 && expect 200 && check_json ".free_minutes == 3 and
	    .balance == 5000" &&
	redeem min_3 && expect 200 && check_json ".free_minutes == 6" &&
	redeem min_3 && expect 409 promotion_already_redeemed &&
	balance ".balance == 5000 and .free_minutes == 6" &&
	api GET /events -t "$TOKEN_ana" &&
	check_json ".events[-1].type == \"wallet.changed\" and
	    .events[-1].data.balance == 5000"
'

test_expect_success 'a repeated idempotency key redeems once' '
	promote "{\"code\":\"TWICE\",\"kind\":\"bonus\",\"value\":10,
	    \"per_user\":5}" && expect 201 &&
	for i in 1 2 3; do
		api POST /promotions/redeem -t "$TOKEN_ana" \
		    -H "Idempotency-Key: k1" "{\"code\":\"TWICE\"}" &&
		expect 200 && check_json ".balance == 5010" || return 1
	done && [ "$(header Idempotent-Replayed)" = true ] &&
	api POST /promotions/redeem -t "$TOKEN_ana" \
	    -H "Idempotency-Key: k1" "{\"code\":\"MIN_3\"}" &&
	expect 422 idempotency_key_reused && balance ".balance == 5010"
'

test_expect_success 'an unknown code returns 404' '
	for code in NOTHING "a b" "%" "WELCOME" "éé"; do
		redeem "$code" && expect 404 promotion_not_found || return 1
	done &&
	redeem "" && expect 400 validation_failed &&
	api POST /promotions/redeem -t "$TOKEN_ana" "{}" && expect 400
'

test_expect_success 'a code is valid between starts_at and ends_at' '
	promote "{\"code\":\"SOON\",\"kind\":\"bonus\",\"value\":1,
	    \"starts_at\":\"$(at 3600)\",\"ends_at\":\"$(at 7200)\"}" &&
	expect 201 && redeem SOON && expect 409 promotion_not_started &&
	promote "{\"code\":\"NOW\",\"kind\":\"bonus\",\"value\":1,
	    \"starts_at\":\"$(at -3600)\",\"ends_at\":\"$(at 3600)\",
	    \"per_user\":9}" &&
	expect 201 && now=$(json .id) && redeem NOW && expect 200 &&
	api PATCH "/admin/promotions/$now" -t "$TOKEN_adm" \
	    "{\"ends_at\":\"$(at -1)\"}" && expect 200 &&
	redeem NOW && expect 409 promotion_ended &&
	api PATCH "/admin/promotions/$now" -t "$TOKEN_adm" \
	    "{\"ends_at\":null}" && expect 200 &&
	check_json ".ends_at == null and .active" &&
	redeem NOW && expect 200
'

test_expect_success 'an inactive code returns 404' '
	api PATCH "/admin/promotions/$now" -t "$TOKEN_adm" \
	    "{\"active\":false}" && expect 200 && check_json ".active | not" &&
	redeem NOW && expect 404 promotion_not_found &&
	api PATCH "/admin/promotions/$now" -t "$TOKEN_adm" \
	    "{\"active\":true}" && expect 200 && redeem NOW && expect 200
'

test_expect_success 'of 50 simultaneous attempts of one user, one succeeds' '
	promote "{\"code\":\"ONCE\",\"kind\":\"bonus\",\"value\":700}" &&
	expect 201 && balance .balance && before=$(json .balance) &&
	many ONCE 50 "$TOKEN_ana" &&
	printf "1 200\n49 409\n" >want && test_cmp want got &&
	balance ".balance == $before + 700"
'

test_expect_success 'of 50 simultaneous attempts of ten users, total succeed' '
	tokens= &&
	for i in 0 1 2 3 4 5 6 7 8 9; do
		em_user "u_$i" && eval "tokens=\"\$tokens \$TOKEN_u_$i\"" ||
		    return 1
	done &&
	promote "{\"code\":\"SEVEN\",\"kind\":\"bonus\",\"value\":100,
	    \"total\":7,\"per_user\":2}" && expect 201 && seven=$(json .id) &&
	many SEVEN 5 $tokens &&
	printf "7 200\n43 409\n" >want && test_cmp want got &&
	redeem SEVEN && expect 409 promotion_used_up &&
	[ "$(em_sql "SELECT count(*), max(n) <= 2 FROM redemption
	    WHERE promotion_id = $seven")" = "7|1" ] &&
	api GET /admin/promotions -t "$TOKEN_adm" && expect 200 &&
	check_json ".promotions[0].redeemed == 7"
'

test_expect_success 'PATCH changes the limits, but total cannot be below the redeemed number' '
	change() {
		api PATCH "/admin/promotions/$seven" -t "$TOKEN_adm" "$1"
	} &&
	change "{\"total\":6}" && expect 400 validation_failed &&
	check_json ".fields.total" &&
	change "{\"total\":8}" && expect 200 && redeem SEVEN && expect 200 &&
	redeem SEVEN && expect 409 promotion_used_up &&
	change "{\"total\":null}" && expect 200 && check_json ".total == null" &&
	redeem SEVEN && expect 200 &&
	change "{}" && expect 200 && check_json ".total == null and .active" &&
	api PATCH /admin/promotions/999 -t "$TOKEN_adm" "{}" &&
	expect 404 promotion_not_found &&
	api PATCH /admin/promotions/x -t "$TOKEN_adm" "{}" && expect 404
'

test_expect_success 'POST /admin/promotions rejects invalid members' '
	for f in "code|{\"code\":\"a b\",\"kind\":\"bonus\",\"value\":1}" \
	    "code|{\"code\":\"ab\",\"kind\":\"bonus\",\"value\":1}" \
	    "kind|{\"code\":\"ABC\",\"kind\":\"x\",\"value\":1}" \
	    "value|{\"code\":\"ABC\",\"kind\":\"bonus\",\"value\":0}" \
	    "value|{\"code\":\"ABC\",\"kind\":\"minutes\",\"value\":10001,\"max_rate\":1}" \
	    "total|{\"code\":\"ABC\",\"kind\":\"bonus\",\"value\":1,\"total\":0}" \
	    "per_user|{\"code\":\"ABC\",\"kind\":\"bonus\",\"value\":1,\"per_user\":0}" \
	    "ends_at|{\"code\":\"ABC\",\"kind\":\"bonus\",\"value\":1,\"ends_at\":\"$(at -1)\"}" \
	    "ends_at|{\"code\":\"ABC\",\"kind\":\"bonus\",\"value\":1,
		\"starts_at\":\"$(at 90)\",\"ends_at\":\"$(at 80)\"}"; do
		promote "${f#*|}" && expect 400 validation_failed &&
		check_json ".fields.${f%%|*}" || return 1
	done &&
	promote "{\"code\":\"once\",\"kind\":\"bonus\",\"value\":1}" &&
	expect 409 code_taken
'

test_expect_success 'all changes of a promotion are audited' '
	api GET "/admin/audit?target=promotion:$seven" -t "$TOKEN_adm" &&
	expect 200 && check_json "[.audit[].action] == [\"promotion.change\",
	    \"promotion.change\", \"promotion.change\", \"promotion.add\"] and
	    .audit[2].before.total == 7 and .audit[2].after.total == 8 and
	    .audit[3].before == null and .audit[3].after.code == \"SEVEN\" and
	    .audit[3].after.active == true and
	    ([.audit[].actor_id] | unique) == [$ID_adm]"
'

test_expect_success 'the list is paged by number and by cursor, newest first' '
	api GET "/admin/promotions?per_page=100" -t "$TOKEN_adm" &&
	expect 200 && json ".promotions[].id" >all &&
	check_json ".total_count == (.promotions | length)" && : >paged && c= &&
	for i in $(seq 20); do
		api GET "/admin/promotions?per_page=2${c:+&cursor=$c}" \
		    -t "$TOKEN_adm" && json ".promotions[].id" >>paged ||
		    return 1
		c=$(json ".next_cursor // empty")
		[ -n "$c" ] || break
	done && test_cmp all paged && sort -rn all | test_cmp all - &&
	api GET "/admin/promotions?per_page=2&page=2" -t "$TOKEN_adm" &&
	json ".promotions[].id" >got && sed -n 3,4p all | test_cmp - got
'

test_expect_success 'customers redeem codes, and administrators manage them' '
	em_user lis listener && for path in promotions promotions/1; do
		api GET "/admin/$path" -t "$TOKEN_ana"
		[ "$status" = 403 ] || [ "$status" = 405 ] || return 1
	done &&
	api POST /promotions/redeem -t "$TOKEN_lis" "{\"code\":\"NOW\"}" &&
	expect 403 role_required &&
	api POST /promotions/redeem "{\"code\":\"NOW\"}" && expect 401
'

test_expect_success 'a code redeemed during a session extends it' '
	em_user dee && em_user lia && em_cli user grant lia listener &&
	api POST /listeners/register -t "$TOKEN_lia" "{\"bio\":\"b\",
	    \"languages\":[\"hi\"],\"interests\":[],\"rate_per_minute\":700}" &&
	expect 201 && em_sql "UPDATE listener SET verification = 1;
	    UPDATE presence SET status = 1, online_until = 4102444800000
	    WHERE user_id = $ID_lia" &&
	api POST /promotions/redeem -t "$TOKEN_dee" "{\"code\":\"ONCE\"}" &&
	expect 200 && api POST /sessions/start -t "$TOKEN_dee" \
	    "{\"listener_id\":$ID_lia}" && expect 201 &&
	check_json ".max_seconds == 70" && session=$(json .session_id) &&
	api POST /promotions/redeem -t "$TOKEN_dee" "{\"code\":\"MIN_3\"}" &&
	expect 200 && for token in "$TOKEN_dee" "$TOKEN_lia"; do
		api GET /events -t "$token" && check_json ".events[-1] |
		    .type == \"session.extended\" and
		    .data.session_id == $session" || return 1
	done && api GET /events -t "$TOKEN_dee" &&
	check_json ".events[-1].data.max_seconds == 250" &&
	api POST /sessions/end -t "$TOKEN_dee" \
	    "{\"session_id\":$session}" && expect 200
'

test_expect_success 'codes cannot be guessed' '
	em_user eli && promote "{\"code\":\"SECRET\",\"kind\":\"minutes\",
	    \"value\":1,\"max_rate\":100,\"per_user\":2}" && expect 201 &&
	for i in $(seq 20); do
		api POST /promotions/redeem -t "$TOKEN_eli" "{\"code\":\"NO-$i\"}" &&
		expect 404 promotion_not_found || return 1
	done && api POST /promotions/redeem -t "$TOKEN_eli" \
	    "{\"code\":\"SECRET\"}" && expect 429 rate_limited &&
	test "$(header Retry-After)" -gt 3000 && redeem SECRET && expect 200 &&
	em_sql "DELETE FROM throttle WHERE scope = \"promotion\"" &&
	api POST /promotions/redeem -t "$TOKEN_eli" "{\"code\":\"SECRET\"}" &&
	expect 200
'

test_expect_success 'the ledger passes its verification' '
	em_cli ledger verify >out && note "$(cat out)" &&
	test "$(em_sql "SELECT -balance FROM ledger_account WHERE id = 9")" = \
	    "$(em_sql "SELECT sum(p.value) FROM redemption AS r
	    JOIN promotion AS p ON p.id = r.promotion_id WHERE p.kind = 1")"
'

test_done
