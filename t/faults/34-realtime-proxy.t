#!/bin/sh
# shellcheck disable=SC2154
test_description='realtime: a second nginx, HTTP/2, idle time and a new network'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-front.sh
. "$EM_SRC/t/lib-front.sh"

# The second nginx closes connections that are silent for 60 s, its default.
idle=2
[ "${EARMARK_FAULT-}" != full ] || idle=190

em_conf limits.write_rate=0
front_port
em_start

# Sends ana a notification.
cat >send <<END
#!/bin/sh
printf '{"user_id":%s,"title":"%s","body":"b"}' \$ANA "\$1" |
    curl -sf -H "Content-Type: application/json" -d @- \\
    -H "Authorization: Bearer \$ADMIN" "$URL/notifications/send"
END
chmod +x send

test_expect_success 'setup: accounts and a second nginx with TLS' '
	em_user ana && em_user adm admin && front_start &&
	test "$(curl -sk --http2 -o /dev/null -w "%{http_version} %{http_code}" \
	    "https://127.0.0.1:$front/health/live")" = "2 200"
'

test_expect_success 'events arrive once through it after an idle time and on a new network' '
	ADMIN=$TOKEN_adm ANA=$ID_ana "$EM_SRC/t/faults/tools/realtime_proxy.py" \
	    "$front" "$TOKEN_ana" $idle "$PWD/send" >said 2>&1
	seen=$?
	note "idle for $idle s, exit status $seen: $(cat said)"
	test $seen = 0
'

test_expect_success 'the clients used both protocols from both networks' '
	cat >want <<-\END &&
	127.0.0.2 HTTP/1.1 101 /realtime
	127.0.0.2 HTTP/2.0 200 /api/v1/realtime
	127.0.0.3 HTTP/1.1 101 /realtime
	127.0.0.3 HTTP/2.0 200 /api/v1/realtime
	END
	em_until "grep realtime \"$front_log\" | sort | cmp - want"
'

front_stop
test_done
