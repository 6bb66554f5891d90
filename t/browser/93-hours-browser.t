#!/bin/sh
# Tests the page for the hours of a listener, and what customers and administrators
# see of them, in browsers, by keyboard.
test_description='app: hours of listeners'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
rm -f "$shots"/hours-*.png
export TZ=UTC
em_start

# Prints a command that succeeds if lena is closed.
closed() {
	cat >closed <<-END
		sqlite3 -readonly -cmd '.timeout 5000' "$EM_STATE/earmark.db" \\
		    "SELECT count(closed) FROM presence WHERE user_id = $ID_lena" |
		    grep -qx 1
	END
	printf %s "sh '$PWD/closed'"
}

test_expect_success 'setup: a listener, who is offline, and a customer' '
	em_user adm admin && em_user cara && listener lena 600 &&
	em_sql "UPDATE presence SET online_until = 0 WHERE user_id = $ID_lena"
'

test_expect_success 'the hours can be edited by keyboard, and customers and administrators see them' '
	jq -n --arg url "$URL" --arg shots "$shots/hours" \
	    --arg password "$EM_PASSWORD" --argjson listener "$ID_lena" \
	    --arg closed "$(closed)" "\$ARGS.named" >plan &&
	browse hours "$(cat plan)"
'

test_expect_success 'the hours, the exception and the maximum are stored' '
	em_sql "SELECT time_zone, weekly, exceptions, accepting, max_minutes
	    FROM listener_availability" >got &&
	printf "%s\n" "UTC|1 09:00-17:00" "5 22:00-02:00" "7 00:00-24:00" \
	    "|2026-12-24 2026-12-26" "|1|90" >want && test_cmp want got
'

test_done
