#!/bin/sh
test_description='simultaneous actions on one call'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

rounds=20
[ "${EARMARK_FAULT-}" != full ] || rounds=200

em_conf limits.write_rate=0
em_start

# The script kills processes, which is logged.
em_allow 'was ended by signal|upstream'

test_expect_success 'one of two actions succeeds, and no user stays busy' '
	"$EM_SRC"/t/faults/tools/call_races.py "$EM_STATE" $rounds >seen
	races=$?
	note "$(cat seen)"
	test $races = 0
'

test_done
