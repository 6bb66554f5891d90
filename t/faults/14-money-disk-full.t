#!/bin/sh
test_description='the disk is full while money moves'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_temp
mkdir -p "$EM_STATE"
if ! mount -t tmpfs -o size=64m tmpfs "$EM_STATE" 2>/dev/null; then
	skip_all='only root can mount a small disk'
	test_done
fi
trap 'left=$?; em_stop; umount -l "$EM_STATE"; (exit $left); em_exit' EXIT

em_allow '"event":"(db_full|db_fault|ballast)"'
# The logs are on that disk too: some lines are cut, and followed by others.
em_allow '"level":"error"[^}]*($|[{])'
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_start

test_expect_success 'reads go on, writes are refused, and then it goes on by itself' '
	"$EM_SRC"/t/faults/tools/money_disk_full.py "$EM_STATE" "$EM_BUILD" >seen 2>&1
	full=$?
	note "$(cat seen)"
	test $full = 0
'

test_done
