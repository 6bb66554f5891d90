#!/bin/sh
# shellcheck disable=SC2016
test_description='earmark user: accounts on the command line'
. "$(dirname "$0")/../lib.sh"

roles() {
	em_cli user list --json --query "$1" | jq -r '.[0].roles | join(",")'
}

em_bare >/dev/null || exit 1

test_expect_success 'user add creates an account and prints its id' '
	echo "$EM_PASSWORD" | em_cli user add Ana --password-stdin >out &&
	echo 1 >want &&
	test_cmp want out &&
	em_cli user list --json >list &&
	jq -e ".[0] | .user_id == 1 and .username == \"ana\" and
	    .status == \"active\" and .roles == [\"customer\"]" list
'

test_expect_success 'user add stores all options in normalized form' '
	echo "$EM_PASSWORD" >password &&
	em_cli user add bo.b --password-file password --role listener \
	    --role=customer --email BoB@Example.ORG --phone "+919876543210" \
	    --sex male --language HI --country in &&
	em_sql "SELECT roles, email, phone, email_ok, phone_ok, sex,
	    preferred_language, country, password LIKE '\''\$argon2id\$%'\''
	    FROM user WHERE username = '\''bo.b'\''" >out &&
	echo "3|bob@example.org|+919876543210|1|1|male|hi|IN|1" >want &&
	test_cmp want out
'

test_expect_success '--password works and prints a warning' '
	em_cli user add carol --password "$EM_PASSWORD" 2>err >out &&
	grep -q warning err && ! grep -q "$EM_PASSWORD" out err
'

test_expect_success 'user add rejects invalid values' '
	em_sql "SELECT count(*) FROM user" >before &&
	refuses 1 "username must be" em_cli user add x --email a@b.example &&
	refuses 1 "username must be" em_cli user add "a b c" --email a@b.example &&
	refuses 1 "username must be" em_cli user add "bad name" &&
	refuses 1 "email is not" em_cli user add dora --email nobody &&
	refuses 1 "phone must be" em_cli user add dora --phone 12 &&
	refuses 1 "sex must be" em_cli user add dora --sex no --phone +15550100 &&
	refuses 1 "country" em_cli user add dora --country IND --phone +15550100 &&
	refuses 1 "language" em_cli user add dora --language xx --phone +15550100 &&
	refuses 2 "unknown role" em_cli user add dora --role king --phone +15550100 &&
	refuses 2 "the user could not sign in" em_cli user add dora &&
	refuses 2 "only one password" em_cli user add dora --password-stdin \
	    --password-file password &&
	refuses 1 "No such file" em_cli user add dora --password-file nowhere &&
	refuses 1 "no password" em_cli user add dora --password-stdin </dev/null &&
	echo short >pw && refuses 1 "must have 8" em_cli user add dora --password-file pw &&
	echo password123 >pw && refuses 1 "the password" em_cli user add dora --password-file pw &&
	printf "caf\351caf\351\n" >pw && refuses 1 "UTF-8" em_cli user add dora --password-file pw &&
	refuses 2 "usage:" em_cli user add &&
	refuses 2 "unexpected argument .b." em_cli user add a b &&
	refuses 2 "unknown option --rule" em_cli user add dora --rule admin &&
	refuses 2 "needs a value" em_cli user add dora --role &&
	em_sql "SELECT count(*) FROM user" >after &&
	test_cmp before after
'

test_expect_success 'user add rejects a username, e-mail address or phone number in use' '
	refuses 1 "taken" em_cli user add ANA --phone +15550101 &&
	refuses 1 "is in use" em_cli user add eve --phone +919876543210 &&
	refuses 1 "is in use" em_cli user add eve --email BOB@example.org
'

test_expect_success 'user grant and user revoke change roles' '
	em_cli user grant ana admin service &&
	test "$(roles ana)" = customer,admin,service &&
	em_cli user grant ana admin &&
	em_cli user revoke +919876543210 listener &&
	test "$(roles bo.b)" = customer &&
	em_cli user revoke 1 service customer &&
	test "$(roles ana)" = admin
'

test_expect_success 'role changes are audited without an actor, and repeats are not' '
	em_sql "SELECT action, target, actor_id IS NULL FROM audit
	    WHERE action IN ('\''user.grant'\'', '\''user.revoke'\'') ORDER BY id" >out &&
	cat >want <<-EOF &&
	user.grant|user:1|1
	user.revoke|user:2|1
	user.revoke|user:1|1
	EOF
	test_cmp want out &&
	em_sql "SELECT json_extract(before, '\''$.roles'\''), json_extract(after, '\''$.roles'\'')
	    FROM audit WHERE action = '\''user.grant'\''" >out &&
	echo "1|13" >want &&
	test_cmp want out
'

test_expect_success 'user ban ends all sessions and stores the reason' '
	em_sql "INSERT INTO device_session(user_id, created_at, used_at)
	    VALUES (2, 1, 1)" &&
	em_cli user ban bob@example.org --reason "told lies" --until 2099-01-01 &&
	em_cli user list --status banned --json >list &&
	jq -e "length == 1 and .[0].ban_reason == \"told lies\" and
	    .[0].banned_until == \"2099-01-01T00:00:00Z\"" list &&
	test "$(em_sql "SELECT revoked_at IS NOT NULL FROM device_session")" = 1 &&
	em_cli user unban bo.b &&
	test "$(em_cli user list --status banned)" = ""
'

test_expect_success 'user commands reject unknown users and invalid arguments' '
	refuses 1 "user .* not found" em_cli user ban nobody &&
	refuses 1 "user .* not found" em_cli user ban 4711 &&
	refuses 1 "user .* not found" em_cli user ban "drop table" &&
	refuses 2 "RFC 3339" em_cli user ban ana --until tomorrow &&
	refuses 1 "until" em_cli user ban ana --until 2001-01-01 &&
	refuses 1 "user .* not found" em_cli user grant nobody admin &&
	refuses 2 "unknown role" em_cli user grant ana root &&
	refuses 2 "usage:" em_cli user grant ana &&
	refuses 2 "usage:" em_cli user ban &&
	test "$(em_cli user list --status banned)" = ""
'

test_expect_success '@NAME selects a username that consists of digits' '
	em_cli user add 002 --phone +15550102 >/dev/null &&
	em_cli user ban @002 &&
	test "$(em_cli user list --status banned | cut -f 2)" = 002 &&
	em_cli user unban @002
'

test_expect_success 'user list prints all users, newest first, and accepts filters' '
	em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at, updated_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
	    SELECT randomblob(16), 1, '\''many'\'' || i, '\''R'\'' || i, 1, 1 FROM n" &&
	em_cli user list >all &&
	test "$(wc -l <all)" = 2504 &&
	sort -rn all | test_cmp - all &&
	em_cli user list --limit 3 >three &&
	head -n 3 all | test_cmp - three &&
	em_cli user list --role admin | cut -f 2 >out &&
	echo ana >want &&
	test_cmp want out &&
	em_cli user list --json | jq -e "length == 2504" &&
	em_cli user list --query many2500 --json | jq -e "length == 1" &&
	refuses 2 "positive number" em_cli user list --limit 0 &&
	refuses 2 "unknown status" em_cli user list --status gone &&
	refuses 2 "unknown role" em_cli user list --role king
'

test_expect_success 'user list reports a missing database or invalid configuration' '
	cp "$EM_STATE/earmark.conf" conf && cp "$EM_STATE/key" . &&
	refuses 4 "does not exist: run migrate" "$EM_BUILD/earmark" -c "$PWD/conf" user list &&
	echo "[server" >>conf &&
	refuses 3 "conf:" "$EM_BUILD/earmark" -c "$PWD/conf" user list &&
	refuses 3 "No such file" "$EM_BUILD/earmark" -c "$PWD/absent" user list &&
	(unset EARMARK_CONF && refuses 2 "EARMARK_CONF" "$EM_BUILD/earmark" user list)
'

test_done
