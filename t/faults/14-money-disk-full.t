#!/bin/sh
test_description='a full disk while money moves'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_temp
mkdir -p "$EM_STATE"
if ! mount -t tmpfs -o size=64m tmpfs "$EM_STATE" 2>/dev/null; then
	skip_all='only root can mount a small disk'
	test_done
fi
trap 'left=$?; em_stop; umount -l "$EM_STATE"; (exit $left); em_exit' EXIT

em_allow '"event":"(db_full|db_fault|disk_reserve)"'
em_allow '"event":"message_file","message":"[^"]*No space left on device"'
# The logs are on the same disk, so lines may be incomplete.
em_allow '"level":"error"[^}]*($|[{])'
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf sessions.direct=immediate
em_conf calls.lost_after=86400
em_conf calls.gap=86400
em_conf billing.free_per_day=1000
em_start

test_expect_success 'reads succeed, writes are rejected, and both succeed with free space' '
	"$EM_SRC"/t/faults/tools/money_disk_full.py "$EM_STATE" "$EM_BUILD" >seen 2>&1
	full=$?
	note "$(cat seen)"
	test $full = 0
'

test_done
