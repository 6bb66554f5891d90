#!/bin/sh
test_description='many open connections while serving processes are killed'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

n=500 grace=2
[ "${EARMARK_FAULT-}" != full ] || n=5000 grace=10

em_conf presence.disconnect_grace=$grace
em_conf limits.write_rate=0
em_start

# The script kills processes, which is logged.
em_allow 'was ended by signal|exited on signal|upstream'

test_expect_success 'each event arrives once and in order, and all users are offline at the end' '
	"$EM_SRC"/t/faults/tools/realtime_many.py "$EM_STATE" $n $grace >seen 2>&1
	many=$?
	note "$(cat seen)"
	test $many = 0
'

test_expect_success 'no event is lost or late without kills' '
	"$EM_SRC"/t/faults/tools/realtime_many.py "$EM_STATE" 200 $grace latency >seen 2>&1
	late=$?
	note "$(cat seen)"
	test $late = 0 && tail -n 1 seen |
	    jq -e ".connections == 200 and .back == 0 and .commit_p50 < 500"
'

[ "${EARMARK_FAULT-}" != full ] ||
test_expect_success 'silent clients get a ping after 20 s and are disconnected after 60 s' '
	"$EM_SRC"/t/faults/tools/realtime_silent.py "$EM_STATE" >seen 2>&1
	silent=$?
	note "$(cat seen)"
	test $silent = 0
'

test_done
