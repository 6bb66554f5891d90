#!/bin/sh
test_description='lists of administrators in a large database'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

rows=10000 pages=5 timed=
[ "${EARMARK_FAULT-}" != full ] || rows=1000000 pages=1000 timed=timed

em_bare || exit 1

large() {
	"$EM_SRC/t/faults/tools/large.py" "$@" >said 2>&1
	large=$?
	note "$(cat said)"
	return $large
}

test_expect_success 'setup: a large database that passes all verifications' '
	large fill "$EM_STATE" $rows &&
	em_cli ledger verify && em_cli audit verify &&
	[ "$(em_sql "PRAGMA foreign_key_check")" = "" ] &&
	[ "$(em_sql "SELECT sum(n) FROM counter WHERE name LIKE '\''user:%'\''")" = \
	    $rows ]
'

test_expect_success 'all lists and filters have first, distant and last pages' '
	em_start && large walk "$EM_STATE" "$URL" $pages $timed
'

test_done
