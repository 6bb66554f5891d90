#!/bin/sh
test_description='the power fails while money moves'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

cuts=200 commits=200 served=60
[ "${EARMARK_FAULT-}" != full ] || cuts=2000 commits=1500 served=1000

if ! strace -o /dev/null true 2>/dev/null; then
	skip_all='strace is missing or may not trace'
	test_done
fi
# They are traced.
EM_LEAKS=0
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_start

# powercut WHAT SOURCE CUTS [OPTION]: what the cuts left, as variables
powercut() {
	"$EM_SRC/t/faults/tools/powercut.py" "$1" "$2" "$EM_TEMP/cut" \
	    --build "$EM_BUILD" --cuts "$3" --commits $commits ${4-} >seen ||
	    return 1
	note "${2##*/}: $(cat seen)"
	read -r _ _ _ lost _ worst _ unsound <<-EOF
		$(tail -n 1 seen)
	EOF
	rm -rf "${EM_TEMP:?}/cut"
}

test_expect_success 'no money that was acknowledged is lost, the ledger verifies' '
	powercut money "$EM_BUILD/t/faults/tools/commits" $cuts &&
	test "$lost $unsound" = "0 0"
'

test_expect_success 'nor any that a worker has answered' '
	powercut money-service "$EM_STATE" $served &&
	test "$lost $unsound" = "0 0"
'

# The control: were it not found out, the test above would mean nothing.
test_expect_success 'with synchronous=NORMAL losses are found' '
	powercut money "$EM_BUILD/t/faults/tools/commits_normal" $cuts --lost-only &&
	test "$lost" -gt $((cuts / 4)) &&
	test "$worst" -gt 1
'

test_done
