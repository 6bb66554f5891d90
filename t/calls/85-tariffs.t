#!/bin/sh
test_description='the tariff of calls and sessions'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck disable=SC2034
em_strict=1
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf calls.gap=86400
em_conf calls.lost_after=86400
em_conf sessions.direct=immediate
em_start

# ring NAME LISTENER [MEMBERS]: NAME calls LISTENER. Sets $call.
ring() {
	api POST /call/start -t "$(token_of "$1")" \
	    "{\"callee_id\":$(id_of "$2")${3:+,$3}}"
	call=$(json .call_id)
}

# act NAME ACTION: sends an action for $call.
act() {
	api POST "/call/$2" -t "$(token_of "$1")" "{\"call_id\":$call}"
}

# rate LISTENER AMOUNT: changes the rate as the database of an operator would.
rate() {
	em_sql "UPDATE listener SET rate_per_minute = $2
	    WHERE user_id = $(id_of "$1")"
}

test_expect_success 'setup: accounts' '
	em_user adm admin && em_user ana && em_user bob && em_user eva &&
	listener lis 500 && fund ana 100000 && fund bob 499
'

test_expect_success 'POST /call/start returns the tariff and stores it with the call' '
	ring ana lis && expect 201 &&
	check_json ".kind == \"audio\" and .tariff == {
	    \"rate_per_minute\": 500, \"currency\": \"INR\",
	    \"unit\": \"minute\", \"free_seconds\": 10, \"free_minutes\": 0,
	    \"max_seconds\": 10810}" &&
	is "0|500|2000|0|10000" "$(em_sql "SELECT kind, rate, commission,
	    per_second, free_ms FROM call WHERE id = $call")"
'

test_expect_success 'a price that rises while the phone rings does not apply to the call' '
	rate lis 99000 && act lis accept && expect 200 &&
	s=$(json .session_id) && is "500|500" "$(row "rate, held_wallet")" &&
	ago 11 && act ana end && expect 200 && check_json ".cost == 500" &&
	is "500|2000" "$(row "rate, commission")" && sound
'

test_expect_success 'a new call has the new price' '
	ring ana lis && expect 201 &&
	check_json ".tariff.rate_per_minute == 99000 and
	    .tariff.max_seconds == 70" && act ana cancel && expect 200
'

test_expect_success 'expected_rate with another value returns 409 rate_changed, and nothing rings' '
	ring ana lis "\"expected_rate\":500" && expect 409 rate_changed &&
	check_json ".rate_per_minute == 99000" &&
	is 0 "$(em_sql "SELECT count(*) FROM call_live")" &&
	api POST /sessions/start -t "$TOKEN_ana" \
	    "{\"listener_id\":$ID_lis,\"expectedRate\":500}" &&
	expect 409 rate_changed && check_json ".rate_per_minute == 99000" &&
	is 0 "$(em_sql "SELECT count(*) FROM session WHERE state = 0")" &&
	rate lis 500 && ring ana lis "\"expected_rate\":500" && expect 201 &&
	act ana cancel && expect 200
'

test_expect_success 'GET /call/tariff shows the price and what is free, without a call' '
	api GET "/call/tariff?callee_id=$ID_lis" -t "$TOKEN_ana" && expect 200 &&
	check_json ".kind == \"audio\" and .tariff.rate_per_minute == 500 and
	    .tariff.free_seconds == 10 and .tariff.currency == \"INR\" and
	    .tariff.max_seconds > 0" &&
	is 0 "$(em_sql "SELECT count(*) FROM call_live")" &&
	em_user poor && minutes poor 4 500 &&
	api GET "/call/tariff?callee_id=$ID_lis" -t "$TOKEN_poor" &&
	check_json ".tariff.free_minutes == 4 and .tariff.max_seconds == 250" &&
	api GET "/call/tariff?calleeId=$ID_lis&kind=video" -t "$TOKEN_ana" &&
	expect 409 kind_not_offered &&
	api GET "/call/tariff?callee_id=$ID_ana" -t "$TOKEN_poor" && expect 404 &&
	api GET /call/tariff -t "$TOKEN_ana" && expect 400
'

test_expect_success 'GET /call/tariff shows no free seconds after the last free call of a day' '
	em_user kai && fund kai 1000 && for free in 10 10 10 0; do
		api GET "/call/tariff?callee_id=$ID_lis" -t "$TOKEN_kai" &&
		check_json ".tariff.free_seconds == $free" &&
		start kai lis && check_json ".tariff.free_seconds == $free" &&
		ago 5 && end kai || return 1
	done && check_json ".cost == 500"
'

test_expect_success 'POST /sessions/start returns the tariff' '
	api POST /sessions/start -t "$TOKEN_ana" \
	    "{\"listener_id\":$ID_lis,\"expected_rate\":500}" && expect 201 &&
	s=$(json .session_id) &&
	check_json ".tariff.rate_per_minute == 500 and
	    .tariff.free_seconds == 10 and .kind == \"audio\" and
	    .tariff.max_seconds == .max_seconds and (.channel | length) > 8" &&
	rate lis 800 && ago 70.5 && end ana && check_json ".cost == 1000" &&
	rate lis 500 && sound
'

test_expect_success 'a kind that is not offered returns 409 kind_not_offered' '
	ring ana lis "\"kind\":\"video\"" && expect 409 kind_not_offered &&
	api POST /sessions/start -t "$TOKEN_ana" \
	    "{\"listener_id\":$ID_lis,\"kind\":\"video\"}" &&
	expect 409 kind_not_offered
'

test_expect_success 'a video call has the rate for video' '
	em_sql "UPDATE listener SET rate_video = 900
	    WHERE user_id = $ID_lis" && ring ana lis "\"kind\":\"video\"" &&
	expect 201 && check_json ".tariff.rate_per_minute == 900 and
	    .kind == \"video\"" && act lis accept && expect 200 &&
	s=$(json .session_id) && is "1|900" "$(row "kind, rate")" &&
	ago 20 && act ana end && expect 200 && check_json ".cost == 900" && sound
'

test_expect_success '402 names the needed and the available amount and the rate' '
	ring bob lis && expect 402 insufficient_balance &&
	check_json ".needed == 500 and .available == 499 and
	    .rate_per_minute == 500" &&
	api POST /sessions/start -t "$TOKEN_bob" "{\"listener_id\":$ID_lis}" &&
	expect 402 insufficient_balance &&
	check_json ".needed == 500 and .available == 499"
'

test_expect_success 'a listener who accepts does not learn the balance of the caller' '
	fund eva 600 && ring eva lis && expect 201 && fund eva -200 &&
	act lis accept && expect 402 insufficient_balance &&
	check_json ".rate_per_minute == 500 and
	    (has(\"available\") or has(\"needed\") | not)"
'

test_expect_success 'only the customer sees max_seconds' '
	ring ana lis && act lis accept && expect 200 &&
	s=$(json .session_id) && check_json "has(\"tariff\") | not" &&
	api GET "/sessions/$s" -t "$TOKEN_ana" &&
	check_json ".max_seconds > 1000" &&
	api GET "/sessions/$s" -t "$TOKEN_lis" &&
	check_json "has(\"max_seconds\") | not" && fund ana 500 &&
	events lis session.extended >got && ! grep max_seconds got &&
	events lis session.started >got && ! grep max_seconds got &&
	events ana session.extended >got && grep max_seconds got &&
	act ana end && expect 200
'

test_expect_success 'a session lasts at most billing.max_minutes' '
	em_stop && em_conf billing.max_minutes=2 && em_start &&
	rate lis 0 && start eva lis &&
	check_json ".tariff.max_seconds == 130" && jobs 65 && jobs 125 &&
	is 0 "$(row state)" && jobs 131 &&
	is "1|130000|12|0" "$(row "state, ended_at - started_at, cause, cost")" &&
	rate lis 500 && em_user hal && fund hal 9000 && start hal lis &&
	jobs 65 && jobs 125 && jobs 131 &&
	is "1|130000|12|1000" \
	    "$(row "state, ended_at - started_at, cause, cost")" &&
	api GET "/sessions/$s/receipt" -t "$TOKEN_hal" && expect 200 &&
	check_json ".cause == \"max_minutes\" and .duration_ms == 130000" &&
	sound
'

test_expect_success 'free seconds apply three times per day to the same two users' '
	em_stop && em_conf billing.max_minutes=180 && em_start &&
	em_user fay && listener liz 500 &&
	fund fay 100000 && for n in 1 2 3; do
		start fay liz && check_json ".tariff.free_seconds == 10" &&
		ago 5 && end fay && check_json ".cost == 0" || return 1
	done &&
	start fay liz && check_json ".tariff.free_seconds == 0" &&
	ago 5 && end fay && check_json ".cost == 500" &&
	start fay lis && check_json ".tariff.free_seconds == 10" && end fay &&
	sound
'

test_expect_success 'billing.daily_spend limits what a customer spends in 24 hours' '
	em_stop && em_conf billing.daily_spend=1200 && em_start &&
	em_user gil && fund gil 100000 && start gil lis &&
	check_json ".tariff.max_seconds == 130" && jobs 65 && jobs 125 &&
	jobs 131 && is "1|130000|13|1000" \
	    "$(row "state, ended_at - started_at, cause, cost")" &&
	api POST /sessions/start -t "$TOKEN_gil" "{\"listener_id\":$ID_lis}" &&
	expect 409 daily_spend_reached && ring gil lis &&
	expect 409 daily_spend_reached && sound
'

test_expect_success 'free minutes do not apply to a call above their maximum rate' '
	em_stop && em_conf billing.daily_spend=0 && em_start &&
	em_user ivy && minutes ivy 10 500 && rate lis 1000000000 &&
	ring ivy lis && expect 402 insufficient_balance &&
	check_json ".needed == 1000000000 and .available == 0" &&
	fund ivy 2000000000 && ring ivy lis && expect 201 &&
	check_json ".tariff.free_minutes == 0 and
	    .tariff.rate_per_minute == 1000000000 and
	    .tariff.max_seconds == 130" && act lis accept && expect 200 &&
	s=$(json .session_id) && ago 70.5 && act ivy end && expect 200 &&
	check_json ".cost == 2000000000" &&
	is "2|0|2000000000" "$(row "billed_minutes, billed_free, cost")" &&
	api GET /user/balance -t "$TOKEN_ivy" &&
	check_json ".balance == 0 and .free_minutes == 10" && sound
'

test_expect_success 'free minutes apply to a call at their maximum rate' '
	rate lis 500 && ring ivy lis && expect 201 &&
	check_json ".tariff.free_minutes == 10 and
	    .tariff.max_seconds == 610" && act lis accept && expect 200 &&
	s=$(json .session_id) && rate lis 1000000000 && ago 70.5 &&
	act ivy end && expect 200 && check_json ".cost == 0" &&
	is "2|2|0|800" "$(row "billed_minutes, billed_free, cost, earned")" &&
	api GET /user/balance -t "$TOKEN_ivy" &&
	check_json ".balance == 0 and .free_minutes == 8" && sound
'

test_done
