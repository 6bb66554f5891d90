#!/bin/sh
test_description='rates and kinds of calls of listeners, and their limits'
. "$(dirname "$0")/../lib.sh"
em_conf billing.min_rate=100
em_conf billing.max_rate=2000
em_start

# lena RATES: changes the profile of the listener lena.
lena() {
	api PUT /listeners/profile -t "$TOKEN_lena" "$1"
}
# invalid FIELD BODY: the change returns 400 and names the field.
invalid() {
	lena "$2" && expect 400 validation_failed &&
	check_json ".fields | has(\"$1\")" &&
	[ "$(rates)" = "$have" ]
}
rates() {
	em_sql "SELECT rate_per_minute, audio, rate_video FROM listener
	    WHERE user_id = $ID_lena;
	    SELECT count(*) FROM listener_rate_change"
}
# moved HOURS: moves all changes of rates into the past.
moved() {
	em_sql "UPDATE listener_rate_change SET at = at - $1 * 3600000"
}

test_expect_success 'a new listener offers audio at rate_per_minute' '
	em_user adm admin && em_user lena && em_user bob &&
	api POST /listeners/register -t "$TOKEN_lena" \
	    "{\"languages\":[\"en\"],\"rate_per_minute\":600}" && expect 201 &&
	check_json ".rate_per_minute == 600 and .kinds == [\"audio\"] and
	    .rates == {audio: 600}" &&
	api POST "/admin/listeners/$ID_lena/verify" -t "$TOKEN_adm" &&
	expect 200
'

test_expect_success 'a rate outside of the limits returns 400' '
	have=$(rates) &&
	invalid rate_per_minute "{\"rate_per_minute\":99}" &&
	invalid rate_per_minute "{\"rate_per_minute\":2001}" &&
	invalid rates.video "{\"rates\":{\"audio\":600,\"video\":2001}}" &&
	invalid rates.audio "{\"rates\":{\"audio\":99}}" &&
	api POST /listeners/register -t "$TOKEN_bob" \
	    "{\"languages\":[\"en\"],\"rate_per_minute\":2001}" &&
	expect 400 validation_failed
'

test_expect_success 'invalid rates and kinds return 400' '
	invalid rates "{\"rates\":{}}" && invalid rates "{\"rates\":[600]}" &&
	invalid rates "{\"rates\":600}" &&
	invalid rates.audio "{\"rates\":{\"audio\":\"600\"}}" &&
	invalid rates.audio "{\"rates\":{\"audio\":-1}}" &&
	invalid kinds "{\"kinds\":[\"smoke\"]}" &&
	invalid kinds "{\"kinds\":[]}" &&
	invalid rates "{\"kinds\":[\"audio\"],\"rates\":{\"video\":900}}" &&
	invalid rate_per_minute \
	    "{\"rate_per_minute\":700,\"rates\":{\"audio\":600,\"video\":900}}"
'

test_expect_success 'a listener can set a rate for each kind; this is one change' '
	lena "{\"rates\":{\"audio\":700,\"video\":900}}" && expect 200 &&
	check_json ".rate_per_minute == 700 and .kinds == [\"audio\", \"video\"]
	    and .rates == {audio: 700, video: 900}" &&
	api GET "/listeners/$ID_lena" && expect 200 &&
	check_json ".rates == {audio: 700, video: 900}" &&
	api GET /listeners && check_json ".listeners[0].kinds ==
	    [\"audio\", \"video\"]" &&
	[ "$(em_sql "SELECT count(*) FROM listener_rate_change
	    WHERE registration = 0")" = 1 ]
'

test_expect_success 'rate_per_minute changes the audio rate only' '
	lena "{\"rate_per_minute\":800}" && expect 200 &&
	check_json ".rates == {audio: 800, video: 900}"
'

test_expect_success 'equal rates are no change' '
	lena "{\"rate_per_minute\":800,\"rates\":{\"audio\":800,\"video\":900}}" &&
	expect 200 && lena "{\"kinds\":[\"video\",\"audio\"],\"bio\":\"Hi\"}" &&
	expect 200 && [ "$(em_sql "SELECT count(*) FROM listener_rate_change
	    WHERE registration = 0")" = 2 ]
'

test_expect_success 'without audio, rate_per_minute is the lowest offered rate' '
	lena "{\"kinds\":[\"video\"]}" && expect 200 &&
	check_json ".rate_per_minute == 900 and .kinds == [\"video\"] and
	    .rates == {video: 900}" &&
	api GET "/listeners?max_rate=899" && check_json ".total_count == 0" &&
	api GET "/listeners?max_rate=900" && check_json ".total_count == 1"
'

test_expect_success 'the fourth change in 24 hours returns 429 and changes nothing' '
	have=$(rates) && lena "{\"rate_per_minute\":901,\"bio\":\"New\"}" &&
	expect 429 rate_change_limited && [ "$(rates)" = "$have" ] &&
	after=$(header Retry-After) && [ "$after" -gt 86000 ] &&
	[ "$after" -le 86400 ] &&
	api GET /listeners/profile -t "$TOKEN_lena" &&
	check_json ".bio == \"Hi\"" &&
	lena "{\"bio\":\"Still here\"}" && expect 200
'

test_expect_success 'the limit is a sliding window of 24 hours' '
	moved 23 && lena "{\"rate_per_minute\":901}" &&
	expect 429 rate_change_limited &&
	[ "$(header Retry-After)" -le 3600 ] &&
	moved 2 && lena "{\"rate_per_minute\":901}" && expect 200 &&
	check_json ".rates == {video: 901}" &&
	lena "{\"rate_per_minute\":902}" && expect 200 &&
	lena "{\"rate_per_minute\":903}" && expect 200 &&
	lena "{\"rate_per_minute\":904}" && expect 429 rate_change_limited
'

test_expect_success 'rate changes are audited' '
	api GET "/admin/audit?action=listener.rates" -t "$TOKEN_adm" &&
	expect 200 && check_json ".total_count == 6 and
	    .audit[5].actor_id == $ID_lena and
	    .audit[5].target == \"listener:$ID_lena\" and
	    .audit[5].before == {audio: 600, video: null} and
	    .audit[5].after == {audio: 700, video: 900}"
'

test_expect_success 'GET /admin/listeners/{id}/rates lists the changes, newest first' '
	api GET "/admin/listeners/$ID_lena/rates" -t "$TOKEN_adm" &&
	expect 200 && check_json ".total_count == 7 and
	    .rates[0].cause == \"change\" and
	    .rates[0].before == {video: 902} and
	    .rates[0].after == {video: 903} and
	    .rates[6].cause == \"registration\" and .rates[6].before == null and
	    .rates[6].after == {audio: 600}" &&
	api GET "/admin/listeners/$ID_lena/rates?per_page=4" -t "$TOKEN_adm" &&
	check_json "(.rates | length) == 4 and .has_next" &&
	next=$(json .next_cursor) &&
	api GET "/admin/listeners/$ID_lena/rates?per_page=4&cursor=$next" \
	    -t "$TOKEN_adm" &&
	check_json "(.rates | length) == 3 and (.has_next | not)" &&
	api GET "/admin/listeners/$ID_bob/rates" -t "$TOKEN_adm" &&
	expect 404 &&
	api GET "/admin/listeners/$ID_lena/rates" -t "$TOKEN_lena" &&
	expect 403
'

test_expect_success 'a stored rate above the maximum is shown as the maximum' '
	em_sql "UPDATE listener SET audio = 1, rate_per_minute = 9000,
	    rate_video = 500 WHERE user_id = $ID_lena" &&
	api GET "/listeners/$ID_lena" && check_json ".rate_per_minute == 2000
	    and .rates == {audio: 2000, video: 500}" &&
	api GET "/listeners?max_rate=2000" && check_json ".total_count == 1" &&
	api GET "/listeners?max_rate=1999" && check_json ".total_count == 0"
'

test_expect_success 'the listener is notified of it once' '
	em_jobs && em_jobs && moved 25 &&
	api GET /notifications -t "$TOKEN_lena" &&
	check_json "[.notifications[] | select(.data.type ==
	    \"rate.above_maximum\")] | length == 1 and
	    .[0].body == \"Customers pay at most INR 20.00 per minute.\" and
	    .[0].data.max_rate == 2000" &&
	api GET /notifications -t "$TOKEN_bob" &&
	check_json ".notifications == []"
'

test_expect_success 'parallel changes do not exceed the limit' '
	em_sql "DELETE FROM listener_rate_change" && n=0 &&
	while [ $n -lt 8 ]; do
		n=$((n + 1))
		curl -s -o /dev/null -w "%{http_code}\n" -X PUT \
		    -H "Authorization: Bearer $TOKEN_lena" \
		    -H "Content-Type: application/json" \
		    -d "{\"rates\":{\"audio\":$((600 + n))}}" \
		    "$URL/api/v1/listeners/profile" >"code-$n" &
	done && wait &&
	[ "$(cat code-* | grep -c 200)" = 3 ] &&
	[ "$(cat code-* | grep -c 429)" = 5 ] &&
	[ "$(em_sql "SELECT count(*) FROM listener_rate_change")" = 3 ]
'

test_done
