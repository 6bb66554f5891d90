#!/bin/sh
test_description='workers, jobs and nginx are killed while money moves'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

kills=30 rounds=3
[ "${EARMARK_FAULT-}" != full ] || kills=1000 rounds=100

em_temp
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
# nginx, multiwatch and the jobs log the kills.
em_allow '"error".*worker|recv\(\) failed|prematurely closed|signal 9|bind\(\) to'
em_conf sessions.direct=immediate
em_conf calls.lost_after=86400
em_conf calls.gap=86400
em_conf billing.free_per_day=1000
em_start

test_expect_success "$kills kills: no acknowledged write is lost, none is applied twice" '
	"$EM_SRC"/t/faults/tools/money_kill.py "$EM_STATE" "$EM_BUILD" $kills >seen 2>&1
	killed=$?
	note "$(cat seen)"
	test $killed = 0
'

test_expect_success 'the pools have as many workers as before' '
	em_until "test \"\$(em_workers wallet | wc -w)\" = 2" &&
	em_until "test \"\$(em_workers payments | wc -w)\" = 4"
'

# The following test kills exactly between a commit and its response.
if ! em_sanitized; then
	em_stop
	mv "$EM_STATE" "$EM_TEMP/before"
	"$EM_SRC/t/faults/tools/fail_nth.py" "$EM_TEMP/nth"
	EARMARK_WRAP="env NTH=$EM_TEMP/nth LD_PRELOAD=$EM_BUILD/t/faults/tools/fail_nth.so"
	export EARMARK_WRAP
	em_conf pools.wallet_workers=1
	em_start

	test_expect_success 'a write killed between commit and response is applied once' '
		"$EM_SRC"/t/faults/tools/kill_after_commit.py "$EM_STATE" "$EM_BUILD" \
		    "$EM_TEMP/nth" $rounds >seen 2>&1
		killed=$?
		note "$(cat seen)"
		test $killed = 0
	'
fi

test_done
