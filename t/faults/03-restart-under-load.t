#!/bin/sh
test_description='all pools are restarted under load'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

rounds=2
[ "${EARMARK_FAULT-}" != full ] || rounds=100

em_conf limits.write_rate=0
em_conf limits.search_rate=0
em_argon
em_start

test_expect_success 'setup: an account' '
	em_user ana
'

test_expect_success "$rounds restarts: no request fails, no write runs twice" '
	"$EM_SRC"/t/faults/tools/restart.py "$EM_STATE" "$EM_BUILD" $rounds ana \
	    "$EM_PASSWORD" >seen
	restarted=$?
	note "$(cat seen)"
	test $restarted = 0
'

test_done
