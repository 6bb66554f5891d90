#!/bin/sh
test_description='auth: one-time codes'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf auth.otp_allowed_prefixes=+91,+1555,+44
em_conf auth.otp_max_per_prefix_hour=6
em_conf auth.otp_max_total_per_day=60
em_conf auth.otp_max_total_email_per_day=60
em_conf auth.otp_fixed_codes=+15550100123=424242@2099-01-01,+15550100124=424242@2020-01-01,review@example.org=515151@2099-01-01
em_start

# Prints how many messages with a code of any purpose an address got.
codes_to() {
	delivered &&
	jq -s --arg to "$1" '[.[] | select(.to == $to and .code)] | length' \
	    "$EM_STATE/outbox.jsonl"
}

test_expect_success 'a code is invalidated after five wrong attempts' '
	register ana email=ana@example.org && expect 201 &&
	code=$(code_of ana@example.org) && bad=$(other_code "$code") &&
	for left in 4 3 2 1 0; do
		verify ana@example.org "$bad" && expect 400 otp_invalid &&
		check_json ".attempts_left == $left" || return 1
	done &&
	verify ana@example.org "$bad" && expect 429 otp_locked &&
	test "$(header Retry-After)" -gt 0 &&
	verify ana@example.org "$code" && expect 429 otp_locked
'

test_expect_success 'a new code has five attempts of its own' '
	otp_age 31 &&
	post resend-otp identifier=ana@example.org purpose=register &&
	expect 202 && code=$(code_of ana@example.org) &&
	verify ana@example.org "$(other_code "$code")" &&
	expect 400 otp_invalid && check_json ".attempts_left == 4" &&
	verify ana@example.org "$code" && expect 200 &&
	ID_ana=$(json .user.user_id)
'

test_expect_success 'a code is accepted once' '
	verify ana@example.org "$code" && expect 400 otp_expired
'

test_expect_success 'a code is accepted with each identifier of its account' '
	register ben email=ben@example.org phone=+919876500011 && expect 201 &&
	verify BEN "$(code_of +919876500011)" && expect 200 &&
	register dan email=dan@example.org phone=+919876500012 && expect 201 &&
	verify dan@example.org "$(code_of +919876500012)" && expect 200
'

test_expect_success 'a code expires after five minutes' '
	register cat email=cat@example.org && expect 201 &&
	code=$(code_of cat@example.org) && otp_age 285 &&
	verify cat@example.org "$(other_code "$code")" &&
	expect 400 otp_invalid &&
	otp_age 15 && verify cat@example.org "$code" &&
	expect 400 otp_expired
'

test_expect_success 'only the newest code of an account is valid' '
	post resend-otp identifier=cat@example.org purpose=register &&
	expect 202 && first=$(code_of cat@example.org) && otp_age 31 &&
	post resend-otp identifier=cat@example.org purpose=register &&
	expect 202 && second=$(code_of cat@example.org) &&
	{ test "$first" = "$second" ||
		{ verify cat@example.org "$first" && expect 400 otp_invalid; }; } &&
	verify cat@example.org "$second" && expect 200
'

test_expect_success 'a code is accepted only for its purpose' '
	post login identifier=ana && expect 202 &&
	code=$(code_of ana@example.org) &&
	verify ana@example.org "$code" reset && expect 400 otp_expired &&
	verify ana@example.org "$code" register && expect 400 otp_expired &&
	post password/reset identifier=ana code="$code" \
	    new_password=another-horse-8 && expect 400 otp_expired &&
	verify ana@example.org "$code" login && expect 200 &&
	check_json ".user.user_id == $ID_ana"
'

test_expect_success 'a code is accepted only for its account' '
	otp_age 31 && post login identifier=ana && expect 202 &&
	code=$(code_of ana@example.org) &&
	otp_age 31 && post login identifier=cat && expect 202 &&
	verify cat "$code" login && expect 400 otp_invalid &&
	verify ana "$code" login && expect 200
'

test_expect_success 'a password reset code can also sign the user in' '
	post password/forgot identifier=ana && expect 202 &&
	verify ana "$(code_of ana@example.org)" reset && expect 200
'

test_expect_success 'codes and identifiers are stored as keyed hashes' '
	post login identifier=ana && code=$(code_of ana@example.org) &&
	em_sql "SELECT hex(key), hex(hash) FROM otp" >rows &&
	test "$(grep -c . rows)" -ge 1 &&
	! grep -qi "$(printf %s "$code" | od -An -tx1 | tr -d " ")" rows &&
	! grep -qi "$(printf %s "$code" | sha256sum | cut -c1-64)" rows &&
	em_sql "SELECT typeof(key), count(*) FROM throttle GROUP BY 1" >kinds &&
	grep -q "^blob" kinds && test "$(wc -l <kinds)" = 1
'

test_expect_success 'codes and recipients of sent messages are deleted from the outbox' '
	delivered && test "$(em_sql "SELECT count(*) FROM outbox WHERE state = 1
	    AND (code IS NOT NULL OR recipient IS NOT NULL)")" = 0
'

test_expect_success 'an account can request one code of each purpose in 30 seconds' '
	fresh && otp_age 31 &&
	post resend-otp identifier=ana purpose=login && expect 202 &&
	check_json ".resend_after == 30" &&
	post resend-otp identifier=ana purpose=login && expect 429 rate_limited &&
	test "$(header Retry-After)" -gt 25 && test "$(header Retry-After)" -le 30 &&
	otp_age 20 && post resend-otp identifier=ana purpose=login &&
	expect 429 && test "$(header Retry-After)" -le 10 &&
	otp_age 10 && post resend-otp identifier=ana purpose=login && expect 202
'

test_expect_success 'an account can request ten codes a day, over all purposes' '
	fresh && before=$(codes_to ana@example.org) &&
	for n in 1 2 3 4 5; do
		otp_age 31 &&
		post resend-otp identifier=ana purpose=login && expect 202 &&
		post resend-otp identifier=ana purpose=reset && expect 202 ||
		    return 1
	done &&
	otp_age 31 &&
	post resend-otp identifier=ana purpose=login && expect 429 rate_limited &&
	test "$(header Retry-After)" -gt 80000 &&
	post login identifier=ana && expect 429 rate_limited &&
	post password/forgot identifier=ana@example.org && expect 202 &&
	test $(($(codes_to ana@example.org) - before)) = 10 &&
	em_sql "UPDATE throttle SET ends_at = ends_at - 86400000;
	    UPDATE public_counter SET ends_at = ends_at - 86400000" &&
	post login identifier=ana && expect 202
'

# Prints all responses to a client that requests codes and guesses them. The
# account may not exist.
story() {
	for purpose in login reset register; do
		post resend-otp identifier="$1" purpose=$purpose && plain
		post resend-otp identifier="$1" purpose=$purpose && plain
		for guess in 1 2 3 4 5 6 7; do
			verify "$1" 00000$guess $purpose && plain
		done
	done
	verify "$1" 000000 login && plain
	post login identifier="$1" && plain
	post password/forgot identifier="$1" && plain
}

test_expect_success 'responses are the same if no account exists' '
	fresh && otp_age 600 && story ana@example.org >known &&
	fresh && story nobody@example.org >unknown && test_cmp known unknown &&
	fresh && otp_age 600 && story ben >known2 && test_cmp known known2 &&
	fresh && story nemo >unknown2 && test_cmp known unknown2 &&
	fresh && story +919870000000 >unknown3 && test_cmp known unknown3 &&
	grep -q "otp_invalid" known && grep -q "otp_locked" known &&
	grep -q "^202" known && grep -q "^429" known &&
	test "$(codes_to nobody@example.org)" = 0
'

test_expect_success 'new codes do not allow more than ten attempts an hour' '
	fresh && otp_age 600 && no_codes &&
	guesses=0 locks=0 &&
	for round in 1 2 3 4 5; do
		otp_age 31 &&
		post resend-otp identifier=cat purpose=login && expect 202 &&
		for guess in 1 2 3 4 5 6; do
			verify cat 99999$guess login &&
			case $status in
			400) guesses=$((guesses + 1)) ;;
			429) locks=$((locks + 1)) ;;
			200) break 3 ;;
			esac
		done || return 1
	done &&
	test $guesses = 10 && test $locks = 20 &&
	verify cat "$(code_of cat@example.org)" login && expect 429 otp_locked &&
	test "$(header Retry-After)" -gt 3000
'

test_expect_success 'the limit of attempts applies to all identifiers of an account together' '
	verify cat@example.org "$(code_of cat@example.org)" login &&
	expect 400 otp_expired &&
	for round in 1 2; do
		otp_age 31 && post login identifier=+919876500011 &&
		expect 202 && code=$(code_of +919876500011) &&
		bad=$(other_code "$code") &&
		for guess in 1 2 3 4 5; do
			verify +919876500011 "$bad" login &&
			expect 400 otp_invalid || return 1
		done || return 1
	done &&
	otp_age 31 && post login identifier=ben && expect 202 &&
	verify ben "$(code_of +919876500011)" login && expect 400 otp_invalid &&
	verify ben "$bad" login && expect 400 otp_invalid
'

test_expect_success 'of 200 simultaneous wrong attempts, five are counted' '
	fresh && no_codes &&
	post login identifier=cat && expect 202 &&
	code=$(code_of cat@example.org) &&
	obj identifier=cat code="$(other_code "$code")" purpose=login >guess &&
	seq 200 | xargs -P 40 -I N curl -s -o /dev/null -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @guess \
	    "$URL/auth/verify-otp" | sort | uniq -c | tr -s " " >out &&
	printf " 5 400\n 195 429\n" >want && test_cmp want out &&
	fresh && no_codes && post login identifier=cat &&
	obj identifier=cat code="$(code_of cat@example.org)" purpose=login >right &&
	seq 20 | xargs -P 20 -I N curl -s -o /dev/null -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @right \
	    "$URL/auth/verify-otp" | sort | uniq -c | tr -s " " >out &&
	printf " 1 200\n 19 400\n" >want && test_cmp want out
'

test_expect_success 'codes are sent only to the configured phone prefixes' '
	register pia phone=+33612345678 && expect 400 validation_failed &&
	check_json ".fields.phone" &&
	register pia phone=+33612345678 email=pia@example.org &&
	expect 400 validation_failed &&
	register pia phone=+15551234567 && expect 201 &&
	verify pia "$(code_of +15551234567)" && expect 200
'

test_expect_success 'a phone prefix gets the configured number of codes an hour' '
	fresh &&
	for n in 1 2 3 4 5 6; do
		register uk$n phone=+4420794600$n$n && expect 201 || return 1
	done &&
	before=$(users) &&
	register uk7 phone=+442079460077 && expect 429 rate_limited &&
	test "$(header Retry-After)" -gt 0 && test "$(users)" = "$before" &&
	register in1 phone=+919876500031 && expect 201
'

test_expect_success 'a request for a code returns 202 if the limit of the prefix is reached' '
	otp_age 31 && codes=$(codes_to +442079460011) &&
	post resend-otp identifier=uk1 purpose=register && expect 202 &&
	test "$(codes_to +442079460011)" = "$codes" &&
	em_sql "UPDATE throttle SET ends_at = 0 WHERE scope = \"otp_prefix\"" &&
	otp_age 31 && post resend-otp identifier=uk1 purpose=register &&
	expect 202 && test "$(codes_to +442079460011)" = $((codes + 1))
'

test_expect_success 'the configured number of codes is sent a day' '
	fresh && register day0 email=day0@example.org && expect 201 &&
	em_sql "UPDATE throttle SET n = 60 WHERE scope = \"otp_day\"
	    AND ends_at > 0" &&
	register day1 email=day1@example.org && expect 429 rate_limited &&
	otp_age 31 && post login identifier=ana && expect 202 &&
	fresh && register day1 email=day1@example.org && expect 201
'

test_expect_success 'fixed codes of reviewers are accepted and no message is sent' '
	register review phone=+15550100123 && expect 201 &&
	verify review 424242 && expect 200 &&
	post login identifier=review && expect 202 &&
	verify review 424241 login && expect 400 otp_invalid &&
	verify +15550100123 424242 login && expect 200 &&
	register review2 email=Review@example.org && expect 201 &&
	verify review@example.org 515151 && expect 200 &&
	test "$(codes_to +15550100123)" = 0 &&
	test "$(codes_to review@example.org)" = 0
'

test_expect_success 'a fixed code is not accepted after its date' '
	register review3 phone=+15550100124 && expect 201 &&
	code=$(code_of +15550100124) &&
	{ test "$code" = 424242 || {
		verify review3 424242 && expect 400 otp_invalid; }; } &&
	verify review3 "$code" && expect 200
'

test_expect_success 'a banned account cannot sign in with a code' '
	fresh && otp_age 31 && post login identifier=cat && expect 202 &&
	em_sql "UPDATE user SET status = 3 WHERE username = \"cat\"" &&
	verify cat "$(code_of cat@example.org)" login &&
	expect 403 account_inactive &&
	em_sql "UPDATE user SET status = 1 WHERE username = \"cat\"" &&
	verify cat "$(code_of cat@example.org)" login && expect 400 otp_expired
'

test_expect_success 'codes are evenly distributed' '
	delivered && jq -r "select(.code) | .code" "$EM_STATE/outbox.jsonl" >all &&
	test "$(wc -l <all)" -gt 40 &&
	test "$(sort -u all | wc -l)" -gt $(($(wc -l <all) * 9 / 10)) &&
	test "$(cut -c1 all | sort -u | wc -l)" -ge 7
'

test_expect_success 'tables of unknown identifiers are bounded, and the oldest rows are deleted' '
	fresh && no_codes && for n in 1 2 3; do
		post login identifier=nobody$n && expect 202 || return 1
	done &&
	em_sql "UPDATE sqlite_sequence SET seq = seq + 99999
	    WHERE name = \"otp_request\"" &&
	post login identifier=nobody4 && expect 202 &&
	test "$(em_sql "SELECT count(*) FROM otp_request")" = 1 &&
	post login identifier=nobody4 && expect 429
'

test_expect_success 'the most frequently used of 200,000 counters survives' '
	em_sql "DELETE FROM public_counter;
	    INSERT INTO public_counter(scope, key, n, ends_at)
	    VALUES (\"old\", zeroblob(32), 1, 4000000000000)" &&
	no_codes && post login identifier=busy && expect 202 &&
	em_sql "DELETE FROM public_counter WHERE 0;
	    WITH RECURSIVE c(i) AS (VALUES (1) UNION ALL
	    SELECT i + 1 FROM c WHERE i < 199997)
	    INSERT INTO public_counter(scope, key, n, ends_at)
	    SELECT \"fill\", randomblob(32), 1, 4000000000000 FROM c" &&
	otp_age 31 && post login identifier=busy && expect 202 &&
	for n in 1 2 3; do
		post login identifier=other$n && expect 202 || return 1
	done &&
	test "$(em_sql "SELECT count(*) FROM public_counter")" = 200000 &&
	test "$(em_sql "SELECT max(n) FROM public_counter
	    WHERE scope = \"otp_send\"")" = 2 &&
	test "$(em_sql "SELECT count(*) FROM public_counter
	    WHERE scope = \"old\"")" = 0 &&
	fresh
'

test_expect_success 'codes for unknown identifiers share one row' '
	test "$(em_sql "SELECT count(*) FROM otp WHERE user_id IS NULL")" = 1
'

test_expect_success 'POST /auth/verify-otp and /auth/resend-otp reject invalid bodies' '
	bodies_refused verify-otp && bodies_refused resend-otp
'

test_expect_success 'POST /auth/verify-otp and /auth/resend-otp reject invalid members' '
	refuse_each verify-otp 400 validation_failed <<-\END &&
	{"identifier":"ana","purpose":"login"}
	{"code":"123456","purpose":"login"}
	{"identifier":"","code":"123456","purpose":"login"}
	{"identifier":"ana","code":"","purpose":"login"}
	{"identifier":"ana","code":"12345","purpose":"login"}
	{"identifier":"ana","code":"1234567","purpose":"login"}
	{"identifier":"ana","code":"12345a","purpose":"login"}
	{"identifier":"ana","code":" 12345","purpose":"login"}
	{"identifier":"ana","code":"-12345","purpose":"login"}
	{"identifier":"ana","code":"\u0661\u0662\u0663\u0664\u0665","purpose":"login"}
	{"identifier":"ana","code":"12345\u00b2","purpose":"login"}
	{"identifier":"what is this?","code":"123456","purpose":"login"}
	{"identifier":"ana","code":123456,"purpose":"login"}
	{"identifier":"ana","code":null,"purpose":"login"}
	{"identifier":"ana","code":["123456"],"purpose":"login"}
	{"identifier":"ana","code":"123456","purpose":"LOGIN"}
	{"identifier":"ana","code":"123456","purpose":"logi"}
	{"identifier":"ana","code":"123456","purpose":1}
	{"identifier":["ana"],"code":"123456","purpose":"login"}
	{"identifier":{"$ne":null},"code":"123456","purpose":"login"}
	{"identifier":7,"code":"123456","purpose":"login"}
	END
	refuse_each resend-otp 400 validation_failed <<-\END
	{"identifier":"ana"}
	{"purpose":"login"}
	{"identifier":"ana","purpose":"all"}
	{"identifier":"ana","purpose":""}
	{"identifier":null,"purpose":"login"}
	{"identifier":true,"purpose":"login"}
	{"identifier":"what is this?","purpose":"login"}
	END
'

test_expect_success 'identifiers with special characters return 400 and have no side effects' '
	for id in "%" "_" "*" "ana; DROP TABLE user" "ana%00" "../../etc" \
	    "a@b" "+" "@" "$(printf "%0254d" 0)" "$(printf "%0255d" 0)"; do
		verify "$id" 123456 login && expect 400 validation_failed ||
		    return 1
	done &&
	for id in "a_a" "an_" "%@example.org" "an_@example.org" \
	    "*@example.org"; do
		verify "$id" 123456 login && expect 400 otp_expired || return 1
	done
'

test_done
