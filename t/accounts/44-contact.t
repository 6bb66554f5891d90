#!/bin/sh
# shellcheck disable=SC2154
test_description='changes of e-mail address, phone number and password'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf auth.otp_allowed_prefixes=+91,+44
em_start

# u PATH TOKEN KEY=VALUE...: posts to /user/PATH.
u() {
	u_path=$1 u_token=$2
	shift 2
	api POST "/user/$u_path" -t "$u_token" "$(obj "$@")"
}

# stale NAME: moves the sign-ins of a user 20 minutes into the past.
stale() {
	em_sql "UPDATE device_session SET created_at = created_at - 1200000
	    WHERE user_id = (SELECT id FROM user WHERE username = \"$1\")"
}

# soon: ends the interval between two codes.
soon() {
	em_sql "UPDATE contact_change SET created_at = created_at - 31000"
}

# mail ADDRESS TEMPLATE: prints the newest such message.
mail() {
	delivered && jq -rs --arg to "$1" --arg t "$2" '[.[] | select(.to == $to
	    and .template == $t)] | last | .body' "$EM_STATE/outbox.jsonl"
}

# link ADDRESS: prints the token of the newest link sent there.
link() {
	mail "$1" contact_undo | sed -n 's|.*/app/#/restore/\([^ ]*\) .*|\1|p'
}

# change NAME email|phone ADDRESS: changes an address completely.
change() {
	eval "change_t=\$TOKEN_$1" && u "$2" "$change_t" "$2=$3" && expect 202 &&
	u "$2/verify" "$change_t" code="$(code_of "$3")" && expect 200
}

restore() {
	api POST /user/restore "$(obj token="$1")"
}

login_as() {
	post login identifier="$1" password="${2:-$EM_PASSWORD}"
}

test_expect_success 'a code sent to the new address changes it' '
	person ana && u email "$TOKEN_ana" email=Ana.New@example.org && expect 202 &&
	check_json "keys == [\"expires_at\", \"message\", \"resend_after\"]" &&
	api GET /user/profile -t "$TOKEN_ana" &&
	check_json ".email == \"ana@example.org\"" &&
	u email/verify "$TOKEN_ana" code="$(code_of ana.new@example.org)" &&
	expect 200 && check_json ".email == \"ana.new@example.org\"" &&
	login_as ana.new@example.org && expect 200 &&
	login_as ana@example.org && expect 401
'

test_expect_success 'the old address is notified, and its code is no longer valid' '
	mail ana@example.org contact_undo >text && grep -q "now a\*\*\*@" text &&
	grep -q "/app/#/restore/" text && ! grep -q ana.new text &&
	test "$(link ana@example.org | wc -c)" = 44 &&
	fresh && post password/forgot \
	    identifier=ana@example.org && expect 202 &&
	test "$(sent ana@example.org otp_reset)" = 0
'

test_expect_success 'the notice in the app names the link in the message to the old address' '
	api GET /notifications -t "$TOKEN_ana" && expect 200 &&
	check_json "[.notifications[] |
	    select(.data.type == \"account.contact_changed\")] |
	    length == 1 and (.[0].body |
	    contains(\"open the link in the message to your former address\"))"
'

test_expect_success 'an account can add a phone number; the e-mail address is notified' '
	fresh && change ana phone +919876500201 &&
	check_json ".phone == \"+919876500201\"" &&
	mail ana.new@example.org contact_undo | grep -q "+91" &&
	post login identifier=+919876500201 && expect 202 &&
	verify +919876500201 "$(code_of +919876500201)" login && expect 200
'

test_expect_success 'an address of another account also returns 202, and fails' '
	fresh && person ben && person eve && u email "$TOKEN_eve" \
	    email=free@example.org && expect 202 && plain >free && soon &&
	u email "$TOKEN_eve" email=ben@example.org && expect 202 && plain >taken &&
	test_cmp free taken && test "$(sent ben@example.org otp_contact)" = 0 &&
	mail ben@example.org contact_taken | grep -q "nothing was changed" &&
	mail ben@example.org contact_taken | grep -q "change the address" &&
	for left in 4 3 2 1 0; do
		u email/verify "$TOKEN_eve" code=12345$left &&
		expect 400 otp_invalid && check_json ".attempts_left == $left" ||
		    return 1
	done && u email/verify "$TOKEN_eve" code=123456 && expect 429 otp_locked
'

test_expect_success 'a wrong code gets the same response for a free address' '
	fresh && soon && u email "$TOKEN_eve" email=free2@example.org && expect 202 &&
	code=$(code_of free2@example.org) && wrong=$(other_code "$code") &&
	for left in 4 3 2 1 0; do
		u email/verify "$TOKEN_eve" code="$wrong" &&
		expect 400 otp_invalid && check_json ".attempts_left == $left" ||
		    return 1
	done && u email/verify "$TOKEN_eve" code="$code" && expect 429 otp_locked
'

test_expect_success 'if another account verifies the address first, the code has expired' '
	fresh && soon && u email "$TOKEN_eve" email=race@example.org && expect 202 &&
	code=$(code_of race@example.org) && person racer race@example.org &&
	u email/verify "$TOKEN_eve" code="$code" && expect 400 otp_expired
'

test_expect_success 'a recent sign-in or the password is required' '
	fresh && person cleo && stale cleo && u email "$TOKEN_cleo" \
	    email=cleo2@example.org && expect 403 reauthentication_required &&
	u email "$TOKEN_cleo" email=cleo2@example.org password=wrong-horse-1 &&
	expect 403 reauthentication_required &&
	post refresh-token refresh_token="$REFRESH_cleo" && expect 200 &&
	u phone "$(json .access_token)" phone=+919876500202 &&
	expect 403 reauthentication_required &&
	u email "$TOKEN_cleo" email=cleo2@example.org password="$EM_PASSWORD" &&
	expect 202 && u email/verify "$TOKEN_cleo" \
	    code="$(code_of cleo2@example.org)" && expect 200
'

test_expect_success 'ten wrong passwords stop further attempts' '
	fresh && for n in 1 2 3 4 5 6 7 8 9 10; do
		u phone "$TOKEN_cleo" phone=+919876500203 password=wrong-horse-$n &&
		expect 403 || return 1
	done && u phone "$TOKEN_cleo" phone=+919876500203 \
	    password="$EM_PASSWORD" && expect 429
'

test_expect_success 'the link restores the address, ends all sessions and the password' '
	fresh && person dora && login_as dora && other=$(json .access_token) &&
	change dora email thief@example.org && token=$(link dora@example.org) &&
	restore "$token" && expect 204 &&
	api GET /user/profile -t "$TOKEN_dora" && expect 401 &&
	api GET /user/profile -t "$other" && expect 401 &&
	login_as dora && expect 401 &&
	mail dora@example.org contact_restored | grep -q "signed out" &&
	post login identifier=dora@example.org && expect 202 &&
	verify dora@example.org "$(code_of dora@example.org)" login && expect 200 &&
	TOKEN_dora=$(json .access_token) &&
	check_json ".user.email == \"dora@example.org\"" &&
	post login identifier=thief@example.org && expect 202 &&
	test "$(sent thief@example.org otp_login)" = 0
'

test_expect_success 'for 24 hours after that, the addresses cannot be changed' '
	u email "$TOKEN_dora" email=dora2@example.org && expect 403 contact_locked &&
	u phone "$TOKEN_dora" phone=+919876500204 && expect 403 contact_locked &&
	u phone/verify "$TOKEN_dora" code=123456 && expect 403 contact_locked &&
	em_sql "UPDATE contact_lock SET until = until - 86400000" &&
	u email "$TOKEN_dora" email=dora2@example.org && expect 202
'

test_expect_success 'a link works once' '
	restore "$token" && expect 404 link_invalid &&
	restore "$(printf %043d 0)" && expect 404 link_invalid &&
	restore x && expect 404 link_invalid &&
	api POST /user/restore "{}" && expect 400 validation_failed
'

test_expect_success 'later changes do not invalidate a link, which invalidates theirs' '
	fresh && person fay && change fay email thief1@example.org &&
	first=$(link fay@example.org) && fresh &&
	change fay phone +919876500205 && fresh && soon &&
	change fay email thief2@example.org && second=$(link thief1@example.org) &&
	test -n "$second" && restore "$first" && expect 204 &&
	restore "$second" && expect 404 link_invalid &&
	test "$(em_sql "SELECT email, email_ok, phone IS NULL FROM user
	    WHERE id = $ID_fay")" = "fay@example.org|1|1"
'

# factor NAME MS: gives an account an active second factor, MS after the change.
factor() {
	eval "factor_id=\$ID_$1"
	em_sql "INSERT INTO totp(user_id, secret, created_at, confirmed_at)
	    SELECT user_id, zeroblob(60), created_at + $2, created_at + $2
	    FROM contact_undo WHERE user_id = $factor_id"
}

# by_code ADDRESS: signs in with a code.
by_code() {
	fresh && post login identifier="$1" && expect 202 &&
	verify "$1" "$(code_of "$1")" login
}

test_expect_success 'the link removes a second factor that was set up after the change' '
	fresh && person ivy && change ivy email ivy2@example.org &&
	factor ivy 1000 && login_as ivy2@example.org &&
	expect 401 mfa_required && restore "$(link ivy@example.org)" &&
	expect 204 && by_code ivy@example.org && expect 200
'

# older NAME MS: moves the sign-ins of a user into the past.
older() {
	eval "older_id=\$ID_$1"
	em_sql "UPDATE device_session SET created_at = created_at - $2
	    WHERE user_id = $older_id"
}

test_expect_success 'the link removes a second factor that was set up since the sign-in of the change, or 72 hours before the change' '
	fresh && person kai && older kai 600000 &&
	change kai email kai2@example.org && factor kai -1000 &&
	restore "$(link kai@example.org)" && expect 204 &&
	by_code kai@example.org && expect 200 &&
	fresh && person lee && change lee email lee2@example.org &&
	factor lee -259000000 && restore "$(link lee@example.org)" &&
	expect 204 && by_code lee@example.org && expect 200
'

test_expect_success 'the link keeps an older second factor' '
	fresh && person jon && change jon email jon2@example.org &&
	factor jon -260000000 && restore "$(link jon@example.org)" &&
	expect 204 && by_code jon@example.org && expect 401 mfa_required
'

test_expect_success 'a second factor that is not active is removed' '
	fresh && person lou && change lou email lou2@example.org &&
	factor lou -260000000 && em_sql "UPDATE totp SET confirmed_at = NULL
	    WHERE user_id = $ID_lou" &&
	restore "$(link lou@example.org)" && expect 204 &&
	test "$(em_sql "SELECT count(*) FROM totp WHERE user_id = $ID_lou")" = 0
'

# has_phone NAME NUMBER: gives an account a verified number, long ago.
has_phone() {
	em_sql "UPDATE user SET phone = '$2', phone_ok = 1 WHERE username = '$1'"
}

# reset_by ADDRESS: sets another password by a code.
reset_by() {
	fresh && post password/forgot identifier="$1" && expect 202 &&
	post password/reset identifier="$1" code="$(code_of "$1")" \
	    new_password="yet another horse" && expect 204
}

test_expect_success 'a password reset by an older address ends the links that later addresses received' '
	fresh && person oli && has_phone oli +919876500221 &&
	change oli email oli2@example.org && first=$(link oli@example.org) &&
	by_code oli2@example.org && expect 200 &&
	TOKEN_oli=$(json .access_token) && fresh && soon &&
	change oli email oli3@example.org &&
	second=$(link oli2@example.org) && test -n "$second" &&
	reset_by +919876500221 && restore "$second" && expect 404 link_invalid &&
	restore "$first" && expect 204 &&
	test "$(em_sql "SELECT email, phone FROM user
	    WHERE id = $ID_oli")" = "oli@example.org|+919876500221"
'

test_expect_success 'a password reset by a new address ends no link' '
	fresh && person pam && change pam email pam2@example.org &&
	token=$(link pam@example.org) && reset_by pam2@example.org &&
	restore "$token" && expect 204 && by_code pam@example.org && expect 200
'

test_expect_success 'a thief of the phone does not end the link of the owner by changes of it' '
	fresh && person rob && has_phone rob +919876500222 &&
	change rob phone +919876500223 && fresh &&
	change rob email rob2@example.org && token=$(link rob@example.org) &&
	fresh && soon && change rob phone +919876500222 &&
	reset_by +919876500222 && restore "$token" && expect 204 &&
	test "$(em_sql "SELECT email FROM user
	    WHERE id = $ID_rob")" = rob@example.org
'

test_expect_success 'the link also undoes earlier changes since the same sign-in' '
	fresh && person max && change max phone +919876500206 && fresh &&
	change max email max2@example.org &&
	restore "$(link max@example.org)" && expect 204 &&
	test "$(em_sql "SELECT email, email_ok, phone IS NULL FROM user
	    WHERE id = $ID_max")" = "max@example.org|1|1" &&
	fresh && post login identifier=+919876500206 && expect 202 &&
	test "$(sent +919876500206 otp_login)" = 0
'

test_expect_success 'the link keeps changes before the sign-in' '
	fresh && person ned && change ned phone +919876500207 && fresh &&
	login_as ned && expect 200 && TOKEN_ned=$(json .access_token) &&
	change ned email ned2@example.org &&
	restore "$(link ned@example.org)" && expect 204 &&
	test "$(em_sql "SELECT email, phone, phone_ok FROM user
	    WHERE id = $ID_ned")" = "ned@example.org|+919876500207|1"
'

test_expect_success 'a link expires after 72 hours' '
	fresh && person gwen && change gwen email gwen2@example.org &&
	token=$(link gwen@example.org) &&
	em_sql "UPDATE contact_undo SET expires_at = expires_at - 259201000" &&
	restore "$token" && expect 404 link_invalid
'

test_expect_success 'a link does not take an address from another account' '
	fresh && person hana && change hana email hana2@example.org &&
	token=$(link hana@example.org) && fresh && no_codes &&
	person hana_new hana@example.org && restore "$token" &&
	expect 409 address_in_use &&
	test "$(em_sql "SELECT email FROM user WHERE id = $ID_hana")" = \
	    hana2@example.org
'

test_expect_success 'POST /user/password requires the password and ends other sessions' '
	fresh && person iris && login_as iris && other=$(json .access_token) &&
	{ u password "$TOKEN_iris" new_password=another-horse-7 &&
	    expect 400 validation_failed; } &&
	{ u password "$TOKEN_iris" current_password=wrong-horse-1 \
	    new_password=another-horse-7 &&
	    expect 403 reauthentication_required; } &&
	{ u password "$TOKEN_iris" current_password="$EM_PASSWORD" \
	    new_password=short && expect 400 validation_failed; } &&
	{ u password "$TOKEN_iris" current_password="$EM_PASSWORD" \
	    new_password=Iris-2024-iris && expect 400 validation_failed; } &&
	u password "$TOKEN_iris" current_password="$EM_PASSWORD" \
	    new_password=another-horse-7 && expect 204 &&
	api GET /user/profile -t "$TOKEN_iris" && expect 200 &&
	api GET /user/profile -t "$other" && expect 401 &&
	login_as iris && expect 401 && login_as iris another-horse-7 && expect 200 &&
	test "$(sent iris@example.org password_changed)" = 1
'

test_expect_success 'an account without a password sets one after a recent sign-in' '
	fresh && post continue identifier=+919876500206 && expect 202 &&
	post verify-otp identifier=+919876500206 \
	    code="$(code_of +919876500206)" && expect 201 &&
	t=$(json .access_token) name=$(json .user.username) && stale "$name" &&
	u password "$t" new_password=another-horse-7 &&
	expect 403 reauthentication_required &&
	em_sql "UPDATE device_session SET created_at = created_at + 1200000" &&
	u password "$t" new_password=another-horse-7 && expect 204 &&
	login_as "$name" another-horse-7 && expect 200
'

test_expect_success 'a second code is sent after 30 seconds, and ten a day' '
	fresh && person joe && for n in 1 2 3 4 5 6 7 8 9 10; do
		u email "$TOKEN_joe" email=jo$n@example.org && expect 202 &&
		u email "$TOKEN_joe" email=jo$n@example.org && expect 429 &&
		test -n "$(header Retry-After)" && soon || return 1
	done && u email "$TOKEN_joe" email=jo11@example.org && expect 429
'

test_expect_success 'an owner gets three notices a day' '
	fresh && soon && person kim && before=$(sent ben@example.org contact_taken) &&
	fresh && for n in 1 2 3 4 5; do
		u email "$TOKEN_kim" email=ben@example.org && expect 202 && soon ||
		    return 1
	done && test "$(sent ben@example.org contact_taken)" = $((before + 3))
'

test_expect_success 'invalid addresses and codes return 400' '
	fresh && for text in "{}" "{\"email\":\"x\"}" "{\"email\":null}" \
	    "{\"email\":\"joe@example.org\"}"; do
		api POST /user/email -t "$TOKEN_joe" "$text" &&
		expect 400 validation_failed || return 1
	done && u phone "$TOKEN_joe" phone=+15551234567 &&
	expect 400 validation_failed && u phone "$TOKEN_joe" phone=12 &&
	expect 400 validation_failed && u email/verify "$TOKEN_joe" code=12345 &&
	expect 400 validation_failed && u phone/verify "$TOKEN_joe" code=123456 &&
	expect 400 otp_expired
'

test_expect_success 'jobs delete expired changes and links' '
	em_jobs "$(date -u -d "+9 days" +%FT%TZ)" && for table in contact_change \
	    contact_undo contact_lock; do
		test "$(em_sql "SELECT count(*) FROM $table")" = 0 || return 1
	done
'

test_done
