#!/bin/sh
# shellcheck disable=SC2016
test_description='support: tickets, replies, states and notifications'
. "$(dirname "$0")/../lib.sh"
em_conf limits.write_rate=0
em_start

# ask NAME BODY: creates a ticket of NAME. Sets $ticket to its id.
ask() {
	eval "ask_t=\$TOKEN_$1"
	api POST /support/ticket -t "$ask_t" "$2" && ticket=$(json .id)
}
# tell NAME TICKET TEXT, answer TICKET JSON, change TICKET JSON: reply as the
# customer, reply as an administrator, and change the ticket.
tell() {
	eval "tell_t=\$TOKEN_$1"
	api POST "/support/tickets/$2/replies" -t "$tell_t" "{\"body\":\"$3\"}"
}
answer() {
	api POST "/admin/tickets/$1/replies" -t "$TOKEN_adm" "$2"
}
change() {
	api PUT "/admin/tickets/$1" -t "$TOKEN_adm" "$2"
}
# see NAME PATH FILTER: succeeds if the response to NAME matches FILTER.
see() {
	eval "see_t=\$TOKEN_$1"
	api GET "$2" -t "$see_t" && expect 200 && check_json "$3"
}
# state TICKET: prints the row of the ticket.
state() {
	em_sql "SELECT status, replies, notes, version, coalesce(assignee_id, 0)
	    FROM ticket WHERE id = $1"
}
hello='{"subject":"Twice","body":"Paid\ntwice.","category":"payment"}'

test_expect_success 'POST /support/ticket creates an open ticket' '
	em_user adm admin && em_user amy admin && em_user ana &&
	em_user ben && em_device ana ben && ask ana "$hello" && expect 201 &&
	check_json ". == {id: $ticket, subject: \"Twice\", category: \"payment\",
	    status: \"open\", session_id: null, replies_count: 0,
	    created_at: .created_at, updated_at: .created_at,
	    body: \"Paid\ntwice.\"}" && first=$ticket &&
	[ "$(header Location)" = "$URL/api/v1/support/tickets/$first" ] &&
	ask ana "{\"subject\":\"  Hm  \",\"body\":\" x \"}" && expect 201 &&
	check_json ".category == \"other\" and .subject == \"Hm\" and
	    .body == \"x\""
'

test_expect_success 'only its customer can access a ticket' '
	see ana "/support/tickets/$first" ".replies == [] and
	    .body == \"Paid\ntwice.\" and .total_count == 0" &&
	api GET "/support/tickets/$first" -t "$TOKEN_ben" &&
	expect 404 not_found && [ "$(json .message)" = "Ticket not found" ] &&
	tell ben "$first" hello && expect 404 not_found &&
	api GET "/support/tickets/$first" -t "$TOKEN_adm" && expect 404 &&
	for id in 999999 0 x; do
		api GET "/support/tickets/$id" -t "$TOKEN_ana" &&
		expect 404 not_found || return 1
	done &&
	see ben /support/tickets ".tickets == [] and .total_count == 0" &&
	see ana /api/v1/support/tickets ".total_count == 2 and
	    [.tickets[].id] == [$ticket, $first] and
	    (.tickets[0] | has(\"body\") | not)"
'

test_expect_success 'a reply of an administrator sets pending and the assignee, and notifies' '
	answer "$first" "{\"body\":\"We look into it.\"}" && expect 201 &&
	check_json ".ticket.status == \"pending\" and
	    .ticket.replies_count == 1 and .ticket.assignee_id == $ID_adm and
	    .ticket.assignee == \"adm\" and .ticket.username == \"ana\" and
	    .reply == {id: .reply.id, from: \"support\",
		body: \"We look into it.\", created_at: .reply.created_at,
		internal: false, author_id: $ID_adm, author: \"adm\"}" &&
	see ana "/support/tickets/$first" ".status == \"pending\" and
	    .replies_count == 1 and (.replies[0] | . == {id: .id,
	    from: \"support\", body: \"We look into it.\",
	    created_at: .created_at})" &&
	see ana /notifications "(.notifications | length) == 1 and
	    (.notifications[0] | .kind == \"messages\" and
	    .title == \"Re: Twice\" and .body == \"We look into it.\" and
	    .data == {type: \"ticket.reply\", ticket_id: $first})" &&
	see ana /events ".events[-1].type == \"notification.new\"" &&
	[ "$(em_sql "SELECT group_concat(channel) FROM outbox WHERE user_id =
	    $ID_ana AND template = '\''ticket_reply'\''")" = 3 ]
'

test_expect_success 'a reply is also sent by e-mail to a verified address' '
	em_sql "UPDATE user SET email = '\''ana@example.org'\'', email_ok = 1
	    WHERE id = $ID_ana" &&
	answer "$first" "{\"body\":\"Still.\"}" && expect 201 &&
	[ "$(em_sql "SELECT group_concat(channel) FROM (SELECT channel FROM outbox
	    WHERE user_id = $ID_ana AND template = '\''ticket_reply'\''
	    ORDER BY id)")" = 3,3,2 ] && em_jobs >/dev/null &&
	jq -se "[.[] | select(.to == \"ana@example.org\")][-1] |
	    .title == \"Re: Twice\" and .body == \"Still.\"" \
	    "$EM_STATE/outbox.jsonl"
'

test_expect_success 'preferences of the customer suppress push and e-mail' '
	n=$(em_sql "SELECT count(*) FROM outbox") &&
	api PUT /notifications/preferences -t "$TOKEN_ana" "{\"kinds\":[
	    {\"kind\":\"messages\",\"push\":false,\"email\":false}]}" &&
	expect 200 && answer "$first" "{\"body\":\"Quiet.\"}" && expect 201 &&
	see ana /notifications ".notifications[0].body == \"Quiet.\"" &&
	[ "$(em_sql "SELECT count(*) FROM outbox")" = "$n" ] &&
	api PUT /notifications/preferences -t "$TOKEN_ana" "{\"kinds\":[
	    {\"kind\":\"messages\",\"push\":true,\"email\":true}]}"
'

test_expect_success 'a notification contains the first 400 characters of a long reply' '
	long=$(printf "é%.0s" $(seq 500)) &&
	answer "$first" "{\"body\":\"$long\"}" && expect 201 &&
	see ana /notifications ".notifications[0].body | length == 401 and
	    endswith(\"é…\")" &&
	see ana "/support/tickets/$first" ".replies[-1].body == \"$long\""
'

test_expect_success 'a reply of the customer reopens the ticket and notifies the assignee' '
	tell ana "$first" "More." && expect 201 &&
	check_json ".ticket.status == \"open\" and
	    .reply.from == \"customer\" and (.reply | keys) == [\"body\",
	    \"created_at\", \"from\", \"id\"] and
	    (.ticket | has(\"assignee\") | not)" &&
	see adm /notifications ".notifications[0] | .title == \"ana: Twice\" and
	    .body == \"More.\" and .data.ticket_id == $first" &&
	see ana /notifications ".notifications[0].body != \"More.\""
'

test_expect_success 'an internal note changes nothing that the customer can see' '
	api GET "/support/tickets/$first" -t "$TOKEN_ana" && expect 200 &&
	cp "$body" before && tag=$(header ETag) &&
	api GET /support/tickets -t "$TOKEN_ana" && list=$(header ETag) &&
	told=$(em_sql "SELECT count(*) FROM notification") &&
	sent=$(em_sql "SELECT count(*) FROM outbox") &&
	answer "$first" "{\"body\":\"A trickster.\",\"internal\":true}" &&
	expect 201 && check_json ".ticket.status == \"open\" and
	    .ticket.notes_count == 1 and .reply.internal" &&
	api GET "/support/tickets/$first" -t "$TOKEN_ana" \
	    -H "If-None-Match: $tag" && expect 304 &&
	api GET /support/tickets -t "$TOKEN_ana" -H "If-None-Match: $list" &&
	expect 304 &&
	api GET "/support/tickets/$first" -t "$TOKEN_ana" &&
	test_cmp before "$body" &&
	[ "$told $sent" = "$(em_sql "SELECT count(*) FROM notification") $(
	    em_sql "SELECT count(*) FROM outbox")" ] &&
	api GET /api/v1/me/export -t "$TOKEN_ana" && expect 200 && ! grep -q trickster "$body" &&
	see adm "/admin/tickets/$first" ".replies[-1].body == \"A trickster.\" and
	    .replies[-1].internal and .notes_count == 1 and
	    .total_count == .replies_count + 1"
'

# The following responses do not come from the cache of the worker.
test_expect_success 'a reply changes the ETag, and responses contain no internal note' '
	answer "$first" "{\"body\":\"Done.\",\"status\":\"solved\"}" &&
	expect 201 && check_json ".ticket.status == \"solved\"" &&
	api GET "/support/tickets/$first" -t "$TOKEN_ana" \
	    -H "If-None-Match: $tag" && expect 200 &&
	check_json ".status == \"solved\" and .replies[-1].body == \"Done.\" and
	    (.replies | length) == .replies_count and
	    .total_count == .replies_count" && ! grep -q trickster "$body" &&
	api GET /support/tickets -t "$TOKEN_ana" -H "If-None-Match: $list" &&
	expect 200 &&
	see ana /notifications ".notifications[0].body == \"Done.\""
'

test_expect_success 'a reply of the customer reopens a solved ticket' '
	tell ana "$first" "It is not." && expect 201 &&
	check_json ".ticket.status == \"open\"" &&
	[ "$(em_sql "SELECT solved_at IS NULL FROM ticket
	    WHERE id = $first")" = 1 ]
'

test_expect_success 'a ticket solved without a reply notifies the customer once' '
	change "$first" "{\"status\":\"solved\"}" && expect 200 &&
	check_json ".status == \"solved\"" &&
	see ana /notifications ".notifications[0].title == \"Solved: Twice\"" &&
	n=$(json .total_count) && change "$first" "{\"status\":\"solved\"}" &&
	see ana /notifications ".total_count == $n"
'

test_expect_success 'a solved ticket is closed after a week' '
	em_sql "UPDATE ticket SET solved_at = 1700000000000
	    WHERE id = $first" &&
	em_jobs 2023-11-21T22:13:19Z >out && grep -x "ticket-close 0" out &&
	em_jobs 2023-11-21T22:13:20Z >out && grep -x "ticket-close 1" out &&
	see ana "/support/tickets/$first" ".status == \"closed\"" &&
	tell ana "$first" "Hello?" && expect 409 ticket_closed &&
	answer "$first" "{\"body\":\"Hello.\"}" && expect 409 ticket_closed &&
	answer "$first" "{\"body\":\"n\",\"internal\":true}" && expect 201 &&
	check_json ".ticket.status == \"closed\"" &&
	answer "$first" "{\"body\":\"Hello.\",\"status\":\"pending\"}" &&
	expect 201 && check_json ".ticket.status == \"pending\"" &&
	tell ana "$first" "There you are." && expect 201
'

test_expect_success 'only administrators can be assigned to a ticket' '
	change "$first" "{\"assignee\":$ID_amy}" && expect 200 &&
	check_json ".assignee == \"amy\" and .status == \"open\"" &&
	state "$first" >before &&
	for who in "$ID_ana" 999999; do
		change "$first" "{\"assignee\":$who,\"status\":\"closed\"}" &&
		expect 400 validation_failed && check_json ".fields.assignee" ||
		    return 1
	done && state "$first" | test_cmp before - &&
	change "$first" "{\"assignee\":null}" && expect 200 &&
	check_json ".assignee == null and .assignee_id == null" &&
	api GET "/support/tickets/$first" -t "$TOKEN_ana" && tag=$(header ETag) &&
	change "$first" "{\"assignee\":$ID_adm}" && expect 200 &&
	api GET "/support/tickets/$first" -t "$TOKEN_ana" \
	    -H "If-None-Match: $tag" && expect 304 &&
	change "$first" "{\"category\":\"account\"}" && expect 200 &&
	see ana "/support/tickets/$first" ".category == \"account\""
'

test_expect_success 'all changes of a ticket are audited without the text' '
	api GET "/admin/audit?target=ticket:$first&per_page=100" \
	    -t "$TOKEN_adm" && expect 200 &&
	check_json "(.audit[0] | .action == \"ticket.change\" and
	    .before.category == \"payment\" and .after.category == \"account\" and
	    .actor_id == $ID_adm and (.request_id | length) >= 8) and
	    ([.audit[].action] | unique) == [\"ticket.change\", \"ticket.note\",
	    \"ticket.reply\"] and
	    (.audit[-1] | .before.status == \"open\" and
	    .before.replies == 0 and .after.status == \"pending\" and
	    .after.replies == 1 and .after.assignee_id == $ID_adm)" &&
	! grep -q "look into\|trickster" "$body" &&
	n=$(json .total_count) && change "$first" "{}" && expect 200 &&
	change "$first" "{\"status\":\"open\",\"category\":\"account\"}" &&
	api GET "/admin/audit?target=ticket:$first" -t "$TOKEN_adm" &&
	check_json ".total_count == $n"
'

test_expect_success 'a ticket can refer to a session of its customer only' '
	em_user lis && em_cli user grant lis listener && em_sql "
	    INSERT INTO listener(user_id, verification, rate_per_minute,
		languages, registered_at)
	    VALUES ($ID_lis, 1, 600, '\''hi'\'', 1);
	    UPDATE presence SET status = 1, online_until = 4102444800000
	    WHERE user_id = $ID_lis" &&
	api POST "/admin/wallets/$ID_ben/adjust" -t "$TOKEN_adm" \
	    "{\"amount\":5000,\"reason\":\"t\"}" &&
	api POST /sessions/start -t "$TOKEN_ben" "{\"listener_id\":$ID_lis}" &&
	expect 201 && session=$(json .session_id) &&
	for who in ben lis; do
		ask $who "{\"subject\":\"s\",\"body\":\"b\",
		    \"session_id\":$session}" && expect 201 &&
		check_json ".session_id == $session" || return 1
	done && n=$(em_sql "SELECT count(*) FROM ticket") &&
	for id in "$session" 999999; do
		ask ana "{\"subject\":\"s\",\"body\":\"b\",\"sessionId\":$id}" &&
		expect 404 not_found &&
		[ "$(json .message)" = "Session not found" ] || return 1
	done && [ "$(em_sql "SELECT count(*) FROM ticket")" = "$n" ] &&
	api POST /sessions/end -t "$TOKEN_ben" "{\"session_id\":$session}" &&
	expect 200
'

test_expect_success 'a repeated idempotency key creates one ticket and one reply' '
	for i in 1 2; do
		api POST /support/ticket -t "$TOKEN_ben" \
		    -H "Idempotency-Key: k1" "$hello" && expect 201 &&
		json .id >id$i || return 1
	done && [ "$(header Idempotent-Replayed)" = true ] &&
	test_cmp id1 id2 && id=$(cat id1) && for i in 1 2; do
		api POST "/support/tickets/$id/replies" -t "$TOKEN_ben" \
		    -H "Idempotency-Key: k2" "{\"body\":\"b\"}" && expect 201 ||
		    return 1
	done && [ "$(header Idempotent-Replayed)" = true ] &&
	see ben "/support/tickets/$id" ".replies_count == 1" &&
	for i in 1 2; do
		api POST "/admin/tickets/$id/replies" -t "$TOKEN_adm" \
		    -H "Idempotency-Key: k3" "{\"body\":\"c\"}" && expect 201 ||
		    return 1
	done && see ben "/support/tickets/$id" ".replies_count == 2"
'

test_expect_success 'POST /support/ticket rejects invalid members' '
	long=$(printf "x%.0s" $(seq 151)) &&
	while read -r field json; do
		api POST /support/ticket -t "$TOKEN_ana" "$json" &&
		expect 400 validation_failed && check_json ".fields.$field" ||
		    return 1
	done <<-END &&
	subject {"body":"b"}
	subject {"subject":" ","body":"b"}
	subject {"subject":"$long","body":"b"}
	subject {"subject":"a\nb","body":"b"}
	body {"subject":"s"}
	body {"subject":"s","body":" \n "}
	category {"subject":"s","body":"b","category":"love"}
	session_id {"subject":"s","body":"b","session_id":0}
	END
	tell ana "$first" "  " && expect 400 validation_failed &&
	answer "$first" "{\"body\":\"b\",\"status\":\"lost\"}" &&
	expect 400 validation_failed &&
	change "$first" "{\"status\":\"lost\"}" && expect 400 &&
	answer 999999 "{\"body\":\"b\"}" && expect 404 not_found &&
	change x "{}" && expect 404 not_found
'

test_expect_success 'text with special characters is returned unchanged' '
	ask ben "{\"subject\":\"<b>\\\"'\'';--\",\"body\":\"\\u0000\"}" &&
	expect 400 &&
	ask ben "{\"subject\":\"<b>\\\"--\",\"body\":\"%s%n \\u202e ☎\"}" &&
	expect 201 && see ben "/support/tickets/$ticket" \
	    ".subject == \"<b>\\\"--\" and .body == \"%s%n \\u202e ☎\""
'

test_expect_success 'deleting an account deletes its tickets' '
	id=$(em_sql "SELECT min(id) FROM ticket WHERE user_id = $ID_ben") &&
	change "$id" "{\"assignee\":$ID_amy}" && expect 200 &&
	api DELETE "/user/profile?forfeit=true" -t "$TOKEN_ben" && expect 204 &&
	[ "$(em_sql "SELECT (SELECT count(*) FROM ticket WHERE user_id = $ID_ben),
	    (SELECT count(*) FROM ticket_reply WHERE ticket_id NOT IN
	    (SELECT id FROM ticket)), (SELECT count(*) FROM ticket_text WHERE
	    rowid NOT IN (SELECT id FROM ticket))")" = "0|0|0" ] &&
	api GET "/admin/tickets/$id" -t "$TOKEN_adm" && expect 404 &&
	change "$first" "{\"assignee\":$ID_amy}" && expect 200 &&
	api DELETE "/user/profile?forfeit=true" -t "$TOKEN_amy" && expect 204 &&
	see adm "/admin/tickets/$first" ".assignee == null"
'

test_expect_success 'the dashboard contains the number of open tickets' '
	n=$(em_sql "SELECT count(*) FROM ticket WHERE status = 1") &&
	[ "$n" -gt 0 ] &&
	see adm /admin/dashboard ".now.tickets_open == $n"
'

# Compares counters with the rows they count.
test_expect_success 'stored counters equal the number of rows' '
	em_sql "SELECT status, category, coalesce(assignee_id, 0), count(*)
	    FROM ticket GROUP BY 1, 2, 3 ORDER BY 1, 2, 3" >want &&
	em_sql "SELECT * FROM ticket_total WHERE n <> 0 ORDER BY 1, 2, 3" |
	    test_cmp want - && test -s want &&
	[ "$(em_sql "SELECT count(*) FROM ticket AS t WHERE
	    replies <> (SELECT count(*) FROM ticket_reply
		WHERE ticket_id = t.id AND kind < 3) OR
	    notes <> (SELECT count(*) FROM ticket_reply
		WHERE ticket_id = t.id AND kind = 3)")" = 0 ]
'

test_done
