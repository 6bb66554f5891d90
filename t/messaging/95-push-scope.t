#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='push: what an error of one device or of the account delays'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"

command -v node >/dev/null || { skip_all='node is not installed'; test_done; }

em_temp
push_double
apns_double
em_bare >/dev/null || exit 1
now=$(date +%s)000
em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at, updated_at)
    VALUES (randomblob(16), 1, 'ana', 'R1', 1, 1)"
for token in busy-1 hang-1 good-1 good-2 other-1 other-2 other-3 other-4; do
	em_sql "INSERT INTO push_device(token, user_id, platform, kind, created_at,
	    used_at) VALUES ('$token', 1, 0, 0, 1, $now)"
done
for token in aced01 429001 aa01; do
	em_sql "INSERT INTO push_device(token, user_id, platform, kind, channel,
	    created_at, used_at) VALUES ('$token', 1, 1, 0, 1, 1, $now)"
done

# put PROVIDER TOKEN N: queues N messages (0 FCM, 1 APNs). A * in the token is
# replaced by 1 to 4 in turn.
put() {
	em_sql "INSERT INTO outbox(channel, provider, user_id, recipient, template,
		title, body, due_at, expires_at, created_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $3)
	    SELECT 3, $1, 1, replace('$2', '*', 1 + i % 4), 'notification',
		'Title', 'Body', 0, $now + 3600000, 0 FROM n"
}
# ring PROVIDER TOKEN: commits a call and wakes the jobs, as a worker does.
# Prints the time before the commit in ms.
ring() {
	date +%s%3N
	em_sql "INSERT INTO outbox(channel, provider, user_id, recipient, template,
		title, urgent, due_at, expires_at, created_at)
	    VALUES (3, $1, 1, '$2', 'call_incoming', 'Call', 1, 0,
		unixepoch() * 1000 + 45000,
		CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))"
	/usr/bin/python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"", sys.argv[1])' \
	    "$EM_STATE/run/jobs.sock"
}
start_jobs() {
	"$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" \
	    2>>"$EM_STATE/log/jobs.log" &
	jobs=$!
	em_until "[ -S '$EM_STATE/run/jobs.sock' ]"
}
# quickly COMMITTED ARRIVED: compares times in ms, only with EARMARK_FAULT=full.
quickly() {
	note "the ring took $(($2 - $1)) ms"
	[ "${EARMARK_FAULT-}" != full ] || [ $(($2 - $1)) -lt 1000 ]
}

test_expect_success 'a device that gets 429 and one that hangs delay no message to others' '
	put 0 busy-1 130 && put 0 hang-1 1 && put 1 429001 130 && put 1 aced01 1 &&
	put 0 good-1 40 && put 1 aa01 40 && start_jobs &&
	em_until "[ \$(grep -c \"\\\"accepted\\\", \\\"to\\\": \\\"good-1\\\"\" \"$log\") = 40 ]" &&
	em_until "[ \$(grep \"\\\"to\\\":\\\"aa01\\\"\" \"$apns\" | grep -c \"\\\"status\\\":200\") = 40 ]" &&
	[ "$(em_sql "SELECT count(*) FROM outbox WHERE recipient = '\''busy-1'\'' AND
	    state = 0")" = 130 ]
'

test_expect_success 'a ring is sent although the account is at its quota' '
	: >"$log.quota" && put 0 "other-*" 400 &&
	em_until "[ \$(grep -c \"\\\"to\\\": \\\"other-\" \"$log\") -ge 3 ]" &&
	put 0 good-1 20 && at=$(ring 0 good-2) &&
	em_until "grep -q \"\\\"to\\\": \\\"good-2\\\"\" \"$log\"" &&
	arrived=$(jq -s "map(select(.to == \"good-2\"))[0].at * 1000 | floor" "$log") &&
	quickly "$at" "$arrived"
'

test_expect_success 'a ring that FCM rejects is counted as expired, and the other phone rings' '
	ring 0 busy-1 >/dev/null && : >"$apns" && ring 1 aa01 >/dev/null &&
	em_until "grep -q \"push: 1 messages expired\" \"$EM_STATE/log/jobs.log\"" &&
	em_until "grep -q \"\\\"to\\\":\\\"aa01\\\"\" \"$apns\"" &&
	[ "$(em_sql "SELECT state, error FROM outbox WHERE recipient = '\''busy-1'\''
	    AND template = '\''call_incoming'\''")" = "2|expired after: 429 QUOTA_EXCEEDED" ]
'

test_expect_success 'the account at its quota gets few other messages' '
	[ "$(jq -s "map(select(.what == \"fcm\" and (.to | startswith(\"other-\")))) |
	    length" "$log")" -lt 100 ]
'

test_expect_success 'a ring by APNs is sent although a device hangs' '
	: >"$apns" && at=$(ring 1 aa01) &&
	em_until "grep -q \"\\\"to\\\":\\\"aa01\\\"\" \"$apns\"" &&
	quickly "$at" "$(jq -s ".[0].at" "$apns")"
'

test_expect_success 'a connection without any response is replaced' '
	apns_set freeze && : >"$apns" && ring 1 aa01 >/dev/null &&
	em_until "grep -q \"\\\"status\\\":200\" \"$apns\""
'

# The service renews an access token after a quarter of its lifetime.
life=60 rings=10
[ "${EARMARK_FAULT-}" != full ] || life=320 rings=30
# arrived: prints how many rings reached FCM.
arrived() {
	grep -c "\"what\": \"fcm\", \"to\": \"good-2\"" "$log"
}
# Prints how many rings reached FCM between the beginning and the end of the
# second request for an access token.
arrived_during_request() {
	jq -s "(map(.what == \"token\") | indices(true)[1]) as \$from |
	    .[\$from:map(.what) | index(\"token_end\")] |
	    map(select(.to == \"good-2\")) | length" "$log"
}
# Prints the longest time between a commit and its arrival at FCM in ms.
longest_ring() {
	em_sql "SELECT created_at FROM outbox WHERE template = 'call_incoming'
	    ORDER BY id" | tail -n "$rings" >committed
	jq "select(.to == \"good-2\" and .what == \"fcm\").at * 1000 | floor" \
	    "$log" | tail -n "$rings" | paste committed - |
	    awk "\$2 - \$1 > max { max = \$2 - \$1 } END { print max + 0 }"
}

test_expect_success 'rings are sent while a request for the next access token hangs' '
	kill $jobs && { wait $jobs; true; } && em_sql "DELETE FROM outbox" &&
	rm "$log.quota" && echo "{\"expires_in\":$life}" >"$log.token" &&
	: >"$log" && start_jobs && ring 0 good-1 >/dev/null &&
	em_until "grep -q \"\\\"to\\\": \\\"good-1\\\"\" \"$log\"" &&
	echo "{\"hang\":10}" >"$log.token" && n=$rings &&
	until [ "$(grep -c "\"what\": \"token\"" "$log")" -ge 2 ]; do
		ring 0 good-2 >/dev/null && n=$((n + 1)) && sleep 1 || return 1
	done &&
	for i in $(seq $rings); do
		ring 0 good-2 >/dev/null || return 1
	done &&
	em_until "grep -q token_end \"$log\" && [ \$(arrived) -ge $n ]" &&
	note "$(arrived_during_request) rings arrived during the request, the" \
	    "longest took $(longest_ring) ms" &&
	[ "$(arrived_during_request)" -ge 3 ] &&
	{ [ "${EARMARK_FAULT-}" != full ] || [ "$(longest_ring)" -lt 300 ]; }
'

test_expect_success 'rings are sent with the old access token after that request failed' '
	before=$(arrived) && ring 0 good-2 >/dev/null &&
	em_until "[ \$(arrived) -gt $before ]"
'

test_expect_success 'messages that wait for the first access token are sent when it arrives' '
	kill $jobs && { wait $jobs; true; } && em_sql "DELETE FROM outbox" &&
	: >"$log" && start_jobs && put 0 good-1 3 && ring 0 good-2 >/dev/null &&
	em_until "grep -q \"\\\"token\\\"\" \"$log\"" && rm "$log.token" &&
	em_until "[ \$(grep -c \"\\\"accepted\\\"\" \"$log\") -ge 4 ]" &&
	[ "$(em_sql "SELECT sum(attempts) FROM outbox")" = 4 ]
'

test_expect_success 'the access token is requested at the start and renewed without messages' '
	kill $jobs && { wait $jobs; true; } && em_sql "DELETE FROM outbox" &&
	echo "{\"expires_in\":20}" >"$log.token" && : >"$log" && start_jobs &&
	em_until "[ \$(grep -c \"\\\"what\\\": \\\"token\\\"\" \"$log\") -ge 3 ]" &&
	! grep -q "\"what\": \"fcm\"" "$log"
'

kill -9 "$jobs"
wait "$jobs" 2>/dev/null
test_done
