#!/bin/sh
test_description='admin: login sessions of a user'
. "$(dirname "$0")/../lib.sh"
em_start

devices() {
	api GET "/admin/users/$1/devices?${2-}" -t "$TOKEN_adm" && expect 200
}
sign_out() {
	api DELETE "/admin/users/$1/devices/$2" -t "$TOKEN_adm" \
	    -H "X-Request-Id: out-request-1"
}

test_expect_success 'setup: a user with three sessions' '
	em_user adm admin && em_user ana && em_user bob &&
	first=$TOKEN_ana && em_login ana && second=$TOKEN_ana && em_login ana
'

test_expect_success 'GET /admin/users/{id}/devices is paged by cursor, newest first' '
	devices "$ID_ana" && check_json ".total_count == 3 and
	    ([.devices[].id] | . == (sort | reverse)) and
	    (.devices[0].user_agent | startswith(\"curl\"))" &&
	json ".devices[].id" >want && : >got && c= &&
	for i in 1 2 3 4; do
		devices "$ID_ana" "per_page=1${c:+&cursor=$c}" &&
		json ".devices[].id" >>got || return 1
		c=$(json ".next_cursor // empty")
		[ -n "$c" ] || break
	done && test_cmp want got
'

test_expect_success 'DELETE ends one session at once and no others' '
	device=$(tail -n 1 want) &&
	sign_out "$ID_ana" "$device" && expect 204 &&
	devices "$ID_ana" && check_json ".total_count == 2" &&
	api GET /user/profile -t "$second" && expect 200 &&
	api GET /user/profile -t "$first" && expect 401 token_invalid
'

test_expect_success 'ending a session is audited' '
	api GET "/admin/audit?target=user:$ID_ana&q=out-request-1" \
	    -t "$TOKEN_adm" && check_json ".total_count == 1 and (.audit[0] |
	    .action == \"device.sign_out\" and .actor_id == $ID_adm and
	    .before.device_id == $device and .before.signed_in == true and
	    .after.device_id == $device and .after.signed_in == false)"
'

test_expect_success 'an unknown session or one of another user returns 404' '
	em_sql "SELECT * FROM device_session; SELECT count(*) FROM audit" \
	    >before &&
	sign_out "$ID_ana" "$device" && expect 404 not_found &&
	sign_out "$ID_bob" "$(head -n 1 want)" && expect 404 not_found &&
	sign_out "$ID_ana" x && expect 404 not_found &&
	sign_out 999999 1 && expect 404 not_found &&
	em_sql "SELECT * FROM device_session; SELECT count(*) FROM audit" \
	    >after && test_cmp before after
'

test_expect_success 'an unknown user returns 404, and other users get 401 or 403' '
	api GET /admin/users/999999/devices -t "$TOKEN_adm" &&
	expect 404 not_found &&
	api GET "/admin/users/$ID_ana/devices?cursor=x" -t "$TOKEN_adm" &&
	expect 400 validation_failed &&
	api GET "/admin/users/$ID_bob/devices" && expect 401 token_required &&
	api GET "/admin/users/$ID_bob/devices" -t "$TOKEN_bob" &&
	expect 403 role_required &&
	api DELETE "/admin/users/$ID_bob/devices/1" -t "$TOKEN_bob" &&
	expect 403 role_required
'

test_done
