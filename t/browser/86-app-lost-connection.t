#!/bin/sh
# The TURN server is reached through a proxy that first drops all packets and
# then delays them.
test_description='app: a call recovers from a lost connection'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
# shellcheck source=t/lib-turn.sh
. "$EM_SRC/t/lib-turn.sh"
rm -f "$shots"/app-lost-*.png

link=$(udp_port)
turn_start "$link"
echo 0 >"$turn/link"
if [ -n "${relay-}" ]; then
	"$EM_SRC/t/faults/tools/udp_link.py" "$link" "$relay" "$turn/link" &
	turn_pids="$turn_pids $!"
fi
em_conf billing.free_seconds=0
em_start

# Seconds for which the connection is lost at least.
lost=0
[ "${EARMARK_FAULT-}" != full ] || lost=40

test_expect_success COTURN 'a lost call sends an offer every 8 s and recovers over a slow link' '
	turn_ready &&
	person lena customer listener && person otto customer &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_lena, 1, 600, '\''en'\'', 1)" &&
	em_cli ledger adjust otto 5000 --reason "for a test" >/dev/null &&
	look lost "\"caller\":{\"name\":\"otto\",\"password\":\"$EM_PASSWORD\"},
	    \"callee\":{\"name\":\"lena\",\"user\":$ID_lena,
	    \"password\":\"$EM_PASSWORD\"},\"relay\":true,
	    \"brief\":true,\"link\":\"$turn/link\",\"lost\":$lost" &&
	note "offers while lost: $(jq .offersWhileLost seen), gaps in ms:" \
	    "$(jq -c .offers seen)" &&
	saw ".offersWhileLost >= 2 and (.offers | all(. >= 7900))" &&
	em_cli ledger verify
'

test_done
