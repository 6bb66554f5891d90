#!/bin/sh
test_description='earmark ledger verify and an independent implementation'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_bare

test_expect_success 'a ledger written from the description is valid' '
	"$EM_SRC"/t/bench/ledger.py "$EM_STATE" 20000 >made &&
	em_cli ledger verify >out &&
	note "$(cat out)" &&
	grep -qw "$(cat made)" out
'

# change SQL: runs SQL on a copy without triggers. Succeeds if verify reports
# an error.
change() {
	rm -rf "$EM_TEMP/changed" && cp -r "$EM_STATE" "$EM_TEMP/changed" &&
	sqlite3 "$EM_TEMP/changed/earmark.db" "
	    CREATE TEMP TABLE undo AS SELECT name, sql FROM sqlite_schema
	    WHERE type = 'trigger' AND tbl_name IN ('transfer', 'entry',
		'wallet_entry', 'ledger_account');" "$(sqlite3 \
	    "$EM_TEMP/changed/earmark.db" "SELECT 'DROP TRIGGER ' || name || ';'
	    FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN
	    ('transfer', 'entry', 'wallet_entry', 'ledger_account')")" "$1" &&
	! "$EM_BUILD/earmark" -c "$EM_TEMP/changed/earmark.conf" \
	    ledger verify >out 2>&1 &&
	note "$(tail -n 1 out)"
}

test_expect_success 'one changed amount is reported' '
	change "UPDATE entry SET amount = amount + 1
	    WHERE transfer_id = 5000 AND n = 1" &&
	grep -q 5000 out
'

test_expect_success 'two changed amounts that balance are reported' '
	change "UPDATE entry SET amount = amount + iif(n, 1, -1)
	    WHERE transfer_id = 5000 AND n < 2" &&
	grep -q 5000 out
'

test_expect_success 'a changed time, note or reference is reported' '
	change "UPDATE transfer SET at = at + 1 WHERE id = 4000" &&
	grep -q 4000 out &&
	change "UPDATE transfer SET note = '"''"' WHERE id = 4000" &&
	grep -q 4000 out &&
	change "UPDATE transfer SET reference = -1 WHERE id = 4000" &&
	grep -q 4000 out
'

test_expect_success 'a missing transfer is reported, also the last one' '
	change "DELETE FROM entry WHERE transfer_id = 3000;
	    DELETE FROM wallet_entry WHERE transfer_id = 3000;
	    DELETE FROM transfer WHERE id = 3000" &&
	change "DELETE FROM entry
	    WHERE transfer_id = (SELECT max(id) FROM transfer);
	    DELETE FROM wallet_entry
	    WHERE transfer_id = (SELECT max(id) FROM transfer);
	    DELETE FROM transfer WHERE id = (SELECT max(id) FROM transfer)"
'

test_expect_success 'a changed balance or wallet transaction is reported' '
	change "UPDATE ledger_account SET balance = balance + 1
	    WHERE id = (SELECT min(id) FROM ledger_account WHERE id > 16)" &&
	change "UPDATE wallet_entry SET amount = amount + 1
	    WHERE transfer_id = (SELECT min(transfer_id) FROM wallet_entry
		WHERE transfer_id > 2000)"
'

test_done
