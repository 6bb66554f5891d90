#!/bin/sh
test_description='memory of a worker'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

requests=100000
[ "${EARMARK_FAULT-}" != full ] || requests=1000000

if ! command -v wrk >/dev/null; then
	skip_all='wrk is missing'
	test_done
fi

if em_sanitized; then
	skip_all='the memory of the sanitizers is no measure'
	test_done
fi

# One worker gets all requests and is not recycled.
em_conf limits.write_rate=0
em_conf limits.search_rate=0
em_conf pools.favorites_workers=1
em_conf pools.recycle=1000000000
em_argon
em_start

test_expect_success "after $requests requests the memory of a worker is small and constant" '
	"$EM_SRC"/t/faults/tools/memory.py "$EM_STATE" $requests >seen
	small=$?
	note "$(cat seen)"
	test $small = 0
'

test_done
