#!/bin/sh
# shellcheck disable=SC2016
test_description='support: limits, and lists of administrators'
. "$(dirname "$0")/../lib.sh"
em_conf limits.write_rate=0
em_conf support.tickets_daily=3
em_conf support.replies_hourly=4
em_conf support.feedback_daily=2
em_start

ask() {
	eval "ask_t=\$TOKEN_$1"
	api POST /support/ticket -t "$ask_t" \
	    "{\"subject\":\"$2\",\"body\":\"${3:-b}\"}"
}
# tickets QUERY FILTER: succeeds if the list of administrators matches FILTER.
tickets() {
	api GET "/admin/tickets?$1" -t "$TOKEN_adm" && expect 200 &&
	check_json "$2"
}
# paged PATH MEMBER QUERY: succeeds if pages by cursor equal one long page.
paged() {
	api GET "$1?per_page=100&$3" -t "$TOKEN_adm" && expect 200 &&
	json ".$2[].id" >all && : >got && cursor= && while :; do
		api GET "$1?per_page=3&$3${cursor:+&cursor=$cursor}" \
		    -t "$TOKEN_adm" && expect 200 && json ".$2[].id" >>got ||
		    return 1
		cursor=$(json ".next_cursor // empty")
		[ -n "$cursor" ] || break
	done && test_cmp all got && sort -rn all | test_cmp all -
}

test_expect_success 'a user can create support.tickets_daily tickets a day' '
	em_user adm admin && em_user ana && em_user ben &&
	for i in 1 2 3; do ask ana "T$i" && expect 201 || return 1; done &&
	ask ana T4 && expect 429 rate_limited &&
	[ "$(header Retry-After)" -gt 86000 ] &&
	[ "$(em_sql "SELECT count(*) FROM ticket")" = 3 ] &&
	ask ben T4 && expect 201 &&
	em_sql "UPDATE throttle SET ends_at = 1" && ask ana T5 && expect 201
'

test_expect_success 'a ticket about an unknown session does not count' '
	em_sql "DELETE FROM throttle" && for i in 1 2 3 4; do
		api POST /support/ticket -t "$TOKEN_ana" "{\"subject\":\"s\",
		    \"body\":\"b\",\"session_id\":99}" && expect 404 || return 1
	done && ask ana T6 && expect 201
'

test_expect_success 'a user can send support.replies_hourly replies an hour' '
	for i in 1 2 3 4; do
		api POST /support/tickets/1/replies -t "$TOKEN_ana" \
		    "{\"body\":\"r$i\"}" && expect 201 || return 1
	done &&
	api POST /support/tickets/1/replies -t "$TOKEN_ana" \
	    "{\"body\":\"r\"}" && expect 429 rate_limited &&
	[ "$(header Retry-After)" -gt 3500 ]
'

test_expect_success 'a user can send support.feedback_daily feedback a day' '
	for rating in 5 1; do
		api POST /support/feedback -t "$TOKEN_ana" "{\"body\":\"Nice\",
		    \"rating\":$rating,\"kind\":\"praise\",
		    \"app_version\":\"2.1\"}" && expect 201 &&
		check_json "keys == [\"created_at\", \"feedback_id\"]" ||
		    return 1
	done && api POST /support/feedback -t "$TOKEN_ana" \
	    "{\"body\":\"Nice\"}" && expect 429 rate_limited &&
	api POST /support/feedback -t "$TOKEN_ben" "{\"message\":\"Hm\"}" &&
	expect 201
'

test_expect_success 'a ticket has at most 200 replies, and notes are still possible' '
	em_sql "INSERT INTO ticket_reply(ticket_id, author_id, kind, body,
	    created_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
	    SELECT i + 1 FROM n WHERE i < 195)
	    SELECT 1, $ID_adm, 2, '\''word'\'' || i, i FROM n;
	    DELETE FROM throttle" &&
	api POST /support/tickets/1/replies -t "$TOKEN_ana" \
	    "{\"body\":\"last\"}" && expect 201 &&
	api POST /support/tickets/1/replies -t "$TOKEN_ana" \
	    "{\"body\":\"one more\"}" && expect 409 ticket_full &&
	api POST /admin/tickets/1/replies -t "$TOKEN_adm" \
	    "{\"body\":\"n\",\"internal\":true}" && expect 409 ticket_full &&
	api GET /support/tickets/1 -t "$TOKEN_ana" && expect 200 &&
	check_json ".replies_count == 200 and .total_count == 200 and
	    (.replies | length) == 20 and .has_next"
'

test_expect_success 'replies are paged by number and by cursor, oldest first' '
	api GET "/support/tickets/1?per_page=100" -t "$TOKEN_ana" &&
	json ".replies[].id" >all && c=$(json .next_cursor) &&
	api GET "/support/tickets/1?per_page=100&cursor=$c" \
	    -t "$TOKEN_ana" && expect 200 && json ".replies[].id" >>all &&
	check_json ".next_cursor == null and .replies[-1].body == \"last\"" &&
	sort -n -u all | test_cmp all - && [ "$(wc -l <all)" = 200 ] &&
	api GET "/support/tickets/1?per_page=100&page=2" -t "$TOKEN_ana" &&
	json ".replies[].id" >got && tail -n 100 all | test_cmp - got &&
	api GET "/support/tickets/2?cursor=$c" -t "$TOKEN_ana" && expect 200 &&
	api GET "/support/tickets?cursor=$c" -t "$TOKEN_ana" &&
	expect 400 validation_failed
'

test_expect_success 'setup: tickets of all states, categories and assignees' '
	em_user amy admin && em_sql "INSERT INTO ticket(user_id, subject, body,
	    category, status, solved_at, assignee_id, created_at, updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 47)
	    SELECT CASE i % 5 WHEN 0 THEN $ID_ana ELSE $ID_ben END, '\''Nr '\'' || i,
	    '\''It rained'\'', 1 + i % 6, 1 + i % 4, iif(i % 4 = 2, 5, NULL),
	    CASE i % 3 WHEN 0 THEN $ID_adm WHEN 1 THEN $ID_amy END, i, i FROM n"
'

# Compares each combination of filters with the table.
test_expect_success 'filters of the list of tickets return and count the matching rows' '
	n=0 && for st in "" open pending solved closed; do
	for category in "" other; do
	for assignee in "" me none "$ID_amy"; do
	for user in "" "$ID_ana"; do
		q="status=$st&category=$category&assignee=$assignee&user_id=$user" &&
		q=$(printf "%s" "$q" | tr "&" "\n" | grep -v "=\$" |
		    paste -sd "&" -) &&
		api GET "/admin/tickets?per_page=100&$q" -t "$TOKEN_adm" &&
		expect 200 && { json ".tickets[].id"; json .total_count; } >got &&
		em_sql "WITH t AS (SELECT id, CASE status WHEN 1 THEN '\''open'\''
		    WHEN 2 THEN '\''pending'\'' WHEN 3 THEN '\''solved'\'' ELSE
		    '\''closed'\'' END AS s, CASE category WHEN 3 THEN '\''call'\''
		    WHEN 6 THEN '\''other'\'' ELSE '\''-'\'' END AS c, CASE
		    WHEN assignee_id IS NULL THEN '\''none'\''
		    WHEN assignee_id = $ID_adm THEN '\''me'\''
		    ELSE assignee_id || '\'''\'' END AS a, user_id || '\'''\'' AS u
		    FROM ticket), f AS (SELECT id FROM t
		    WHERE '\''$st'\'' IN ('\'''\'', s) AND '\''$category'\'' IN
		    ('\'''\'', c) AND '\''$assignee'\'' IN ('\'''\'', a) AND
		    '\''$user'\'' IN ('\'''\'', u))
		    SELECT * FROM (SELECT id FROM f ORDER BY id DESC)
		    UNION ALL SELECT count(*) FROM f" >want &&
		test_cmp want got || return 1
		n=$((n + 1))
	done; done; done; done && [ $n = 80 ]
'

test_expect_success 'pages by cursor return each ticket once with all filters' '
	for q in "" status=closed category=call assignee=me assignee=none \
	    "assignee=none&status=open" "user_id=$ID_ana" q=rained \
	    "q=rained&status=open" "status=pending&category=listener"; do
		paged /admin/tickets tickets "$q" && [ -s all ] || {
			note "query $q"
			return 1
		}
	done
'

test_expect_success 'tickets are found by words, also of replies, and by number' '
	tickets "q=word19" ".total_count == 1 and .tickets[0].id == 1" &&
	tickets "q=t5%20b" ".total_count == 1 and
	    .tickets[0].subject == \"T5\"" &&
	tickets "q=nowhere" ".tickets == [] and .total_count == 0" &&
	tickets "q=%22-%22" ".tickets == []" &&
	tickets "q=1" "[.tickets[].id] == [1] and .total_count == 1" &&
	tickets "q=%232" "[.tickets[].id] == [2]" &&
	tickets "q=2&status=closed" ".tickets == [] and .total_count == 0" &&
	tickets "q=999999" ".tickets == []" &&
	tickets "q=1&page=2" ".tickets == [] and .total_count == 1" &&
	api GET "/admin/tickets?assignee=you" -t "$TOKEN_adm" &&
	expect 400 validation_failed && check_json ".fields.assignee"
'

test_expect_success 'the list returns all documented members to administrators only' '
	tickets "q=1" ".tickets[0] | . == {id: 1, subject: \"T1\",
	    category: \"other\", status: \"open\", session_id: null,
	    replies_count: 200, created_at: .created_at,
	    updated_at: .updated_at, user_id: $ID_ana, username: \"ana\",
	    assignee_id: null, assignee: null, notes_count: 0}" &&
	for path in /admin/tickets /admin/tickets/1 /admin/feedback; do
		api GET $path -t "$TOKEN_ana" && expect 403 role_required &&
		api GET $path && expect 401 || return 1
	done
'

test_expect_success 'feedback can be filtered by kind and rating' '
	em_sql "INSERT INTO feedback(user_id, kind, rating, body, created_at)
	    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 39) SELECT $ID_ben, 1 + i % 4, i % 6, '\''f'\'', i FROM n" &&
	api GET "/admin/feedback?kind=praise&rating=5" -t "$TOKEN_adm" &&
	expect 200 && check_json ".feedback[-1] | .username == \"ana\" and
	    .rating == 5 and .kind == \"praise\" and .body == \"Nice\" and
	    .app_version == \"2.1\"" &&
	api GET "/admin/feedback?per_page=100" -t "$TOKEN_adm" &&
	check_json ".total_count == 43 and (.feedback | length) == 43" &&
	for kind in "" bug praise other; do for rating in "" 0 5; do
		q="x=1${kind:+&kind=$kind}${rating:+&rating=$rating}" &&
		paged /admin/feedback feedback "$q" &&
		check_json ".total_count == $(wc -l <all)" || return 1
	done; done &&
	api GET "/admin/feedback?rating=6" -t "$TOKEN_adm" &&
	expect 400 validation_failed
'

test_expect_success 'the export contains tickets without internal notes' '
	em_sql "INSERT INTO ticket_reply(ticket_id, author_id, kind, body,
	    created_at) VALUES (2, $ID_adm, 3, '\''hush'\'', 1),
	    (2, $ID_adm, 2, '\''hi'\'', 2)" &&
	api GET /api/v1/me/export -t "$TOKEN_ana" && expect 200 &&
	check_json "(.tickets | length) == $(em_sql "SELECT count(*)
	    FROM ticket WHERE user_id = $ID_ana") and
	    .tickets[0].body == \"b\" and .tickets[0].subject == \"T1\" and
	    (.ticket_replies | length) == 201 and
	    (.ticket_replies[-1] | .ticket_id == 2 and .body == \"hi\" and
	    .from == \"support\") and (.feedback | length) == 2 and
	    .feedback[0].rating == 5" && ! grep -q hush "$body"
'

test_expect_success 'deleting an account deletes its feedback, and counters remain right' '
	api DELETE /user/profile -t "$TOKEN_ana" && expect 204 &&
	em_until "! em_sql \"SELECT 1 FROM account_removal\" | grep -q ." &&
	em_sql "SELECT kind, rating, count(*) FROM feedback GROUP BY 1, 2" \
	    >want &&
	em_sql "SELECT * FROM feedback_total WHERE n <> 0" |
	    test_cmp want - &&
	em_sql "SELECT status, category, coalesce(assignee_id, 0), count(*)
	    FROM ticket GROUP BY 1, 2, 3 ORDER BY 1, 2, 3" >want &&
	em_sql "SELECT * FROM ticket_total WHERE n <> 0 ORDER BY 1, 2, 3" |
	    test_cmp want - &&
	[ "$(em_sql "SELECT count(*) FROM feedback WHERE user_id = $ID_ana")" = 0 ]
'

test_done
