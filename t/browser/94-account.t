#!/bin/sh
# Tests the account page in browsers with 360 and 1280 pixels, dark and light, by
# keyboard.
# shellcheck disable=SC2016
test_description='app: the account page'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
rm -f "$shots"/account-*.png
em_start

# script FILE: prints the command that runs a script of this folder.
script() {
	printf "sh '%s/%s'" "$PWD" "$1"
}

test_expect_success 'setup: a customer with money, an identity and a blocked user' '
	cat >totp <<-\END &&
	exec oathtool --totp --base32 "$1"
	END
	cat >sql <<-END &&
	exec flock "$EM_STATE/writer.lock" sqlite3 -cmd ".timeout 5000" \
	    "$EM_STATE/earmark.db" "\$1"
	END
	em_user adm admin && em_user bad && person ana &&
	em_cli ledger adjust ana 5000 --reason "for a test" >/dev/null &&
	api POST "/admin/wallets/$ID_ana/adjust" -t "$TOKEN_adm" \
	    "{\"amount\":700,\"account\":\"earnings\",\"reason\":\"for a test\"}" &&
	expect 200 &&
	api PUT "/user/blocks/$ID_bad" -t "$TOKEN_ana" && expect 200 &&
	em_sql "INSERT INTO identity(user_id, provider, issuer, subject,
	    created_at, used_at) VALUES ($ID_ana, '\''google'\'',
	    '\''https://accounts.google.com'\'', '\''1'\'', 1700000000000,
	    1700000000000);
	    UPDATE device_session SET revoked_at = 1 WHERE user_id = $ID_ana"
'

test_expect_success 'a user changes everything, downloads the data and deletes the account' '
	jq -n --arg url "$URL" --arg shots "$shots/account" \
	    --arg password "$EM_PASSWORD" --arg picture "$PWD/photo.png" \
	    --arg export "$PWD/export.json" --arg totp "$(script totp)" \
	    --arg phone "$(code_for +919876543210 otp_contact)" \
	    --arg joined "$(code_for +919876500000 otp_continue)" \
	    --arg mail "$(code_for nora@example.org otp_contact)" \
	    --arg age "$(script sql) \"UPDATE device_session SET created_at = 1,
	        mfa_at = NULL\"" \
	    "\$ARGS.named" >plan && browse account "$(cat plan)" &&
	saw ".devices == [4, 3, 1] and .codes == 10" &&
	saw "(.names[0] | test(\"^user_\")) and .names[1] == \"nora\"" &&
	saw ".owned | test(\"50.00\") and test(\"7.00\")"
'

test_expect_success 'the page shows the sign-ins and changes of the account' '
	saw "[.history[] | split(\"\\n\")[0]] | .[:2] == [\"Google removed\",
	    \"Other devices signed out\"] and
	    (.[2:5] | all(. == \"Signed in\")) and .[5:10] ==
	    [\"Two-step verification turned off\",
	    \"Two-step verification turned on\", \"Password changed\",
	    \"Phone number changed\", \"Signed in\"]" &&
	saw ".history | (.[8] | test(\"To \\\\+91.*10\")) and
	    (.[9] | test(\"Chrome on \") and test(\", this device$\")) and
	    all(test(\"[0-9]\"))"
'

test_expect_success 'the downloaded data contains the changes' '
	jq -e ".profile.phone == \"+919876543210\" and
	    .profile.username == \"ana\" and
	    .settings == {language: \"hi\", time_zone: \"Asia/Calcutta\",
	        show_last_seen: false, news: true} and
	    (.notification_preferences | .quiet_start == \"22:00\" and
	    (.kinds[] | select(.kind == \"news\") | .push == false)) and
	    .identities == [] and .blocks == []" export.json
'

test_expect_success 'the accounts are deleted, and the earnings stay payable' '
	[ "$(em_sql "SELECT count(*) FROM user WHERE status = 2 AND
	    id IN ($ID_ana, (SELECT max(id) FROM user))")" = 2 ] &&
	api GET "/admin/users/$ID_ana" -t "$TOKEN_adm" && expect 200 &&
	em_sql "SELECT payout_contact FROM closed_wallet" | grep -q "ana at the bank" &&
	em_cli ledger verify
'

test_done
