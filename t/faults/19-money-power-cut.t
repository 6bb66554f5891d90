#!/bin/sh
test_description='power failures while money moves'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

cuts=200 commits=200 served=60
[ "${EARMARK_FAULT-}" != full ] || cuts=2000 commits=1500 served=1000

if ! strace -o /dev/null true 2>/dev/null; then
	skip_all='strace is missing or may not trace'
	test_done
fi
# The processes run under strace, which excludes leak detection.
EM_LEAKS=0
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf sessions.direct=immediate
em_conf calls.lost_after=86400
em_conf calls.gap=86400
em_conf billing.free_per_day=1000
em_start

# powercut WHAT SOURCE CUTS [OPTION]: simulates power failures. Sets lost,
# worst and unsound.
powercut() {
	"$EM_SRC/t/faults/tools/powercut.py" "$1" "$2" "$EM_TEMP/cut" \
	    --build "$EM_BUILD" --cuts "$3" --commits $commits ${4-} \
	    >seen 2>&1 || {
		note "$(cat seen)"
		return 1
	}
	note "${2##*/}: $(cat seen)"
	read -r _ _ _ lost _ worst _ unsound <<-EOF
		$(tail -n 1 seen)
	EOF
	rm -rf "${EM_TEMP:?}/cut"
}

test_expect_success 'no acknowledged transfer is lost, and the ledger is valid' '
	powercut money "$EM_BUILD/t/faults/tools/commits" $cuts &&
	test "$lost $unsound" = "0 0"
'

test_expect_success 'no transfer acknowledged by a worker is lost' '
	powercut money-service "$EM_STATE" $served &&
	test "$lost $unsound" = "0 0"
'

# Control: the test must report losses without syncs.
test_expect_success 'losses are reported with synchronous=NORMAL' '
	powercut money "$EM_BUILD/t/faults/tools/commits_normal" $cuts --lost-only &&
	test "$lost" -gt $((cuts / 4)) &&
	test "$worst" -gt 1
'

test_done
