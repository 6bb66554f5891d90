#!/bin/sh
# shellcheck disable=SC2016
test_description='calls and sessions as harassment'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck disable=SC2034
em_strict=1
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf calls.gap=86400
em_conf calls.rings_total=5
em_start
em_stop_jobs

direct() {
	api POST /sessions/start -t "$(token_of "$1")" \
	    "{\"listener_id\":$(id_of "$2")}" && s=$(json .session_id)
}
# unseen N NAME LISTENER: N sessions that end before the listener comes.
unseen() {
	for i in $(seq "$1"); do
		direct "$2" "$3" && expect 201 && end "$2" || return 1
	done
}
call() {
	api POST /call/start -t "$(token_of "$1")" "{\"callee_id\":$(id_of "$2")
	    ${3:+,\"channel_name\":\"$3\"}}"
}
older() {
	em_sql "UPDATE call SET created_at = created_at - $1 * 1000" &&
	em_sql "UPDATE session SET started_at = started_at - $1 * 1000"
}
# notified NAME: prints the number of missed calls that NAME was notified of.
notified() {
	em_sql "SELECT count(*) FROM notification WHERE user_id = $(id_of "$1")
	    AND data LIKE '%call.missed%'"
}

test_expect_success 'setup: accounts' '
	em_sql "DROP TRIGGER session_final" &&
	em_user cat && em_user dan && em_user poor &&
	for who in lis lea lou liv liz lin lia lux; do
		listener $who 600 || return 1
	done && em_device lis lea && fund cat 1000000 && fund dan 1000000
'

# pushes NAME: prints the number of push messages for NAME.
pushes() {
	em_sql "SELECT count(*) FROM outbox WHERE user_id = $(id_of "$1")
	    AND channel = 3"
}

test_expect_success 'three sessions that the listener never saw are announced by push in ten minutes' '
	unseen 5 cat lis && is 3 "$(pushes lis)" &&
	is 10 "$(em_sql "SELECT count(*) FROM notification
	    WHERE user_id = $ID_lis")" &&
	is 0 "$(em_sql "SELECT count(*) FROM presence
	    WHERE busy_since IS NOT NULL")"
'

test_expect_success 'sessions of other customers and with other listeners are announced' '
	unseen 1 dan lis && is 4 "$(pushes lis)" &&
	unseen 1 cat lea && is 1 "$(pushes lea)"
'

test_expect_success 'ten in an hour are announced' '
	older 3601 && for group in 1 2 3 4; do
		unseen 3 cat lis && older 601 || return 1
	done && is 14 "$(pushes lis)"
'

test_expect_success 'sessions that the listener answered do not count' '
	started() {
		em_sql "SELECT count(*) FROM outbox WHERE user_id = $ID_lis
		    AND template = '\''session_started'\''"
	} &&
	older 3601 && before=$(started) && for n in 1 2 3 4; do
		direct cat lis && expect 201 && api POST /call/heartbeat \
		    -t "$TOKEN_lis" "{\"session_id\":$s}" && expect 204 &&
		end cat || return 1
	done && is $((before + 4)) "$(started)"
'

test_expect_success 'offline listeners get calls.rings_total missed calls of a user in an hour' '
	em_sql "UPDATE presence SET status = 0, online_until = 0" &&
	for who in lis lea lou liv liz lin lia lux; do
		call dan $who && expect 409 callee_offline || return 1
	done && is 1 "$(notified liz)" && is 0 "$(notified lin)" &&
	is 0 "$(notified lux)"
'

test_expect_success 'a caller who cannot pay leaves no missed call' '
	call poor lux && expect 409 callee_offline && is 0 "$(notified lux)"
'

test_expect_success 'the channel of a live session cannot be that of a call' '
	older 3601 && online lis && online lea && direct cat lis &&
	channel=$(json .channel) && call dan lea "$channel" &&
	expect 409 channel_taken && end cat && call dan lea "$channel" &&
	expect 201
'

test_done
