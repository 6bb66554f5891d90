#!/bin/sh
test_description='lists of administrators in a large database'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

rows=10000 pages=5
[ "${EARMARK_FAULT-}" != full ] || rows=1000000 pages=1000

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

test_expect_success 'first, distant and last pages of all lists and filters are fast' '
	em_start && large walk "$EM_STATE" "$URL" $pages
'

test_done
