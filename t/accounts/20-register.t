#!/bin/sh
test_description='POST /auth/register: new accounts'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-auth.sh"

em_argon
# Longer than the test takes on a slow machine.
em_conf auth.otp_resend_interval=600
em_start

test_expect_success 'registration by e-mail returns 201 and sends a one-time code' '
	register ana email=ana@example.org sex=female country=in \
	    preferred_language=hindi && expect 201 &&
	check_json ".username == \"ana\" and .status == \"pending_verification\"
	    and (.user_id | type) == \"number\" and .otp.channel == \"email\"
	    and .otp.sent_to == \"a***@example.org\"
	    and .otp.resend_after == 600" &&
	test "$(header Cache-Control)" = no-store &&
	code=$(code_of ana@example.org) &&
	test "$(printf %s "$code" | grep -cE "^[0-9]{6}$")" = 1
'

test_expect_success 'the code activates the account and signs the user in' '
	verify ana@example.org "$code" && expect 200 &&
	check_json ".token_type == \"Bearer\" and .expires_in == 900 and
	    .user.status == \"active\" and .user.email == \"ana@example.org\"
	    and .user.sex == \"female\" and .user.country == \"IN\" and
	    .user.preferred_language == \"hi\" and .user.roles == [\"customer\"]
	    and .user.phone == null" &&
	api GET /user/profile -t "$(json .access_token)" && expect 200
'

test_expect_success 'registration by phone works with and without /api/v1 in the path' '
	api POST /api/v1/auth/register "$(obj username=bob \
	    password=$EM_PASSWORD phone=+919876543210)" && expect 201 &&
	check_json ".otp.channel == \"sms\" and
	    .otp.sent_to == \"+91********10\"" &&
	api POST /api/v1/auth/verify-otp/ "$(obj identifier=+919876543210 \
	    code=$(code_of +919876543210) purpose=register)" && expect 200
'

test_expect_success 'with a phone number and an e-mail address, the code goes to the phone' '
	register cyd email=cyd@example.org phone=+919876500001 && expect 201 &&
	check_json ".otp.channel == \"sms\"" &&
	test "$(sent cyd@example.org otp_register)" = 0 &&
	verify cyd "$(code_of +919876500001)" && expect 200 &&
	check_json ".user.email == \"cyd@example.org\""
'

test_expect_success 'a verified user can sign in by username, phone number and e-mail' '
	for id in cyd +919876500001 CYD@Example.org; do
		post login identifier=$id password=$EM_PASSWORD &&
		expect 200 || return 1
	done
'

test_expect_success 'usernames are unique, regardless of case' '
	for name in ana ANA aNa; do
		register $name email=x@example.org &&
		expect 409 username_taken || return 1
	done
'

test_expect_success 'a username is stored in lower case' '
	register MixedCase email=mixed@example.org && expect 201 &&
	check_json ".username == \"mixedcase\""
'

test_expect_success 'of 20 simultaneous registrations of one username, one succeeds' '
	obj username=race password=$EM_PASSWORD email=race@example.org >race &&
	seq 20 | xargs -P 20 -I N curl -s -o race.N -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @race \
	    "$URL/auth/register" | sort | uniq -c | tr -s " " >out &&
	printf " 1 201\n 19 409\n" >want && test_cmp want out &&
	test "$(em_sql "SELECT count(*) FROM user
	    WHERE username = \"race\"")" = 1
'

# Prints all responses to a client that tries the address $2 with the username
# $1. They must be the same for a taken address and for a free one.
look() {
	register "$1" email="$2" && plain | sed "s/$1/NAME/; s/\"user_id\":[0-9]*/ID/"
	register "$1" email="other-$1@example.org" &&
	plain
	verify "$2" 000000 && plain
	post login identifier="$1" password="$EM_PASSWORD" && plain
	post login identifier="$2" password="$EM_PASSWORD" && plain
	post login identifier="$2" password=wrong-pass-1 && plain
	post resend-otp identifier="$2" purpose=register && plain
	verify "$1" 000001 && plain
	verify "$2" 000002 && plain
	verify "$2" 000003 && plain
	verify "$2" 000004 && plain
	verify "$2" 000005 && plain
	verify "$2" 000006 && plain
	post resend-otp identifier="$2" purpose=register && plain
}

# The username and the address have five attempts each.
cat >looked <<END
201
409 username_taken
400 otp_invalid 4
403 verification_required
403 verification_required
401 invalid_credentials
429 rate_limited
400 otp_invalid 4
400 otp_invalid 3
400 otp_invalid 2
400 otp_invalid 1
400 otp_invalid 0
429 otp_locked
429 rate_limited
END

test_expect_success 'a taken e-mail address gets the same responses as a free one' '
	person eve eva@example.org && no_codes && fresh &&
	em_sql "UPDATE user SET password = NULL WHERE id = $ID_eve" &&
	look probe1 eva@example.org >taken &&
	look probe2 evi@example.org >free &&
	test_cmp free taken &&
	grep -q "^201" taken && grep -q "^409" taken && grep -q "^403" taken &&
	sed "s/ {\(.*attempts_left\":\([0-9]\)\)*.*\"error\":\"\([a-z_]*\).*/ \3 \2/
	    s/ {.*//; s/ *$//" taken >got && test_cmp looked got
'

test_expect_success 'the owner of a taken address is notified and gets no code' '
	test "$(sent eva@example.org register_taken)" = 1 &&
	test "$(sent eva@example.org otp_register)" = 1 &&
	test "$(sent evi@example.org register_taken)" = 0
'

test_expect_success 'the owner of a taken address is notified at most three times a day' '
	for n in 1 2 3 4 5; do
		register again$n email=eva@example.org && expect 201 || return 1
	done &&
	test "$(sent eva@example.org register_taken)" = 3
'

test_expect_success 'no valid code exists for a taken address' '
	test "$(em_sql "SELECT count(*) FROM otp AS o JOIN user AS u
	    ON u.id = o.user_id WHERE o.used_at IS NULL AND u.email =
	    (SELECT email FROM user WHERE id = $ID_eve)")" = 0
'

test_expect_success 'a taken e-mail address is notified if the phone number is verified' '
	register fay phone=+919876500002 email=eva@example.org && expect 201 &&
	verify +919876500002 "$(code_of +919876500002)" && expect 200 &&
	post login identifier=eva@example.org password=$EM_PASSWORD &&
	expect 200 && check_json ".user.username == \"fay\"" &&
	em_sql "UPDATE throttle SET ends_at = 0" &&
	register fay2 phone=+919876500003 email=eva@example.org && expect 201 &&
	test "$(sent eva@example.org register_taken)" = 4
'

test_expect_success 'a pending registration does not block another one of its address' '
	register squat email=gil@example.org && expect 201 &&
	otp_age 601 &&
	register gil email=gil@example.org && expect 201 &&
	verify gil@example.org "$(code_of gil@example.org)" && expect 200 &&
	check_json ".user.username == \"gil\"" &&
	post login identifier=squat password=$EM_PASSWORD &&
	expect 403 verification_required &&
	test "$(sent gil@example.org otp_register)" = 2
'

test_expect_success 'of two pending registrations of one address, the first verified gets it' '
	register hal email=hal@example.org && expect 201 &&
	first=$(code_of hal@example.org) &&
	register hal2 email=hal@example.org && expect 201 &&
	verify hal@example.org "$first" && expect 200 &&
	check_json ".user.username == \"hal\"" &&
	verify hal2 "$first" && expect 400 otp_expired &&
	test "$(em_sql "SELECT count(*) FROM user WHERE email_ok = 1 AND
	    email = (SELECT email FROM user WHERE username = \"hal\")")" = 1
'

test_expect_success 'a referral code is stored, and an unknown one returns 400' '
	ref=$(em_sql "SELECT referral_code FROM user WHERE id = $ID_eve") &&
	register ivy email=ivy@example.org referral_code=$ref && expect 201 &&
	test "$(em_sql "SELECT referred_by FROM user
	    WHERE id = $(json .user_id)")" = "$ID_eve" &&
	register joe email=joe@example.org referral_code=NOSUCH &&
	expect 400 validation_failed && check_json ".fields.referral_code"
'

test_expect_success 'POST /auth/register rejects invalid bodies' 'bodies_refused register'

bad_field() {
	before=$(users)
	field=$1
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		if ! api POST /auth/register "$line" ||
		    ! expect 400 validation_failed ||
		    ! check_json ".fields[\$f]" --arg f "$field"; then
			note "body: $line"
			return 1
		fi
	done
	test "$(users)" = "$before"
}

test_expect_success 'POST /auth/register rejects invalid usernames' '
	bad_field username <<-\END
	{"password":"correct-horse-9","email":"z@example.org"}
	{"username":null,"password":"correct-horse-9","email":"z@example.org"}
	{"username":"","password":"correct-horse-9","email":"z@example.org"}
	{"username":"ab","password":"correct-horse-9","email":"z@example.org"}
	{"username":"abcdefghijabcdefghijabcdefghijk","password":"correct-horse-9","email":"z@example.org"}
	{"username":"a b c","password":"correct-horse-9","email":"z@example.org"}
	{"username":"a@b.cd","password":"correct-horse-9","email":"z@example.org"}
	{"username":"+9198765432","password":"correct-horse-9","email":"z@example.org"}
	{"username":"jos\u00e9","password":"correct-horse-9","email":"z@example.org"}
	{"username":"a-b-c","password":"correct-horse-9","email":"z@example.org"}
	{"username":"a\nbcd","password":"correct-horse-9","email":"z@example.org"}
	{"username":7,"password":"correct-horse-9","email":"z@example.org"}
	{"username":["abc"],"password":"correct-horse-9","email":"z@example.org"}
	{"username":{},"password":"correct-horse-9","email":"z@example.org"}
	{"username":true,"password":"correct-horse-9","email":"z@example.org"}
	END
'

test_expect_success 'POST /auth/register rejects invalid and weak passwords' '
	bad_field password <<-\END
	{"username":"zed","email":"z@example.org"}
	{"username":"zed","email":"z@example.org","password":""}
	{"username":"zed","email":"z@example.org","password":"1234567"}
	{"username":"zed","email":"z@example.org","password":"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"}
	{"username":"zed","email":"z@example.org","password":"password"}
	{"username":"zed","email":"z@example.org","password":"PassWord123"}
	{"username":"zed","email":"z@example.org","password":"qwertyuiop"}
	{"username":"zed","email":"z@example.org","password":"12345678"}
	{"username":"zed","email":"z@example.org","password":"zzzzzzzzzz"}
	{"username":"zed.the.first","email":"z@example.org","password":"Zed.The.First"}
	{"username":"zed.the.first","email":"z@example.org","password":"zedthefirst99"}
	{"username":"zed","email":"zoe.smith@example.org","password":"ZoeSmith_2024"}
	{"username":"zed","email":"z@example.org","password":"Earmark2024!"}
	{"username":"zed","email":"z@example.org","password":"007james"}
	{"username":"zed","email":"z@example.org","password":123456789012}
	{"username":"zed","email":"z@example.org","password":null}
	END
'

test_expect_success 'a password of 200 characters is accepted, and one of 201 returns 400' '
	long=$(printf %0201d 7) &&
	register zed email=z@example.org && expect 201 &&
	post register username=zed2 password="$long" email=z2@example.org &&
	expect 400 validation_failed && check_json .fields.password &&
	post register username=zed2 password="${long#?}" email=z2@example.org &&
	expect 201
'

test_expect_success 'POST /auth/register rejects invalid and missing e-mail addresses' '
	bad_field email <<-\END
	{"username":"zoe","password":"correct-horse-9"}
	{"username":"zoe","password":"correct-horse-9","email":null}
	{"username":"zoe","password":"correct-horse-9","email":""}
	{"username":"zoe","password":"correct-horse-9","email":"zoe"}
	{"username":"zoe","password":"correct-horse-9","email":"@example.org"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@localhost"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example..org"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@-example.org"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org."}
	{"username":"zoe","password":"correct-horse-9","email":"zoe zoe"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@ ."}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org b@example.org"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org\r\nBcc: x@example.org"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@@example.org"}
	{"username":"zoe","password":"correct-horse-9","email":".zoe@example.org"}
	{"username":"zoe","password":"correct-horse-9","email":"<zoe@example.org>"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org,b@example.org"}
	{"username":"zoe","password":"correct-horse-9","email":"zo\u00e9@example.org"}
	{"username":"zoe","password":"correct-horse-9","email":5}
	{"username":"zoe","password":"correct-horse-9","email":["zoe@example.org"]}
	{"username":"zoe","password":"correct-horse-9","email":"+919876543210"}
	END
'

test_expect_success 'POST /auth/register rejects invalid phone numbers' '
	bad_field phone <<-\END
	{"username":"zoe","password":"correct-horse-9","phone":""}
	{"username":"zoe","password":"correct-horse-9","phone":"9876543210"}
	{"username":"zoe","password":"correct-horse-9","phone":"+0123456789"}
	{"username":"zoe","password":"correct-horse-9","phone":"+1234567"}
	{"username":"zoe","password":"correct-horse-9","phone":"+1234567890123456"}
	{"username":"zoe","password":"correct-horse-9","phone":"+91 987"}
	{"username":"zoe","password":"correct-horse-9","phone":"+91-98765-43210-1234"}
	{"username":"zoe","password":"correct-horse-9","phone":"+91/9876543210"}
	{"username":"zoe","password":"correct-horse-9","phone":"000919876543210"}
	{"username":"zoe","password":"correct-horse-9","phone":"++919876543210"}
	{"username":"zoe","password":"correct-horse-9","phone":"+999123456789"}
	{"username":"zoe","password":"correct-horse-9","phone":"+91987654321O"}
	{"username":"zoe","password":"correct-horse-9","phone":"+\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669"}
	{"username":"zoe","password":"correct-horse-9","phone":919876543210}
	{"username":"zoe","password":"correct-horse-9","phone":"z@example.org"}
	END
'

test_expect_success 'POST /auth/register rejects an invalid sex, country or language' '
	bad_field sex <<-\END &&
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org","sex":"f"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org","sex":""}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org","sex":1}
	END
	bad_field country <<-\END &&
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org","country":"IND"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org","country":"1N"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org","country":"QQ"}
	END
	bad_field preferred_language <<-\END
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org","preferred_language":"klingon"}
	{"username":"zoe","password":"correct-horse-9","email":"zoe@example.org","preferred_language":4}
	END
'

test_expect_success 'one response lists all invalid fields of a registration' '
	post register username=a password=short email=nope phone=12 &&
	expect 400 validation_failed &&
	check_json ".fields | keys == [\"email\", \"password\", \"phone\",
	    \"username\"]"
'

test_expect_success 'a registration cannot set roles, status or ids' '
	api POST /auth/register "{\"username\":\"mallory\",\"roles\":7,
	    \"status\":\"active\",\"id\":1,\"user_id\":1,\"email_ok\":1,
	    \"password\":\"$EM_PASSWORD\",\"email\":\"mal@example.org\"}" &&
	expect 201 &&
	test "$(em_sql "SELECT roles, status, email_ok FROM user
	    WHERE id = $(json .user_id)")" = "1|0|0"
'

test_expect_success 'passwords are stored as Argon2id hashes, each with a different salt' '
	em_sql "SELECT password FROM user WHERE password IS NOT NULL" >hashes &&
	test "$(grep -vc "^.argon2id.v=19.m=19456,t=2,p=1." hashes)" = 0 &&
	test "$(sort hashes | uniq -d | wc -l)" = 0
'

test_expect_success 'no log contains an e-mail address, phone number, code or password' '
	code=$(code_of ana@example.org) &&
	! grep -ahE "example\.org|\+9198|$EM_PASSWORD|\"$code\"" \
	    "$EM_STATE"/log/*.log
'

test_expect_success 'a registration that is never verified is deleted after two days' '
	test "$(em_sql "SELECT count(*) FROM user WHERE status = 0")" -gt 5 &&
	em_jobs "$(date -u -d "+3 days" +%FT%TZ)" &&
	test "$(em_sql "SELECT count(*) FROM user WHERE status = 0")" = 0 &&
	register mixedcase email=mixed@example.org && expect 201
'

test_done
