#!/bin/sh
test_description='core: slow clients do not delay the other clients of a worker'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_conf pools.favorites_workers=1
em_conf pools.catalog_workers=1
em_conf limits.write_rate=0
em_conf limits.search_rate=0
em_conf limits.large_bytes=0
em_start

test_expect_success 'others get their own data while 20 clients read or write slowly' '
	"$EM_SRC"/t/faults/tools/slow_clients.py "$EM_STATE" >seen
	served=$?
	note "$(cat seen)"
	test $served = 0
'

test_done
