#!/bin/sh
# Tests calls between two browsers with fake microphones and keyboards:
# sign-in, search, call and receipt. One call uses a TURN relay.
# SHOTS=1 stores screenshots in t/screenshots/ of the build folder. The
# browsers can access only this machine.
test_description='app: calls between two browsers'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
rm -f "$shots"/app-*.png

# shellcheck source=t/lib-turn.sh
. "$EM_SRC/t/lib-turn.sh"
turn_start
em_conf billing.free_seconds=0
em_start

# Prints a command that makes the newest session 61 s older.
age() {
	cat >age <<-END
		flock "$EM_STATE/writer.lock" sqlite3 -cmd '.timeout 5000' \\
		    "$EM_STATE/earmark.db" \\
		    "$(ago_sql 61 "(SELECT max(id) FROM session)")"
	END
	printf %s "sh '$PWD/age'"
}

test_expect_success 'setup: a customer and a listener' '
	person lena customer listener && person otto customer &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_lena, 1, 600, '\''en'\'', 1)" &&
	em_cli ledger adjust otto 5000 --reason "for a test" >/dev/null
'

test_expect_success 'the page consists of local files, and its policy allows no other hosts' '
	api GET /app/ && expect 200 &&
	header Content-Type | grep -q "^text/html" &&
	header Content-Security-Policy | grep -q "^default-src .none.; script-src .self.;" &&
	api GET /app && expect 308 && [ "$(header Location)" = /app/ ] &&
	for file in "$EM_SRC"/nginx/html/app/*; do
		api GET "/app/${file##*/}" && expect 200 &&
		cmp "$body" "$file" || return 1
	done &&
	for file in "$EM_SRC"/nginx/html/lib/*; do
		api GET "/lib/${file##*/}" && expect 200 &&
		cmp "$body" "$file" || return 1
	done &&
	api GET /app/nope.js && expect 404 not_found &&
	api GET /app/../key && expect 404 not_found &&
	! grep -rnE "innerHTML|outerHTML|insertAdjacentHTML|eval\(|localStorage|https?://[^w]" \
	    "$EM_SRC/nginx/html/app" "$EM_SRC/nginx/html/lib"
'

test_expect_success 'sign-in by code, top-up, favorite and call work' '
	look call "\"age\":\"$(age)\",
	    \"caller\":{\"id\":\"otto@example.org\",\"dark\":true,
	    \"code\":\"$(code_for otto@example.org otp_continue)\"},
	    \"callee\":{\"id\":\"lena@example.org\",\"wide\":true,
	    \"user\":$ID_lena, \"code\":\"$(code_for lena@example.org otp_continue)\"},
	    \"topup\":true,\"notify\":true,\"again\":true" &&
	saw ".balance == 25000 and .reviews == 1" &&
	[ "$(em_sql "SELECT rating FROM review")" = 4 ] &&
	[ "$(em_sql "SELECT count(*) FROM favorite
	    WHERE user_id = $ID_otto AND entity_id = $ID_lena
	    AND notify")" = 1 ]
'

test_expect_success 'both users see the right receipt' '
	saw ".cost == 1200 and .earned == 960 and (.said | test(\"12.00\"))" &&
	[ "$(em_sql "SELECT count(*) FROM call WHERE state = 2 AND
	    ended_by = $ID_lena")" = 1 ] && em_cli ledger verify
'

# A minute costs 200.00. The top-up during the call adds another 200.00.
test_expect_success 'a new user registers, calls, and adds money during the call' '
	em_sql "UPDATE listener SET rate_per_minute = 20000
	    WHERE user_id = $ID_lena" &&
	look low "\"caller\":{\"id\":\"nora@example.org\",
	    \"code\":\"$(code_for nora@example.org otp_continue)\"},
	    \"callee\":{\"name\":\"lena\",\"user\":$ID_lena,
	    \"password\":\"$EM_PASSWORD\"},\"topup\":true,\"low\":true,
	    \"brief\":true" &&
	saw ".cost == 20000 and
	    (.enough | test(\"enough for 1 more\"))" && em_cli ledger verify
'
test_expect_success COTURN 'TURN credentials of both users are renewed for the extended call' '
	saw ".renewed == [true, true]"
'
em_sql "UPDATE listener SET rate_per_minute = 600 WHERE user_id = $ID_lena"

test_expect_success COTURN 'a call works through the TURN relay with password sign-in' '
	turn_ready &&
	em_cli ledger adjust otto 5000 --reason "for a test" >/dev/null &&
	look relay "\"caller\":{\"name\":\"otto\",\"wide\":true,\"dark\":true,
	    \"password\":\"$EM_PASSWORD\"},
	    \"callee\":{\"name\":\"lena\",\"user\":$ID_lena,
	    \"password\":\"$EM_PASSWORD\"},\"relay\":true,\"saved\":true,
	    \"brief\":true" &&
	saw ".cost == 600 and .earned == 480 and .reviews == 0 and
	    .kinds == [\"relay\", \"relay\"]" && em_cli ledger verify
'

test_done
