#!/bin/sh
test_description='many at once on one purse, session, payment, promotion'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

rounds=2
[ "${EARMARK_FAULT-}" != full ] || rounds=50

em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_start

test_expect_success 'what can be done once is done once' '
	"$EM_SRC"/t/faults/tools/money_races.py "$EM_STATE" $rounds >seen
	races=$?
	note "$(cat seen)"
	test $races = 0
'

test_done
