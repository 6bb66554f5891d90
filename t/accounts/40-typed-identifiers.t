#!/bin/sh
test_description='accounts: identifiers and codes as people type them'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-auth.sh"

em_conf auth.otp_resend_interval=1
em_start


# in_devanagari CODE: replaces the digits.
in_devanagari() {
	/usr/bin/python3 -c 'import sys; print("".join(chr(0x966 + int(c))
	    for c in sys.argv[1]))' "$1"
}

test_expect_success 'a phone number with spaces, separators or a trunk 0 is the same number' '
	register ana phone="+91 98222 12222" && expect 201 &&
	test "$(sent +919822212222 otp_register)" = 1 &&
	verify "+91-98222-12222" "$(code_of +919822212222)" && expect 200 &&
	check_json ".user.phone == \"+919822212222\"" &&
	ltr=$(printf "\342\200\252+91 (98222) 12222\342\200\254") &&
	for number in +9109822212222 "00 91 98222 12222" "$ltr" \
	    "+९१ ९८२२२ १२२२२" "＋９１９８２２２１２２２２"; do
		post login identifier="$number" password="$EM_PASSWORD" &&
		expect 200 && check_json ".user.username == \"ana\"" ||
		    return 1
	done &&
	register bob phone=+9109822212222 && expect 201 &&
	verify bob 000000; [ "$status" != 200 ] &&
	test "$(em_sql "SELECT count(*) FROM user WHERE phone LIKE \"%9822212222\"
	    AND phone <> \"+919822212222\"")" = 0
'

test_expect_success 'an e-mail address may contain spaces and an internationalized domain' '
	register eva email=" Eva @Bücher.Example " && expect 201 &&
	verify "eva@xn--bcher-kva.example" "$(code_of eva@xn--bcher-kva.example)" &&
	expect 200 && check_json ".user.email == \"eva@xn--bcher-kva.example\"" &&
	post login identifier="EVA@BÜCHER.example" password="$EM_PASSWORD" &&
	expect 200
'

test_expect_success 'a code may contain spaces and digits of another script' '
	register cyd phone=+919822212223 && expect 201 &&
	code=$(code_of +919822212223) && rest=${code#???} &&
	verify cyd "${code%"$rest"} $rest" && expect 200 &&
	register dan phone=+919822212224 && expect 201 &&
	verify dan "$(in_devanagari "$(code_of +919822212224)")" && expect 200 &&
	verify dan "12 34 5" && expect 400 validation_failed
'

test_expect_success 'impossible numbers and numbers without a country are rejected' '
	for number in +91987 +999123456789 +123456789012345; do
		register eve phone="$number" && expect 400 validation_failed &&
		check_json ".fields.phone | test(\"possible\")" || return 1
	done &&
	register eve phone="98222 12222" && expect 400 validation_failed &&
	check_json ".fields.phone | test(\"country\")"
'

test_expect_success 'login, forgot and resend reject what no identifier can be' '
	for text in "a b" "@" "ana@nowhere" "+1" "x-y-z" "?"; do
		post login identifier="$text" && expect 400 validation_failed &&
		post login identifier="$text" password=x &&
		expect 400 validation_failed &&
		post password/forgot identifier="$text" &&
		expect 400 validation_failed &&
		post resend-otp identifier="$text" purpose=login &&
		expect 400 validation_failed &&
		check_json ".fields | keys == [\"identifier\"]" || return 1
	done
'

test_expect_success 'with auth.default_country, national numbers belong to it' '
	em_stop && em_conf auth.default_country=IN && em_start &&
	for number in "98222 12222" 098222-12222 919822212222 +919822212222; do
		post login identifier="$number" password="$EM_PASSWORD" &&
		expect 200 && check_json ".user.username == \"ana\"" ||
		    return 1
	done &&
	register fay phone="098222 12229" && expect 201 &&
	test "$(sent +919822212229 otp_register)" = 1 &&
	printf "[auth]\ndefault_country = XX\n" >bad.conf &&
	test_must_fail "$EM_BUILD/earmark" -c bad.conf config check 2>err &&
	grep -q default_country err
'

test_done
