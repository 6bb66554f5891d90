#!/bin/sh
test_description='a restore is killed at any step'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

if em_sanitized; then
	skip_all='the sanitizers have a malloc of their own'
	test_done
fi
per=8
[ "${EARMARK_FAULT-}" != full ] || per=0

em_bare >first || exit 1

test_expect_success 'setup: a backup and later data' '
	em_cli user add early --email early@example.com >out &&
	em_cli ledger adjust early 500 --reason "to begin with" >out &&
	echo x >"$EM_STATE/media/x.png" &&
	em_cli backup "$PWD/backups" >out && backup=$(cat out) &&
	em_cli user add later --email later@example.com >out &&
	em_cli ledger adjust later 700 --reason "more" >out &&
	sqlite3 "$EM_STATE/earmark.db" "VACUUM INTO '\''backups/old.db'\''" &&
	sqlite3 backups/old.db "PRAGMA journal_mode = WAL" >out
'

test_expect_success 'the database is the old or the restored one, complete' '
	"$EM_SRC/t/faults/tools/fail_nth.py" nth &&
	"$EM_SRC/t/faults/tools/kill_at_each_step.py" restore "$EM_STATE" "$EM_BUILD" "$PWD/nth" \
	    "$backup" $per >seen 2>&1
	killed=$?
	note "$(cat seen)"
	test $killed = 0
'

test_done
