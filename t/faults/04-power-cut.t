#!/bin/sh
test_description='power failures at random moments'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

cuts=200 commits=400
[ "${EARMARK_FAULT-}" != full ] || cuts=2000 commits=1500

if ! strace -o /dev/null true 2>/dev/null; then
	skip_all='strace is missing or may not trace'
	test_done
fi
# The processes run under strace, which excludes leak detection.
EM_LEAKS=0
em_conf limits.write_rate=0
em_start

# powercut WHAT SOURCE: simulates power failures. Sets lost, worst and unsound.
powercut() {
	"$EM_SRC/t/faults/tools/powercut.py" "$1" "$2" "$EM_TEMP/cut" \
	    --build "$EM_BUILD" --cuts $cuts --commits $commits \
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

test_expect_success 'no acknowledged commit is lost, and the database is valid' '
	powercut commits "$EM_BUILD/t/faults/tools/commits" &&
	test "$lost $unsound" = "0 0"
'

test_expect_success 'no write acknowledged by a worker is lost' '
	powercut service "$EM_STATE" &&
	test "$lost $unsound" = "0 0"
'

# Control: the test must report losses without syncs.
test_expect_success 'losses are reported with synchronous=NORMAL' '
	powercut commits "$EM_BUILD/t/faults/tools/commits_normal" &&
	test "$lost" -gt $((cuts / 4)) &&
	test "$worst" -gt 1
'

test_done
