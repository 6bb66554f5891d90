#!/bin/sh
# shellcheck disable=SC2016
test_description='notifications: channels, preferences and devices'
. "$(dirname "$0")/../lib.sh"
em_start

# to NAME JSON: sends a notification to NAME as the backend service.
to() {
	eval "to_id=\$ID_$1"
	api POST /notifications/send -t "$SERVICE" \
	    "$(printf '%s' "$2" | jq -c --argjson id "$to_id" '.user_id = $id')"
}
hello='{"title":"Hello","body":"World"}'
# list NAME [QUERY]: requests the notifications of NAME.
list() {
	eval "list_t=\$TOKEN_$1"
	api GET "/notifications${2:+?$2}" -t "$list_t" && expect 200
}
prefer() {
	eval "prefer_t=\$TOKEN_$1"
	api PUT /notifications/preferences -t "$prefer_t" "$2"
}
# outbox USER: prints the channels of messages that were queued since look.
outbox() {
	em_sql "SELECT group_concat(channel, ' ') FROM (SELECT channel FROM outbox
	    WHERE user_id = $1 AND template = 'notification' AND id > $mark
	    ORDER BY id)"
}
look() {
	mark=$(em_sql 'SELECT coalesce(max(id), 0) FROM outbox')
}
mark=0

test_expect_success 'a service authenticates with its token' '
	em_user adm admin && em_user ana && em_user ben &&
	em_device ana ben &&
	SERVICE=$(em_cli token add shop) &&
	[ ${#SERVICE} = 47 ] &&
	em_cli token list >out && grep -q "^shop 20" out &&
	! grep -q revoked out &&
	api GET /user/profile -t "$SERVICE" && expect 200 &&
	check_json ".username == \"shop\" and .roles == [\"service\"]" &&
	api GET /customer/favorites -t "$SERVICE" && expect 403 role_required &&
	api GET /user/profile -t "${SERVICE%?}x" && expect 401 token_invalid &&
	api GET /user/profile -t ems_ && expect 401 token_invalid &&
	[ "$(em_sql "SELECT count(*) FROM service_token WHERE length(hash) = 32
	    AND instr(hash, substr('\''$SERVICE'\'', 5)) = 0")" = 1 ]
'

test_expect_success 'a service account has one token, and other accounts have none' '
	refuses 1 "has a token" em_cli token add shop &&
	refuses 1 "is not a service" em_cli token add ana &&
	refuses 1 "the name must be" em_cli token add "x y" &&
	refuses 1 "has no token" em_cli token revoke nobody &&
	refuses 2 usage em_cli token add
'

test_expect_success 'a notification creates a row, an event and a push message' '
	to ana "{\"title\":\"Hello\",\"body\":\"World\",\"data\":{\"page\":\"x\"}}" &&
	expect 202 && check_json ". == {accepted: 1, unknown_user_ids: []}" &&
	list ana && check_json ".unread_count == 1 and .total_count == 1 and
	    (.notifications[0] | .title == \"Hello\" and .body == \"World\" and
	    .kind == \"messages\" and .data == {page: \"x\"} and .read_at == null)" &&
	api GET /events -t "$TOKEN_ana" && expect 200 &&
	check_json ".events[-1] | .type == \"notification.new\" and
	    .data == {notification_id: 1, kind: \"messages\", unread_count: 1}" &&
	em_jobs >/dev/null && tail -n 1 "$EM_STATE/outbox.jsonl" | jq -e "
	    .template == \"notification\" and .to == \"user:$ID_ana\" and
	    .data == {notification_id: 1, page: \"x\"}" &&
	list ben && check_json ".notifications == [] and .unread_count == 0"
'

test_expect_success 'a user without a push device gets a row and no push message' '
	em_user eve && look && to eve "$hello" && expect 202 &&
	list eve && check_json ".total_count == 1" &&
	[ "$(outbox "$ID_eve")" = "" ] && em_device eve && to eve "$hello" &&
	[ "$(outbox "$ID_eve")" = 3 ]
'

test_expect_success 'user_ids may contain several users, and unknown ones are returned' '
	api POST /notifications/send -t "$TOKEN_adm" "{\"user_ids\":[$ID_ana,
	    999999,$ID_ben,$ID_ana],\"title\":\"News\",\"body\":\"b\",
	    \"kind\":\"news\"}" && expect 202 &&
	check_json ". == {accepted: 2, unknown_user_ids: [999999]}" &&
	list ana && check_json ".total_count == 2" &&
	list ben && check_json ".total_count == 1 and
	    .notifications[0].kind == \"news\"" &&
	api GET "/admin/audit?action=notification.send" -t "$TOKEN_adm" &&
	expect 200 && check_json ".audit[0].target == \"users:2\"" 
'

test_expect_success 'a single unknown or inactive user returns 404' '
	api POST /notifications/send -t "$SERVICE" \
	    "{\"user_id\":999999,\"title\":\"a\",\"body\":\"b\"}" &&
	expect 404 not_found &&
	em_user cid && em_cli user ban cid && to cid "$hello" &&
	expect 404 not_found
'

test_expect_success 'users without the service role cannot send notifications' '
	api POST /notifications/send -t "$TOKEN_ana" "$hello" &&
	expect 403 role_required
'

test_expect_success 'POST /notifications/send rejects invalid bodies' '
	n=$(em_sql "SELECT count(*) FROM notification") &&
	while read -r field json; do
		api POST /notifications/send -t "$SERVICE" "$json" &&
		expect 400 validation_failed &&
		check_json ".fields | has(\"$field\")" || return 1
	done <<-END &&
	user_id {"title":"a","body":"b"}
	user_id {"user_id":1,"user_ids":[1],"title":"a","body":"b"}
	user_ids {"user_ids":[0],"title":"a","body":"b"}
	user_ids {"user_ids":[],"title":"a","body":"b"}
	title {"user_id":1,"body":"b"}
	data {"user_id":1,"title":"a","body":"b","data":[1]}
	data {"user_id":1,"title":"a","body":"b","data":{"notification_id":1}}
	channels {"user_id":1,"title":"a","body":"b","channels":["pigeon"]}
	kind {"user_id":1,"title":"a","body":"b","kind":"spam"}
	END
	[ "$(em_sql "SELECT count(*) FROM notification")" = "$n" ]
'

test_expect_success 'a repeated idempotency key sends one notification' '
	list ben && n=$(json .total_count) &&
	for i in 1 2; do
		api POST /notifications/send -t "$SERVICE" -H "Idempotency-Key: k1" \
		    "{\"user_id\":$ID_ben,\"title\":\"a\",\"body\":\"b\"}" &&
		expect 202 || return 1
	done && [ "$(header Idempotent-Replayed)" = true ] &&
	list ben && [ "$(json .total_count)" = $((n + 1)) ]
'

test_expect_success 'users mark some or all of their own notifications as read' '
	list ana && first=$(json ".notifications[-1].id") &&
	api POST /notifications/read -t "$TOKEN_ben" "{\"ids\":[$first]}" &&
	expect 200 && list ana && check_json ".unread_count == 2" &&
	e=$(header ETag) &&
	api GET /notifications -t "$TOKEN_ana" -H "If-None-Match: $e" &&
	expect 304 &&
	api POST /notifications/read -t "$TOKEN_ana" "{\"ids\":[$first,$first,5]}" &&
	expect 200 && check_json ".unread_count == 1" &&
	api GET /notifications -t "$TOKEN_ana" -H "If-None-Match: $e" &&
	expect 200 && check_json ".notifications[-1].read_at != null" &&
	list ana unread=true && check_json ".total_count == 1 and
	    (.notifications | length) == 1" &&
	api POST /notifications/read -t "$TOKEN_ana" "{\"all\":true}" &&
	expect 200 && check_json ".unread_count == 0" &&
	list ana unread=1 && check_json ".notifications == []" &&
	for json in "{}" "{\"all\":false}" "{\"all\":true,\"ids\":[1]}"; do
		api POST /notifications/read -t "$TOKEN_ana" "$json" &&
		expect 400 validation_failed || return 1
	done
'

test_expect_success 'pages by cursor return each notification once' '
	for i in 1 2 3 4 5; do to ana "$hello" || return 1; done &&
	list ana per_page=3 && json ".notifications[].id" >got &&
	c=$(json .next_cursor) && list ana "per_page=3&cursor=$c" &&
	json ".notifications[].id" >>got && c=$(json .next_cursor) &&
	list ana "per_page=3&cursor=$c" && json ".notifications[].id" >>got &&
	em_sql "SELECT id FROM notification WHERE user_id = $ID_ana
	    ORDER BY id DESC" >want && test_cmp want got &&
	api GET "/notifications?unread=true&cursor=$c" -t "$TOKEN_ana" &&
	expect 400 validation_failed
'

test_expect_success 'preferences disable kinds and channels' '
	api GET /notifications/preferences -t "$TOKEN_ben" && expect 200 &&
	check_json "([.kinds[].kind] == [\"calls\", \"available\", \"messages\",
	    \"news\", \"account\"]) and all(.kinds[]; .in_app and .push and .sms and .email)
	    and .quiet_start == null" &&
	prefer ben "{\"kinds\":[{\"kind\":\"news\",\"push\":false},
	    {\"kind\":\"messages\",\"in_app\":false}]}" && expect 200 &&
	check_json "(.kinds[3] | .in_app and (.push | not)) and
	    (.kinds[2] | .push and (.in_app | not))" &&
	list ben && n=$(json .total_count) && look &&
	to ben "{\"title\":\"a\",\"body\":\"b\",\"kind\":\"news\"}" &&
	expect 202 && [ "$(outbox "$ID_ben")" = "" ] &&
	list ben && [ "$(json .total_count)" = $((n + 1)) ] &&
	to ben "$hello" && [ "$(outbox "$ID_ben")" = 3 ] &&
	list ben && [ "$(json .total_count)" = $((n + 1)) ] &&
	prefer ben "{\"kinds\":[{\"kind\":\"news\",\"push\":true}]}" &&
	check_json "all(.kinds[3] | del(.kind)[]; .) and (.kinds[2].in_app | not)"
'

test_expect_success 'SMS and e-mail are sent to verified addresses only' '
	look &&
	to ana "{\"title\":\"a\",\"body\":\"b\",\"channels\":[\"sms\",\"email\"]}" &&
	expect 202 && [ "$(outbox "$ID_ana")" = "" ] &&
	em_sql "UPDATE user SET email = '\''ana@example.org'\'', email_ok = 1,
	    phone = '\''+15550123'\'', phone_ok = 0 WHERE id = $ID_ana" &&
	to ana "{\"title\":\"a\",\"body\":\"b\",\"channels\":[\"sms\",\"email\"]}" &&
	[ "$(outbox "$ID_ana")" = 2 ] && look &&
	em_sql "UPDATE user SET phone_ok = 1 WHERE id = $ID_ana" &&
	to ana "{\"title\":\"a\",\"body\":\"b\",\"channels\":[\"sms\",\"email\"]}" &&
	[ "$(outbox "$ID_ana")" = "1 2" ]
'

test_expect_success 'the export contains notifications, and devices with shortened tokens' '
	em_user dia && token="$(printf %0150d 0)secret" &&
	api POST /notifications/devices -t "$TOKEN_dia" \
	    "{\"token\":\"fY8:$token\",\"platform\":\"ios\"}" && expect 201 &&
	api POST /notifications/devices -t "$TOKEN_dia" \
	    "{\"token\":\"abcdefgh\",\"platform\":\"web\",\"kind\":\"fid\"}" &&
	expect 201 && em_sql "UPDATE push_device SET used_at = used_at - 1000
	    WHERE platform = 1; INSERT INTO notification(user_id, kind, title, body, created_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 230)
	    SELECT $ID_dia, 4, '\''t'\'' || i, '\''b'\'', i FROM n" &&
	api GET /api/v1/me/export -t "$TOKEN_dia" && expect 200 &&
	check_json "[.notifications[].title] == [range(230; 0; -1) | \"t\\(.)\"]
	    and ([.push_devices[] | [.token, .platform, .kind]] ==
	    [[\"abcd...\", \"web\", \"fid\"], [\"fY8:0000...\", \"ios\", \"token\"]])
	    and all(.push_devices[]; .created_at and .last_used_at)" &&
	! grep -q secret "$body" &&
	api GET /api/v1/me/export -t "$TOKEN_ben" && expect 200 &&
	check_json "(.push_devices | length) == 1 and (any(.notifications[]; .title == \"t1\") | not)" &&
	em_sql "DELETE FROM push_device"
'

# The quiet hours are from one hour ago until in one hour, in a time zone east
# of UTC.
test_expect_success 'messages outside of the app wait until the quiet hours end' '
	s=$(date +%s) &&
	from=$(date -u -d "@$((s - 3600 + 19800))" +%H:%M) &&
	end=$(date -u -d "@$((s + 3600 + 19800))" +%H:%M) &&
	prefer ana "{\"quiet_start\":\"$from\",\"quiet_end\":\"$end\",
	    \"utc_offset_minutes\":330}" && expect 200 &&
	check_json ".quiet_start == \"$from\" and .quiet_end == \"$end\" and
	    .utc_offset_minutes == 330" &&
	list ana && n=$(json .total_count) && look && em_device ana &&
	to ana "$hello" && list ana && [ "$(json .total_count)" = $((n + 1)) ] &&
	em_sql "DELETE FROM push_device" &&
	due=$(em_sql "SELECT due_at / 1000 FROM outbox WHERE id > $mark AND
	    user_id = $ID_ana") &&
	[ "$due" = $(((s + 3600) / 60 * 60)) ] &&
	em_jobs >/dev/null &&
	[ "$(em_sql "SELECT state FROM outbox WHERE id > $mark AND user_id = $ID_ana")" = 0 ] &&
	em_jobs "$(date -u -d "@$due" +%Y-%m-%dT%H:%M:%SZ)" >/dev/null &&
	[ "$(em_sql "SELECT state FROM outbox WHERE id > $mark AND user_id = $ID_ana")" = 1 ]
'

test_expect_success 'invalid quiet hours are rejected' '
	for json in "{\"quiet_start\":null}" "{\"quiet_start\":\"24:00\"}" \
	    "{\"quiet_start\":\"1:000\"}" "{\"quiet_start\":\"12:60\"}" \
	    "{\"quiet_start\":\"10:00\",\"quiet_end\":\"10:00\"}" \
	    "{\"utc_offset_minutes\":900}" "{\"kinds\":[{\"push\":true}]}"; do
		prefer ana "$json" && expect 400 validation_failed || return 1
	done &&
	prefer ana "{\"quiet_start\":null,\"quiet_end\":null}" && expect 200 &&
	check_json ".quiet_start == null and .quiet_end == null"
'

device() {
	eval "device_t=\$TOKEN_$1"
	api POST /notifications/devices -t "$device_t" \
	    "{\"token\":\"$2\",\"platform\":\"${3:-android}\"}"
}
test_expect_success 'a push device belongs to the user who registered it last' '
	device ana dev:ice-1_A && expect 201 &&
	check_json ".token == \"dev:ice-1_A\" and .kind == \"token\"" &&
	device ana dev:ice-1_A ios && expect 200 && device ben dev:ice-1_A &&
	expect 201 &&
	[ "$(em_sql "SELECT user_id FROM push_device")" = "$ID_ben" ] &&
	api DELETE /notifications/devices/dev:ice-1_A -t "$TOKEN_ana" &&
	expect 404 not_found &&
	api DELETE /notifications/devices/dev%3Aice-1_A -t "$TOKEN_ben" &&
	expect 204 &&
	api DELETE /notifications/devices/dev:ice-1_A -t "$TOKEN_ben" &&
	expect 404 not_found
'

test_expect_success 'a user has at most ten devices, and the oldest are replaced' '
	for i in 1 2 3 4 5 6 7 8 9 10 11; do
		device ana "device-$i" && expect 201 || return 1
		em_sql "UPDATE push_device SET used_at = $i WHERE token = '\''device-$i'\''"
	done &&
	em_sql "SELECT count(*), min(used_at) FROM push_device" >out &&
	echo "10|2" >want && test_cmp want out &&
	for json in "{\"token\":\"a b c d e\",\"platform\":\"web\"}" \
	    "{\"token\":\"abcdefgh\"}" "{\"token\":\"a\",\"platform\":\"web\"}" \
	    "{\"token\":\"abcdefgh\",\"platform\":\"toaster\"}"; do
		api POST /notifications/devices -t "$TOKEN_ana" "$json" &&
		expect 400 validation_failed || return 1
	done
'

test_expect_success 'a user keeps 500 notifications for 90 days' '
	em_sql "DELETE FROM notification;
	    INSERT INTO notification(user_id, kind, title, body, created_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 510)
	    SELECT $ID_ben, 1, i, i, 1 FROM n" &&
	list ben && check_json ".total_count == 500 and .unread_count == 500 and
	    .notifications[0].title == \"510\"" &&
	em_jobs >/dev/null && list ben &&
	check_json ".total_count == 0 and .unread_count == 0"
'

test_expect_success 'a revoked service token returns 401, and a new one can be added' '
	em_cli token revoke shop && api GET /user/profile -t "$SERVICE" &&
	expect 401 token_invalid &&
	em_cli token list | grep -q "^shop .* revoked 20" &&
	new=$(em_cli token add shop) && [ "$new" != "$SERVICE" ] &&
	api GET /user/profile -t "$new" && expect 200 &&
	em_sql "SELECT action FROM audit WHERE action LIKE '\''token.%'\''
	    ORDER BY id" >out &&
	printf "token.add\ntoken.revoke\ntoken.add\n" >want && test_cmp want out
'

test_expect_success 'deleting an account deletes notifications, devices and preferences' '
	api DELETE /user/profile -t "$TOKEN_ana" && expect 204 &&
	em_sql "SELECT (SELECT count(*) FROM notification WHERE user_id = $ID_ana),
	    (SELECT count(*) FROM push_device WHERE user_id = $ID_ana),
	    (SELECT count(*) FROM preference WHERE user_id = $ID_ana),
	    (SELECT count(*) FROM outbox WHERE user_id = $ID_ana)" >out &&
	echo "0|0|0|0" >want && test_cmp want out
'

test_done
