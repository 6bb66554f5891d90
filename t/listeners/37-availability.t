#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='availability of listeners: hours, pauses and the maximum of a day'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_start

# lena BODY: changes the availability of the listener lena.
lena() {
	api PUT /listeners/availability -t "$TOKEN_lena" "$1"
}
stored() {
	em_sql "SELECT * FROM listener_availability;
	    SELECT user_id, status, closed, version FROM presence"
}
# invalid FIELD BODY: the change returns 400, names the field and stores nothing.
invalid() {
	have=$(stored) &&
	lena "$2" && expect 400 validation_failed &&
	check_json ".fields | has(\"$1\")" && [ "$(stored)" = "$have" ]
}
# card FILTER: checks the card that other users see.
card() {
	api GET "/listeners/$ID_lena" -t "$TOKEN_bob" && expect 200 &&
	check_json "$1"
}
noa() {
	api GET "/listeners/$ID_noa" -t "$TOKEN_bob" && expect 200 &&
	check_json "$1"
}
# day DAYS: prints the date of a day from now in Kolkata.
day() {
	TZ=Asia/Kolkata date -d "$1 days" +%Y-%m-%d
}
# instant DAYS TIME: prints the time in UTC of a local time in Kolkata.
instant() {
	date -u -d "TZ=\"Asia/Kolkata\" $(day "$1") $2" +%Y-%m-%dT%H:%M:%SZ
}
week='{"day":"mon","from":"09:00","to":"17:00"},
    {"day":"mon","from":"22:00","to":"02:00"},
    {"day":"sun","from":"00:00","to":"24:00"}'

test_expect_success 'setup: a listener and two customers' '
	em_user adm admin && em_user bob && em_user cid && em_device bob &&
	listener lena 600 && fund bob 1000000 && fund cid 1000000
'

test_expect_success 'a listener without hours has none, and accepts calls' '
	api GET /listeners/availability -t "$TOKEN_lena" && expect 200 &&
	check_json ". == {time_zone: null, weekly: [], exceptions: [],
	    accepting_calls: true, max_minutes_per_day: null, minutes_used: 0,
	    limit_until: null, next_available_at: null}" &&
	card ".is_available and .next_available_at == null"
'

test_expect_success 'only listeners have an availability' '
	api GET /listeners/availability -t "$TOKEN_bob" && expect 403 &&
	api PUT /listeners/availability -t "$TOKEN_bob" "{}" && expect 403 &&
	api GET /listeners/availability && expect 401 &&
	em_user odd customer listener &&
	api GET /listeners/availability -t "$TOKEN_odd" && expect 404 &&
	api PUT /listeners/availability -t "$TOKEN_odd" \
	    "{\"accepting_calls\":false}" && expect 404
'

test_expect_success 'hours are stored, in order, and other members do not change' '
	lena "{\"time_zone\":\"Asia/Kolkata\",\"weekly\":[$week]}" &&
	expect 200 && check_json ".time_zone == \"Asia/Kolkata\" and
	    .weekly == [$week] and .next_available_at != null" &&
	lena "{\"exceptions\":[
	    {\"date\":\"2026-12-24\",\"until\":\"2026-12-26\"},
	    {\"date\":\"2027-01-01\",\"from\":\"10:00\",\"to\":\"12:00\"},
	    {\"date\":\"2027-01-01\",\"from\":\"23:00\",\"to\":\"01:00\"}]}" &&
	expect 200 &&
	api GET /listeners/availability -t "$TOKEN_lena" &&
	check_json ".weekly == [$week] and .exceptions == [
	    {date: \"2026-12-24\", until: \"2026-12-26\", from: null, to: null},
	    {date: \"2027-01-01\", until: \"2027-01-01\", from: \"10:00\",
		to: \"12:00\"},
	    {date: \"2027-01-01\", until: \"2027-01-01\", from: \"23:00\",
		to: \"01:00\"}]"
'

test_expect_success 'GET /admin/users/{id} shows the availability to staff, and null for customers' '
	json . >want && em_user sue support &&
	api GET "/admin/users/$ID_lena" -t "$TOKEN_sue" && expect 200 &&
	json .availability >got && test_cmp want got &&
	api GET "/admin/users/$ID_bob" -t "$TOKEN_sue" && expect 200 &&
	check_json "has(\"availability\") and .availability == null" &&
	api GET "/admin/users/$ID_odd" -t "$TOKEN_sue" && expect 200 &&
	check_json ".availability == null" &&
	api GET /listeners/availability -t "$TOKEN_lena" && expect 200
'

test_expect_success 'a response can be sent back, also in camelCase and with other names of days' '
	json . >again && have=$(stored) && lena "$(cat again)" && expect 200 &&
	json . >second && test_cmp again second &&
	lena "{\"timeZone\":\"Asia/Kolkata\",\"acceptingCalls\":true,
	    \"maxMinutesPerDay\":null,\"weekly\":[
	    {\"day\":\"Monday\",\"from\":\"09:00\",\"to\":\"17:00\"},
	    {\"day\":1,\"from\":\"22:00\",\"to\":\"02:00\"},
	    {\"day\":\"SUN\",\"from\":\"00:00\",\"to\":\"24:00\"}]}" &&
	expect 200 && check_json ".weekly == [$week]" &&
	[ "$(em_sql "SELECT weekly FROM listener_availability" | head -n 1)" \
	    = "1 09:00-17:00" ]
'

test_expect_success 'an ETag changes with the hours only' '
	api GET /listeners/availability -t "$TOKEN_lena" && tag=$(header ETag) &&
	api GET /listeners/availability -t "$TOKEN_lena" \
	    -H "If-None-Match: $tag" && expect 304 &&
	lena "{\"max_minutes_per_day\":600}" && expect 200 &&
	api GET /listeners/availability -t "$TOKEN_lena" \
	    -H "If-None-Match: $tag" && expect 200 &&
	lena "{\"max_minutes_per_day\":null}" && expect 200 &&
	check_json ".max_minutes_per_day == null"
'

test_expect_success 'unknown time zones return 400, and so do paths' '
	for zone in Mars/Phobos ../../etc/passwd /etc/localtime Asia \
	    Asia/../UTC posixrules UTC%00 Asia//Kolkata/ \
	    "$(printf "A%.0s" $(seq 64))"; do
		invalid time_zone "{\"time_zone\":\"$zone\"}" || return
	done &&
	invalid time_zone "{\"time_zone\":null}" &&
	invalid time_zone "{\"time_zone\":7}" &&
	invalid time_zone "{\"time_zone\":\"$(printf "A%.0s" $(seq 65))\"}"
'

test_expect_success 'invalid windows return 400 and name the item' '
	w() { printf "{\"weekly\":[{\"day\":%s,\"from\":%s,\"to\":%s}]}" "$@"; } &&
	invalid "weekly[0].day" "$(w "\"noday\"" "\"09:00\"" "\"10:00\"")" &&
	invalid "weekly[0].day" "$(w 0 "\"09:00\"" "\"10:00\"")" &&
	invalid "weekly[0].day" "$(w 8 "\"09:00\"" "\"10:00\"")" &&
	invalid "weekly[0].day" "$(w null "\"09:00\"" "\"10:00\"")" &&
	invalid "weekly[0].from" "$(w 1 "\"9:00\"" "\"10:00\"")" &&
	invalid "weekly[0].from" "$(w 1 "\"24:00\"" "\"10:00\"")" &&
	invalid "weekly[0].to" "$(w 1 "\"09:00\"" "\"24:01\"")" &&
	invalid "weekly[0].to" "$(w 1 "\"09:00\"" "\"09:00\"")" &&
	invalid "weekly[0].to" "$(w 1 "\"09:00\"" 10)" &&
	invalid "weekly[0].to" "$(w 1 "\"09:00\"" "\"10:60\"")" &&
	invalid weekly "{\"weekly\":[1]}" && invalid weekly "{\"weekly\":{}}"
'

test_expect_success 'invalid exceptions return 400 and name the item' '
	x() { printf "{\"exceptions\":[%s]}" "$1"; } &&
	invalid "exceptions[0].date" "$(x "{}")" &&
	invalid "exceptions[0].date" "$(x "{\"date\":\"2026-02-30\"}")" &&
	invalid "exceptions[0].date" "$(x "{\"date\":\"2026-12-24T00:00:00Z\"}")" &&
	invalid "exceptions[0].until" \
	    "$(x "{\"date\":\"2026-12-24\",\"until\":\"2026-12-23\"}")" &&
	invalid "exceptions[0].to" \
	    "$(x "{\"date\":\"2026-12-24\",\"from\":\"10:00\"}")" &&
	invalid "exceptions[0].from" \
	    "$(x "{\"date\":\"2026-12-24\",\"to\":\"10:00\"}")" &&
	invalid exceptions "$(x "{\"date\":\"2026-12-24\",\"until\":\"2026-12-26\"},
	    {\"date\":\"2026-12-26\",\"from\":\"10:00\",\"to\":\"12:00\"}")" &&
	invalid exceptions "$(x "{\"date\":\"2026-12-24\"},
	    {\"date\":\"2026-12-24\",\"from\":\"10:00\",\"to\":\"12:00\"}")" &&
	invalid exceptions "$(x "{\"date\":\"2026-12-24\",\"until\":\"2026-12-25\",
	    \"from\":\"20:00\",\"to\":\"02:00\"},{\"date\":\"2026-12-24\",
	    \"until\":\"2026-12-25\",\"from\":\"01:00\",\"to\":\"03:00\"}")"
'

test_expect_success 'hours that overlap, also from Sunday to Monday, return 400' '
	invalid weekly "{\"weekly\":[{\"day\":1,\"from\":\"09:00\",\"to\":\"12:00\"},
	    {\"day\":1,\"from\":\"11:00\",\"to\":\"13:00\"}]}" &&
	invalid weekly "{\"weekly\":[{\"day\":7,\"from\":\"20:00\",\"to\":\"02:00\"},
	    {\"day\":1,\"from\":\"01:00\",\"to\":\"03:00\"}]}" &&
	lena "{\"weekly\":[{\"day\":7,\"from\":\"20:00\",\"to\":\"02:00\"},
	    {\"day\":1,\"from\":\"02:00\",\"to\":\"03:00\"}]}" && expect 200
'

# windows N: prints N windows of half an hour on Monday.
windows() {
	i=0 sep=
	while [ $i -lt "$1" ]; do
		printf '%s{"day":1,"from":"%02d:00","to":"%02d:30"}' "$sep" $i $i
		i=$((i + 1)) sep=,
	done
}
# days N: prints N exceptions.
days() {
	i=0 sep=
	while [ $i -lt "$1" ]; do
		printf '%s{"date":"2027-%02d-%02d"}' "$sep" $((i / 28 + 1)) \
		    $((i % 28 + 1))
		i=$((i + 1)) sep=,
	done
}
test_expect_success 'the numbers of windows and exceptions and the minutes have limits' '
	lena "{\"weekly\":[$(windows 8)],\"exceptions\":[$(days 50)]}" &&
	expect 200 && check_json "(.weekly | length) == 8 and
	    (.exceptions | length) == 50" &&
	invalid weekly "{\"weekly\":[$(windows 9)]}" &&
	invalid exceptions "{\"exceptions\":[$(days 51)]}" &&
	invalid max_minutes_per_day "{\"max_minutes_per_day\":0}" &&
	invalid max_minutes_per_day "{\"max_minutes_per_day\":1441}" &&
	invalid maxMinutesPerDay "{\"maxMinutesPerDay\":\"60\"}" &&
	invalid accepting_calls "{\"accepting_calls\":\"no\"}" &&
	lena "{\"weekly\":[],\"exceptions\":[]}" && expect 200
'

test_expect_success 'without a time zone, hours use the one of the settings' '
	lena "{\"time_zone\":null}" && expect 200 &&
	invalid time_zone "{\"weekly\":[$week]}" &&
	api PUT /user/settings -t "$TOKEN_lena" \
	    "{\"time_zone\":\"Europe/Berlin\"}" && expect 200 &&
	api GET /listeners/availability -t "$TOKEN_lena" &&
	check_json ".time_zone == \"Europe/Berlin\"" &&
	lena "{\"weekly\":[$week]}" && expect 200 &&
	check_json ".time_zone == \"Europe/Berlin\"" &&
	api PUT /user/settings -t "$TOKEN_lena" \
	    "{\"time_zone\":\"Asia/Kolkata\"}" && expect 200 &&
	api GET /listeners/availability -t "$TOKEN_lena" &&
	check_json ".time_zone == \"Europe/Berlin\"" &&
	lena "{\"time_zone\":\"Asia/Kolkata\",\"weekly\":[]}" && expect 200
'

away() {
	em_sql "UPDATE presence SET status = 0, online_until = 0
	    WHERE user_id = $ID_lena"
}
test_expect_success 'cards and details show the next opening of an offline listener' '
	lena "{\"exceptions\":[{\"date\":\"$(day 3)\",\"from\":\"21:00\",
	    \"to\":\"23:30\"},{\"date\":\"$(day 20)\",\"from\":\"06:00\",
	    \"to\":\"07:00\"}]}" && expect 200 && want=$(instant 3 21:00) &&
	check_json ".next_available_at == \"$want\"" &&
	card ".is_online and .next_available_at == null" && away &&
	card ".is_available == false and .next_available_at == \"$want\"" &&
	api GET "/listeners?gender=" -t "$TOKEN_bob" && check_json \
	    "[.listeners[] | select(.user_id == $ID_lena)][0].next_available_at
	    == \"$want\"" &&
	api GET /listeners && check_json \
	    "[.listeners[] | select(.user_id == $ID_lena)][0].next_available_at
	    == \"$want\"" &&
	api POST /customer/favorites -t "$TOKEN_bob" \
	    "{\"listener_id\":$ID_lena}" && expect 200 &&
	for query in "" "?online=false" "?sort=name"; do
		api GET "/customer/favorites$query" -t "$TOKEN_bob" &&
		check_json ".favorites[0].next_available_at == \"$want\"" ||
		    return
	done &&
	api GET "/admin/users/$ID_lena" -t "$TOKEN_adm" &&
	check_json ".listener.next_available_at == \"$want\""
'

test_expect_success 'a change of the hours changes the ETags of lists' '
	api GET /customer/favorites -t "$TOKEN_bob" && a=$(header ETag) &&
	api GET /listeners -t "$TOKEN_bob" && b=$(header ETag) &&
	api GET "/customer/favorites?sort=name" -t "$TOKEN_bob" &&
	c=$(header ETag) &&
	api GET /customer/favorites -t "$TOKEN_bob" -H "If-None-Match: $a" &&
	expect 304 &&
	lena "{\"exceptions\":[{\"date\":\"$(day 4)\",\"from\":\"21:00\",
	    \"to\":\"23:30\"}]}" && expect 200 && want=$(instant 4 21:00) &&
	api GET /customer/favorites -t "$TOKEN_bob" -H "If-None-Match: $a" &&
	expect 200 && check_json ".favorites[0].next_available_at == \"$want\"" &&
	api GET /listeners -t "$TOKEN_bob" -H "If-None-Match: $b" &&
	expect 200 &&
	api GET "/customer/favorites?sort=name" -t "$TOKEN_bob" \
	    -H "If-None-Match: $c" && expect 200
'

# found TIME N [FILTERS]: a search for available_at has N results.
found() {
	api GET "/listeners?available_at=$1${3-}" -t "$TOKEN_bob" &&
	expect 200 && check_json "(.listeners | length) == $2 and .total_count == $2"
}
test_expect_success 'available_at finds listeners whose hours include the time' '
	found "$(instant 4 20:59:59)" 0 && found "$(instant 4 21:00)" 1 &&
	found "$(instant 4 23:29:59)" 1 && found "$(instant 4 23:30)" 0 &&
	check_json ".listeners == []" &&
	api GET "/listeners?availableAt=$(instant 4 22:00)" && expect 200 &&
	check_json ".total_count == 1 and .listeners[0].user_id == $ID_lena" &&
	api GET "/listeners/gsearch?available_at=$(instant 4 22:00)" &&
	check_json ".total_count == 1"
'

test_expect_success 'available_at combines with other filters, orders and pages' '
	listener mia 700 && listener noa 800 &&
	for token in "$TOKEN_mia" "$TOKEN_noa"; do
		api PUT /listeners/availability -t "$token" \
		    "{\"time_zone\":\"UTC\",\"weekly\":[$(for d in 1 2 3 4 5 6 7; do
		    printf "%s{\"day\":%d,\"from\":\"00:00\",\"to\":\"24:00\"}" \
			"$sep" $d && sep=,; done)]}" && expect 200 || return
	done && at=$(instant 4 22:00) &&
	found "$at" 3 && found "$at" 2 "&online=true" &&
	found "$at" 1 "&online=false" && found "$at" 2 "&available=true" &&
	found "$at" 1 "&q=mia" && found "$at" 2 "&max_rate=700" &&
	found "$at" 3 "&lang=english" && found "$at" 0 "&lang=hindi" &&
	for sort in recommended rating rate recent popular; do
		found "$at" 3 "&sort=$sort" &&
		api GET "/listeners?available_at=$at&sort=$sort&per_page=2" &&
		check_json "(.listeners | length) == 2 and .total_count == 3" &&
		json ".listeners[].user_id" >ids &&
		api GET "/listeners?available_at=$at&sort=$sort&per_page=2&page=2" &&
		check_json "(.listeners | length) == 1" &&
		json ".listeners[].user_id" >>ids &&
		[ "$(sort -u ids | wc -l)" = 3 ] || return
	done
'

test_expect_success 'available_at must be a time within the next 400 days' '
	for at in tomorrow 2001-01-01T00:00:00Z 2099-01-01T00:00:00Z 7; do
		api GET "/listeners?available_at=$at" &&
		expect 400 validation_failed &&
		check_json ".fields | has(\"available_at\")" || return
	done &&
	api GET "/listeners?available_at=" && expect 200 &&
	check_json ".total_count == 3"
'

test_expect_success 'an opening of 24 hours has no beginning' '
	em_sql "UPDATE presence SET status = 0 WHERE user_id = $ID_mia" &&
	api GET "/listeners/$ID_mia" && expect 200 &&
	check_json ".is_online == false and .next_available_at == null"
'

test_expect_success 'while she does not accept calls, a listener is offline for everybody' '
	online lena && lena "{\"accepting_calls\":false}" && expect 200 &&
	check_json ".accepting_calls == false and .next_available_at == null" &&
	card ".is_online == false and .is_available == false and
	    .next_available_at == null" &&
	api GET "/presence/$ID_lena" -t "$TOKEN_bob" &&
	check_json ".status == \"offline\" and .is_online == false" &&
	api GET /customer/favorites -t "$TOKEN_bob" &&
	check_json ".favorites[0].is_online == false and .online_count == 0 and
	    .available_count == 0" &&
	api GET "/listeners?online=true" && check_json \
	    "[.listeners[] | select(.user_id == $ID_lena)] == []" &&
	api POST /sessions/start -t "$TOKEN_bob" \
	    "{\"listener_id\":$ID_lena}" && expect 409 listener_offline &&
	api POST /call/start -t "$TOKEN_bob" "{\"callee_id\":$ID_lena}" &&
	expect 409 callee_offline &&
	found "$(instant 4 22:00)" 2
'

test_expect_success 'meanwhile updates of her presence are stored but not visible' '
	api POST /presence/update -t "$TOKEN_lena" "{\"status\":\"away\"}" &&
	expect 200 && check_json ".status == \"offline\" and
	    .is_online == false" &&
	card ".is_online == false and .last_seen != null" &&
	lena "{\"accepting_calls\":true}" && expect 200 &&
	api GET "/presence/$ID_lena" -t "$TOKEN_bob" &&
	check_json ".status == \"away\" and .is_online" &&
	lena "{\"accepting_calls\":false}" &&
	api POST /presence/update -t "$TOKEN_lena" "{\"status\":\"offline\"}" &&
	lena "{\"accepting_calls\":true}" && expect 200 &&
	card ".is_online == false"
'

test_expect_success 'a presence that expired meanwhile does not return' '
	api POST /presence/update -t "$TOKEN_lena" "{\"status\":\"online\"}" &&
	lena "{\"accepting_calls\":false}" &&
	em_sql "UPDATE presence SET online_until = 1, reachable_until = 0
	    WHERE user_id = $ID_lena" &&
	lena "{\"accepting_calls\":true}" && expect 200 &&
	card ".is_online == false" &&
	em_sql "SELECT status, closed FROM presence WHERE user_id = $ID_lena" \
	    >got && echo "0|" >want && test_cmp want got
'

# alerts: prints how many customers were notified that a listener is available.
alerts() {
	jq -r 'select(.template == "listener_available") | .to' \
	    "$EM_STATE/outbox.jsonl" 2>/dev/null | wc -l
}
drained() {
	em_until '[ "$(em_sql "SELECT (SELECT count(*) FROM availability_alert_due) +
	    (SELECT count(*) FROM outbox WHERE state = 0)")" = 0 ]'
}
test_expect_success 'customers are notified when she accepts calls again, not before' '
	api PUT "/customer/favorites/$ID_lena" -t "$TOKEN_bob" \
	    "{\"notify_when_available\":true}" && expect 200 &&
	lena "{\"accepting_calls\":false}" && expect 200 &&
	api POST /presence/update -t "$TOKEN_lena" "{\"status\":\"online\"}" &&
	expect 200 && drained && [ "$(alerts)" = 0 ] &&
	lena "{\"accepting_calls\":true}" && expect 200 &&
	drained && em_until "[ \"\$(alerts)\" = 1 ]"
'

test_expect_success 'a live session continues when she stops accepting calls' '
	start bob lena && lena "{\"accepting_calls\":false}" && expect 200 &&
	card ".is_online == false and .is_busy and .is_available == false" &&
	[ "$(row state)" = 0 ] && end bob &&
	card ".is_online == false and .is_busy == false" &&
	lena "{\"accepting_calls\":true}" && expect 200 && card ".is_available"
'

test_expect_success 'the maximum of a day makes a listener offline until a day after the session' '
	em_stop_jobs && lena "{\"max_minutes_per_day\":10}" && expect 200 &&
	start bob lena && ago 570 && end bob && card ".is_available" &&
	api GET /listeners/availability -t "$TOKEN_lena" &&
	check_json ".minutes_used == 9 and .limit_until == null" &&
	start bob lena && ago 60 && end bob &&
	card ".is_online == false and .is_available == false" &&
	want=$(em_sql "SELECT max(ended_at) / 1000 + 86400 FROM session
	    WHERE listener_id = $ID_lena AND ended_at - started_at > 500000") &&
	api GET /listeners/availability -t "$TOKEN_lena" &&
	check_json ".minutes_used == 10 and (.limit_until | fromdate) == $want" &&
	api POST /sessions/start -t "$TOKEN_bob" \
	    "{\"listener_id\":$ID_lena}" && expect 409 listener_offline
'

test_expect_success 'a larger maximum, or none, makes her available again' '
	lena "{\"max_minutes_per_day\":11}" && expect 200 &&
	check_json ".limit_until == null" && card ".is_available" &&
	lena "{\"max_minutes_per_day\":10}" && expect 200 &&
	check_json ".limit_until != null" && card ".is_online == false" &&
	lena "{\"max_minutes_per_day\":null}" && card ".is_available" &&
	lena "{\"max_minutes_per_day\":10}" && card ".is_online == false"
'

test_expect_success 'next_available_at and available_at consider the maximum' '
	lena "{\"weekly\":[$(sep= && for d in 1 2 3 4 5 6 7; do
	    printf "%s{\"day\":%d,\"from\":\"00:00\",\"to\":\"24:00\"}" \
		"$sep" $d && sep=,; done)],\"exceptions\":[]}" && expect 200 &&
	until=$(json -r .limit_until) &&
	check_json ".next_available_at == .limit_until" &&
	card ".next_available_at == \"$until\"" &&
	now=$(date -u +%Y-%m-%dT%H:%M:%SZ) &&
	found "$now" 2 && found "$(instant 4 22:00)" 3
'

test_expect_success 'the job makes her available when the limit ends, and notifies customers' '
	em_sql "UPDATE presence SET online_until = 4102444800000, closed = 1
	    WHERE user_id = $ID_lena" &&
	later 85000 && card ".is_online == false" && n=$(alerts) &&
	later 86500 && card ".is_online" && [ "$(alerts)" = $((n + 1)) ] &&
	[ "$(em_sql "SELECT count(*) FROM listener_availability
	    WHERE check_at IS NOT NULL")" = 0 ]
'

test_expect_success 'the maximum is reached during a session, which continues' '
	api PUT /listeners/availability -t "$TOKEN_noa" \
	    "{\"max_minutes_per_day\":10}" && expect 200 &&
	start cid noa && ago 601 && later 0 && noa ".is_online and .is_busy" &&
	em_sql "UPDATE listener_availability SET check_at = check_at - 601000
	    WHERE user_id = $ID_noa" &&
	later 0 && noa ".is_online == false and .is_busy" &&
	[ "$(row state)" = 0 ] && end cid && noa ".is_online == false" &&
	api PUT /listeners/availability -t "$TOKEN_noa" \
	    "{\"max_minutes_per_day\":null}" && expect 200 && noa ".is_online"
'

test_expect_success 'time that is not billed does not count' '
	api PUT /listeners/availability -t "$TOKEN_noa" \
	    "{\"max_minutes_per_day\":30}" && expect 200 &&
	used=$(json .minutes_used) && start cid noa && ago 3600 &&
	em_sql "UPDATE session SET billed_from = billed_from + 3599000,
	    leased_until = leased_until + 3599000 WHERE id = $s" && end cid &&
	api GET /listeners/availability -t "$TOKEN_noa" &&
	check_json ".minutes_used == $used" && noa ".is_available"
'

test_expect_success 'a banned listener remains closed after the ban' '
	lena "{\"accepting_calls\":false}" && expect 200 &&
	api POST /admin/ban-user -t "$TOKEN_adm" \
	    "{\"user_id\":$ID_lena,\"reason\":\"test\"}" && expect 200 &&
	[ "$(em_sql "SELECT status, closed FROM presence
	    WHERE user_id = $ID_lena")" = "0|0" ] &&
	api POST /admin/unban-user -t "$TOKEN_adm" "{\"user_id\":$ID_lena}" &&
	expect 200 &&
	em_login lena && lena "{\"accepting_calls\":true}" && expect 200
'

test_expect_success 'the export of a listener contains the hours' '
	api GET /api/v1/me/export -t "$TOKEN_lena" && expect 200 &&
	check_json "(.availability.weekly | length) == 7 and
	    .availability.time_zone == \"Asia/Kolkata\" and
	    .availability.accepting_calls"
'

test_expect_success 'deleting the account deletes the hours' '
	lena "{\"accepting_calls\":false}" && expect 200 &&
	api DELETE "/user/profile?forfeit=true" -t "$TOKEN_lena" \
	    "{\"password\":\"$EM_PASSWORD\"}" && expect 204 &&
	[ "$(em_sql "SELECT count(*) FROM listener_availability
	    WHERE user_id = $ID_lena")" = 0 ] &&
	[ "$(em_sql "SELECT has_hours, closed FROM presence
	    WHERE user_id = $ID_lena")" = "0|" ]
'

test_done
