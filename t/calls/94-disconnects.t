#!/bin/sh
test_description='calls: abandoned calls and expired presence'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf calls.rings=0
em_conf calls.rings_hour=0
em_conf calls.rings_total=0
em_conf billing.free_seconds=0
em_start

is_there() {
	api POST /presence/update -t "$(token_of "$1")" \
	    '{"status":"online"}' && expect 200
}
# take: cat calls lis, and lis accepts.
take() {
	is_there lis &&
	api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lis" "{\"callId\":$call}" &&
	expect 200 && s=$(json .session_id)
}
# went NAME SECONDS: ends the presence of NAME at SECONDS after the start.
went() {
	em_sql "UPDATE presence SET online_until = (SELECT started_at
	    FROM session WHERE id = $s) + $2 * 1000 WHERE user_id = $(id_of "$1")"
}
state() {
	em_sql "SELECT state FROM call WHERE id = $call"
}

test_expect_success 'setup: accounts' '
	em_user cat && listener lis 600 && fund cat 600000
'

test_expect_success 'an abandoned call ends when the later user went offline' '
	is_there cat && take && went cat 20 && went lis 30 &&
	jobs 60 >seen && [ "$(state)" = 1 ] &&
	jobs 600 >seen && [ "$(state)" = 2 ] &&
	[ "$(row "ended_at - started_at")" = 30000 ] &&
	api GET "/calls/$call" -t "$TOKEN_cat" && check_json ".cause == \"left\"
	    and .cost == 600" &&
	[ "$(em_sql "SELECT count(*) FROM presence
	    WHERE busy_since NOT NULL")" = 0 ] && sound
'

test_expect_success 'a call continues while one user is online' '
	is_there cat && take && went lis 10 && went cat 500 &&
	jobs 120 >seen && [ "$(state)" = 1 ]
'

test_expect_success 'a call continues while one user is connected or in the media channel' '
	went cat 10 &&
	em_sql "INSERT INTO realtime_held(user_id, since) VALUES ($ID_cat, 1)" &&
	jobs 300 >seen && [ "$(state)" = 1 ] &&
	em_sql "DELETE FROM realtime_held" &&
	em_sql "INSERT INTO call_media_presence VALUES ($call, $ID_lis, 1, NULL)" &&
	jobs 300 >seen && [ "$(state)" = 1 ] &&
	em_sql "DELETE FROM call_media_presence" &&
	jobs 300 >seen && [ "$(state)" = 2 ]
'

test_expect_success 'a user who had no presence during the call is not considered offline' '
	em_sql "UPDATE presence SET online_until = 0, last_seen = 1
	    WHERE user_id = $ID_cat" &&
	take && went lis 10 && jobs 300 >seen && [ "$(state)" = 1 ] &&
	api POST /call/end -t "$TOKEN_cat" "{\"callId\":$call}" && expect 200
'

test_expect_success 'an expired presence sends one event' '
	is_there lis && em_sql "UPDATE presence SET online_until = 1
	    WHERE user_id = $ID_lis" &&
	em_jobs >seen && em_jobs >seen &&
	[ "$(em_sql "SELECT status FROM presence WHERE user_id = $ID_lis")" = 0 ] &&
	events lis presence.changed >changes &&
	[ "$(tail -n 2 changes | jq -c .is_online | tr "\n" " ")" = \
	    "true false " ]
'

test_expect_success 'favorite.changed is sent once to connected devices' '
	api POST /customer/favorites -t "$TOKEN_cat" \
	    "{\"listener_id\":$ID_lis}" && expect 200 &&
	api DELETE /customer/favorites -t "$TOKEN_cat" \
	    "{\"listener_id\":$ID_lis}" && expect 200 &&
	events cat favorite.changed >changes && [ ! -s changes ] &&
	em_sql "INSERT INTO realtime_held(user_id, since, gone_at)
	    VALUES ($ID_cat, 1, $(date +%s)000)" &&
	for i in 1 2; do
		api POST /customer/favorites -t "$TOKEN_cat" \
		    "{\"listener_id\":$ID_lis}" && expect 200 || return 1
	done &&
	api DELETE /customer/favorites -t "$TOKEN_cat" \
	    "{\"listener_id\":$ID_lis}" && expect 200 &&
	events cat favorite.changed >changes &&
	[ "$(jq -c "[.kind, .id, .is_favorited]" changes | tr "\n" " ")" = \
	    "[\"listener\",$ID_lis,true] [\"listener\",$ID_lis,false] " ] &&
	em_sql "UPDATE realtime_held SET gone_at = gone_at - 86400001" &&
	em_jobs >seen &&
	[ "$(em_sql "SELECT count(*) FROM realtime_held")" = 0 ] &&
	em_sql "INSERT INTO device_session(user_id, created_at, used_at)
	    VALUES ($ID_cat, 1, 1), ($ID_cat, 1, 1)" &&
	api POST /customer/favorites -t "$TOKEN_cat" \
	    "{\"listener_id\":$ID_lis}" && expect 200 &&
	events cat favorite.changed >changes && [ "$(wc -l <changes)" = 3 ]
'

test_done
