#!/bin/sh
test_description='many at once on one pair, in each interface to favorites'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

rounds=4
[ "${EARMARK_FAULT-}" != full ] || rounds=50

em_conf limits.write_rate=0
em_start

test_expect_success 'adds leave one row, toggles are even, counts agree' '
	"$EM_SRC"/t/faults/tools/races.py "$EM_STATE" $rounds >seen
	races=$?
	note "$(cat seen)"
	test $races = 0
'

test_done
