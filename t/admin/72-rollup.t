#!/bin/sh
test_description='rollup: random histories with kills and clock changes'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

steps=60
[ "${EARMARK_FAULT-}" != full ] || steps=600

if em_sanitized; then
	skip_all='the sanitizers have a malloc of their own'
	test_done
fi

# history KIND: runs a random history in a new installation without services.
history() {
	em_bare >/dev/null &&
	"$EM_SRC/t/faults/tools/fail_nth.py" "$EM_TEMP/nth" &&
	"$EM_SRC/t/faults/tools/history.py" "$EM_STATE" "$EM_BUILD" "$EM_TEMP/nth" \
	    "$steps" "$1" >seen 2>&1
	history=$?
	note "$(cat seen)"
	return $history
}

test_expect_success 'sums equal those of the recorded facts and of the tables' '
	history steady
'

test_expect_success 'sums equal those of the facts if the clock changes' '
	rm -rf "$EM_STATE"/earmark.db* && history steps
'

test_done
