#!/bin/sh
test_description='core: slow and invalid connections affect no other connection'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_conf limits.write_rate=0
em_conf pools.user_workers=1
em_start

# Sanitized programs keep freed memory for a while.
kib=4096
! em_sanitized || kib=16384

test_expect_success 'the same worker serves other clients during slow and invalid connections' '
	"$EM_SRC"/t/faults/tools/connections.py "$EM_STATE" $kib >seen
	served=$?
	note "$(cat seen)"
	test $served = 0
'

test_done
