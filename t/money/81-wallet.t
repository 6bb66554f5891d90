#!/bin/sh
# shellcheck disable=SC2016
test_description='wallet: balance, transactions and adjustments'
. "$(dirname "$0")/../lib.sh"
em_start

balance() {
	api GET /user/balance -t "$1" && expect 200
}
lines() {
	api GET "/api/v1/user/transactions${1:+?$1}" -t "$TOKEN_ana" &&
	expect 200
}
adjust() {
	api POST "/admin/wallets/$ID_ana/adjust" -t "$TOKEN_adm" "$@"
}

test_expect_success 'a new user has a balance of 0' '
	em_user ana && em_user ben && em_user adm admin &&
	balance "$TOKEN_ana" &&
	check_json ". == {balance: 0, currency: \"INR\", available: 0, bonus: 0,
	    held: 0, owed: 0, free_minutes: 0}" &&
	lines && check_json ".transactions == [] and .total_count == 0 and
	    .currency == \"INR\" and (.has_next | not)"
'

test_expect_success 'GET /user/balance returns the sums of all transfers' '
	flock "$EM_STATE/writer.lock" "$EM_SRC/t/tools/ledger_check.py" some \
	    "$EM_STATE/earmark.db" >head &&
	balance "$TOKEN_ana" && check_json ".balance == 5500 and
	    .available == 5500 and .bonus == 0 and (has(\"earnings\") | not)" &&
	balance "$TOKEN_ben" && check_json ".balance == 305 and .bonus == 5" &&
	em_cli user grant ben listener && balance "$TOKEN_ben" &&
	check_json ".balance == 305 and .earnings == 300"
'

test_expect_success 'GET /user/transactions lists transactions with references, newest first' '
	lines && check_json ".transactions == [
	    {id: 8, type: \"topup\", account: \"wallet\", amount: 60,
	    balance_after: 5500, reference: \"payment:5\",
	    created_at: \"2026-01-01T00:00:08Z\"},
	    {id: 7, type: \"refund\", account: \"wallet\", amount: 40,
	    balance_after: 5440, reference: \"session:1\",
	    created_at: \"2026-01-01T00:00:07Z\"},
	    {id: 6, type: \"session\", account: \"wallet\", amount: -400,
	    balance_after: 5400, reference: \"session:1\",
	    created_at: \"2026-01-01T00:00:03Z\"},
	    {id: 3, type: \"bonus\", account: \"wallet\", amount: 100,
	    balance_after: 5800, reference: \"promotion:1\",
	    created_at: \"2026-01-01T00:00:03Z\"},
	    {id: 2, type: \"topup\", account: \"wallet\", amount: 700,
	    balance_after: 5700, reference: \"payment:2\",
	    created_at: \"2026-01-01T00:00:02Z\"},
	    {id: 1, type: \"topup\", account: \"wallet\", amount: 5000,
	    balance_after: 5000, reference: \"payment:1\",
	    created_at: \"2026-01-01T00:00:01Z\"}] and .total_count == 6" &&
	api GET /user/transactions/ -t "$TOKEN_ben" &&
	check_json "[.transactions[] | [.type, .account, .balance_after]] ==
	    [[\"bonus\", \"wallet\", 305], [\"session\", \"earnings\", 300],
	    [\"topup\", \"wallet\", 300]]"
'

test_expect_success 'transactions can be filtered by type and time' '
	lines type=topup && check_json "[.transactions[].id] == [8, 2, 1] and
	    .total_count == 3" &&
	lines type=payout && check_json ".transactions == [] and
	    .total_count == 0" &&
	lines "from=2026-01-01T00:00:03Z&to=2026-01-01T00:00:08Z" &&
	check_json "[.transactions[].id] == [7, 6, 3] and .total_count == 3" &&
	lines "type=topup&from=2026-01-01T00:00:02Z" &&
	check_json "[.transactions[].id] == [8, 2] and .total_count == 2" &&
	lines "from=2026-01-01T00:00:04Z&to=2026-01-01T00:00:07Z" &&
	check_json ".transactions == [] and .total_count == 0" &&
	lines "from=2026-01-01T00:00:08Z&to=2026-01-01T00:00:01Z" &&
	check_json ".transactions == [] and .total_count == 0" &&
	lines "from=2027-01-01T00:00:00Z" && check_json ".total_count == 0" &&
	lines "to=2025-01-01T00:00:00Z" && check_json ".total_count == 0" &&
	api GET "/user/transactions?type=hold&from=now&page=0" \
	    -t "$TOKEN_ana" && expect 400 validation_failed &&
	check_json ".fields | has(\"type\") and has(\"from\") and has(\"page\")"
'

test_expect_success 'transactions are paged by number and by cursor' '
	lines "per_page=4" && check_json "[.transactions[].id] == [8, 7, 6, 3]
	    and .has_next and .page == 1 and .total_count == 6" &&
	c=$(json .next_cursor) && header Link | grep -q "cursor=$c" &&
	lines "per_page=4&page=2" && check_json "[.transactions[].id] == [2, 1]
	    and (.has_next | not) and .has_previous and .next_cursor == null" &&
	lines "per_page=4&page=3" && check_json ".transactions == [] and
	    .total_count == 6" &&
	lines "per_page=4&cursor=$c" && check_json "[.transactions[].id] ==
	    [2, 1] and .page == null and .total_count == 6" &&
	lines "type=topup&per_page=2" && d=$(json .next_cursor) &&
	lines "type=topup&per_page=2&cursor=$d" &&
	check_json "[.transactions[].id] == [1]" &&
	lines "type=topup&per_page=1&page=3" &&
	check_json "[.transactions[].id] == [1]" &&
	api GET "/user/transactions?type=topup&cursor=$c" -t "$TOKEN_ana" &&
	expect 400 validation_failed
'

test_expect_success 'an unchanged balance or list returns 304' '
	balance "$TOKEN_ana" && b=$(header ETag) && lines && l=$(header ETag) &&
	api GET /user/balance -t "$TOKEN_ana" -H "If-None-Match: $b" &&
	expect 304 &&
	api GET /api/v1/user/transactions -t "$TOKEN_ana" \
	    -H "If-None-Match: $l" && expect 304 &&
	api GET /user/balance -t "$TOKEN_ben" -H "If-None-Match: $b" &&
	expect 200 &&
	em_cli ledger adjust ana 1 --reason x >/dev/null &&
	api GET /user/balance -t "$TOKEN_ana" -H "If-None-Match: $b" &&
	expect 200 &&
	api GET /api/v1/user/transactions -t "$TOKEN_ana" \
	    -H "If-None-Match: $l" && expect 200 &&
	em_cli ledger adjust ana -1 --reason x
'

test_expect_success 'an administrator adjusts a wallet with a reason, and it is audited' '
	adjust "{\"amount\":500,\"reason\":\" The call broke off \"}" &&
	expect 200 && rid=$(header X-Request-Id) &&
	check_json ". == {user_id: $ID_ana, balance: 6000, currency: \"INR\",
	    available: 6000, bonus: 0, held: 0, owed: 0, free_minutes: 0,
	    earnings: 0}" &&
	api GET "/admin/audit?target=user:$ID_ana&action=wallet.adjust" \
	    -t "$TOKEN_adm" && check_json ".audit[0] | .actor_id == $ID_adm and
	    .before == {balance: 5500} and .after == {balance: 6000,
	    amount: 500, reason: \"The call broke off\"} and
	    .request_id == \"$rid\"" &&
	adjust "{\"amount\":-6000,\"reason\":\"again\"}" && expect 200 &&
	check_json ".balance == 0" &&
	lines per_page=2 && check_json "[.transactions[] | [.type, .amount,
	    .balance_after, .reference]] == [[\"adjustment\", -6000, 0, null],
	    [\"adjustment\", 500, 6000, null]]" &&
	api GET /events -t "$TOKEN_ana" && check_json ".events[-1] |
	    .type == \"wallet.changed\" and .data == {account: \"wallet\",
	    balance: 0, type: \"adjustment\", amount: -6000}"
'

test_expect_success 'an adjustment below zero returns 409' '
	em_sql "SELECT max(id) FROM transfer" >before &&
	em_sql "SELECT count(*) FROM audit" >>before &&
	adjust "{\"amount\":-1,\"reason\":\"x\"}" &&
	expect 409 insufficient_balance &&
	api POST "/admin/wallets/$ID_ben/adjust" -t "$TOKEN_adm" \
	    "{\"amount\":-301,\"reason\":\"bonus is not for taking\"}" &&
	expect 409 insufficient_balance &&
	for bad in "{\"amount\":0,\"reason\":\"x\"}" \
	    "{\"amount\":5,\"reason\":\" \"}" "{\"amount\":5}" \
	    "{\"reason\":\"x\"}" "{\"amount\":1.5,\"reason\":\"x\"}" \
	    "{\"amount\":\"5\",\"reason\":\"x\"}" \
	    "{\"amount\":1000000000001,\"reason\":\"x\"}"; do
		adjust "$bad" && expect 400 validation_failed || return 1
	done &&
	api POST "/admin/wallets/999/adjust" -t "$TOKEN_adm" \
	    "{\"amount\":5,\"reason\":\"x\"}" && expect 404 not_found &&
	api POST "/admin/wallets/me/adjust" -t "$TOKEN_adm" \
	    "{\"amount\":5,\"reason\":\"x\"}" && expect 404 not_found &&
	api POST "/admin/wallets/999/adjust" -t "$TOKEN_adm" \
	    "{\"amount\":0,\"reason\":\"x\"}" && expect 400 &&
	api POST "/admin/wallets/$ID_ana/adjust" -t "$TOKEN_ana" \
	    "{\"amount\":5,\"reason\":\"x\"}" && expect 403 role_required &&
	em_sql "SELECT max(id) FROM transfer" >after &&
	em_sql "SELECT count(*) FROM audit" >>after && test_cmp before after
'

test_expect_success 'an adjustment above the maximum balance is rejected' '
	flock "$EM_STATE/writer.lock" /usr/bin/python3 -B -c "
import sys
sys.path.insert(0, \"$EM_SRC/t/tools\")
import ledger_check
db = ledger_check.connect(\"$EM_STATE/earmark.db\")
db.execute(\"BEGIN IMMEDIATE\")
ledger_check.post(db, ledger_check.GIFT, 1, ledger_check.NOW, (0, ledger_check.PROMOTION, 105 - 10**15),
    ($ID_ana, ledger_check.WALLET, 10**15 - 105))
db.execute(\"COMMIT\")" &&
	adjust "{\"amount\":106,\"reason\":\"x\"}" &&
	expect 409 balance_limit &&
	adjust "{\"amount\":98,\"reason\":\"$(printf "\303\244%.0s" $(seq 500))\"}" &&
	expect 200 && check_json ".balance == 999999999999993"
'

test_expect_success 'a repeated idempotency key adjusts once' '
	adjust "{\"amount\":7,\"reason\":\"once\"}" \
	    -H "Idempotency-Key: k1" && expect 200 && json . >first &&
	adjust "{\"amount\":7,\"reason\":\"once\"}" \
	    -H "Idempotency-Key: k1" && expect 200 && json . >second &&
	test_cmp first second &&
	[ "$(header Idempotent-Replayed)" = true ] &&
	adjust "{\"amount\":8,\"reason\":\"once\"}" \
	    -H "Idempotency-Key: k1" && expect 422 idempotency_key_reused &&
	lines per_page=2 && check_json "[.transactions[].amount] ==
	    [7, 98]"
'

test_expect_success 'ledger payout and ledger adjust follow the same rules' '
	em_cli ledger payout ben 120 --note "bank 7" >out &&
	grep -q "^earnings	180$" out &&
	refuses 1 "exceeds the earnings" em_cli ledger payout ben 181 \
	    --note x &&
	refuses 1 "must be more than 0" em_cli ledger payout ben -1 --note x &&
	refuses 1 "exceeds the balance of the wallet" \
	    em_cli ledger adjust ben -301 --reason x &&
	refuses 1 "must not be 0" em_cli ledger adjust ben 0 --reason x &&
	refuses 1 "user .* not found" em_cli ledger adjust nobody 5 --reason x &&
	refuses 2 "needs UTF-8" em_cli ledger adjust ben 5 &&
	refuses 2 "needs UTF-8" em_cli ledger payout ben 5 --note= &&
	refuses 2 "not an amount" em_cli ledger adjust ben 5.0 --reason x &&
	refuses 2 "usage" em_cli ledger adjust ben --reason x &&
	balance "$TOKEN_ben" && check_json ".earnings == 180 and
	    .balance == 305" &&
	em_cli ledger show ben --limit 2 >out && cat >want <<-\EOF &&
	balance	305
	wallet	300
	bonus	5
	held	0
	owed	0
	earnings	180
	free_minutes	0
	EOF
	head -n 7 out >got && test_cmp want got &&
	sed -n 8p out | grep -q "	earnings	payout	-120	180	-$" &&
	sed -n 9p out | grep -q "^9	2026-01-01T00:00:09Z	wallet	bonus	5	305	promotion:1$" &&
	refuses 2 "from 1 to" em_cli ledger show ben --limit 0 &&
	api GET "/admin/audit?action=wallet.payout" -t "$TOKEN_adm" &&
	check_json ".audit[0] | .actor_id == null and
	    .before == {balance: 305, earnings: 300} and .after ==
	    {balance: 305, earnings: 180, amount: 120, reason: \"bank 7\"}"
'

test_expect_success 'the ledger passes its verification' '
	em_cli ledger verify >out &&
	grep -q "head $("$EM_SRC/t/tools/ledger_check.py" head "$EM_STATE/earmark.db")$" out
'

test_done
