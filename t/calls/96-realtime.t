#!/bin/sh
test_description='realtime: WebSocket and server-sent events'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
em_conf presence.disconnect_grace=1
em_conf limits.write_rate=0
em_start

# The script kills processes, which is logged.
em_allow 'was ended by signal'

test_expect_success 'setup: accounts and favorites' '
	em_user ana && em_user bob && em_user lis customer listener &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_lis, 1, 100, 0, 1)" &&
	for t in "$TOKEN_ana" "$TOKEN_bob"; do
		api POST /customer/favorites -t "$t" "{\"listener_id\":$ID_lis}" &&
		expect 200 || return 1
	done &&
	bob=$TOKEN_bob && em_login bob &&
	jq -n --arg a "$TOKEN_ana" --arg b "$bob" --arg l "$TOKEN_lis" \
	    --arg o "$TOKEN_bob" --argjson ia "$ID_ana" --argjson ib "$ID_bob" \
	    --argjson il "$ID_lis" "{ana: {token: \$a, id: \$ia},
	    bob: {token: \$b, id: \$ib}, lis: {token: \$l, id: \$il},
	    out: {token: \$o, id: \$ib}}" >tokens.json
'

test_expect_success 'the test client gets the expected events and closes' '
	/usr/bin/python3 "$EM_SRC/t/tools/realtime.py" "${URL##*:}" "$EM_STATE" tokens.json \
	    >said || { note "$(cat said)"; false; }
'

test_expect_success 'GET /realtime without an upgrade, event stream or token is rejected' '
	api GET /realtime -t "$TOKEN_ana" && expect 426 upgrade_required &&
	api GET /realtime -H "Accept: text/event-stream" &&
	expect 401 token_required &&
	api GET /realtime -H "Accept: text/event-stream" -t nonsense &&
	expect 401 token_invalid && [ "$(header WWW-Authenticate)" = Bearer ] &&
	api POST /realtime/ticket && expect 401 token_required
'

test_expect_success 'no other upgrade, method, body or header gets through' '
	"$EM_SRC"/t/tools/realtime_upgrade.py "${URL##*:}" "$EM_STATE" \
	    "$TOKEN_ana" >seen || { note "$(cat seen)"; false; }
'

test_expect_success 'a token and a ticket are in no log' '
	api POST /realtime/ticket -t "$TOKEN_ana" && expect 201 &&
	ticket=$(json .ticket) &&
	api GET "/realtime?ticket=$ticket" && expect 426 &&
	! grep -rqF -e "$ticket" -e "$TOKEN_ana" "$EM_STATE/log"
'

test_expect_success 'a stream that its client has ended is closed, and uses no CPU time' '
	api POST /realtime/ticket -t "$TOKEN_ana" && expect 201 &&
	sockets=$(ls -l "/proc/$(em_workers realtime | tr -d " ")/fd" |
	    grep -c socket) &&
	{ curl -sN "$URL/realtime?ticket=$(json .ticket)" \
	    -H "Accept: text/event-stream" >stream & } && client=$! &&
	em_until "grep -q ready stream" &&
	before=$(em_ticks $(em_workers realtime)) &&
	kill $client && em_until "[ \"\$(ls -l /proc/$(em_workers realtime |
	    tr -d " ")/fd | grep -c socket)\" -le $sockets ]" &&
	used=$(($(em_ticks $(em_workers realtime)) - before)) && note "$used ticks" &&
	[ $used -lt 100 ]
'

test_done
