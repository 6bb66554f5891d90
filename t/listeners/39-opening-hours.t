#!/bin/sh
test_description='weekly hours: openings are those of an independent implementation'
# shellcheck source=t/lib-static.sh
. "$(dirname "$0")/../lib-static.sh"

n=3000
[ "${EARMARK_FAULT-}" != full ] || n=50000

test_expect_success "$n random schedules have the openings that Python's zoneinfo finds" '
	"$src/t/tools/opening_hours.py" "$build/t/tools/opening_hours" $n \
	    >result
	same=$?
	sed "s/^/# /" result >&5
	[ $same = 0 ] && grep -q " 0 wrong" result
'

test_expect_success 'an invalid schedule is reported' '
	echo "UTC|1 09:00-09:00;||0|0" | "$build/t/tools/opening_hours" |
	    grep -qx invalid &&
	echo "UTC|1 09:00-10:00;||0|0" | "$build/t/tools/opening_hours" |
	    grep -qx "378000000 0"
'

test_done
