#!/bin/sh
test_description='workers are killed while they write favorites'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

kills=30
[ "${EARMARK_FAULT-}" != full ] || kills=200

em_conf limits.write_rate=0
# nginx and multiwatch log the kills.
em_allow '"error".*worker|recv\(\) failed|prematurely closed|ended by signal 9'
em_start

test_expect_success "$kills kills lose no acknowledged write" '
	"$EM_SRC"/t/faults/tools/kill.py "$EM_STATE" $kills >seen
	killed=$?
	note "$(cat seen)"
	test $killed = 0
'

test_expect_success 'the pool has as many workers as before' '
	em_until "test \"\$(em_workers favorites | wc -w)\" = 2"
'

test_done
