#!/bin/sh
test_description='/user/mfa, /auth/mfa: second factors and step-up'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf "delivery.app_name=Ear & Co"
em_start

# totp SECRET [STEPS]: prints the code of a time step, relative to now.
totp() {
	oathtool --totp --base32 "$1" --now \
	    "$(date -u -d "@$(($(date +%s) + ${2:-0} * 30))" "+%F %T UTC")"
}
# wrong SECRET: prints a code that no nearby step has.
wrong() {
	for try in 111111 222222 333333 444444 555555 666666; do
		for step in -3 -2 -1 0 1 2 3; do
			[ "$(totp "$1" $step)" != $try ] || continue 2
		done
		echo $try
		return
	done
}
# fresh: permits codes that were used before.
fresh() {
	em_sql "UPDATE totp SET counter = 0"
}
# enroll NAME: activates the second factor of a user. Sets SECRET_NAME.
enroll() {
	token=$(token_of "$1")
	api POST /user/mfa/totp -t "$token" && expect 200 &&
	eval "SECRET_$1=$(json .secret)" &&
	api POST /user/mfa/totp/verify -t "$token" \
	    "{\"code\":\"$(totp "$(json .secret)")\"}" && expect 200 &&
	cp "$body" "recovery-$1"
}
login() {
	api POST /auth/login \
	    "{\"identifier\":\"$1\",\"password\":\"$EM_PASSWORD\"}"
}
# second CODE: completes the sign-in of the last response.
second() {
	api POST /auth/mfa "{\"mfa_token\":\"$mfa\",\"code\":\"$1\"}"
}
# half NAME: signs in up to the second factor. Sets $mfa.
half() {
	login "$1" && expect 401 mfa_required && mfa=$(json .mfa_token)
}

test_expect_success 'setup: users' '
	em_user adm admin && em_user ana && em_user bob && em_user cid
'

test_expect_success 'POST /user/mfa/totp returns the secret, a URI and a QR code' '
	api GET /user/mfa -t "$TOKEN_ana" && expect 200 &&
	check_json "{totp, recovery_codes, required} ==
	    {totp: false, recovery_codes: 0, required: false}" &&
	api POST /user/mfa/totp -t "$TOKEN_ana" && expect 200 &&
	check_json "(.secret | test(\"^[A-Z2-7]{32}$\")) and
	    .otpauth_uri == \"otpauth://totp/Ear%20%26%20Co:ana?secret=\" +
	    .secret + \"&issuer=Ear%20%26%20Co\" and
	    (.qr_svg | startswith(\"<svg\"))" &&
	secret=$(json .secret) && api POST /user/mfa/totp -t "$TOKEN_ana" &&
	expect 200 && ! is "$secret" "$(json .secret)" &&
	login ana && expect 200
'

test_expect_success 'authenticator apps show the host if the service has no name' '
	sed -i "s/^app_name = .*/app_name =/" "$EM_STATE/earmark.conf" &&
	em_cli pools restart user >/dev/null &&
	api POST /user/mfa/totp -t "$TOKEN_ana" && expect 200 &&
	check_json ".otpauth_uri | endswith(\"&issuer=127.0.0.1%3A${URL##*:}\")"
'

test_expect_success 'the secret is stored encrypted' '
	hex=$(json .secret) && api POST /user/mfa/totp -t "$TOKEN_ana" &&
	text=$(json .secret) &&
	plain=$(echo "$text" | base32 -d | od -An -tx1 | tr -d " \n") &&
	is 40 ${#plain} &&
	stored=$(em_sql "SELECT lower(hex(secret)) FROM totp") &&
	is 120 ${#stored} && ! echo "$stored" | grep -q "$plain" &&
	! grep -raq "$text" "$EM_STATE"
'

test_expect_success 'a secret becomes active with its first code' '
	api POST /user/mfa/totp/verify -t "$TOKEN_ana" \
	    "{\"code\":\"$(wrong "$text")\"}" && expect 400 mfa_invalid &&
	api POST /user/mfa/totp/verify -t "$TOKEN_bob" "{\"code\":\"123456\"}" &&
	expect 409 mfa_not_started &&
	api POST /user/mfa/totp/verify -t "$TOKEN_ana" \
	    "{\"code\":\" $(totp "$text" | sed "s/.../& /")\"}" && expect 200 &&
	check_json ".recovery_codes | length == 10 and (unique | length) == 10
	    and all(test(\"^[2-9a-z]{5}-[2-9a-z]{5}$\"))" &&
	cp "$body" recovery-ana && SECRET_ana=$text &&
	api POST /user/mfa/totp -t "$TOKEN_ana" && expect 409 mfa_enabled &&
	api GET /user/mfa -t "$TOKEN_ana" &&
	check_json ".totp and .recovery_codes == 10"
'

test_expect_success 'a sign-in needs the code, which works once' '
	half ana && second "$(totp "$SECRET_ana")" && expect 400 mfa_invalid &&
	check_json ".attempts_left == 4" &&
	second "$(totp "$SECRET_ana" 1)" && expect 200 &&
	check_json ".access_token != null and .user.username == \"ana\"" &&
	TOKEN_ana=$(json .access_token) &&
	second "$(totp "$SECRET_ana" 1)" && expect 401 mfa_token_invalid &&
	half ana && second "$(totp "$SECRET_ana" 1)" && expect 400 mfa_invalid
'

test_expect_success 'mfa_required does not sign a device in' '
	n=$(em_sql "SELECT count(*) FROM device_session
	    WHERE user_id = $ID_ana") && half ana &&
	is "$n" "$(em_sql "SELECT count(*) FROM device_session
	    WHERE user_id = $ID_ana")" &&
	api GET /user/profile -t "$mfa" && expect 401 token_invalid &&
	api POST /auth/refresh-token "{\"refresh_token\":\"$mfa\"}" &&
	expect 401 && api POST /auth/login \
	    "{\"identifier\":\"ana\",\"password\":\"wrong-password-1\"}" &&
	expect 401 invalid_credentials
'

test_expect_success 'five wrong codes invalidate mfa_token' '
	em_sql "DELETE FROM throttle" && fresh && half ana &&
	bad=$(wrong "$SECRET_ana") &&
	for left in 4 3 2 1 0; do
		second $bad && expect 400 mfa_invalid &&
		check_json ".attempts_left == $left" || return 1
	done &&
	second "$(totp "$SECRET_ana")" && expect 401 mfa_token_invalid &&
	for token in nonsense "$TOKEN_ana" ""; do
		mfa=$token && second "$bad" && [ "$status" -ge 400 ] &&
		[ "$status" -lt 500 ] || return 1
	done
'

test_expect_success 'mfa_token expires after 10 minutes' '
	fresh && half ana &&
	em_sql "UPDATE mfa_challenge SET expires_at = created_at" &&
	second "$(totp "$SECRET_ana")" && expect 401 mfa_token_invalid
'

test_expect_success 'a recovery code works once, in any spelling' '
	code=$(jq -r ".recovery_codes[3]" recovery-ana) && half ana &&
	second "$(echo "$code" | tr "a-z-" "A-Z ")" && expect 200 &&
	half ana && second "$code" && expect 400 mfa_invalid &&
	api GET /user/mfa -t "$TOKEN_ana" && check_json ".recovery_codes == 9" &&
	enroll cid && half ana &&
	second "$(jq -r ".recovery_codes[0]" recovery-cid)" &&
	expect 400 mfa_invalid
'

test_expect_success '20 wrong codes in a day end in 429, for all challenges' '
	em_sql "DELETE FROM throttle; DELETE FROM sign_in_network" && fresh &&
	bad=$(wrong "$SECRET_ana") &&
	for n in 1 2 3 4; do
		half ana && second $bad && second $bad && second $bad &&
		second $bad && second $bad && expect 400 || return 1
	done && half ana && second "$(totp "$SECRET_ana")" &&
	expect 429 rate_limited && [ "$(header Retry-After)" -gt 80000 ] &&
	half cid && second "$(totp "$SECRET_cid" 1)" && expect 200 &&
	em_sql "DELETE FROM throttle" && half ana &&
	second "$(totp "$SECRET_ana")" && expect 200
'

test_expect_success 'after 20 wrong codes, a removed factor can be replaced at once' '
	em_user dan && enroll dan && fresh && bad=$(wrong "$SECRET_dan") &&
	for n in 1 2 3 4; do
		half dan && for i in 1 2 3 4 5; do second $bad; done &&
		expect 400 || return 1
	done && half dan && second "$(totp "$SECRET_dan" 1)" &&
	expect 429 rate_limited && em_cli user reset-mfa dan && em_login dan &&
	enroll dan && half dan && second "$(totp "$SECRET_dan" 1)" && expect 200
'

test_expect_success 'one of 10 concurrent uses of a code succeeds' '
	fresh && code=$(totp "$SECRET_ana") && : >many &&
	for i in 1 2 3 4 5; do
		half ana && echo "$mfa" >>many || return 1
	done && half ana && for i in 1 2 3 4 5; do echo "$mfa" >>many; done &&
	while read -r token; do
		curl -s -o "out$token" -w "%{http_code}\n" \
		    -H "Content-Type: application/json" -d \
		    "{\"mfa_token\":\"$token\",\"code\":\"$code\"}" \
		    "$URL/auth/mfa" &
	done <many >statuses && wait &&
	is 1 "$(grep -c 200 statuses)" && is 10 "$(wc -l <statuses)"
'

test_expect_success 'a sign-in by one-time code and by link needs the second factor' '
	em_sql "DELETE FROM throttle" &&
	printf "%s\n" "$EM_PASSWORD" | em_cli user add eva --password-stdin \
	    --email eva@example.org >/dev/null && em_login eva && enroll eva &&
	api POST /auth/login "{\"identifier\":\"eva@example.org\"}" &&
	expect 202 && api POST /auth/verify-otp \
	    "{\"identifier\":\"eva@example.org\",\"purpose\":\"login\",
	    \"code\":\"$(em_code eva@example.org)\"}" &&
	expect 401 mfa_required && mfa=$(json .mfa_token) &&
	second "$(totp "$SECRET_eva" 1)" && expect 200
'

test_expect_success 'actions that move money out need a recent second factor' '
	adjust() {
		api POST "/admin/wallets/$ID_bob/adjust" -t "$TOKEN_adm" \
		    "{\"amount\":100,\"reason\":\"x\"}"
	} &&
	adjust && expect 200 && enroll adm && adjust && expect 200 &&
	late="UPDATE device_session SET mfa_at = mfa_at - 600000" &&
	em_sql "$late" && adjust && expect 403 step_up_required &&
	api POST /auth/mfa -t "$TOKEN_adm" \
	    "{\"code\":\"$(wrong "$SECRET_adm")\"}" && expect 400 mfa_invalid &&
	adjust && expect 403 step_up_required &&
	api POST /auth/mfa -t "$TOKEN_adm" \
	    "{\"code\":\"$(totp "$SECRET_adm" 1)\"}" && expect 200 &&
	check_json "((.step_up_until | fromdate) - now) > 500" &&
	adjust && expect 200 && em_sql "$late" &&
	for p in payments/1/refund sessions/1/refund approvals/1/approve; do
		api POST "/admin/$p" -t "$TOKEN_adm" "{\"reason\":\"x\"}" &&
		expect 403 step_up_required || return 1
	done && api DELETE /user/profile -t "$TOKEN_adm" &&
	expect 403 step_up_required &&
	api POST /admin/promotions -t "$TOKEN_adm" "{\"code\":\"GIFT\",
	    \"kind\":\"bonus\",\"value\":100}" && expect 403 step_up_required &&
	api PATCH /admin/promotions/1 -t "$TOKEN_adm" "{\"active\":true}" &&
	expect 403 step_up_required &&
	api GET /admin/ledger -t "$TOKEN_adm" && expect 200 &&
	api GET /admin/staff -t "$TOKEN_adm" && expect 200 &&
	api POST /auth/mfa "{\"code\":\"123456\"}" && expect 401 token_required &&
	api POST /auth/mfa -t "$TOKEN_bob" "{\"code\":\"123456\"}" &&
	expect 409 mfa_not_enabled
'

test_expect_success 'changes of staff need a recent second factor' '
	for call in "POST /admin/staff/invitations" "PUT /admin/staff/$ID_cid"; do
		# shellcheck disable=SC2086
		api $call -t "$TOKEN_adm" "{\"roles\":[\"admin\"]}" &&
		expect 403 step_up_required || return 1
	done && api DELETE "/admin/staff/$ID_adm/sessions" -t "$TOKEN_adm" &&
	expect 403 step_up_required &&
	is "0|1" "$(em_sql "SELECT count(*), (SELECT roles FROM user
	    WHERE id = $ID_cid) FROM one_time_link")" &&
	fresh && api POST /auth/mfa -t "$TOKEN_adm" \
	    "{\"code\":\"$(totp "$SECRET_adm")\"}" && expect 200 &&
	api POST /admin/staff/invitations -t "$TOKEN_adm" \
	    "{\"roles\":[\"support\"]}" && expect 201 && em_sql "$late"
'

test_expect_success 'the second factor of one session does not raise another one' '
	fresh && half adm && second "$(totp "$SECRET_adm")" && expect 200 &&
	new=$(json .access_token) && adjust && expect 403 step_up_required &&
	api POST "/admin/wallets/$ID_bob/adjust" -t "$new" \
	    "{\"amount\":100,\"reason\":\"x\"}" && expect 200
'

test_expect_success 'removing the second factor needs the second factor' '
	em_sql "UPDATE device_session SET mfa_at = NULL" && fresh &&
	api DELETE /user/mfa/totp -t "$TOKEN_cid" &&
	expect 403 step_up_required && api POST /auth/mfa -t "$TOKEN_cid" \
	    "{\"code\":\"$(totp "$SECRET_cid")\"}" && expect 200 &&
	api DELETE /user/mfa/totp -t "$TOKEN_cid" && expect 204 &&
	login cid && expect 200 && api DELETE /user/mfa/totp -t "$TOKEN_cid" &&
	expect 404 &&
	is 0 "$(em_sql "SELECT (SELECT count(*) FROM recovery_code
	    WHERE user_id = $ID_cid) + (SELECT count(*) FROM mfa_challenge
	    WHERE user_id = $ID_cid)")"
'

test_expect_success 'setting up needs a recent sign-in or the password' '
	em_sql "UPDATE device_session SET created_at = created_at - 3600000" &&
	api POST /user/mfa/totp -t "$TOKEN_cid" &&
	expect 403 reauthentication_required &&
	api POST /user/mfa/totp -t "$TOKEN_cid" "{\"password\":\"wrong-one-9\"}" &&
	expect 403 reauthentication_required &&
	api POST /user/mfa/totp -t "$TOKEN_cid" \
	    "{\"password\":\"$EM_PASSWORD\"}" && expect 200
'

test_expect_success 'earmark user reset-mfa removes the factor and is audited' '
	em_cli user reset-mfa adm && api GET /user/profile -t "$TOKEN_adm" &&
	expect 401 && em_login adm &&
	is "user.reset_mfa||user:$ID_adm" "$(em_sql "SELECT action, actor_id,
	    target FROM audit ORDER BY id DESC LIMIT 1")" &&
	refuses 1 "no second factor" em_cli user reset-mfa adm
'

test_expect_success 'the owner is notified when the factor is added or removed' '
	printf "%s\n" "$EM_PASSWORD" | em_cli user add joe --password-stdin \
	    --email joe@example.org >/dev/null && em_login joe && enroll joe &&
	em_cli user reset-mfa joe &&
	notices() {
		jq -r "select(.to == \"joe@example.org\") | .template" \
		    "$EM_STATE/outbox.jsonl" | xargs
	} && em_until "[ \"\$(notices)\" = \"mfa_enabled mfa_disabled\" ]"
'

test_expect_success 'GET /user/security lists that the factor was added and removed' '
	em_login joe && enroll joe &&
	api DELETE /user/mfa/totp -t "$TOKEN_joe" && expect 204 &&
	api GET /user/security -t "$TOKEN_joe" && expect 200 &&
	check_json "[.events[] | select(.kind | startswith(\"mfa_\")) |
	    [.kind, .session_id != null]] == [[\"mfa_disabled\", true],
	    [\"mfa_enabled\", true], [\"mfa_disabled\", false],
	    [\"mfa_enabled\", true]]"
'

test_expect_success 'a deleted account has no factors' '
	em_login joe && enroll joe && api DELETE /user/profile -t "$TOKEN_joe" &&
	expect 204 && is 0 "$(em_sql "SELECT count(*) FROM totp
	    WHERE user_id = $ID_joe")"
'

test_expect_success 'auth.staff_mfa = required: staff need a second factor' '
	em_stop && em_conf auth.staff_mfa=required && em_start &&
	em_login adm && em_login bob &&
	api GET /admin/users -t "$TOKEN_adm" && expect 403 mfa_setup_required &&
	api GET /user/mfa -t "$TOKEN_adm" && check_json .required &&
	api GET /user/mfa -t "$TOKEN_bob" && check_json ".required | not" &&
	api GET /user/balance -t "$TOKEN_bob" && expect 200 &&
	enroll adm && api GET /admin/users -t "$TOKEN_adm" && expect 200 &&
	em_sql "UPDATE device_session SET mfa_at = NULL" &&
	api GET /admin/users -t "$TOKEN_adm" && expect 403 step_up_required &&
	fresh && half adm && second "$(totp "$SECRET_adm")" && expect 200 &&
	api GET /admin/users -t "$(json .access_token)" && expect 200
'

test_done
