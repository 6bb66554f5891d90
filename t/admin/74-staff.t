#!/bin/sh
test_description='/admin/staff: roles, invitations and sessions of staff'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_start

# token_in: prints the token of the invitation in the last response.
token_in() {
	json .url | sed 's,.*#/invitation/,,'
}
# invite ROLE...: creates an invitation and sets $link.
invite() {
	api POST /admin/staff/invitations -t "$TOKEN_adm" \
	    "$(printf '%s\n' "$@" | jq -Rnc '{roles: [inputs]}')" &&
	expect 201 && link=$(token_in)
}
accept() {
	api POST /auth/link "{\"token\":\"$link\",\"username\":\"$1\",
	    \"password\":\"$EM_PASSWORD\"}"
}

test_expect_success 'setup: an administrator and a customer' '
	em_user adm admin && em_user ana && em_user bob
'

test_expect_success 'an invitation is a link that expires after 24 hours' '
	invite support moderator &&
	json .url | grep -q "^http://.*/console/#/invitation/[A-Za-z0-9_-]\{43\}$" &&
	check_json "((.expires_at | fromdate) - (.created_at | fromdate)) == 86400
	    and .roles == [\"support\", \"moderator\"]" &&
	is "1|32" "$(em_sql "SELECT count(*), length(hash)
	    FROM one_time_link")" &&
	! em_sql "SELECT quote(hash) FROM one_time_link" | grep -F "$link" &&
	is "staff.invite|{\"roles\":96}" "$(em_sql "SELECT action, after
	    FROM audit ORDER BY id DESC LIMIT 1")" &&
	api GET /admin/staff -t "$TOKEN_adm" && expect 200 &&
	check_json ".invitations | length == 1 and (.[0] | has(\"url\") | not)"
'

test_expect_success 'POST /auth/link rejects invalid values without using the link' '
	for b in "{\"token\":\"$link\"}" \
	    "{\"token\":\"$link\",\"username\":\"rita\"}" \
	    "{\"token\":\"$link\",\"username\":\"r\",\"password\":\"$EM_PASSWORD\"}" \
	    "{\"token\":\"$link\",\"username\":\"rita\",\"password\":\"short\"}"; do
		api POST /auth/link "$b" && expect 400 validation_failed || return 1
	done &&
	accept ana && expect 409 username_taken &&
	api POST /auth/link "{\"token\":\"A$link\",\"username\":\"rita\",
	    \"password\":\"$EM_PASSWORD\"}" && expect 404 link_invalid &&
	api POST /auth/link "{\"token\":\"nonsense\"}" && expect 404 link_invalid
'

test_expect_success 'a preview names the roles of an invitation without using it' '
	for t in "" "-t $TOKEN_ana"; do
		# shellcheck disable=SC2086
		api POST /auth/link $t "{\"token\":\"$link\",\"preview\":true}" &&
		expect 200 &&
		check_json "keys == [\"expires_at\", \"kind\", \"roles\"] and
		    .kind == \"invitation\" and
		    .roles == [\"support\", \"moderator\"]" || return 1
	done &&
	api POST /auth/link "{\"token\":\"A$link\",\"preview\":true}" &&
	expect 404 link_invalid &&
	is 1 "$(em_sql "SELECT count(*) FROM one_time_link")"
'

test_expect_success 'an invitation creates an account with its roles, once' '
	accept rita && expect 200 &&
	check_json ".user.roles == [\"support\", \"moderator\"] and
	    .user.username == \"rita\" and .refresh_token != null" &&
	TOKEN_rita=$(json .access_token) ID_rita=$(json .user.user_id) &&
	accept rita2 && expect 404 link_invalid &&
	is "$ID_adm|user.add" "$(em_sql "SELECT actor_id, action FROM audit
	    WHERE target = '\''user:$ID_rita'\''")" &&
	em_login rita && api GET /admin/tickets -t "$TOKEN_rita" && expect 200 &&
	api GET /admin/payments -t "$TOKEN_rita" && expect 200 &&
	api GET /admin/ledger -t "$TOKEN_rita" && expect 403 role_required &&
	is "Access denied. Admin or finance role required" "$(json .message)" &&
	api GET /admin/staff -t "$TOKEN_rita" && expect 403 role_required
'

test_expect_success 'a signed-in account that accepts an invitation keeps its roles' '
	invite finance && api POST /auth/link -t "$TOKEN_bob" \
	    "{\"token\":\"$link\"}" && expect 200 &&
	check_json "(.user.roles == [\"customer\", \"finance\"]) and
	    (has(\"access_token\") | not)" &&
	api GET /admin/ledger -t "$TOKEN_bob" && expect 200 &&
	api POST /auth/link -t "$TOKEN_ana" "{\"token\":\"$link\"}" &&
	expect 404 link_invalid
'

test_expect_success 'one of 20 concurrent uses of an invitation succeeds' '
	invite support &&
	for i in $(seq 20); do
		echo "$TOKEN_ana"
	done >tokens &&
	"$EM_SRC/t/tools/at_once.py" "$URL/auth/link" "{\"token\":\"$link\"}" \
	    <tokens >out && is 1 "$(grep -c "^200" out)" &&
	is 19 "$(grep -c "^404.*link_invalid" out)" &&
	em_cli user revoke ana support
'

test_expect_success 'an expired, withdrawn or orphaned invitation is rejected' '
	invite support &&
	em_sql "UPDATE one_time_link SET expires_at = 1" &&
	accept lena && expect 404 link_invalid &&
	invite support && id=$(json .invitation_id) &&
	api DELETE "/admin/invitations/$id" -t "$TOKEN_adm" &&
	expect 204 && accept lena && expect 404 link_invalid &&
	api DELETE "/admin/invitations/$id" -t "$TOKEN_adm" &&
	expect 404 &&
	em_user boss admin && api POST /admin/staff/invitations \
	    -t "$TOKEN_boss" "{\"roles\":[\"admin\"]}" && expect 201 &&
	link=$(token_in) && em_cli user revoke boss admin &&
	accept lena && expect 404 link_invalid
'

test_expect_success 'invitations end with the sessions or the role of their author' '
	ended() {
		is 0 "$(em_sql "SELECT count(*) FROM one_time_link")" &&
		accept lena && expect 404 link_invalid
	} &&
	invited_by_boss() {
		em_cli user grant boss admin && em_login boss &&
		api POST /admin/staff/invitations -t "$TOKEN_boss" \
		    "{\"roles\":[\"admin\"]}" && expect 201 && link=$(token_in)
	} &&
	em_sql "DELETE FROM one_time_link" &&
	for how in false true; do
		invited_by_boss && api POST /auth/logout-all -t "$TOKEN_boss" \
		    "{\"keep_current\":$how}" && expect 204 && ended || return 1
	done &&
	invited_by_boss && em_sql "INSERT INTO totp(user_id, secret, created_at,
	    confirmed_at) VALUES ($ID_boss, zeroblob(60), 1, 1)" &&
	em_cli user reset-mfa boss && ended &&
	invited_by_boss && em_cli user revoke boss admin &&
	em_cli user grant boss admin && ended &&
	invited_by_boss && api POST /admin/ban-user -t "$TOKEN_adm" \
	    "{\"user_id\":$ID_boss,\"reason\":\"x\"}" && expect 200 &&
	api POST /admin/unban-user -t "$TOKEN_adm" "{\"user_id\":$ID_boss}" &&
	expect 200 && ended &&
	invited_by_boss && api POST /auth/logout -t "$TOKEN_boss" && expect 204 &&
	is 1 "$(em_sql "SELECT count(*) FROM one_time_link")" &&
	em_cli user revoke boss admin
'

test_expect_success 'PUT /admin/staff/{id} replaces the roles of staff' '
	put() {
		api PUT "/admin/staff/$1" -t "$TOKEN_adm" "{\"roles\":$2}"
	} &&
	put "$ID_rita" "[\"finance\"]" && expect 200 &&
	check_json ".roles == [\"finance\"]" &&
	api GET /admin/tickets -t "$TOKEN_rita" && expect 403 role_required &&
	put "$ID_bob" "[]" && expect 200 && check_json ".roles == []" &&
	is "1|0" "$(em_sql "SELECT roles, staff_roles FROM user
	    WHERE id = $ID_bob")" &&
	put "$ID_rita" "[\"support\", \"moderator\"]" && expect 200 &&
	for roles in "[\"customer\"]" "[\"service\"]" "[\"root\"]" "null" \
	    "\"admin\""; do
		put "$ID_rita" "$roles" && expect 400 validation_failed ||
		    return 1
	done && put 999999 "[\"admin\"]" && expect 404
'

test_expect_success 'the last active administrator keeps the role' '
	put "$ID_adm" "[\"finance\"]" && expect 409 last_admin &&
	put "$ID_boss" "[\"admin\"]" && expect 200 &&
	api POST /admin/ban-user -t "$TOKEN_adm" \
	    "{\"user_id\":$ID_boss,\"reason\":\"x\"}" && expect 200 &&
	put "$ID_adm" "[]" && expect 409 last_admin &&
	api POST /admin/unban-user -t "$TOKEN_adm" "{\"user_id\":$ID_boss}" &&
	expect 200 && put "$ID_adm" "[\"admin\", \"support\"]" && expect 200
'

test_expect_success 'the last active administrator can neither be deleted nor lose the role by earmark' '
	em_sql "UPDATE user SET status = 3 WHERE id = $ID_boss" &&
	em_login adm && api DELETE /user/profile -t "$TOKEN_adm" &&
	expect 409 last_admin && api GET /admin/staff -t "$TOKEN_adm" &&
	expect 200 && refuses 1 "No active administrator" em_cli user erase adm &&
	refuses 1 "No active administrator" em_cli user revoke adm admin &&
	test "$(em_sql "SELECT roles & 4 FROM user WHERE id = $ID_adm")" = 4 &&
	em_cli user revoke adm support &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_boss" &&
	em_cli user revoke boss admin && em_cli user grant boss admin &&
	em_cli user grant adm support
'

test_expect_success 'the last active administrator cannot be banned by earmark' '
	em_sql "UPDATE user SET status = 3 WHERE id = $ID_boss" &&
	refuses 1 "No active administrator" em_cli user ban adm \
	    --reason "stolen device" &&
	refuses 1 "No active administrator" em_cli user ban adm \
	    --reason "stolen device" --until 2099-01-01T00:00:00Z &&
	api GET /admin/staff -t "$TOKEN_adm" && expect 200 &&
	em_cli user ban boss --reason "another reason" &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_boss" &&
	em_cli user ban adm --reason "stolen device" &&
	api GET /admin/staff -t "$TOKEN_adm" && expect 403 account_inactive &&
	em_cli user unban adm && em_login adm
'

test_expect_success 'only administrators ban or sign out accounts of staff' '
	api POST /admin/ban-user -t "$TOKEN_rita" \
	    "{\"user_id\":$ID_adm,\"reason\":\"x\"}" &&
	expect 403 staff_protected &&
	api POST /admin/ban-user -t "$TOKEN_rita" \
	    "{\"user_id\":$ID_ana,\"reason\":\"x\"}" && expect 200 &&
	device=$(em_sql "SELECT max(id) FROM device_session
	    WHERE user_id = $ID_adm") &&
	api DELETE "/admin/users/$ID_adm/devices/$device" -t "$TOKEN_rita" &&
	expect 403 staff_protected &&
	api POST /admin/ban-user -t "$TOKEN_adm" \
	    "{\"user_id\":$ID_rita,\"reason\":\"x\"}" && expect 200 &&
	api POST /admin/unban-user -t "$TOKEN_adm" "{\"user_id\":$ID_rita}" &&
	expect 200
'

test_expect_success 'DELETE /admin/staff/{id}/sessions ends all sessions' '
	em_login rita && api DELETE "/admin/staff/$ID_rita/sessions" \
	    -t "$TOKEN_adm" && expect 204 &&
	api GET /auth/sessions -t "$TOKEN_rita" && expect 401 &&
	api POST /auth/refresh-token "{\"refresh_token\":\"$REFRESH_rita\"}" &&
	expect 401 && api DELETE "/admin/staff/$ID_ana/sessions" \
	    -t "$TOKEN_adm" && expect 404 && em_login rita
'

test_expect_success 'GET /admin/staff lists roles, factors and the last sign-in' '
	api GET /admin/staff -t "$TOKEN_adm" && expect 200 &&
	check_json "[.staff[].username] | index(\"rita\") != null and
	    index(\"ana\") == null and index(\"bob\") == null" &&
	check_json ".staff[] | select(.username == \"rita\") |
	    .factors == [] and .last_sign_in_at != null and .sessions >= 1" &&
	check_json ".total_count == (.staff | length)" &&
	tag=$(header ETag) && api GET /admin/staff -t "$TOKEN_adm" \
	    -H "If-None-Match: $tag" && expect 304 &&
	put "$ID_rita" "[\"support\"]" && api GET /admin/staff -t "$TOKEN_adm" \
	    -H "If-None-Match: $tag" && expect 200 &&
	api GET "/admin/staff?per_page=1" -t "$TOKEN_adm" && expect 200 &&
	check_json ".staff | length == 1" && first=$(json .staff[0].user_id) &&
	api GET "/admin/staff?per_page=1&cursor=$(json .next_cursor)" \
	    -t "$TOKEN_adm" && expect 200 &&
	check_json ".staff[0].user_id < $first"
'

test_expect_success 'accounts can be listed and counted by each role of staff' '
	for pair in admin:4 finance:16 support:32 moderator:64; do
		role=${pair%:*} bit=${pair#*:} &&
		want=$(em_sql "SELECT count(*) FROM user WHERE
		    (roles | staff_roles) & $bit") &&
		api GET "/admin/users?role=$role" -t "$TOKEN_adm" &&
		check_json ".total_count == $want and
		    (.users | length) == $want" || return 1
	done && em_cli user grant ana finance &&
	api GET "/admin/users?role=finance&status=banned" -t "$TOKEN_adm" &&
	check_json ".total_count == 1 and .users[0].username == \"ana\"" &&
	em_cli user list --role finance | grep -q "^$ID_ana" &&
	api GET "/admin/users?role=finance&q=an" -t "$TOKEN_adm" &&
	check_json ".total_count == 1"
'

test_done
