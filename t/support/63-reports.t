#!/bin/sh
test_description='/support/reports and /admin/reports: reports about users'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
em_conf support.reports_daily=8
em_start

# report NAME BODY: NAME reports. $r is the id of the report.
report() {
	api POST /support/reports -t "$(token_of "$1")" "$2" &&
	r=$(json '.report_id // empty')
}
decide() {
	api POST "/admin/reports/$1/decide" -t "$TOKEN_adm" "$2"
}
reports() {
	em_sql "SELECT count(*) FROM report"
}

test_expect_success 'a user reports another user' '
	em_user adm admin && listener lis 600 && em_user ana && em_user bob &&
	fund ana 100000 && fund bob 100000 &&
	report ana "{\"user_id\":$ID_lis,\"reason\":\"harassment\",
	    \"text\":\" He shouted. \"}" && expect 201 &&
	check_json ".report_id == $r and .user_id == $ID_lis and
	    .reason == \"harassment\" and (keys | length) == 4" && first=$r
'

test_expect_success 'an equal open report is returned again' '
	report ana "{\"userId\":$ID_lis,\"reason\":\"harassment\",
	    \"text\":\"He shouted.\"}" && expect 200 && is "$first" "$r" &&
	is 1 "$(reports)" &&
	report bob "{\"user_id\":$ID_lis,\"reason\":\"harassment\",
	    \"text\":\"He shouted.\"}" && expect 201 && bobs=$r &&
	report ana "{\"user_id\":$ID_lis,\"reason\":\"spam\"}" && expect 201 &&
	is 3 "$(reports)"
'

test_expect_success 'a report can name a call of both users' '
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\"}" &&
	api POST /call/start -t "$TOKEN_bob" "{\"callee_id\":$ID_lis}" &&
	expect 201 && c=$(json .call_id) &&
	api POST /call/cancel -t "$TOKEN_bob" "{\"call_id\":$c}" &&
	expect 200 &&
	report lis "{\"user_id\":$ID_bob,\"reason\":\"abuse\",
	    \"call_id\":$c}" && expect 201 && call_report=$r &&
	report ana "{\"user_id\":$ID_bob,\"reason\":\"abuse\",
	    \"call_id\":$c}" && expect 404 &&
	report lis "{\"user_id\":$ID_ana,\"reason\":\"abuse\",
	    \"call_id\":$c}" && expect 404
'

test_expect_success 'a report can name a visible review, whoever wrote it' '
	start ana lis && ago 100 && end ana &&
	api POST "/sessions/$s/review" -t "$TOKEN_ana" \
	    "{\"rating\":1,\"comment\":\"Bad words\"}" && expect 201 &&
	report lis "{\"user_id\":$ID_ana,\"reason\":\"insult\",
	    \"review_id\":$s}" && expect 201 && review_report=$r &&
	report bob "{\"user_id\":$ID_lis,\"reason\":\"insult\",
	    \"review_id\":$s}" && expect 201 &&
	report bob "{\"user_id\":$ID_lis,\"reason\":\"insult\",
	    \"review_id\":9999}" && expect 404
'

test_expect_success 'invalid reports are rejected without a row' '
	n=$(reports) &&
	report ana "{\"user_id\":$ID_ana,\"reason\":\"x\"}" &&
	expect 400 cannot_report_self &&
	report ana "{\"user_id\":9999,\"reason\":\"x\"}" && expect 404 &&
	report ana "{\"reason\":\"x\"}" && expect 400 validation_failed &&
	report ana "{\"user_id\":$ID_bob}" && expect 400 validation_failed &&
	report ana "{\"user_id\":$ID_bob,\"reason\":\" \"}" &&
	expect 400 validation_failed &&
	report ana "{\"user_id\":$ID_bob,\"reason\":\"$(printf %61s |
	    tr " " x)\"}" && expect 400 validation_failed &&
	api POST /support/reports "{\"user_id\":$ID_bob,\"reason\":\"x\"}" &&
	expect 401 && is "$n" "$(reports)"
'

test_expect_success 'a repeat with the same idempotency key adds one report' '
	n=$(reports) && for i in 1 2; do
		api POST /support/reports -t "$TOKEN_bob" \
		    -H "Idempotency-Key: one" \
		    "{\"user_id\":$ID_ana,\"reason\":\"spam\"}" &&
		expect 201 || return 1
	done && is $((n + 1)) "$(reports)"
'

test_expect_success 'the number of reports per day is limited' '
	em_user eve && n=0 && while [ $n -lt 8 ]; do
		n=$((n + 1))
		report eve "{\"user_id\":$ID_ana,\"reason\":\"r$n\"}" &&
		expect 201 || return 1
	done && report eve "{\"user_id\":$ID_ana,\"reason\":\"r9\"}" &&
	expect 429 && [ "$(header Retry-After)" -gt 0 ] &&
	report eve "{\"user_id\":$ID_ana,\"reason\":\"r8\"}" && expect 200
'

test_expect_success 'GET /admin/reports is the queue, with filters and pages' '
	api GET "/admin/reports?status=open" -t "$TOKEN_adm" && expect 200 &&
	check_json ".total_count == 15 and
	    ([.reports[].status] | unique) == [\"open\"]" &&
	api GET "/admin/reports?user_id=$ID_lis" -t "$TOKEN_adm" &&
	check_json ".total_count == 4 and .reports[3].report_id == $first and
	    .reports[3].reporter_username == \"ana\" and
	    .reports[3].text == \"He shouted.\" and
	    .reports[3].open_reports == 4" &&
	api GET "/admin/reports?per_page=10" -t "$TOKEN_adm" &&
	check_json "(.reports | length) == 10 and .has_next" &&
	next=$(json .next_cursor) &&
	api GET "/admin/reports?per_page=10&cursor=$next" -t "$TOKEN_adm" &&
	check_json "(.reports | length) == 5 and (.has_next | not)" &&
	api GET "/admin/reports/$first" -t "$TOKEN_adm" && expect 200 &&
	check_json ".username == \"lis\"" &&
	api GET /admin/reports/9999 -t "$TOKEN_adm" && expect 404 &&
	api GET /admin/reports -t "$TOKEN_lis" && expect 403 &&
	decide 9999 "{\"action\":\"dismiss\"}" && expect 404
'

test_expect_success 'a decision closes a report; repeating it returns the report' '
	decide "$first" "{\"action\":\"dismiss\",\"note\":\"Nothing\"}" &&
	expect 200 && check_json ".status == \"closed\" and
	    .action == \"dismiss\" and .note == \"Nothing\" and
	    .decided_by == $ID_adm and .open_reports == 3" &&
	cp "$body" was && decide "$first" "{\"action\":\"dismiss\"}" &&
	expect 200 && test_cmp was "$body" &&
	decide "$first" "{\"action\":\"ban\",\"note\":\"x\"}" &&
	expect 409 report_closed &&
	api GET "/admin/reports?status=closed" -t "$TOKEN_adm" &&
	check_json ".total_count == 1" &&
	api GET "/admin/audit?target=report:$first" -t "$TOKEN_adm" &&
	check_json ".total_count == 1 and .audit[0].action ==
	    \"report.dismiss\" and .audit[0].before.status == \"open\" and
	    .audit[0].after.status == \"closed\"" &&
	report ana "{\"user_id\":$ID_lis,\"reason\":\"harassment\",
	    \"text\":\"He shouted.\"}" && expect 201
'

test_expect_success 'a warning is sent to the user and does not reveal the reporter' '
	decide "$bobs" "{\"action\":\"warn\"}" &&
	expect 400 validation_failed &&
	decide "$bobs" "{\"action\":\"warn\",\"note\":\"Please be polite.\"}" &&
	expect 200 && api GET /notifications -t "$TOKEN_lis" && check_json "
	    [.notifications[] | select(.data.type == \"account.warning\")]
	    | length == 1 and .[0].body == \"Please be polite.\"" &&
	cp "$body" got && api GET /events -t "$TOKEN_lis" &&
	cat "$body" got >all && ! grep -qi "shouted\|reporter" all &&
	jq -e "[.notifications[] | select(.data.type == \"account.warning\")
	    | tostring | test(\"bob|ana|report\")] | any | not" <got &&
	decide "$bobs" "{\"action\":\"warn\",\"note\":\"Please be polite.\"}" &&
	expect 200 && is 1 "$(em_sql "SELECT count(*) FROM notification
	    WHERE data LIKE \"%account.warning%\"")"
'

test_expect_success 'hide hides the reported review' '
	decide "$review_report" "{\"action\":\"hide\",\"note\":\"Insult\"}" &&
	expect 200 && check_json ".action == \"hide\"" &&
	api GET "/listeners/$ID_lis/reviews" && check_json ".reviews == []" &&
	api GET "/admin/audit?target=review:$s" -t "$TOKEN_adm" &&
	check_json "[.audit[].action] == [\"review.hide\"]"
'

test_expect_success 'hide of a customer without a review returns 409 and keeps the report open' '
	decide "$call_report" "{\"action\":\"hide\"}" &&
	expect 409 nothing_to_hide &&
	api GET "/admin/reports/$call_report" -t "$TOKEN_adm" &&
	check_json ".status == \"open\""
'

test_expect_success 'ban bans the user and ends the call' '
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\"}" &&
	api POST /call/start -t "$TOKEN_bob" "{\"callee_id\":$ID_lis}" &&
	expect 201 && c=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lis" "{\"call_id\":$c}" &&
	expect 200 &&
	decide "$call_report" "{\"action\":\"ban\",\"note\":\"Abuse\",
	    \"until\":\"2001-01-01T00:00:00Z\"}" &&
	expect 400 validation_failed &&
	decide "$call_report" "{\"action\":\"ban\",\"note\":\"Abuse\",
	    \"until\":\"2099-01-01T00:00:00Z\"}" && expect 200 &&
	api GET "/admin/users/$ID_bob" -t "$TOKEN_adm" &&
	check_json ".status == \"banned\" and .ban_reason == \"Abuse\"" &&
	is "2|1" "$(em_sql "SELECT c.state, s.state FROM call AS c
	    JOIN session AS s ON s.id = c.session_id WHERE c.id = $c")"
'

test_expect_success 'hide of a listener removes the listener from lists and ends the call' '
	report ana "{\"user_id\":$ID_lis,\"reason\":\"fake\"}" && expect 201 &&
	api POST /call/start -t "$TOKEN_ana" "{\"callee_id\":$ID_lis}" &&
	expect 201 && c=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lis" "{\"call_id\":$c}" &&
	expect 200 && decide "$r" "{\"action\":\"hide\",
	    \"note\":\"Not a person.\"}" && expect 200 &&
	api GET "/listeners/$ID_lis" && expect 404 &&
	is "2|1|6" "$(em_sql "SELECT c.state, s.state, s.cause FROM call AS c
	    JOIN session AS s ON s.id = c.session_id WHERE c.id = $c")" &&
	em_cli ledger verify >/dev/null
'

test_expect_success 'rejecting a listener during a call ends the call' '
	em_sql "UPDATE listener SET verification = 1 WHERE user_id = $ID_lis" &&
	api POST /call/start -t "$TOKEN_ana" "{\"callee_id\":$ID_lis}" &&
	expect 201 && c=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lis" "{\"call_id\":$c}" &&
	expect 200 &&
	api POST "/admin/listeners/$ID_lis/reject" -t "$TOKEN_adm" && expect 200 &&
	is "2|1" "$(em_sql "SELECT c.state, s.state FROM call AS c
	    JOIN session AS s ON s.id = c.session_id WHERE c.id = $c")" &&
	is 0 "$(em_sql "SELECT count(*) FROM presence
	    WHERE busy_since IS NOT NULL")"
'

flyers() {
	em_sql "SELECT count(*) FROM flyer WHERE id = $1"
}

test_expect_success 'a report can name a flyer of the user, not of another one, and no review' '
	api POST /api/flyers -t "$TOKEN_eve" "{\"title\":\"Free money\"}" &&
	expect 201 && f=$(json .id) &&
	report adm "{\"user_id\":$ID_eve,\"reason\":\"fraud\",
	    \"flyerId\":$f}" && expect 201 && flyer_report=$r &&
	report adm "{\"user_id\":$ID_eve,\"reason\":\"fraud\",
	    \"flyer_id\":$f}" && expect 200 && is "$flyer_report" "$r" &&
	report adm "{\"user_id\":$ID_eve,\"reason\":\"fraud\"}" &&
	expect 201 &&
	report ana "{\"user_id\":$ID_lis,\"reason\":\"fraud\",
	    \"flyer_id\":$f}" && expect 404 &&
	check_json ".message == \"Flyer not found\"" &&
	report adm "{\"user_id\":$ID_eve,\"reason\":\"fraud\",
	    \"flyer_id\":999999}" && expect 404 &&
	report adm "{\"user_id\":$ID_eve,\"reason\":\"fraud\",
	    \"flyer_id\":$f,\"review_id\":$s}" &&
	expect 400 validation_failed && check_json ".fields.flyer_id != null" &&
	api GET "/admin/reports/$flyer_report" -t "$TOKEN_adm" && check_json "
	    .flyer_id == $f and .flyer_title == \"Free money\" and
	    .review_id == null and .profile_image_url == null"
'

test_expect_success 'hide deletes the reported flyer and notifies its publisher of the note' '
	decide "$flyer_report" "{\"action\":\"hide\",\"note\":\"Fraud\"}" &&
	expect 200 && check_json ".action == \"hide\" and .flyer_id == $f and
	    .flyer_title == null" && is 0 "$(flyers "$f")" &&
	api GET "/admin/audit?target=flyer:$f" -t "$TOKEN_adm" &&
	check_json ".total_count == 1 and .audit[0].action ==
	    \"flyer.delete\" and .audit[0].before.title == \"Free money\"" &&
	api GET /notifications -t "$TOKEN_eve" &&
	check_json "[.notifications[] | select(.data.type == \"flyer.removed\")]
	    | length == 1 and .[0].data.flyer_id == $f and
	    .[0].body == \"Free money\nFraud\" and
	    (tostring | test(\"adm|report\") | not)"
'

test_expect_success 'a report about a deleted flyer can be hidden, dismissed, or followed by a warning' '
	api POST /api/flyers -t "$TOKEN_eve" "{\"title\":\"More money\"}" &&
	f=$(json .id) && report adm "{\"user_id\":$ID_eve,
	    \"reason\":\"fraud\",\"flyer_id\":$f}" && expect 201 && a=$r &&
	report bob "{\"user_id\":$ID_eve,\"reason\":\"fraud\",
	    \"flyer_id\":$f}" && expect 403 account_inactive &&
	report lis "{\"user_id\":$ID_eve,\"reason\":\"fraud\",
	    \"flyer_id\":$f}" && expect 201 && b=$r &&
	api DELETE "/api/flyers/$f" -t "$TOKEN_eve" && expect 204 &&
	decide "$a" "{\"action\":\"hide\"}" && expect 200 &&
	check_json ".status == \"closed\" and .flyer_title == null" &&
	decide "$b" "{\"action\":\"dismiss\"}" && expect 200 &&
	is 1 "$(em_sql "SELECT count(*) FROM notification
	    WHERE data LIKE \"%flyer.removed%\"")"
'

test_expect_success 'an administrator cannot ban their account by a report' '
	report ana "{\"user_id\":$ID_adm,\"reason\":\"x\"}" && expect 201 &&
	decide "$r" "{\"action\":\"ban\",\"note\":\"x\"}" &&
	expect 400 cannot_ban_self &&
	api GET "/admin/reports/$r" -t "$TOKEN_adm" &&
	check_json ".status == \"open\""
'

test_expect_success 'parallel decisions apply one of them' '
	report ana "{\"user_id\":$ID_eve,\"reason\":\"twice\"}" && expect 201 &&
	for n in 1 2 3 4; do
		curl -s -o /dev/null -w "%{http_code}\n" \
		    -H "Authorization: Bearer $TOKEN_adm" \
		    -H "Content-Type: application/json" \
		    -d "{\"action\":\"warn\",\"note\":\"Stop.\"}" \
		    "$URL/api/v1/admin/reports/$r/decide" >"code-$n" &
	done && wait && is 1 "$(em_sql "SELECT count(*) FROM notification
	    WHERE user_id = $ID_eve AND data LIKE \"%account.warning%\"")" &&
	is 4 "$(cat code-* | grep -c 200)"
'

test_expect_success 'a deleted account leaves its reports without author and text' '
	api DELETE /user/profile -t "$TOKEN_eve" && 
	case $status in 2*) ;; *) expect 204 ;; esac && em_jobs &&
	api GET "/admin/reports?user_id=$ID_ana&status=open" -t "$TOKEN_adm" &&
	check_json "[.reports[] | select(.reporter_id == null) | .text] ==
	    [range(8) | null]"
'

test_done
