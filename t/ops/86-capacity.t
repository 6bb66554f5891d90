#!/bin/sh
test_description='the measurement of doc/capacity.md, with a small database'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
em_temp

capacity() {
	nice "$EM_SRC/t/bench/capacity" "$@" --build "$EM_BUILD" \
	    --dir "$EM_TEMP/c" >said 2>&1 || {
		note "$(tail -n 20 said)"
		return 1
	}
}

test_expect_success 'each route has a step in capacity_routes.py that returns the expected status' '
	capacity routes --alone --users 1000 --times 2 &&
	grep -qx "0 wrong" said
'

test_expect_success 'the generated ledger and audit pass the verification after all writes' '
	grep -q "^ok: .* transfers" said && grep -q "^ok: .* rows" said
'

test_expect_success 'doc/capacity.md has each row that the measurement prints' '
	sed -n "s/^| \([A-Z]* [^|]*[^ |]\) |.*/\1/p" said |
	    sed "s/, [0-9]*\$//" | sort >printed &&
	[ "$(wc -l <printed)" -gt 200 ] &&
	sed -n "s/^| \([A-Z]* [^|]*[^ |]\) |.*/\1/p" "$EM_SRC/doc/capacity.md" |
	    sed "s/, [0-9]*\$//" | sort >documented &&
	test_cmp documented printed
'

test_expect_success 'all requests of the mixed traffic succeed' '
	capacity hour --users 1000 --peak 200 --seconds 2 &&
	grep -q "^ok: .* transfers" said
'

test_expect_success 'events arrive on realtime connections' '
	capacity realtime --users 1000 --connections 20 &&
	grep -q "20 connections to earmark-realtime.* 400 of 400 events" said
'

test_expect_success 'a backup of the generated database passes the restore test' '
	capacity times --users 1000 && grep -q "^drill: " said
'

test_done
