#!/bin/sh
test_description='administrators look through much: each page costs what the first costs'
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

test_expect_success 'much of everything, as the service would have written it' '
	large fill "$EM_STATE" $rows &&
	em_cli ledger verify && em_cli audit verify &&
	[ "$(em_sql "PRAGMA foreign_key_check")" = "" ] &&
	[ "$(em_sql "SELECT sum(n) FROM tally WHERE name LIKE '\''user:%'\''")" = \
	    $rows ]
'

test_expect_success 'every list and filter: the first page, a far one, the last' '
	em_start && large walk "$EM_STATE" "$URL" $pages
'

test_done
