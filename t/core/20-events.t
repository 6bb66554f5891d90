#!/bin/sh
# shellcheck disable=SC2016
test_description='GET /events: numbered events, kept for 24 hours'
. "$(dirname "$0")/../lib.sh"
em_start

s=$(date +%s)
ms=$((s * 1000))
# pass SECONDS: runs the jobs at SECONDS after the events.
pass() {
	em_jobs "$(date -u -d "@$((s + $1))" +%Y-%m-%dT%H:%M:%SZ)" >out
}

# insert_events USER FIRST LAST AT: inserts events as event_add() does.
insert_events() {
	em_sql "INSERT INTO event(user_id, seq, type, at, data)
	    WITH n(i) AS (SELECT $2 UNION ALL SELECT i + 1 FROM n WHERE i < $3)
	    SELECT $1, i, 10, $4, '{\"session_id\":' || i || ',\"seconds_left\":60}'
	    FROM n"
}
events() {
	api GET "/events${1:+?$1}" -t "$TOKEN_ana" && expect 200
}

test_expect_success 'a new user has no events' '
	em_user ana && em_user ben && events &&
	check_json ". == {events: [], next_after: 0, has_more: false,
	    resync: false, last: 0}"
'

test_expect_success 'GET /events returns only events of the user, in order' '
	insert_events "$ID_ana" 1 3 $((ms - 1000)) && insert_events "$ID_ben" 1 1 $ms &&
	events && check_json "[.events[].seq] == [1, 2, 3] and .last == 3 and
	    .next_after == 3 and .events[2] == {seq: 3,
	    type: \"session.low_balance\", at: \"$(date -u -d "@$((s - 1))" +%Y-%m-%dT%H:%M:%SZ)\",
	    data: {session_id: 3, seconds_left: 60}}" &&
	events after=2 && check_json "[.events[].seq] == [3]" &&
	events after=3 && check_json ".events == [] and .next_after == 3 and
	    (.resync | not)"
'

test_expect_success 'pages return each event once' '
	events limit=2 && check_json "[.events[].seq] == [1, 2] and
	    .has_more and .next_after == 2 and .last == 3" &&
	events "limit=2&after=2" && check_json "[.events[].seq] == [3] and
	    (.has_more | not) and .next_after == 3" &&
	events limit=100000 && check_json "(.events | length) == 3"
'

test_expect_success 'an unchanged response returns 304' '
	events after=1 && e=$(header ETag) &&
	api GET "/events?after=1" -t "$TOKEN_ana" -H "If-None-Match: $e" &&
	expect 304 &&
	api GET "/events?after=1" -t "$TOKEN_ben" -H "If-None-Match: $e" &&
	expect 200 &&
	insert_events "$ID_ana" 4 4 $((ms + 1000)) &&
	api GET "/events?after=1" -t "$TOKEN_ana" -H "If-None-Match: $e" &&
	expect 200 && check_json "[.events[].seq] == [2, 3, 4]"
'

test_expect_success 'events are deleted after 24 hours' '
	pass 86399 && grep -q "^events 0$" out &&
	events && check_json "(.events | length) == 4" &&
	pass 86400 && grep -q "^events 3$" out &&
	events after=3 && check_json "[.events[].seq] == [4] and (.resync | not)"
'

test_expect_success 'resync is true if events after the given number were deleted' '
	for after in 0 2; do
		events after=$after && check_json "[.events[].seq] == [4] and
		    .resync and .next_after == 4" || return 1
	done
'

test_expect_success 'resync is true for a number that was never used' '
	events after=5 && check_json ".events == [] and .resync and
	    .next_after == 4" &&
	events after=9223372036854775807 && check_json ".resync"
'

test_expect_success 'numbers continue after all events were deleted' '
	pass 172800 && grep -q "^events 2$" out &&
	events after=4 && check_json ".events == [] and .last == 4 and
	    (.resync | not)" &&
	events && check_json ".resync and .next_after == 4"
'

test_expect_success 'jobs delete many events in small transactions' '
	insert_events "$ID_ana" 5 1704 $ms && pass 172800 &&
	grep -q "^events 1700$" out && events after=1704 &&
	check_json ".last == 1704 and (.resync | not)"
'

test_expect_success 'GET /events rejects invalid parameters' '
	for q in after=-1 after=x limit=0 limit=x; do
		api GET "/api/v1/events?$q" -t "$TOKEN_ana" &&
		expect 400 validation_failed || return 1
	done && api GET /events && expect 401
'

test_done
