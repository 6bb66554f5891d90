#!/bin/sh
test_description='notifications: a saved listener is available'
. "$(dirname "$0")/../lib.sh"
em_start

# request_alert NAME: saves the listener as NAME and requests a notification.
request_alert() {
	eval "t=\$TOKEN_$1" &&
	api POST /customer/favorites -t "$t" "{\"listener_id\":$ID_lis}" &&
	expect 200 &&
	api PUT "/customer/favorites/$ID_lis" -t "$t" \
	    '{"notify_when_available":true}' && expect 200
}
lis_is() {
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"$1\"}" &&
	expect 200
}
# notified ID...: succeeds if exactly these users were notified, in this order,
# after all due jobs. notified -: only waits for the jobs.
notified() {
	em_until '[ "$(em_sql "SELECT (SELECT count(*) FROM availability_alert_due) +
	    (SELECT count(*) FROM outbox WHERE state = 0)")" = 0 ]' || return
	jq -r 'select(.template == "listener_available") | .to' \
	    "$EM_STATE/outbox.jsonl" >got
	for id; do
		echo "user:$id"
	done >want
	[ "$*" = - ] || test_cmp want got
}
# Moves the last notifications one hour into the past.
hour() {
	em_sql 'UPDATE availability_alert_state SET alerted_at = alerted_at - 3600000'
}

test_expect_success 'setup: two customers wait for a listener, a third only saved her' '
	em_user adm admin && em_user lis && em_user ana && em_user bob &&
	em_user cid && em_device ana bob cid &&
	api POST /listeners/register -t "$TOKEN_lis" \
	    "{\"languages\":[\"en\"],\"rate_per_minute\":1}" && expect 201 &&
	api POST "/admin/listeners/$ID_lis/verify" -t "$TOKEN_adm" &&
	expect 200 &&
	request_alert bob && request_alert ana &&
	api POST /customer/favorites -t "$TOKEN_cid" \
	    "{\"listener_id\":$ID_lis}" && expect 200
'

test_expect_success 'a listener who comes online notifies customers in the order of their requests' '
	lis_is online && notified "$ID_bob" "$ID_ana" &&
	grep listener_available "$EM_STATE/outbox.jsonl" | head -n 1 |
	    jq -e ".channel == \"push\" and .data.listener_id == $ID_lis and
		.title == \"lis is available\" and (.body | length > 0)"
'

test_expect_success 'no notification is repeated within an hour' '
	lis_is online && lis_is away && lis_is online && lis_is offline && lis_is online &&
	notified "$ID_bob" "$ID_ana"
'

test_expect_success 'after an hour, customers are notified again' '
	lis_is offline && hour && lis_is online &&
	notified "$ID_bob" "$ID_ana" "$ID_bob" "$ID_ana"
'

test_expect_success 'a busy listener is not available' '
	lis_is offline && hour &&
	em_sql "UPDATE presence SET busy_since = 1 WHERE user_id = $ID_lis" &&
	lis_is online && notified "$ID_bob" "$ID_ana" "$ID_bob" "$ID_ana" &&
	lis_is offline &&
	em_sql "UPDATE presence SET busy_since = NULL"
'

test_expect_success 'an away listener becomes available when she comes online' '
	lis_is away && notified "$ID_bob" "$ID_ana" "$ID_bob" "$ID_ana" &&
	lis_is online &&
	notified "$ID_bob" "$ID_ana" "$ID_bob" "$ID_ana" "$ID_bob" "$ID_ana"
'

test_expect_success 'no customer is notified if the listener left before the job ran' '
	lis_is offline && hour &&
	em_sql "INSERT INTO availability_alert_due VALUES ($ID_lis, 1)" &&
	notified "$ID_bob" "$ID_ana" "$ID_bob" "$ID_ana" "$ID_bob" "$ID_ana" &&
	[ "$(em_sql "SELECT count(*) FROM availability_alert_due")" = 0 ]
'

test_expect_success 'disabled requests, removed favorites and bans stop notifications' '
	: >"$EM_STATE/outbox.jsonl" &&
	api PUT "/customer/favorites/$ID_lis" -t "$TOKEN_bob" \
	    "{\"notify_when_available\":false}" && expect 200 &&
	request_alert cid &&
	api POST /admin/ban-user -t "$TOKEN_adm" \
	    "{\"user_id\":$ID_ana,\"reason\":\"r\"}" && expect 200 &&
	lis_is online && notified "$ID_cid" &&
	lis_is offline && hour &&
	api DELETE /customer/favorites -t "$TOKEN_cid" \
	    "{\"listener_id\":$ID_lis}" && expect 200 &&
	lis_is online && notified "$ID_cid" &&
	[ "$(em_sql "SELECT count(*) FROM availability_alert_due")" = 0 ]
'

test_expect_success 'an unlisted listener causes no notifications' '
	lis_is offline && hour && request_alert bob &&
	em_sql "UPDATE listener SET verification = 2" && lis_is online &&
	notified "$ID_cid"
'

test_expect_success '1,100 customers are notified in batches, each once' '
	em_sql "UPDATE listener SET verification = 1" && lis_is offline &&
	em_sql "INSERT INTO user(uuid, status, roles, username,
	    referral_code, created_at, updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 1100)
	    SELECT randomblob(16), 1, 1, '\''w'\'' || i, '\''w'\'' || i, i, i
	    FROM n;
	    INSERT INTO favorite(user_id, kind, entity_id, created_at,
	    updated_at, notify) SELECT id, 1, $ID_lis, 1, 1, 1 FROM user
	    WHERE referral_code = username;
	    INSERT INTO push_device(token, user_id, platform, kind,
	    created_at, used_at) SELECT '\''device-of-'\'' || id, id, 0, 0,
	    unixepoch() * 1000, unixepoch() * 1000 FROM user
	    WHERE referral_code = username" &&
	em_sql "DELETE FROM availability_alert_state" && : >"$EM_STATE/outbox.jsonl" &&
	em_sql "DELETE FROM outbox" &&
	lis_is online && notified - && sort got >sorted && sort -u got >once &&
	test_cmp once sorted && [ "$(wc -l <got)" = 1101 ] &&
	em_sql "SELECT user_id FROM outbox ORDER BY id" >order &&
	em_sql "SELECT user_id FROM favorite WHERE notify = 1 AND
	    user_id <> $ID_ana ORDER BY id" \
	    >waiting && test_cmp waiting order
'

test_done
