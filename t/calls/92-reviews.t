#!/bin/sh
test_description='paid sessions: reviews, refunds, earnings, wait times'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
em_start

test_expect_success 'setup: four sessions of two minutes' '
	em_user adm admin && em_user ana && em_user bob && em_user eva &&
	listener lis 500 && listener liz 300 && fund ana 9000 &&
	for n in 1 2 3 4; do
		start ana lis && ago 100 && end ana || return 1
	done && has ana "5000|0|0" && sound
'

review() {
	api POST "/sessions/$1/review" -t "$(token_of "$2")" "$3"
}
rating() {
	api GET "/listeners/$ID_lis" &&
	check_json ".rating == $1 and .reviews_count == $2"
}

test_expect_success 'only the customer can review a session, once' '
	review 1 ana "{\"rating\":5,\"comment\":\" Thank you \"}" && expect 201 &&
	check_json ".rating == 5 and .comment == \"Thank you\" and
	    .session_id == 1 and .listener_id == $ID_lis" &&
	review 1 ana "{\"rating\":1}" && expect 409 already_reviewed &&
	review 2 lis "{\"rating\":5}" && expect 404 not_found &&
	review 2 eva "{\"rating\":5}" && expect 404 not_found &&
	review 99 ana "{\"rating\":5}" && expect 404 not_found &&
	for bad in "{}" "{\"rating\":0}" "{\"rating\":6}" "{\"rating\":4.5}" \
	    "{\"rating\":\"5\"}"; do
		review 2 ana "$bad" && expect 400 validation_failed ||
		return 1
	done && rating 5.0 1 &&
	review 2 ana "{\"rating\":4}" && expect 201 && rating 4.0 1 &&
	review 3 ana "{\"rating\":1}" && expect 201 && rating 1.0 1
'

test_expect_success 'GET /listeners/{id}/reviews lists the latest review of a customer' '
	api GET "/listeners/$ID_lis/reviews" && expect 200 &&
	check_json "[.reviews[].rating] == [1] and .total_count == 1 and
	    .reviews[0].comment == null and .reviews[0].username == \"A.\"" &&
	tag=$(header ETag) &&
	api GET "/listeners/$ID_lis/reviews" -H "If-None-Match: $tag" &&
	expect 304 &&
	api GET "/listeners/$ID_liz/reviews" && check_json ".reviews == []" &&
	api GET "/listeners/$ID_ana/reviews" && expect 404 not_found &&
	api GET "/listeners/x/reviews" && expect 404 not_found &&
	api GET "/sessions/2" -t "$TOKEN_lis" && check_json ".rating == 4"
'

test_expect_success 'GET /listeners/earnings returns earnings and payouts' '
	api GET /listeners/earnings -t "$TOKEN_lis" && expect 200 &&
	check_json ".balance == 3200 and .earned == 3200 and .paid_out == 0 and
	    .sessions_count == 4 and .minutes == 8 and .currency == \"INR\"" &&
	tag=$(header ETag) &&
	em_cli ledger payout lis 3000 --note "bank 1" >/dev/null &&
	api GET /listeners/earnings -t "$TOKEN_lis" \
	    -H "If-None-Match: $tag" && expect 200 &&
	check_json ".balance == 200 and .earned == 3200 and
	    .paid_out == 3000" &&
	api GET /listeners/earnings -t "$TOKEN_eva" &&
	expect 403 role_required
'

refund() {
	api POST "/admin/sessions/$1/refund" -t "$TOKEN_adm" "$2"
}

test_expect_success 'invalid refunds return 4xx and change nothing' '
	em_sql "SELECT max(id) FROM transfer" >before &&
	refund 99 "{\"reason\":\"x\"}" && expect 404 not_found &&
	refund x "{\"reason\":\"x\"}" && expect 404 not_found &&
	refund 1 "{}" && expect 400 validation_failed &&
	refund 1 "{\"reason\":\" \"}" && expect 400 validation_failed &&
	refund 1 "{\"reason\":\"x\",\"amount\":0}" &&
	expect 400 validation_failed &&
	refund 1 "{\"reason\":\"x\",\"amount\":1001}" &&
	expect 409 not_refundable &&
	api POST /admin/sessions/1/refund -t "$TOKEN_ana" \
	    "{\"reason\":\"x\"}" && expect 403 role_required &&
	em_sql "SELECT max(id) FROM transfer" >after && test_cmp before after
'

test_expect_success 'a partial refund reduces the fee and keeps the review' '
	api POST /admin/sessions/1/refund -t "$TOKEN_adm" \
	    -H "Idempotency-Key: r" \
	    "{\"reason\":\"Bad line\",\"amount\":333}" && expect 200 &&
	check_json ".refunded == 333 and .rating == 5" &&
	api POST /admin/sessions/1/refund -t "$TOKEN_adm" \
	    -H "Idempotency-Key: r" \
	    "{\"reason\":\"Bad line\",\"amount\":333}" && expect 200 &&
	has ana "5333|0|0" && rating 1.0 1 && sound &&
	is "67|-266" "$(em_sql "SELECT 800 - (SELECT balance
	    FROM ledger_account WHERE id = 6), balance FROM ledger_account
	    WHERE id = 8")"
'

test_expect_success 'refunding the rest refunds the whole cost and hides the review' '
	refund 1 "{\"reason\":\"All of it\"}" && expect 200 &&
	check_json ".refunded == 1000" && has ana "6000|0|0" && sound &&
	is "200|-800" "$(em_sql "SELECT 800 - (SELECT balance
	    FROM ledger_account WHERE id = 6), balance FROM ledger_account
	    WHERE id = 8")" &&
	is 1 "$(em_sql "SELECT hidden FROM review WHERE session_id = 1")" &&
	rating 1.0 1 &&
	refund 1 "{\"reason\":\"x\"}" && expect 409 not_refundable
'

test_expect_success 'a refund charged to the listener may make the earnings negative' '
	refund 2 "{\"reason\":\"x\",\"charge_listener\":true}" && expect 200 &&
	has ana "7000|0|0" && sound &&
	is "-800" "$(em_sql "SELECT balance FROM ledger_account
	    WHERE id = 8")" &&
	api GET /listeners/earnings -t "$TOKEN_lis" &&
	check_json ".balance == -600 and .earned == 2400 and
	    .paid_out == 3000" &&
	api GET "/user/transactions?type=refund" -t "$TOKEN_lis" &&
	check_json "[.transactions[].amount] == [-800]"
'

test_expect_success 'a refunded session cannot be reviewed' '
	refund 4 "{\"reason\":\"x\"}" && expect 200 &&
	review 4 ana "{\"rating\":1}" && expect 409 session_refunded
'

test_expect_success 'the receipt of the customer has a line for each refund' '
	api GET /sessions/1/receipt -t "$TOKEN_ana" &&
	check_json "[.lines[] | select(.what == \"refund\") | .amount] ==
	    [-333, -667] and (.lines[-1].text | test(\"All of it\"))" &&
	api GET /sessions/1/receipt -t "$TOKEN_lis" &&
	check_json "[.lines[] | select(.what == \"refund\")] == []" &&
	api GET "/user/transactions?type=refund" -t "$TOKEN_ana" &&
	check_json "[.transactions[].amount] == [1000, 1000, 667, 333]"
'

test_expect_success 'refunds are audited with their reason' '
	api GET "/admin/audit?action=session.refund&target=session:1" \
	    -t "$TOKEN_adm" && check_json ".total_count == 2 and
	    .audit[1].before.refunded == 0 and
	    .audit[1].after.refunded == 333 and
	    .audit[1].after.reason == \"Bad line\" and
	    .audit[0].after.refunded == 1000"
'

test_expect_success 'a live session cannot be refunded' '
	start ana liz && refund "$s" "{\"reason\":\"x\"}" &&
	expect 409 session_live && end ana
'

test_expect_success 'a refund returns own money first, then bonus as bonus' '
	bonus bob 400 && fund bob 600 && start bob liz && ago 130 && end bob &&
	check_json ".cost == 900" && is 400 "$(row cost_bonus)" &&
	has bob "100|0|0" &&
	refund "$s" "{\"reason\":\"x\",\"amount\":450}" && expect 200 &&
	has bob "550|0|0" &&
	refund "$s" "{\"reason\":\"x\"}" && expect 200 &&
	has bob "600|400|0" && sound
'

test_expect_success 'the wait time is the mean duration of 30 days' '
	em_sql "SELECT count(*) FROM session WHERE listener_id = $ID_lis" >n &&
	mean=$(em_sql "SELECT CAST(avg(ended_at - started_at) AS INTEGER)
	    FROM session WHERE listener_id = $ID_lis") &&
	em_jobs >/dev/null && is "$mean" "$(em_sql "SELECT mean_call_ms
	    FROM listener WHERE user_id = $ID_lis")" &&
	start ana lis && api GET "/listeners/$ID_lis" &&
	check_json ".wait_time == 2" && end ana &&
	em_jobs "$(date -u -d "+31 days" +%Y-%m-%dT%H:%M:%SZ)" >/dev/null &&
	is "" "$(em_sql "SELECT mean_call_ms FROM listener
	    WHERE user_id = $ID_lis")"
'

test_done
