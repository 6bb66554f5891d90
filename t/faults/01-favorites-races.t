#!/bin/sh
test_description='simultaneous writes of one favorite through all interfaces'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

rounds=4
[ "${EARMARK_FAULT-}" != full ] || rounds=50

em_conf limits.write_rate=0
em_start

test_expect_success 'adds leave one row, an even number of toggles has no effect, counts are right' '
	"$EM_SRC"/t/faults/tools/races.py "$EM_STATE" $rounds >seen
	races=$?
	note "$(cat seen)"
	test $races = 0
'

test_done
