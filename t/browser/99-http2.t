#!/bin/sh
# shellcheck disable=SC2154
test_description='app: behind a second nginx with HTTP/2'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
# shellcheck source=t/lib-front.sh
. "$EM_SRC/t/lib-front.sh"
front_port
em_conf "server.base_url=https://127.0.0.1:$front"
em_start

test_expect_success 'setup: a customer, a service and a second nginx with TLS' '
	em_user ana && service=$(em_cli token add shop) && front_start &&
	cat >send <<-END
	curl -sf -H "Content-Type: application/json" \\
	    -H "Authorization: Bearer $service" \\
	    -d "{\"user_id\":$ID_ana,\"title\":\"t\",\"body\":\"b\"}" \\
	    "$URL/notifications/send"
	END
'

test_expect_success 'the page and its events use HTTP/2, and its WebSocket HTTP/1.1' '
	jq -n --arg url "https://127.0.0.1:$front" --arg name ana \
	    --arg password "$EM_PASSWORD" --arg send "sh '\''$PWD/send'\''" \
	    "\$ARGS.named" >plan && browse front "$(cat plan)" &&
	saw "del(.socket) == {page: \"h2\", script: \"h2\", events: \"h2\",
	    offered: false, wrong: []} and
	    (.socket | startswith(\"HTTP/1.1 101\"))"
'

test_expect_success 'the second nginx saw the same protocols' '
	em_until "grep -q \"HTTP/1.1 101 /realtime\" \"$front_log\" &&
	    grep -q \"HTTP/2.0 200 /api/v1/realtime\" \"$front_log\"" &&
	! grep "HTTP/1.1" "$front_log" | grep -v " /realtime$"
'

front_stop
test_done
