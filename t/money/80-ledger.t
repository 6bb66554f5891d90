#!/bin/sh
# shellcheck disable=SC2016
test_description='ledger: constraints of the database and verification'
. "$(dirname "$0")/../lib.sh"

db() {
	"$EM_SRC/t/tools/ledger_check.py" "$1" "$EM_STATE/earmark.db" "$EM_BUILD/earmark" \
	    "$EM_STATE/earmark.conf"
}
books() {
	"$EM_SRC/t/tools/ledger_check.py" "$1" "$EM_STATE/earmark.db"
}
# tap COMMAND...: prints only output lines that are not ok.
tap() {
	"$@" >out && return
	grep -v "^ok" out >&5
	return 1
}

em_bare >/dev/null || exit 1

test_expect_success 'an empty ledger is valid' '
	em_cli ledger verify >out &&
	echo "ok: 0 transfers, 0 entries, 0 accounts, 0 wallet entries; head $(printf %064d 0)" >want &&
	test_cmp want out && refuses 2 unexpected em_cli ledger verify now
'

test_expect_success 'a ledger written by an independent program is valid' '
	for n in ana ben; do
		em_cli user add $n --email $n@example.org >>ids || return 1
	done && head=$(books fill) &&
	em_cli ledger verify >out &&
	echo "ok: 10 transfers, 23 entries, 9 accounts, 9 wallet entries; head $head" >want &&
	test_cmp want out
'

test_expect_success 'the database rejects invalid transfers and entries' '
	tap books refuse && em_cli ledger verify >again && test_cmp want again
'

test_expect_success 'ledger verify reports rows changed despite the constraints' '
	tap db tamper && em_cli ledger verify >again && test_cmp want again
'

test_expect_success 'transfers of earmark have the hash that an independent program computes' '
	em_cli ledger adjust ben 100 --reason "100 für Ben" >out &&
	em_cli ledger adjust ben -5 --reason=mistake &&
	em_cli ledger payout ben 300 --note "bank 7" &&
	em_cli ledger verify >out &&
	grep -q "^ok: 13 transfers, 29 entries, 11 accounts, 12 wallet entries; head $(books head)$" out
'

test_expect_success 'ledger verify runs while another process holds the writer lock' '
	flock "$EM_STATE/writer.lock" "$EM_BUILD/earmark" \
	    -c "$EM_STATE/earmark.conf" ledger verify >again && test_cmp out again
'

test_done
