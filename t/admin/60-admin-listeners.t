#!/bin/sh
test_description='admin: approval of listeners'
. "$(dirname "$0")/../lib.sh"
em_start

verify() {
	api POST "/api/v1/admin/listeners/$1/verify" -t "$TOKEN_adm"
}
reject() {
	api POST "/admin/listeners/$1/reject" -t "$TOKEN_adm" "$2"
}

test_expect_success 'setup: three users register as listeners' '
	em_user adm admin && em_user cust &&
	for n in ana bob cid; do
		em_user $n && em_device $n && eval "t=\$TOKEN_$n" &&
		api POST /listeners/register -t "$t" \
		    "{\"languages\":[\"en\"],\"rate_per_minute\":1,
		    \"bio\":\"I am $n\"}" && expect 201 || return 1
	done
'

test_expect_success 'GET /admin/listeners filters by verification, newest first' '
	api GET "/api/v1/admin/listeners?verification=pending" \
	    -t "$TOKEN_adm" && expect 200 &&
	check_json "[.listeners[].username] == [\"cid\", \"bob\", \"ana\"] and
	    .total_count == 3 and .listeners[0].verification == \"pending\" and
	    .listeners[0].status == \"active\" and
	    .listeners[0].bio == \"I am cid\"" &&
	api GET "/admin/listeners?verification=verified" -t "$TOKEN_adm" &&
	check_json ".listeners == [] and .total_count == 0" &&
	api GET "/admin/listeners/?per_page=2" -t "$TOKEN_adm" &&
	check_json ".has_next and (.listeners | length == 2)" &&
	c=$(json .next_cursor) &&
	api GET "/admin/listeners?per_page=2&cursor=$c" -t "$TOKEN_adm" &&
	check_json "[.listeners[].username] == [\"ana\"] and
	    (.has_next | not) and .next_cursor == null" &&
	api GET "/admin/listeners?verification=pending&cursor=$c" \
	    -t "$TOKEN_adm" && expect 400 validation_failed &&
	api GET "/admin/listeners?per_page=2&page=2" -t "$TOKEN_adm" &&
	check_json "[.listeners[].username] == [\"ana\"] and .page == 2"
'

test_expect_success 'verify lists the listener, notifies the user and is audited' '
	verify "$ID_ana" && expect 200 &&
	check_json ".user_id == $ID_ana and .verification == \"verified\"" &&
	rid=$(header X-Request-Id) &&
	api GET "/listeners/$ID_ana" && expect 200 &&
	api GET "/admin/audit?target=listener:$ID_ana" -t "$TOKEN_adm" &&
	check_json ".total_count == 1 and .audit[0].actor_id == $ID_adm and
	    .audit[0].action == \"listener.verify\" and
	    .audit[0].before == {verification: \"pending\", reason: null} and
	    .audit[0].after == {verification: \"verified\", reason: null} and
	    .audit[0].request_id == \"$rid\"" &&
	em_sql "SELECT channel, user_id, template FROM outbox
	    WHERE template LIKE '\''listener_%'\''" >got &&
	echo "3|$ID_ana|listener_verified" >want && test_cmp want got &&
	api GET /notifications -t "$TOKEN_ana" &&
	check_json ".unread_count == 1 and
	    .notifications[0].title == \"You are verified\""
'

test_expect_success 'a repeated verify has no effect' '
	verify "$ID_ana" && expect 200 &&
	check_json ".verification == \"verified\"" &&
	[ "$(em_sql "SELECT count(*) FROM audit
	    WHERE action LIKE '\''listener.%'\''")" = 1 ] &&
	[ "$(em_sql "SELECT count(*) FROM outbox
	    WHERE template LIKE '\''listener_%'\''")" = 1 ]
'

test_expect_success 'reject accepts a reason, also for verified listeners' '
	reject "$ID_ana" "{\"reason\":\"Rude\"}" && expect 200 &&
	check_json ".verification == \"rejected\" and
	    .rejection_reason == \"Rude\"" &&
	api GET "/listeners/$ID_ana" && expect 404 &&
	reject "$ID_bob" "{}" && expect 200 &&
	check_json ".rejection_reason == null" &&
	api POST "/admin/listeners/$ID_cid/reject" -t "$TOKEN_adm" &&
	expect 200 && check_json ".verification == \"rejected\"" &&
	api GET "/admin/listeners?verification=rejected" -t "$TOKEN_adm" &&
	check_json ".total_count == 3" &&
	[ "$(em_sql "SELECT count(*) FROM outbox
	    WHERE template = '\''listener_rejected'\''")" = 3 ]
'

test_expect_success 'the rejection message contains the reason' '
	em_jobs >/dev/null &&
	em_until "grep -q Rude \"$EM_STATE/outbox.jsonl\"" &&
	grep Rude "$EM_STATE/outbox.jsonl" | jq -e "
	    .to == \"user:$ID_ana\" and .template == \"listener_rejected\" and
	    .data.listener_id == $ID_ana and .data.notification_id > 0"
'

test_expect_success 'favorites of a rejected listener return when she is verified again' '
	verify "$ID_ana" &&
	api POST /customer/favorites -t "$TOKEN_cust" \
	    "{\"listener_id\":$ID_ana}" && expect 200 &&
	reject "$ID_ana" "{}" &&
	api GET /customer/favorites -t "$TOKEN_cust" &&
	check_json ".total_count == 0" && verify "$ID_ana" &&
	api GET /customer/favorites -t "$TOKEN_cust" &&
	check_json ".total_count == 1"
'

test_expect_success 'invalid ids and bodies change nothing' '
	em_sql "SELECT * FROM listener; SELECT count(*) FROM audit" >before &&
	for id in "$ID_cust" 999999 0 -1 abc 1.5 99999999999999999999; do
		verify "$id" && expect 404 not_found &&
		[ "$(json .message)" = "Listener not found" ] &&
		reject "$id" "{}" && expect 404 not_found || return 1
	done &&
	for b in "{" "[]" "{\"reason\":5}" "{\"reason\":\"\"}" \
	    "{\"reason\":\"$(printf "%0501d" 0)\"}" "{\"reason\":[\"x\"]}"; do
		reject "$ID_ana" "$b" && expect 400 || return 1
	done &&
	for q in verification=maybe verification=1 page=0 per_page=x \
	    cursor=zzz; do
		api GET "/admin/listeners?$q" -t "$TOKEN_adm" &&
		expect 400 validation_failed || return 1
	done &&
	em_sql "SELECT * FROM listener; SELECT count(*) FROM audit" >after &&
	test_cmp before after
'

test_expect_success 'only administrators can approve listeners' '
	for p in "GET /admin/listeners" \
	    "POST /admin/listeners/$ID_bob/verify" \
	    "POST /admin/listeners/$ID_bob/reject"; do
		api ${p% *} "${p#* }" && expect 401 token_required &&
		api ${p% *} "${p#* }" -t nonsense && expect 401 token_invalid &&
		want="Admin or moderator" &&
		[ "${p% *}" = POST ] ||
			want="Admin or finance or support or moderator" &&
		api ${p% *} "${p#* }" -t "$TOKEN_bob" &&
		expect 403 role_required &&
		[ "$(json .message)" = "Access denied. $want role required" ] ||
		    return 1
	done &&
	api GET "/admin/listeners/$ID_bob/verify" -t "$TOKEN_adm" &&
	expect 405 && [ "$(header Allow)" = POST ]
'

test_expect_success 'stored counts equal the number of rows' '
	em_sql "SELECT group_concat(n) FROM counter
	    WHERE name LIKE '\''listener:%'\'' ORDER BY name" >got &&
	em_sql "SELECT group_concat(n) FROM (SELECT count(l.user_id) AS n
	    FROM (SELECT 0 AS v UNION SELECT 1 UNION SELECT 2) AS a
	    LEFT JOIN listener AS l ON l.verification = a.v
	    GROUP BY v ORDER BY v)" >want && test_cmp want got &&
	em_sql "SELECT count(*) FROM presence AS p JOIN user AS u ON
	    u.id = p.user_id LEFT JOIN listener AS l ON l.user_id = u.id
	    WHERE p.listed <> (u.status = 1 AND
	    coalesce(l.verification, 0) = 1) OR p.listed <>
	    EXISTS (SELECT 1 FROM listing AS g WHERE g.user_id = u.id)" >got &&
	echo 0 >want && test_cmp want got
'

test_done
