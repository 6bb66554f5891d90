#!/bin/sh
test_description='admin: analytics and dashboard'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
. "$EM_SRC/t/lib-pay.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_start

# The range includes the next day, because the test may run over midnight.
since=$(date -u -d '-1 day' +%Y-%m-%d)
until=$(date -u -d '+2 days' +%Y-%m-%d)

# series QUERY: requests a series as an administrator.
series() {
	api GET "/admin/analytics?$1" -t "$TOKEN_adm" && expect 200
}

# counts METRIC TOTAL [SHARES]: succeeds if the sums of the metric are right.
counts() {
	em_jobs >/dev/null &&
	series "metric=$1&from=$since&to=$until" &&
	check_json "([.points[].value] | add) == $2 and
	    .total == (if \"$1\" == \"active_users\" then null else $2 end)" &&
	{ [ $# = 2 ] || check_json "([.points[].by | to_entries[]] |
	    group_by(.key) | map({(.[0].key): map(.value) | add}) | add |
	    with_entries(select(.value != 0))) == $3"; }
}

refused() {
	api GET "/admin/analytics?$1" -t "$TOKEN_adm" &&
	expect 400 validation_failed && check_json ".fields.$2"
}

test_expect_success 'only administrators can read analytics and dashboard' '
	em_user adm admin && em_user ana && em_user bob &&
	api GET "/admin/analytics?metric=calls" && expect 401 &&
	api GET "/admin/dashboard" && expect 401 &&
	api GET "/admin/analytics?metric=calls" -t "$TOKEN_ana" &&
	expect 403 role_required &&
	api GET /admin/dashboard -t "$TOKEN_ana" && expect 403 role_required
'

test_expect_success 'GET /admin/analytics rejects invalid parameters' '
	refused "bucket=day" metric && refused "metric=x" metric &&
	refused "metric=calls&bucket=month" bucket &&
	refused "metric=calls&from=x" from &&
	refused "metric=calls&from=2026-01-02&to=2026-01-02" from &&
	refused "metric=calls&from=2026-01-02&to=2026-01-01" from &&
	refused "metric=calls&bucket=hour&from=2020-01-01&to=2026-01-01" from &&
	refused "metric=calls&bucket=hour&to=1970-01-01" to &&
	refused "metric=calls&bucket=week&to=9999-12-31&from=1980-01-01" from
'

test_expect_success 'a series contains all buckets, also empty ones' '
	series "metric=minutes&bucket=hour&from=2026-01-02T03:30:00Z&to=2026-01-02T06:00:00Z" &&
	check_json ". == {metric: \"minutes\", unit: \"minutes\", bucket: \"hour\",
	    from: \"2026-01-02T03:00:00Z\", to: \"2026-01-02T06:00:00Z\",
	    points: [{at: \"2026-01-02T03:00:00Z\", value: 0, by: null},
	    {at: \"2026-01-02T04:00:00Z\", value: 0, by: null},
	    {at: \"2026-01-02T05:00:00Z\", value: 0, by: null}], total: 0}" &&
	series "metric=calls&bucket=week&from=2026-01-02&to=2026-01-06" &&
	check_json ".unit == \"count\" and
	    [.points[].at] == [\"2025-12-29T00:00:00Z\", \"2026-01-05T00:00:00Z\"] and
	    .points[0].by == {ended: 0, rejected: 0, cancelled: 0, missed: 0}" &&
	series "metric=revenue&from=2028-02-28&to=2028-03-02" &&
	check_json ".unit == \"INR\" and .bucket == \"day\" and
	    [.points[].at[5:10]] == [\"02-28\", \"02-29\", \"03-01\"]" &&
	series "metric=supply&bucket=week&from=1970-01-01&to=1970-01-06" &&
	check_json "[.points[].at] == [\"1970-01-05T00:00:00Z\"]" &&
	series "metric=topups&bucket=hour&from=2025-01-01&to=2026-01-01" &&
	check_json "(.points | length) == 8760"
'

test_expect_success 'the default range is 48 hours, 30 days or 26 weeks' '
	for want in hour:48 day:30 week:26; do
		series "metric=demand&bucket=${want%:*}" &&
		check_json "(.points | length) == ${want#*:} and
		    (.to | fromdate) > now and
		    (.points[-1].at | fromdate) <= now" || return 1
	done
'

test_expect_success 'registrations count verified accounts once' '
	counts registrations 3 &&
	api POST /auth/register "{\"username\":\"cid\",\"password\":\"$EM_PASSWORD\",
	    \"email\":\"cid@example.com\"}" && expect 201 &&
	counts registrations 3 &&
	api POST /auth/verify-otp "{\"identifier\":\"cid@example.com\",
	    \"code\":\"$(em_code cid@example.com)\",\"purpose\":\"register\"}" &&
	expect 200 && id=$(json .user.user_id) &&
	counts registrations 4 &&
	api POST /admin/ban-user -t "$TOKEN_adm" "{\"user_id\":$id,\"reason\":\"x\"}" &&
	expect 200 &&
	api POST /admin/unban-user -t "$TOKEN_adm" "{\"user_id\":$id}" &&
	expect 200 && counts registrations 4
'

test_expect_success 'active_users counts each user once, regardless of sessions' '
	em_login ana && em_login ana && em_jobs >/dev/null &&
	series "metric=active_users&bucket=week&from=$since&to=$until" &&
	check_json "([.points[].value] | max) == 4 and .total == null"
'

test_expect_success 'a refresh counts the user as active in that hour' '
	em_sql "UPDATE device_session SET created_at = created_at - 7200000,
	    used_at = used_at - 7200000 WHERE user_id = $ID_bob" &&
	em_sql "SELECT count(*) FROM fact WHERE metric = 2" >before &&
	api POST /auth/refresh-token "{\"refresh_token\":\"$REFRESH_bob\"}" &&
	expect 200 && next=$(json .refresh_token) &&
	api POST /auth/refresh-token "{\"refresh_token\":\"$next\"}" &&
	expect 200 &&
	# One row is from the update above, one from the first refresh.
	[ "$(em_sql "SELECT count(*) FROM fact WHERE metric = 2")" = \
	    $(($(cat before) + 1)) ]
'

test_expect_success 'favorites counts saves by kind, also later removed ones' '
	em_sql "INSERT INTO flyer(id, publisher_id, title, created_at, updated_at)
	    VALUES (7, $ID_adm, '\''f'\'', 1, 1)" &&
	listener lis 500 && listener liz 600 &&
	api POST /api/flyers/7/favorite/ -t "$TOKEN_ana" && expect 201 &&
	for who in ana bob; do
		api POST /customer/favorites -t "$(token_of $who)" \
		    "{\"listener_id\":$ID_lis}" && expect 200 || return 1
	done &&
	counts favorites 3 "{flyer: 1, listener: 2}" &&
	api DELETE /api/flyers/7/favorite/ -t "$TOKEN_ana" && expect 204 &&
	counts favorites 3 "{flyer: 1, listener: 2}" &&
	api POST /api/flyers/7/favorite/ -t "$TOKEN_ana" && expect 201 &&
	counts favorites 4 "{flyer: 2, listener: 2}"
'

# rings CALLER LISTENER STATUS: starts a call. Sets $call if it rings.
rings() {
	api POST /call/start -t "$(token_of "$1")" \
	    "{\"calleeId\":$(id_of "$2")}" && expect "$3" &&
	{ [ "$3" != 201 ] || call=$(json .call_id); }
}
step() {
	api POST "/call/$2" -t "$(token_of "$1")" "{\"callId\":$call}" &&
	expect 200
}

test_expect_success 'demand counts requested calls by language' '
	em_sql "UPDATE user SET preferred_language = '\''hi'\''
	    WHERE id = $ID_ana" &&
	em_sql "UPDATE listener SET languages = '\''de'\'' || char(10) || '\''hi'\''
	    WHERE user_id = $ID_liz" &&
	em_sql "DELETE FROM listener_language WHERE user_id = $ID_liz" &&
	em_sql "INSERT INTO listener_language(user_id, language)
	    VALUES ($ID_liz, '\''de'\''), ($ID_liz, '\''hi'\'')" &&
	api POST /call/start -t "$TOKEN_ana" "{\"calleeId\":99999}" &&
	expect 404 &&
	api POST /call/start -t "$TOKEN_ana" "{\"calleeId\":$ID_ana}" &&
	expect 400 &&
	em_sql "UPDATE presence SET status = 0, online_until = 0" &&
	counts demand 0 &&
	rings ana lis 409 && counts demand 1 "{en: 1}" &&
	for who in lis liz; do
		api POST /presence/update -t "$(token_of $who)" \
		    "{\"status\":\"online\"}" && expect 200 || return 1
	done &&
	rings ana liz 402 && counts demand 2 "{en: 1, hi: 1}" &&
	rings bob liz 402 && counts demand 3 "{en: 1, hi: 1, de: 1}" &&
	counts calls 0
'

test_expect_success 'calls counts ends by outcome, minutes and revenue count sessions' '
	fund ana 5000 && fund bob 5000 &&
	rings ana lis 201 && counts calls 0 && step lis reject &&
	rings ana lis 201 && step ana cancel && step ana cancel &&
	rings ana lis 201 && rings bob lis 409 && step lis accept &&
	counts calls 2 "{rejected: 1, cancelled: 1}" && counts minutes 0 &&
	api GET /admin/dashboard -t "$TOKEN_adm" && expect 200 &&
	check_json ".now.sessions_live == 1 and .now.calls_live == 1 and
	    .now.listeners_online == 2 and .now.listeners_busy == 1" &&
	step lis end &&
	counts calls 3 "{rejected: 1, cancelled: 1, ended: 1}" &&
	counts minutes 1 && counts revenue 100 &&
	rings bob lis 201 && em_sql "UPDATE call SET ring_until = ring_until - 31000,
	    created_at = created_at - 31000 WHERE id = $call" &&
	counts calls 4 "{rejected: 1, cancelled: 1, ended: 1, missed: 1}" &&
	counts demand 8 "{en: 6, hi: 1, de: 1}"
'

test_expect_success 'topups and refunds count amounts' '
	counts topups 0 &&
	initiate "$TOKEN_ana" 5000 && hook sandbox paid \
	    payment="$payment" ref="$ref" paid_ref=p1 amount=5000 && expect 200 &&
	counts topups 5000 && counts refunds 0 &&
	s=$(em_sql "SELECT max(id) FROM session") &&
	api POST "/admin/sessions/$s/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"x\",\"amount\":300}" && expect 200 &&
	counts refunds 300 "{session: 300}" && counts revenue 40 &&
	hook sandbox refund payment="$payment" ref="$ref" paid_ref=p1 return_ref=r1 amount=2000 &&
	expect 200 && counts refunds 2300 "{session: 300, payment: 2000}" &&
	counts topups 5000 && counts minutes 1
'

# scanned: computes the sums of today and yesterday directly from the tables.
scanned() {
	em_sql "SELECT json_object(
	    'registrations', (SELECT count(*) FROM user WHERE status <> 0),
	    'calls', (SELECT count(*) FROM call WHERE state >= 2),
	    'minutes', (SELECT sum(billed_minutes) FROM session),
	    'revenue', (SELECT balance FROM ledger_account WHERE id = 6),
	    'topups', (SELECT sum(amount) FROM payment WHERE status = 1),
	    'promotions', (SELECT coalesce(-sum(balance), 0)
		FROM ledger_account WHERE id = 9),
	    'refunds', (SELECT sum(refunded) FROM session) +
		(SELECT sum(taken) FROM payment_reversal),
	    'favorites', (SELECT count(*) FROM favorite_log WHERE action = 1))"
}

test_expect_success 'the dashboard contains the sums computed from the tables' '
	em_jobs >/dev/null && api GET /admin/dashboard -t "$TOKEN_adm" &&
	expect 200 && scanned >rows &&
	check_json "([.today, .yesterday] | [(.[0] | keys[]) as \$k |
	    {(\$k): (map(.[\$k]) | add)}] | add | del(.active_users)) == \$rows[0]" \
	    --slurpfile rows rows &&
	check_json ".currency == \"INR\" and
	    ([.today.active_users, .yesterday.active_users] | max) == 6 and
	    .now.verifications_pending == 0 and .now.payments_flagged == 0"
'

test_expect_success 'sums do not change when an account is deleted' '
	api DELETE "/user/profile?forfeit=true" -t "$TOKEN_ana" && expect 204 &&
	counts favorites 4 "{flyer: 2, listener: 2}" && counts registrations 6 &&
	counts calls 4 && counts topups 5000 &&
	em_cli ledger verify >/dev/null
'

test_expect_success 'listeners_online samples once a minute by language' '
	em_sql "UPDATE presence SET status = 1,
	    online_until = (unixepoch() + 86400) * 1000
	    WHERE user_id IN ($ID_lis, $ID_liz, $ID_bob)" &&
	hour=$(date -u -d "+3 hours" +%Y-%m-%dT%H) &&
	for at in 00:00 00:30 01:00 05:59 01:30; do
		em_jobs "$hour:${at}Z" >/dev/null || return 1
	done &&
	em_sql "UPDATE presence SET status = 0 WHERE user_id = $ID_liz" &&
	em_jobs "$hour:08:00Z" >/dev/null &&
	series "metric=supply&bucket=hour&from=$hour:00:00Z&to=$hour:59:00Z" &&
	check_json ".unit == \"minutes\" and .total == 7 and
	    .points[0].value == 7 and .points[0].by == {en: 4, de: 3, hi: 3}"
'

# Inserts 20 languages for each hour. At full length, the test fails at ten times
# the expected time.
test_expect_success 'a series of a year of hours is complete' '
	em_sql "INSERT INTO rollup(metric, span, start, label, n)
	    WITH RECURSIVE h(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM h
		WHERE i < 8759), l(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM l
		WHERE k < 19)
	    SELECT 10, 1, 2524608000000 + i * 3600000, char(97 + k, 97 + k), 1 + k
	    FROM h CROSS JOIN l" &&
	curl -fsS -o year -w "%{time_total} s for a year of hours, %{size_download} bytes\n" \
	    -H "Authorization: Bearer $TOKEN_adm" \
	    "$URL/admin/analytics?metric=demand&bucket=hour&from=2050-01-01&to=2051-01-01" \
	    >took && note "$(cat took)" &&
	jq -e "(.points | length) == 8760 and .total == 8760 * 210 and
	    (.points[8759].by | length) == 20" year >/dev/null &&
	{ [ "${EARMARK_FAULT-}" != full ] || awk "{ exit !(\$1 < 1) }" took; }
'

test_expect_success 'the database rejects changes to closed hours' '
	t=$(date -u -d "+9 hours" +%Y-%m-%dT%H:%M:%SZ) && em_jobs "$t" >/dev/null &&
	! em_sql "UPDATE rollup SET n = n + 1 WHERE span = 1" 2>err &&
	grep -q "what is closed stays" err &&
	! em_sql "INSERT INTO rollup VALUES (1, 1, 0, '\'''\'', 1)" 2>err &&
	grep -q "what is closed stays" err &&
	! em_sql "DELETE FROM rollup" 2>err && grep -q "sums stay" err
'

test_done
