#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='auth: push devices and connections end with their session or token'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"

em_temp
push_double
em_conf limits.write_rate=0
em_start

# sign_in NAME: sets T (access token) and S (id) of a new login session.
sign_in() {
	api POST /auth/login "$(obj identifier="$1" password="$EM_PASSWORD")" &&
	expect 200 && T=$(json .access_token) &&
	S=$(em_sql 'SELECT max(id) FROM device_session')
}

# device TOKEN PUSH-TOKEN: registers a push device with an access token.
device() {
	api POST /notifications/devices -t "$1" \
	    "{\"token\":\"$2\",\"platform\":\"android\"}" &&
	case $status in 200 | 201) ;; *) expect 201 ;; esac
}

# devices_are TOKEN...: succeeds if exactly these push devices are registered.
devices_are() {
	em_sql "SELECT token FROM push_device ORDER BY token" >devices.got &&
	printf '%s\n' "$@" | sed '/^$/d' >devices.want &&
	diff devices.want devices.got
}

# queue PUSH-TOKEN USER: inserts a message to a device into the outbox.
queue() {
	em_sql "INSERT INTO outbox(channel, user_id, recipient, template, title, body,
	    due_at, expires_at, created_at) VALUES (3, $2, '$1', 'notification',
	    'Title', 'Body', $(date +%s)000 + 3600000, $(date +%s)000 + 7200000,
	    0)"
}

# Sends all messages of the outbox that are due within two hours.
send_all() {
	: >"$log" &&
	em_sql "UPDATE outbox SET due_at = 0 WHERE state = 0" &&
	em_jobs >/dev/null 2>>"$EM_STATE/log/once.log" &&
	em_until '[ -z "$(em_sql "SELECT 1 FROM outbox WHERE state = 0")" ]'
}

# watch KIND:TOKEN...: opens connections in the background. closed waits until
# the server has closed them.
watch() {
	rm -f watch.out
	"$EM_SRC/t/tools/open_connections.py" "${URL##*:}" "$@" >watch.out 2>&1 &
	watcher=$!
	em_until 'grep -qs "^open$" watch.out || ! kill -0 $watcher 2>/dev/null' &&
	grep -qs "^open$" watch.out || { note "$(cat watch.out)"; return 1; }
}
closed() {
	wait "$watcher" || { note "$(cat watch.out)"; return 1; }
}

test_expect_success 'logout deletes only the push devices of its session' '
	person ana && person ben && sign_in ana && phone=$T &&
	device "$phone" phone-of-ana && device "$TOKEN_ana" tablet-of-ana &&
	device "$TOKEN_ben" phone-of-ben &&
	queue phone-of-ana "$ID_ana" && queue tablet-of-ana "$ID_ana" &&
	api POST /auth/logout -t "$phone" && expect 204 &&
	devices_are phone-of-ben tablet-of-ana
'

test_expect_success 'a queued message to a deleted push device is not sent' '
	send_all && grep -q tablet-of-ana "$log" &&
	! grep -q phone-of-ana "$log"
'

test_expect_success 'a message to a deleted push device is not sent by a retry either' '
	queue phone-of-ana "$ID_ana" && send_all &&
	em_sql "UPDATE outbox SET state = 0, done_at = NULL, error = NULL,
	    leased_until = 0 WHERE recipient = '\''phone-of-ana'\''" &&
	send_all && ! grep -q phone-of-ana "$log"
'

test_expect_success 'a push token belongs to the session that registered it last' '
	sign_in ana && one=$T && sign_in ana && two=$T &&
	device "$one" moves-to-another && device "$two" moves-to-another &&
	api POST /auth/logout -t "$one" && expect 204 &&
	devices_are moves-to-another phone-of-ben tablet-of-ana &&
	api POST /auth/logout -t "$two" && expect 204 &&
	devices_are phone-of-ben tablet-of-ana
'

test_expect_success 'ending another session deletes its push devices' '
	sign_in ana && device "$T" other-of-ana &&
	api DELETE "/auth/sessions/$S" -t "$TOKEN_ana" && expect 204 &&
	devices_are phone-of-ben tablet-of-ana
'

# old TOKEN USER: inserts a device without a session, as old versions did.
old() {
	em_sql "INSERT INTO push_device(token, user_id, platform, kind, created_at,
	    used_at) VALUES ('$1', $2, 0, 0, 1, $(date +%s)000)"
}

test_expect_success 'logout keeps a push device without a session' '
	old old-of-ana "$ID_ana" && sign_in ana &&
	api POST /auth/logout -t "$T" && expect 204 &&
	devices_are old-of-ana phone-of-ben tablet-of-ana
'

test_expect_success 'registering a push device again links it to the session' '
	sign_in ana && device "$T" old-of-ana &&
	api POST /auth/logout -t "$T" && expect 204 &&
	devices_are phone-of-ben tablet-of-ana
'

test_expect_success 'logout-all deletes all push devices of the user' '
	old old-of-ana "$ID_ana" && sign_in ana &&
	api POST /auth/logout-all -t "$T" && expect 204 &&
	devices_are phone-of-ben
'

test_expect_success 'a password reset deletes all push devices of the user' '
	em_login ana && device "$TOKEN_ana" phone-of-ana &&
	old old-of-ana "$ID_ana" && otp_age 31 &&
	post password/forgot identifier=ana && expect 202 &&
	code=$(code_of ana@example.org) &&
	post password/reset identifier=ana code="$code" \
	    new_password="$EM_PASSWORD" && expect 204 &&
	devices_are phone-of-ben && em_login ana
'

test_expect_success 'a ban deletes all push devices of the user' '
	device "$TOKEN_ana" phone-of-ana && old old-of-ana "$ID_ana" &&
	em_cli user ban ana --reason x && devices_are phone-of-ben &&
	em_cli user unban ana && em_login ana
'

test_expect_success 'an expired session loses its push devices' '
	device "$TOKEN_ana" phone-of-ana &&
	em_sql "UPDATE device_session SET used_at = 1 WHERE user_id = $ID_ana" &&
	em_jobs && devices_are phone-of-ben && em_login ana
'

test_expect_success 'account deletion deletes the push devices' '
	person cat && device "$TOKEN_cat" phone-of-cat &&
	old old-of-cat "$ID_cat" && api DELETE /user/profile -t "$TOKEN_cat" &&
	expect 204 && devices_are phone-of-ben
'

test_expect_success 'logout closes only the connections of its session' '
	sign_in ana && watch "ws:$T" "sse:$T" "ticket:$T" "stay:$TOKEN_ana" \
	    "stay:$TOKEN_ben" &&
	api POST /auth/logout -t "$T" && expect 204 && closed
'

test_expect_success 'signing out 400 sessions at once closes all connections' '
	em_sql "INSERT INTO device_session(user_id, created_at, used_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
	    SELECT $ID_ana, 1, $(date +%s)000 FROM n" &&
	em_login ana && watch "ws:$TOKEN_ana" "sse:$TOKEN_ana" \
	    "stay:$TOKEN_ben" &&
	api POST /auth/logout-all -t "$TOKEN_ana" && expect 204 && closed &&
	em_login ana
'

test_expect_success 'a constant stream of events does not delay closing' '
	sign_in ana && watch --timeout 8 "ws:$T" "stay:$TOKEN_ben" &&
	em_sql "UPDATE device_session SET revoked_at = $(date +%s)000
	    WHERE id = $S" &&
	while kill -0 "$watcher" 2>/dev/null; do
		api POST /presence/update -t "$TOKEN_ben" "{\"status\":\"away\"}" &&
		api POST /presence/update -t "$TOKEN_ben" "{\"status\":\"online\"}" ||
		    return 1
	done && closed
'

test_expect_success 'a ban closes all connections of the user' '
	watch "ws:$TOKEN_ana" "sse:$TOKEN_ana" "stay:$TOKEN_ben" &&
	em_cli user ban ana --reason x && closed &&
	em_cli user unban ana && em_login ana
'

test_expect_success 'account deletion closes all connections of the user' '
	person dan && watch "ws:$TOKEN_dan" "sse:$TOKEN_dan" \
	    "stay:$TOKEN_ben" &&
	api DELETE /user/profile -t "$TOKEN_dan" && expect 204 && closed
'

test_expect_success 'revoking a service token closes its connections' '
	SHOP=$(em_cli token add shop) && OTHER=$(em_cli token add other) &&
	watch "ws:$SHOP" "sse:$SHOP" "ticket:$SHOP" "stay:$OTHER" &&
	em_cli token revoke shop && closed
'

test_expect_success 'deleting a service token closes its connections' '
	SHOP=$(em_cli token add shop) && watch "ws:$SHOP" "stay:$OTHER" &&
	em_sql "DELETE FROM service_token WHERE revoked_at IS NULL AND user_id =
	    (SELECT id FROM user WHERE username = \"shop\")" && closed
'

test_expect_success 'connection tickets of a revoked service token return 401' '
	SHOP=$(em_cli token add shop) &&
	api POST /realtime/ticket -t "$SHOP" && expect 201 &&
	ticket=$(json .ticket) && em_cli token revoke shop &&
	SHOP=$(em_cli token add shop) &&
	api GET "/realtime?ticket=$ticket" -H "Accept: text/event-stream" &&
	expect 401 token_invalid && watch "ws:$SHOP" "stay:$TOKEN_ben" &&
	em_cli token revoke shop && closed
'

# in_the_lock SQL METHOD PATH TOKEN BODY: runs SQL while an authorized write
# waits for the writer lock. The file code contains the status of the write.
in_the_lock() {
	exec 9<>"$EM_STATE/writer.lock" && flock 9 || return
	curl -s -o waited -w "%{http_code}" -X "$2" "$URL$3" \
	    -H "Authorization: Bearer $4" -H "Idempotency-Key: $$" \
	    -H "Content-Type: application/json" -d "$5" >code 9>&- &
	waits=$!
	em_until "grep -q -- \"-> FLOCK .*:$(stat -c %i \
	    "$EM_STATE/writer.lock") \" /proc/locks"
	sqlite3 -cmd ".timeout 5000" "$EM_STATE/earmark.db" "$1"
	exec 9>&- && wait "$waits"
}

test_expect_success 'a waiting write returns 401 if its service token is revoked' '
	SHOP=$(em_cli token add shop) && em_sql "DELETE FROM notification" &&
	in_the_lock "UPDATE service_token SET revoked_at = 1" \
	    POST /notifications/send "$SHOP" \
	    "{\"user_id\":$ID_ben,\"title\":\"t\",\"body\":\"b\",\"kind\":\"news\"}" &&
	test "$(cat code)" = 401 &&
	test "$(em_sql "SELECT count(*) FROM notification")" = 0
'

test_expect_success 'a waiting write returns 403 if its user loses the role' '
	em_user root admin &&
	in_the_lock "UPDATE user SET roles = 1 WHERE id = $ID_root" \
	    POST /notifications/send "$TOKEN_root" \
	    "{\"user_id\":$ID_ben,\"title\":\"t\",\"body\":\"b\",\"kind\":\"news\"}" &&
	test "$(cat code)" = 403 &&
	grep -q role_required waited &&
	test "$(em_sql "SELECT count(*) FROM notification")" = 0
'

test_expect_success 'a waiting payment returns 401 if its session is signed out' '
	sign_in ana &&
	in_the_lock "UPDATE device_session SET revoked_at = 1 WHERE id = $S" \
	    POST /payments/initiate "$T" "{\"amount\":10000}" &&
	test "$(cat code)" = 401 &&
	test "$(em_sql "SELECT count(*) FROM payment")" = 0
'

test_expect_success 'the database passes its integrity check' '
	test "$(em_sql "PRAGMA integrity_check")" = ok &&
	test -z "$(em_sql "PRAGMA foreign_key_check")"
'

test_done
