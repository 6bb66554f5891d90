#!/bin/sh
# shellcheck disable=SC2154
test_description='earmark user set-email, set-phone, export and erase'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_start

# audited ACTION NAME: succeeds if the newest audit row is this action.
audited() {
	test "$(em_sql "SELECT action, target, actor_id IS NULL FROM audit
	    ORDER BY id DESC LIMIT 1")" = "$1|user:$2|1"
}

test_expect_success 'user set-email changes the address and signs all devices out' '
	person ana && em_cli user set-email ana Ana.New@Example.org &&
	audited user.set_email $ID_ana &&
	api GET /user/profile -t "$TOKEN_ana" && expect 401 &&
	post login identifier=ana.new@example.org password="$EM_PASSWORD" &&
	expect 200 && check_json ".user.email == \"ana.new@example.org\"" &&
	delivered && jq -r "select(.to == \"ana@example.org\" and
	    .template == \"contact_changed\") | .body" "$EM_STATE/outbox.jsonl" \
	    >text && grep -q "contact support" text && ! grep -q restore text
'

test_expect_success 'user set-phone gives a user without access another number' '
	em_cli user set-phone ana +919876500301 && audited user.set_phone $ID_ana &&
	post login identifier=+919876500301 && expect 202 &&
	verify +919876500301 "$(code_of +919876500301)" login && expect 200
'

test_expect_success 'an address of another account is rejected' '
	person ben && test_expect_code 1 em_cli user set-email ben \
	    ana.new@example.org 2>err && grep -q "Another account" err &&
	test_expect_code 1 em_cli user set-email nobody x@example.org 2>err &&
	test_expect_code 1 em_cli user set-email ben x 2>err &&
	test_expect_code 1 em_cli user set-phone ben 123 2>err &&
	test_expect_code 2 em_cli user set-phone ben 2>err &&
	api GET /user/profile -t "$TOKEN_ben" && expect 200 &&
	check_json ".email == \"ben@example.org\" and .phone == null"
'

test_expect_success 'user export prints what the user can export' '
	em_cli user export ben >file && audited user.export $ID_ben &&
	api GET /api/v1/me/export -t "$TOKEN_ben" && expect 200 &&
	jq "del(.exported_at)" file >one &&
	jq "del(.exported_at)" <"$body" >two && test_cmp one two &&
	test_expect_code 1 em_cli user export nobody 2>err
'

test_expect_success 'user export prints a large account completely' '
	em_sql "INSERT INTO notification(user_id, kind, title, body, created_at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 3000) SELECT $ID_ben, 1, i, hex(zeroblob(400)), i FROM n" &&
	em_cli user export ben >file && jq ".notifications | length" file >n &&
	test "$(cat n)" = "$(em_sql "SELECT count(*) FROM notification
	    WHERE user_id = $ID_ben")" && test "$(wc -c <file)" -gt 200000
'

test_expect_success 'user erase deletes an account without money' '
	em_cli user erase ben && audited user.erase $ID_ben &&
	api GET /user/profile -t "$TOKEN_ben" && expect 401 &&
	test "$(em_sql "SELECT status, email IS NULL FROM user
	    WHERE id = $ID_ben")" = "2|1" &&
	test_expect_code 1 em_cli user erase $ID_ben 2>err
'

test_expect_success 'user erase keeps an account with money unless --forfeit is given' '
	person cleo && em_cli ledger adjust cleo 5000 --reason test >/dev/null &&
	test_expect_code 1 em_cli user erase cleo 2>err &&
	api GET /user/profile -t "$TOKEN_cleo" && expect 200 &&
	em_cli user erase cleo --forfeit --payout-contact "x@example.org" &&
	api GET /user/profile -t "$TOKEN_cleo" && expect 401 &&
	em_cli ledger verify >/dev/null
'

test_expect_success 'administrators without an address are reported' '
	echo correct-horse-9 | em_cli user add root2 --role admin \
	    --password-stdin >id 2>err && grep -q "has no address" err &&
	{ em_cli doctor --json >doctor || :; } && jq -e ".checks[] |
	    select(.name == \"staff\") | .status == \"warn\" and
	    (.message | test(\"root2\"))" doctor >/dev/null &&
	em_cli user set-email root2 root2@example.org &&
	{ em_cli doctor --json >doctor || :; } && jq -e ".checks[] |
	    select(.name == \"staff\") | .status == \"ok\"" doctor >/dev/null
'

test_done
