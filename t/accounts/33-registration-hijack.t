#!/bin/sh
# shellcheck disable=SC2154
test_description='auth: registrations with the address of another person'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_start

# attack NAME ADDRESS...: registers with a password that the attacker knows.
attack() {
	attack_name=$1
	shift
	post register username="$attack_name" password=attackers-horse-1 "$@"
}

# no_password NAME: succeeds if neither password opens the account.
no_password() {
	fresh &&
	post login identifier="$1" password=attackers-horse-1 &&
	expect 401 invalid_credentials &&
	post login identifier="$1" password="$EM_PASSWORD" &&
	expect 401 invalid_credentials &&
	test -z "$(em_sql "SELECT password FROM user WHERE username = \"$1\"")"
}

test_expect_success 'the code of a second registration does not activate the first' '
	register vera email=vera@example.org && expect 201 &&
	first=$(code_of vera@example.org) && otp_age 31 &&
	attack mallory email=vera@example.org && expect 201 &&
	second=$(code_of vera@example.org) &&
	{ test "$first" = "$second" || {
		verify vera "$second" && expect 400 otp_invalid; }; } &&
	verify vera "$first" && expect 200 &&
	check_json ".user.username == \"vera\"" &&
	post login identifier=vera password=$EM_PASSWORD && expect 200 &&
	verify mallory "$second" && expect 400
'

test_expect_success 'a registration verified by address loses its password and profile' '
	register wilma email=wilma@example.org && expect 201 &&
	otp_age 31 && attack mallory2 email=wilma@example.org \
	    sex=male country=RU preferred_language=ru && expect 201 &&
	verify wilma@example.org "$(code_of wilma@example.org)" && expect 200 &&
	check_json ".user.username == \"mallory2\" and .user.sex == null and
	    .user.country == null and .user.preferred_language == null and
	    .user.roles == [\"customer\"] and .user.email == \"wilma@example.org\"" &&
	no_password mallory2 && no_codes
'

test_expect_success 'the owner of the address sets a password with a code' '
	post password/forgot identifier=wilma@example.org && expect 202 &&
	post password/reset identifier=wilma@example.org \
	    code="$(code_of wilma@example.org)" new_password=owners-horse-22 &&
	expect 204 &&
	post login identifier=wilma@example.org password=owners-horse-22 &&
	expect 200 && check_json ".user.username == \"mallory2\""
'

test_expect_success 'the password is also removed if the owner registered second' '
	attack mallory3 email=xena@example.org && expect 201 && otp_age 31 &&
	register xena email=xena@example.org && expect 201 &&
	verify xena@example.org "$(code_of xena@example.org)" && expect 200 &&
	check_json ".user.username == \"xena\"" && no_password xena
'

test_expect_success 'an earlier code activates its own registration, verified by address' '
	register yara email=yara@example.org && expect 201 &&
	first=$(code_of yara@example.org) && otp_age 31 &&
	attack mallory4 email=yara@example.org && expect 201 &&
	verify yara@example.org "$first" && expect 200 &&
	check_json ".user.username == \"yara\"" && no_password yara
'

test_expect_success 'a single registration keeps its password if verified by name or address' '
	register solo1 email=solo1@example.org country=IN && expect 201 &&
	verify solo1 "$(code_of solo1@example.org)" && expect 200 &&
	check_json ".user.country == \"IN\"" &&
	post login identifier=solo1 password=$EM_PASSWORD && expect 200 &&
	register solo2 email=solo2@example.org country=IN && expect 201 &&
	verify solo2@example.org "$(code_of solo2@example.org)" && expect 200 &&
	check_json ".user.country == \"IN\"" &&
	post login identifier=solo2 password=$EM_PASSWORD && expect 200
'

test_expect_success 'verification by phone removes the password and the e-mail address' '
	register zoe phone=+919876500101 && expect 201 && otp_age 31 &&
	attack mallory5 phone=+919876500101 email=mallory5@evil.example &&
	expect 201 &&
	verify +919876500101 "$(code_of +919876500101)" && expect 200 &&
	check_json ".user.username == \"mallory5\" and .user.email == null and
	    .user.phone == \"+919876500101\"" &&
	no_password mallory5 &&
	post login identifier=mallory5@evil.example password=attackers-horse-1 &&
	expect 401 &&
	post password/forgot identifier=mallory5@evil.example && expect 202 &&
	test "$(sent mallory5@evil.example otp_reset)" = 0 &&
	test "$(sent +919876500101 otp_reset)" = 0
'

test_expect_success 'verification by username keeps the password' '
	register abby phone=+919876500102 && expect 201 &&
	first=$(code_of +919876500102) && otp_age 31 &&
	attack mallory6 phone=+919876500102 && expect 201 &&
	verify abby "$first" && expect 200 &&
	post login identifier=abby password=$EM_PASSWORD && expect 200 &&
	post login identifier=mallory6 password=attackers-horse-1 &&
	expect 403 verification_required
'

test_expect_success 'a username that equals the phone number counts as the phone number' '
	register ada phone=+919876500103 && expect 201 && otp_age 31 &&
	attack 9876500103 phone=+919876500103 && expect 201 &&
	verify 9876500103 "$(code_of +919876500103)" && expect 200 &&
	no_password 9876500103 &&
	register 5551234 email=number@example.org && expect 201 &&
	verify 5551234 "$(code_of number@example.org)" && expect 200 &&
	post login identifier=5551234 password=$EM_PASSWORD && expect 200
'

test_expect_success 'a resent code belongs to the registration it was requested for' '
	register beth email=beth@example.org && expect 201 && otp_age 31 &&
	attack mallory7 email=beth@example.org && expect 201 && otp_age 31 &&
	post resend-otp identifier=beth purpose=register && expect 202 &&
	code=$(code_of beth@example.org) &&
	verify mallory7 "$code" && expect 400 &&
	verify beth "$code" && expect 200 &&
	post login identifier=beth password=$EM_PASSWORD && expect 200
'

test_expect_success 'a code resent to the address activates without a password' '
	register cleo email=cleo@example.org && expect 201 && otp_age 31 &&
	attack mallory8 email=cleo@example.org && expect 201 && otp_age 31 &&
	post resend-otp identifier=cleo@example.org purpose=register &&
	expect 202 && code=$(code_of cleo@example.org) &&
	{ verify cleo "$code" && expect 400; } &&
	verify cleo@example.org "$code" && expect 200 &&
	no_password "$(json .user.username)"
'

test_expect_success 'a code requested by the attacker activates without a password' '
	register dora email=dora@example.org && expect 201 && otp_age 31 &&
	attack mallory9 email=dora@example.org && expect 201 && otp_age 31 &&
	post login identifier=mallory9 password=attackers-horse-1 &&
	expect 403 verification_required &&
	code=$(code_of dora@example.org) &&
	{ verify dora "$code" && expect 400; } &&
	verify dora@example.org "$code" && expect 200 &&
	check_json ".user.username == \"mallory9\"" && no_password mallory9
'

test_expect_success 'the password is removed if the first registration has expired' '
	fresh && register emma email=emma@example.org && expect 201 &&
	em_sql "DELETE FROM user WHERE username = \"emma\"" && otp_age 31 &&
	attack mallory10 email=emma@example.org && expect 201 &&
	verify emma@example.org "$(code_of emma@example.org)" && expect 200 &&
	check_json ".user.username == \"mallory10\"" && no_password mallory10
'

test_expect_success 'the password is removed if the attacker took the expired username' '
	fresh && register faye email=faye@example.org && expect 201 &&
	attack faye email=other@example.org && expect 409 username_taken &&
	em_sql "DELETE FROM user WHERE username = \"faye\"" && otp_age 31 &&
	attack faye email=faye@example.org && expect 201 &&
	verify faye "$(code_of faye@example.org)" && expect 200 &&
	no_password faye
'

test_expect_success 'the password is removed if the owner found the username taken' '
	fresh && attack jane.doe email=jane.doe@example.org && expect 201 &&
	register jane.doe email=jane.doe@example.org && expect 409 username_taken &&
	verify jane.doe@example.org "$(code_of jane.doe@example.org)" &&
	expect 200 && no_password jane.doe &&
	attack jack.doe phone=+919876500150 && expect 201 &&
	register jack.doe phone=+919876500150 email=jack@example.org &&
	expect 409 username_taken &&
	verify jack.doe "$(code_of +919876500150)" && expect 200 &&
	no_password jack.doe
'

test_expect_success 'a registration that is repeated with its password keeps it' '
	fresh && register june email=june@example.org && expect 201 &&
	register june email=june@example.org && expect 409 username_taken &&
	verify june@example.org "$(code_of june@example.org)" && expect 200 &&
	post login identifier=june password=$EM_PASSWORD && expect 200
'

test_expect_success 'the password is removed if jobs deleted the first registration' '
	fresh && register gwen email=gwen@example.org && expect 201 &&
	em_jobs "$(date -u -d "+3 days" +%FT%TZ)" &&
	test "$(em_sql "SELECT count(*) FROM user WHERE username = \"gwen\"")" = 0 &&
	no_codes &&
	attack mallory11 email=gwen@example.org && expect 201 &&
	verify gwen@example.org "$(code_of gwen@example.org)" && expect 200 &&
	no_password mallory11
'

test_expect_success 'an owner who deleted the account can register again with a password' '
	fresh && person hope && no_codes &&
	api DELETE /user/profile -t "$TOKEN_hope" && expect 204 &&
	register hope email=hope@example.org && expect 201 &&
	verify hope@example.org "$(code_of hope@example.org)" && expect 200 &&
	post login identifier=hope password=$EM_PASSWORD && expect 200
'

test_expect_success 'a hijacked registration loses referrer, roles, sessions and service tokens' '
	fresh && person eve && no_codes &&
	ref=$(em_sql "SELECT referral_code FROM user WHERE id = $ID_eve") &&
	register iris email=iris@example.org && expect 201 && otp_age 31 &&
	attack mallory12 email=iris@example.org referral_code=$ref && expect 201 &&
	id=$(json .user_id) && em_cli user grant mallory12 admin &&
	em_sql "INSERT INTO device_session(user_id, created_at, used_at)
	    VALUES ($id, 1, $(date +%s)000)" &&
	verify iris@example.org "$(code_of iris@example.org)" && expect 200 &&
	check_json ".user.roles == [\"customer\"] and .user.user_id == $id" &&
	test -z "$(em_sql "SELECT referred_by FROM user WHERE id = $id")" &&
	test "$(em_sql "SELECT revoked_at IS NULL, created_at = 1, count(*)
	    FROM device_session WHERE user_id = $id GROUP BY 1, 2" |
	    tr "\n" " ")" = "0|1|1 1|0|1 " &&
	test "$(em_sql "SELECT count(*) FROM audit
	    WHERE action = \"user.revoke\" AND target = \"user:$id\"")" = 1
'

test_expect_success 'verification by username keeps country and referrer' '
	fresh && register jana email=jana@example.org referral_code=$ref \
	    country=IN && expect 201 && id=$(json .user_id) &&
	code=$(code_of jana@example.org) && otp_age 31 &&
	attack mallory13 email=jana@example.org && expect 201 &&
	verify jana "$code" && expect 200 && check_json ".user.country == \"IN\"" &&
	test "$(em_sql "SELECT referred_by FROM user WHERE id = $id")" = $ID_eve
'

test_expect_success 'of 50 simultaneous registrations of an address, one sends a code' '
	fresh && for n in $(seq 50); do
		obj username=race$n password=attackers-horse-1 \
		    email=race@example.org >race.$n || return 1
	done &&
	seq 50 | xargs -P 50 -I N curl -s -o out.N -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @race.N \
	    "$URL/auth/register" | sort | uniq -c | tr -s " " >out &&
	echo " 50 201" >want && test_cmp want out &&
	test "$(sent race@example.org otp_register)" = 1
'

test_expect_success 'of 50 simultaneous verifications one succeeds, without a password' '
	code=$(code_of race@example.org) &&
	obj identifier=race@example.org code=$code purpose=register >race &&
	seq 50 | xargs -P 50 -I N curl -s -o out.N -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @race "$URL/auth/verify-otp" |
	    sort | uniq -c | tr -s " " >out &&
	printf " 1 200\n 49 400\n" >want && test_cmp want out &&
	test "$(em_sql "SELECT count(*) FROM user WHERE email_ok = 1 AND
	    email = \"race@example.org\" AND password IS NULL")" = 1
'

test_expect_success 'simultaneous registration and verification never keep the password of the attacker' '
	for n in $(seq 10); do
		fresh && no_codes &&
		register kate$n email=kate$n@example.org && expect 201 &&
		otp_age 31 &&
		obj username=evil$n password=attackers-horse-1 \
		    email=kate$n@example.org >evil &&
		obj identifier=kate$n@example.org purpose=register \
		    code="$(code_of kate$n@example.org)" >right &&
		{ curl -s -o /dev/null -H "Content-Type: application/json" \
		    -d @evil "$URL/auth/register" &
		curl -s -o answer -H "Content-Type: application/json" \
		    -d @right "$URL/auth/verify-otp"; wait $!; } &&
		jq -e ".user.username == \"kate$n\"" answer >/dev/null &&
		post login identifier=kate$n@example.org \
		    password=attackers-horse-1 && case $status in
		401 | 403) ;;
		*) return 1 ;;
		esac || return 1
	done
'

test_expect_success 'no message with a code contains a username' '
	delivered && jq -r "select(.code) | .body" "$EM_STATE/outbox.jsonl" >texts &&
	test "$(grep -c "is your code to" texts)" -gt 20 &&
	! grep -E "vera|mallory|wilma|zoe|evil|kate" texts
'

test_done
