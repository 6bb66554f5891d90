#!/bin/sh
test_description='workers that abort: no number of aborts stops a pool'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

kills=200
em_conf pools.catalog_workers=1
# nginx and multiwatch log the kills.
em_allow '"error".*worker|recv\(\) failed|prematurely closed|ended by signal|"event":"start"'
em_start

marks() {
	find "$EM_STATE/run" -name "worker-$1-*" | wc -l
}
parent() {
	cat "$EM_STATE/run/$1.pid"
}
# abort_all POOL: kills the workers of POOL as soon as they start.
abort_all() {
	killed=$("$EM_SRC/t/faults/tools/abort_workers.py" "$(parent "$1")" $kills) &&
	note "$1: $killed"
}

test_expect_success "a pool of one worker answers after $kills consecutive aborts" '
	abort_all catalog &&
	em_until "api GET /api/flyers/ && [ \$status = 200 ]"
'

test_expect_success 'a pool of several workers has all of them again' '
	abort_all favorites &&
	em_until "em_cli doctor | grep -q \"pool favorites *2 of 2\""
'

test_expect_success 'the status files of dead workers are removed' '
	em_until "[ \$(marks catalog) = 1 ] && [ \$(marks favorites) = 2 ]"
'

test_expect_success 'earmark-realtime starts again after any number of kills' '
	abort_all realtime && em_until "em_cli doctor | grep -q \"realtime runs\""
'

# The status file of a killed worker remains. Its process id may belong to
# another process, here to this shell. No process holds the lock of the file.
test_expect_success 'a status file whose process id belongs to another process is ignored' '
	echo ready >"$EM_STATE/run/worker-catalog-$$" &&
	em_cli doctor | grep "pool catalog *1 of 1" &&
	em_cli pools restart catalog &&
	kill -0 $$ && test ! -e "$EM_STATE/run/worker-catalog-$$" &&
	em_until "[ \$(marks catalog) = 1 ]"
'

# Each start is delayed by 400 ms. Without the delay there are about ten starts
# in a second.
test_expect_success 'workers that die when they are ready are restarted at a limited rate' '
	n=0 end=$(($(date +%s) + 3)) &&
	while [ "$(date +%s)" -lt $end ]; do
		pid=$(em_workers catalog | tr -d " ") &&
		grep -q ready "$EM_STATE/run/worker-catalog-$pid" 2>/dev/null &&
		kill -9 $pid && n=$((n + 1))
	done
	note "$n workers in 3 s"
	test $n -gt 0 && test $n -le 14 &&
	em_until "api GET /api/flyers/ && [ \$status = 200 ]"
'

test_done
