#!/bin/sh
test_description='admin: periodic verification of the ledger'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
em_start

# Days in the future, but before the access tokens' sessions expire.
D1=$(date -u -d "+1 day" +%F) D2=$(date -u -d "+2 days" +%F)
D3=$(date -u -d "+3 days" +%F)

ledger() {
	api GET /admin/ledger -t "$TOKEN_adm" && expect 200
}
# pass TIME: runs the jobs at TIME.
pass() {
	em_jobs "$1" >jobs.out && grep "^proofs" jobs.out
}
tamper() {
	em_sql "DROP TRIGGER IF EXISTS entry_no_update;
	    DROP TRIGGER IF EXISTS ledger_account_next;
	    DROP TRIGGER IF EXISTS transfer_no_update; $1"
}

test_expect_success 'the jobs verify a new ledger completely, with the daemon stopped' '
	em_user adm admin && em_user ana && listener lis 600 &&
	em_stop_jobs &&
	em_sql "DELETE FROM chain_check_log" && ledger &&
	check_json ".ok == null and .checked_at == null and .head == null and
	    .transfers == 0" &&
	fund ana 10000 && pass ${D1}T10:00:00Z >out &&
	is "proofs 2" "$(cat out)" && ledger &&
	check_json ".ok and .transfers == 1 and .entries == 2 and
	    .checked_at == \"${D1}T10:00:00Z\" and
	    .whole_at == .checked_at and .first_wrong == null" &&
	em_cli ledger verify >said && grep -q "$(json .head)" said
'

test_expect_success 'new transfers are verified each minute' '
	fund ana -500 && start ana lis && ago 90 && end ana &&
	pass ${D1}T10:00:30Z >out && is "proofs 0" "$(cat out)" &&
	pass ${D1}T10:01:00Z >out && is "proofs 2" "$(cat out)" &&
	ledger && check_json ".ok and
	    .checked_at == \"${D1}T10:01:00Z\" and
	    .whole_at == \"${D1}T10:00:00Z\"" &&
	em_cli ledger verify >said && grep -q "$(json .head)" said &&
	is "$(json .transfers)" "$(em_sql "SELECT count(*) FROM transfer")" &&
	is "$(json .entries)" "$(em_sql "SELECT count(*) FROM entry")"
'

test_expect_success 'verification also runs after the clock was set back' '
	pass ${D1}T09:00:00Z >out && is "proofs 2" "$(cat out)" &&
	ledger && check_json ".ok" && pass ${D1}T10:02:00Z >out
'

test_expect_success 'the whole ledger is verified each night' '
	pass ${D2}T02:59:00Z >out && ledger &&
	check_json ".whole_at < \"${D2}\"" &&
	pass ${D2}T03:00:00Z >out && ledger &&
	check_json ".whole_at == \"${D2}T03:00:00Z\""
'

test_expect_success 'a wrong new entry is reported within a minute' '
	em_allow "ledger is broken" && fund ana 100 &&
	cp "$EM_STATE/earmark.db" kept.db &&
	tamper "UPDATE entry SET balance = balance + 1
	    WHERE transfer_id = (SELECT max(id) FROM transfer) AND n = 1" &&
	pass ${D2}T03:01:00Z >out && ledger &&
	check_json "(.ok | not) and (.first_wrong | startswith(\"transfer\"))"
'

test_expect_success 'the error remains until a complete verification succeeds' '
	pass ${D2}T03:05:00Z >out && is "proofs 1" "$(cat out)" &&
	ledger && check_json ".ok | not" &&
	tamper "UPDATE entry SET balance = balance - 1
	    WHERE transfer_id = (SELECT max(id) FROM transfer) AND n = 1" &&
	pass ${D2}T03:20:00Z >out && ledger &&
	check_json ".ok and .whole_at == \"${D2}T03:20:00Z\""
'

test_expect_success 'a wrong old entry is reported in the next night' '
	tamper "UPDATE entry SET balance = balance + 1
	    WHERE transfer_id = 1 AND n = 1" &&
	pass ${D2}T03:30:00Z >out && ledger && check_json ".ok" &&
	pass ${D3}T03:30:00Z >out && ledger && check_json "(.ok | not) and
	    (.first_wrong | startswith(\"transfer 1:\"))"
'

test_expect_success 'only administrators can read the result' '
	api GET /admin/ledger && expect 401 token_required &&
	api GET /admin/ledger -t "$TOKEN_ana" && expect 403 role_required
'

test_done
