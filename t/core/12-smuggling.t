#!/bin/sh
test_description='core: no part of a request body is parsed as another request'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

requests=3000
[ "${EARMARK_FAULT-}" != full ] || requests=100000

em_conf limits.write_rate=0
em_conf limits.search_rate=0
em_conf limits.exempt_networks=127.0.0.0/8
# The script compares worker ids, so workers must not be recycled.
em_conf pools.recycle=1000000000
em_start

test_expect_success "$requests generated requests do not affect responses to another user" '
	"$EM_SRC"/t/faults/tools/smuggling.py "$EM_STATE" "$EM_BUILD" $requests \
	    ${SEED-} >seen
	none=$?
	note "$(cat seen)"
	test $none = 0
'

test_done
