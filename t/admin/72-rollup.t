#!/bin/sh
test_description='rollup: random histories, jobs that are killed, clocks that are set'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

steps=60
[ "${EARMARK_FAULT-}" != full ] || steps=600

if em_sanitized; then
	skip_all='the sanitizers have a malloc of their own'
	test_done
fi

# history KIND: in a new installation, of which nothing runs.
history() {
	em_bare >/dev/null &&
	"$EM_SRC/t/faults/tools/fail_nth.py" "$EM_TEMP/nth" &&
	"$EM_SRC/t/faults/tools/history.py" "$EM_STATE" "$EM_BUILD" "$EM_TEMP/nth" \
	    "$steps" "$1" >seen 2>&1
	history=$?
	note "$(cat seen)"
	return $history
}

test_expect_success 'the sums are those of the facts, and of a scan' '
	history steady
'

test_expect_success 'and of the facts, whatever the clock does' '
	rm -rf "$EM_STATE"/earmark.db* && history steps
'

test_done
