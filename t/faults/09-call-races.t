#!/bin/sh
test_description='steps of calls that meet'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

rounds=20
[ "${EARMARK_FAULT-}" != full ] || rounds=200

em_conf limits.write_rate=0
em_start

# What the script kills says nothing but that it was killed.
em_allow 'was ended by signal|upstream'

test_expect_success 'of two steps one wins, and nobody stays busy' '
	"$EM_SRC"/t/faults/tools/call_races.py "$EM_STATE" $rounds >seen
	races=$?
	note "$(cat seen)"
	test $races = 0
'

test_done
