#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='auth: the published attacks with accounts that are prepared for a victim'
# The attacks of Sudhodanan and Paverd, "Pre-hijacked accounts", USENIX
# Security 2022. The providers b and c verify addresses, a may not.
#
# An account is active, and has sessions, only after an address was verified.
# So each sequence has two forms: the attacker claims the address of the victim
# beside an own one; and, stronger than published, the victim has entered the
# code of the attacker's registration, so the attacker's password is valid. Each
# form has a control: without the recovery of the victim, the last step succeeds.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-oidc.sh
. "$EM_SRC/t/lib-oidc.sh"

oidc_double
em_conf limits.write_rate=0
em_conf auth.otp_resend_interval=1
em_start

# trap_for NAME: the attacker registers NAME with the address of the victim, who
# enters the code.
trap_for() {
	register "$1" email="$1@example.org" && expect 201 &&
	verify "$1@example.org" "$(code_of "$1@example.org")" && expect 200
}
# claim NAME NUMBER: the attacker registers attacker-NAME with an own number and
# the address of the victim. Sets T.
claim() {
	register "m.$1" phone="$2" email="$1@example.org" && expect 201 &&
	verify "m.$1" "$(code_of "$2")" && expect 200 && T=$(json .access_token) &&
	MAL=$(json .user.user_id)
}
# password NAME [KEY=VALUE]: signs in with the password of the attacker.
password() {
	password_of=$1
	shift
	post login identifier="$password_of" password="$EM_PASSWORD" "$@"
}
# token NAME: signs in with that password. Sets T.
token() {
	password "$1" && expect 200 && T=$(json .access_token)
}
# reset NAME: the victim sets a new password with a code.
reset() {
	fresh && no_codes && post password/forgot identifier="$1@example.org" &&
	expect 202 && post password/reset identifier="$1@example.org" \
	    code="$(code_of "$1@example.org")" new_password=victims-horse-9 &&
	expect 204
}
# by_code IDENTIFIER: signs in with a new code, or registers.
by_code() {
	fresh && no_codes && post continue identifier="$1" && expect 202 &&
	post verify-otp identifier="$1" code="$(code_of "$1")"
}
# by_provider NAME: signs in with an identity that has the address of NAME.
by_provider() {
	sign b "$1" "{\"email\":\"$1@example.org\",\"email_verified\":\"true\"}"
}
# is_victim: succeeds if the last sign-in created an account that is not MAL's.
is_victim() {
	expect 201 && check_json ".user.user_id != $MAL" && V=$(json .access_token)
}
# mine: succeeds if T belongs to the account of the attacker, without the
# verified address of the victim.
mine() {
	api GET /user/profile -t "$T" && expect 200 &&
	check_json ".user_id == $MAL" &&
	test "$(em_sql "SELECT email_ok FROM user WHERE id = $MAL")" = 0
}
# keep NAME: the attacker opens everything that an account can have, and keeps
# the session alive by using its refresh token. Sets T, R, OLD, COOKIE, CSRF,
# TICKET and SERVICE.
keep() {
	password "$1" && expect 200 && OLD=$(json .refresh_token) &&
	post refresh-token refresh_token="$OLD" && expect 200 &&
	T=$(json .access_token) R=$(json .refresh_token) &&
	api POST /notifications/devices -t "$T" \
	    "{\"token\":\"push-$1\",\"platform\":\"android\"}" && expect 201 &&
	api POST /auth/login -H "Origin: $URL" "$(obj identifier="$1" \
	    password="$EM_PASSWORD" session=cookie)" && expect 200 &&
	COOKIE=$(header Set-Cookie) COOKIE=${COOKIE%%;*} CSRF=$(json .csrf_token) &&
	em_cli user grant "$1" service && em_cli token add "$1" >service &&
	SERVICE=$(grep -o "ems_[A-Za-z0-9_-]*" service) && : >open || return 1
	"$EM_SRC/t/tools/open_connections.py" "${URL##*:}" ws:"$T" sse:"$T" \
	    ticket:"$T" ws:"$SERVICE" >open 2>&1 &
	watcher=$!
	em_until 'grep -qs "^open$" open || ! kill -0 $watcher' &&
	grep -qs "^open$" open || { note "$(cat open)"; return 1; }
	api POST /realtime/ticket -t "$T" && expect 201 && TICKET=$(json .ticket)
}
# access: prints the status of a request with each of them.
access() {
	api GET /user/profile -t "$T" && printf "token %s\n" "$status" &&
	api GET /user/profile -t "$SERVICE" && printf "service %s\n" "$status" &&
	api GET /user/profile -H "Cookie: $COOKIE" && printf "cookie %s\n" "$status" &&
	api PUT /user/profile -H "Cookie: $COOKIE" -H "Origin: $URL" \
	    -H "X-CSRF-Token: $CSRF" "{\"bio\":\"x\"}" && printf "write %s\n" "$status" &&
	api POST /realtime/ticket -t "$T" && printf "ticket %s\n" "$status" &&
	post refresh-token refresh_token="$R" && printf "refresh %s\n" "$status"
}

# totp SECRET: prints the present code.
totp() {
	oathtool --totp --base32 "$1"
}
# factor TOKEN: sets up a second factor. Sets SECRET.
factor() {
	api POST /user/mfa/totp -t "$1" && expect 200 && SECRET=$(json .secret) &&
	api POST /user/mfa/totp/verify -t "$1" \
	    "{\"code\":\"$(totp "$SECRET")\"}" && expect 200 &&
	em_sql "UPDATE totp SET counter = 0"
}
# add_phone TOKEN NUMBER: adds a number to an account.
add_phone() {
	api POST /user/phone -t "$1" "{\"phone\":\"$2\"}" && expect 202 &&
	api POST /user/phone/verify -t "$1" "{\"code\":\"$(code_of "$2")\"}" &&
	expect 200
}
# age HOURS: moves all that was added to accounts into the past.
age() {
	em_sql "UPDATE totp SET created_at = created_at - $1 * 3600000,
	    confirmed_at = confirmed_at - $1 * 3600000;
	    UPDATE identity SET created_at = created_at - $1 * 3600000;
	    UPDATE device_session SET created_at = created_at - $1 * 3600000;
	    UPDATE contact_undo SET created_at = created_at - $1 * 3600000,
	    expires_at = expires_at - $1 * 3600000"
}

# ---- classic-federated merge

test_expect_success 'classic-federated merge: an unverified registration has no session, and loses its password' '
	register cla1 email=cla1@example.org && expect 201 &&
	check_json "has(\"access_token\") | not" &&
	password cla1 && expect 403 verification_required &&
	by_provider cla1 && expect 200 && V=$(json .access_token) &&
	check_json ".user.email == \"cla1@example.org\"" &&
	password cla1 && expect 401 && password cla1@example.org && expect 401 &&
	test -z "$(em_sql "SELECT password FROM user WHERE id = $(json \
	    ".user.user_id // 0") OR email = \"cla1@example.org\"")"
'

test_expect_success 'classic-federated merge: also if the victim signs in with a code' '
	register cla2 email=cla2@example.org && expect 201 &&
	password cla2@example.org && expect 403 verification_required &&
	by_code cla2@example.org && case $status in 20?) ;; *) expect 200 ;; esac &&
	check_json ".user.email == \"cla2@example.org\"" &&
	password cla2 && expect 401 && password cla2@example.org && expect 401
'

# ---- unexpired session

test_expect_success 'unexpired session: the session of an account that claims the address never sees that of the victim' '
	claim ses1 +919876500301 && by_provider ses1 && is_victim && mine &&
	claim ses2 +919876500302 && by_code ses2@example.org && is_victim && mine &&
	claim ses3 +919876500303 && fresh && no_codes &&
	post password/forgot identifier=ses3@example.org && expect 202 &&
	test "$(sent ses3@example.org otp_reset)" = 0 && mine &&
	register ses3 email=ses3@example.org && expect 201 &&
	verify ses3 "$(code_of ses3@example.org)" && expect 200 &&
	check_json ".user.user_id != $MAL" && mine
'

test_expect_success 'unexpired session, control: everything that the attacker holds works before the reset' '
	trap_for ses4 && keep ses4 && access >got &&
	printf "token 200\nservice 200\ncookie 200\nwrite 200\nticket 201\nrefresh 200\n" >want &&
	test_cmp want got && R=$(json .refresh_token) &&
	test "$(em_sql "SELECT count(*) FROM push_device")" = 1
'

test_expect_success 'unexpired session: after a reset, no token, cookie or ticket works' '
	reset ses4 && access >got &&
	printf "token 401\nservice 401\ncookie 401\nwrite 401\nticket 401\nrefresh 401\n" >want &&
	test_cmp want got &&
	post refresh-token refresh_token="$OLD" && expect 401 &&
	test "$(curl -s -o /dev/null -w "%{http_code}" -H "Connection: Upgrade" \
	    -H "Upgrade: websocket" -H "Sec-WebSocket-Version: 13" --max-time 20 \
	    -H "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==" \
	    "$URL/realtime?ticket=$TICKET")" = 401
'

test_expect_success 'unexpired session: after a reset, open connections end and no push is sent' '
	wait "$watcher" &&
	test "$(em_sql "SELECT count(*) FROM push_device")" = 0
'

test_expect_success 'unexpired session: a sign-in that waits for the second factor ends' '
	trap_for ses5 && token ses5 && factor "$T" &&
	password ses5 && expect 401 mfa_required && mfa=$(json .mfa_token) &&
	password ses5 && expect 401 mfa_required && late=$(json .mfa_token) &&
	post mfa mfa_token="$mfa" code="$(totp "$SECRET")" && expect 200 &&
	em_sql "UPDATE totp SET counter = 0" && reset ses5 &&
	post mfa mfa_token="$late" code="$(totp "$SECRET")" &&
	expect 401 mfa_token_invalid
'

test_expect_success 'a new password of the user also ends such a sign-in of another device' '
	person sam && factor "$TOKEN_sam" &&
	password sam && expect 401 mfa_required && late=$(json .mfa_token) &&
	api POST /user/password -t "$TOKEN_sam" "$(obj new_password=victims-horse-9 \
	    current_password="$EM_PASSWORD")" && expect 204 &&
	post mfa mfa_token="$late" code="$(totp "$SECRET")" &&
	expect 401 mfa_token_invalid
'

# ---- trojan identifier

test_expect_success 'trojan identifier: what an account that claims the address has, the victim does not have' '
	claim tro1 +919876500311 && factor "$T" &&
	body_json=$(obj provider=google id_token="$(token_for a tro1)") &&
	em_until "api POST /auth/identities -t \"\$T\" \"\$body_json\" &&
	    [ \"\$status\" != 503 ]" && expect 201 && age 100 &&
	by_provider tro1 && is_victim && api GET /user/profile -t "$V" &&
	check_json ".phone == null and .email == \"tro1@example.org\"" &&
	api GET /user/mfa -t "$V" && check_json ".totp == false" &&
	api GET /auth/identities -t "$V" &&
	check_json ".identities | map(.provider) == [\"apple\"]" &&
	sign a tro1 && expect 401 mfa_required
'

test_expect_success 'trojan identifier: an identity of a provider that did not verify the address' '
	sign a tro2 "{\"email\":\"tro2@example.org\",\"email_verified\":false}" &&
	expect 201 && MAL=$(json .user.user_id) &&
	by_provider tro2 && is_victim &&
	sign a tro2 "$(verified tro2@example.org)" &&
	expect 200 && check_json ".user.user_id == $MAL"
'

# prepare NAME NUMBER: the attacker adds a number, an identity and a second
# factor by the password, four days before the victim recovers.
prepare() {
	trap_for "$1" && token "$1" && add_phone "$T" "$2" &&
	body_json=$(obj provider=google id_token="$(token_for a "$1")") &&
	em_until "api POST /auth/identities -t \"\$T\" \"\$body_json\" &&
	    [ \"\$status\" != 503 ]" && expect 201 && factor "$T" && age 100
}

test_expect_success 'trojan identifier, control: before the reset, number and identity open the account' '
	prepare tro3 +919876500313 && id=$(em_sql "SELECT id FROM user
	    WHERE email = \"tro3@example.org\"") &&
	sign a tro3 && expect 401 mfa_required && mfa=$(json .mfa_token) &&
	post mfa mfa_token="$mfa" code="$(totp "$SECRET")" && expect 200 &&
	check_json ".user.user_id == $id" &&
	by_code +919876500313 && expect 401 mfa_required
'

test_expect_success 'trojan identifier: after the reset, they do not' '
	reset tro3 && test "$(em_sql "SELECT phone IS NULL AND NOT phone_ok FROM user
	    WHERE id = $id")" = 1 &&
	sign a tro3 && expect 201 && check_json ".user.user_id != $id" &&
	by_code +919876500313 && expect 201 && check_json ".user.user_id != $id" &&
	test "$(sent +919876500313 contact_changed)" = 1 &&
	delivered && jq -e "select(.to == \"tro3@example.org\" and
	    .template == \"identity_unlinked\") | .body |
	    test(\"[*]13, google\")" "$EM_STATE/outbox.jsonl"
'

test_expect_success 'trojan identifier: the operator removes the second factor, and only the victim signs in' '
	post login identifier=tro3@example.org password=victims-horse-9 &&
	expect 401 mfa_required && password tro3 && expect 401 invalid_credentials &&
	em_cli user reset-mfa tro3 &&
	post login identifier=tro3@example.org password=victims-horse-9 &&
	expect 200 && check_json ".user.user_id == $id" &&
	password tro3 && expect 401
'

test_expect_success 'the address of the victim is told of each of these, although the attacker has added a number' '
	for type in contact_undo identity_linked mfa_enabled; do
		test "$(sent tro3@example.org $type)" = 1 ||
		{ note "$type: $(sent tro3@example.org $type)"; return 1; }
	done
'

test_expect_success 'trojan identifier: what an added number adds is removed too' '
	trap_for tro4 && token tro4 && add_phone "$T" +919876500314 &&
	by_code +919876500314 && expect 200 && T=$(json .access_token) &&
	otp_age 60 && em_sql "UPDATE contact_change SET created_at = 0" &&
	add_phone "$T" +919876500315 && age 100 && reset tro4 &&
	by_code +919876500315 && expect 201 &&
	check_json ".user.email == null"
'

test_expect_success 'a number that was added after a sign-in with a code remains after a reset' '
	person own1 && add_phone "$TOKEN_own1" +919876500321 && reset own1 &&
	by_code +919876500321 && expect 200 &&
	check_json ".user.user_id == $ID_own1"
'

test_expect_success 'an operator decides about a number: it remains after a reset' '
	trap_for own2 && token own2 && add_phone "$T" +919876500322 &&
	em_cli user set-phone own2 +919876500323 && reset own2 &&
	by_code +919876500323 && expect 200 && check_json ".user.username == \"own2\""
'

# ---- unexpired e-mail change

# begin NAME: the attacker requests a change to an own address. Sets CODE.
begin() {
	trap_for "$1" && token "$1" && otp_age 60 &&
	api POST /user/email -t "$T" "{\"email\":\"$1@evil.example\"}" &&
	expect 202 && CODE=$(code_of "$1@evil.example")
}

test_expect_success 'unexpired e-mail change, control: without a recovery, the change completes' '
	begin chg1 && api POST /user/email/verify -t "$T" "{\"code\":\"$CODE\"}" &&
	expect 200 && test "$(em_sql "SELECT email FROM user
	    WHERE username = \"chg1\"")" = chg1@evil.example
'

test_expect_success 'unexpired e-mail change: after a reset, neither session can complete it' '
	begin chg2 && reset chg2 &&
	api POST /user/email/verify -t "$T" "{\"code\":\"$CODE\"}" && expect 401 &&
	post login identifier=chg2@example.org password=victims-horse-9 &&
	expect 200 && V=$(json .access_token) &&
	api POST /user/email/verify -t "$V" "{\"code\":\"$CODE\"}" &&
	expect 400 otp_expired &&
	test "$(em_sql "SELECT email FROM user WHERE username = \"chg2\"")" = chg2@example.org
'

test_expect_success 'unexpired e-mail change: a change to the address of the victim does not complete after the victim has it' '
	person mal4 && api POST /user/email -t "$TOKEN_mal4" \
	    "{\"email\":\"chg3@example.org\"}" && expect 202 &&
	CODE=$(code_of chg3@example.org) && by_provider chg3 && expect 201 &&
	vic=$(json .user.user_id) &&
	api POST /user/email/verify -t "$TOKEN_mal4" "{\"code\":\"$CODE\"}" &&
	expect 400 otp_expired &&
	test "$(em_sql "SELECT id FROM user WHERE email = \"chg3@example.org\"
	    AND email_ok")" = "$vic"
'

test_expect_success 'unexpired e-mail change, control: before the victim has it, the change completes' '
	person mal5 && api POST /user/email -t "$TOKEN_mal5" \
	    "{\"email\":\"chg4@example.org\"}" && expect 202 &&
	api POST /user/email/verify -t "$TOKEN_mal5" \
	    "{\"code\":\"$(code_of chg4@example.org)\"}" && expect 200
'

# ---- non-verifying provider

test_expect_success 'non-verifying provider: an address that it did not verify opens no account' '
	person non1 &&
	sign c mal6 "{\"email\":\"non1@example.org\",\"email_verified\":false}" &&
	expect 201 && check_json ".user.user_id != $ID_non1 and
	    .user.email == null" &&
	sign c mal7 "{\"email\":\"non2@example.org\"}" && expect 201 &&
	MAL=$(json .user.user_id) && by_provider non2 && is_victim
'

test_expect_success 'non-verifying provider, control: a verified address opens the account' '
	sign c own3 "$(verified non1@example.org)" && expect 200 &&
	check_json ".user.user_id == $ID_non1"
'

test_done
