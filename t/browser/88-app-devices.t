#!/bin/sh
test_description='app: several devices, and a caller without a network'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
# shellcheck source=t/lib-turn.sh
. "$EM_SRC/t/lib-turn.sh"
rm -f "$shots"/app-devices-*.png "$shots"/app-offline-*.png
em_start

people() {
	printf %s "\"caller\":{\"name\":\"otto\",\"password\":\"$EM_PASSWORD\"},
	    \"callee\":{\"name\":\"lena\",\"user\":$ID_lena,
	    \"password\":\"$EM_PASSWORD\"},\"brief\":true"
}

test_expect_success 'setup: a customer and a listener' '
	person lena customer listener && person otto customer &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_lena, 1, 600, '\''en'\'', 1)" &&
	em_cli ledger adjust otto 50000 --reason "for a test" >/dev/null &&
	em_user adm admin &&
	api POST /admin/promotions -t "$TOKEN_adm" "{\"code\":\"FREE\",
	    \"kind\":\"minutes\",\"value\":3,\"max_rate\":600}" && expect 201 &&
	api POST /promotions/redeem -t "$TOKEN_otto" "{\"code\":\"FREE\"}" &&
	expect 200 &&
	api POST /admin/promotions -t "$TOKEN_adm" "{\"code\":\"CHEAP\",
	    \"kind\":\"minutes\",\"value\":9,\"max_rate\":599}" && expect 201 &&
	api POST /promotions/redeem -t "$TOKEN_otto" "{\"code\":\"CHEAP\"}" &&
	expect 200
'

test_expect_success 'a caller sees the price and the free minutes; the other device stops ringing' '
	look devices "$(people),\"second\":{\"name\":\"lena\",
	    \"password\":\"$EM_PASSWORD\"}" &&
	saw ".second == 0 and (.tariff | test(\"6.00 per minute\")) and
	    (.offer | test(\"6.00 per minute, the first 10 s are free, 3 free min apply\")) and
	    (.tariff | test(\"the first 10 s are free\"))"
'

test_expect_success 'a call survives 20 s without a network' '
	look offline-20 "$(people),\"saved\":true,\"offline\":20" &&
	[ "$(em_sql "SELECT cause FROM session ORDER BY id DESC LIMIT 1")" = 2 ]
'

# The server ends such a call after calls.lost_after. Pages prove presence every
# 25 s.
offline=40
if [ "${EARMARK_FAULT-}" = full ]; then
	offline=90
else
	em_stop && em_conf calls.lost_after=40 && em_start
fi

# Prints a command that prints the end of the newest session.
ended() {
	cat >ended <<-END
		sqlite3 -cmd '.timeout 5000' "$EM_STATE/earmark.db" \\
		    "SELECT ended_at FROM session ORDER BY id DESC LIMIT 1"
	END
	printf %s "sh '$PWD/ended'"
}

test_expect_success 'a call of a caller who stays offline ends, and the receipt shows when' '
	look offline-long "$(people),\"saved\":true,\"offline\":$offline,
	    \"gone\":\"$(ended)\"" &&
	em_sql "SELECT cause, ended_at / 1000, ended_at < $(jq .cut seen)
	    FROM session ORDER BY id DESC LIMIT 1" >end &&
	IFS="|" read -r cause ended before <end &&
	[ "$cause" = 8 ] && [ "$before" = 1 ] &&
	saw ".clock | test(\"lost connection of the customer\") and
	    test(\"$(date -d "@$ended" +%-I:%M:%S)\")" && em_cli ledger verify
'

test_done
