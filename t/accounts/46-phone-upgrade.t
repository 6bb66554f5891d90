#!/bin/sh
# shellcheck disable=SC2016
test_description='conversion of phone numbers that older versions stored'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_start

# old NAME PHONE [phone_ok]: an account as older versions stored it.
old() {
	em_sql "INSERT INTO user(uuid, status, username, phone, phone_ok,
	    referral_code, created_at, updated_at) VALUES (randomblob(16), 1,
	    '$1', '$2', ${3-1}, 'R$1', 1, 1) RETURNING id"
}

phone() {
	em_sql "SELECT phone FROM user WHERE username = '$1'"
}

# upgrade: runs the job over all accounts.
upgrade() {
	em_sql "DELETE FROM setting WHERE key LIKE 'phone_upgrade%'" &&
	em_jobs >out 2>err
}

test_expect_success 'setup: accounts of an older version' '
	em_stop && same=$(old same +919876543210) &&
	trunk=$(old trunk +9109876543211) && second=$(old second +9109876543210) &&
	claim=$(old claim +4401632960001 0) && odd=$(old odd +91123) &&
	em_sql "INSERT INTO user(uuid, status, username, phone, referral_code,
	    created_at, updated_at) WITH n(i) AS (SELECT 1 UNION ALL
	    SELECT i + 1 FROM n WHERE i < 120) SELECT randomblob(16), 1, '\''many'\'' || i,
	    '\''+910'\'' || (9000000000 + i), '\''M'\'' || i, 1, 1 FROM n"
'

test_expect_success 'the job converts all numbers that are not in use' '
	upgrade && grep "^phone-upgrade 122$" out &&
	test "$(phone same)" = +919876543210 &&
	test "$(phone trunk)" = +919876543211 &&
	test "$(phone claim)" = +441632960001 &&
	test "$(phone many120)" = +919000000120 &&
	test "$(em_sql "SELECT count(*) FROM user WHERE phone LIKE '\''+910%'\''")" = 1
'

test_expect_success 'conflicts and impossible numbers remain, and the log names the accounts' '
	test "$(phone second)" = +9109876543210 && test "$(phone odd)" = +91123 &&
	grep "\"event\":\"phone\"" err >lines && test "$(wc -l <lines)" = 2 &&
	grep "accounts $second and $same have the same" lines &&
	grep "account $odd is impossible" lines && ! grep -e +91 -e 98765 err
'

test_expect_success 'earmark doctor counts the accounts that remain' '
	{ em_cli doctor >out || :; } &&
	grep "^warn  phone numbers   2 accounts cannot sign in" out
'

test_expect_success 'changes are audited, and the job ends' '
	test "$(em_sql "SELECT count(*) FROM audit
	    WHERE action = '\''user.phone_upgrade'\''")" = 122 &&
	em_cli audit verify && em_jobs >out 2>err && grep "^phone-upgrade 0$" out
'

test_expect_success 'the owner of a converted number signs in' '
	em_start &&
	post login identifier="+91 98765 43211" && expect 202 &&
	code=$(em_code +919876543211) &&
	post verify-otp identifier=+9109876543211 code="$code" purpose=login &&
	expect 200 && check_json ".user.username == \"trunk\""
'

test_done
