#!/bin/sh
# Tests the staff screen, invitations and second factors in browsers with 360
# and 1280 pixels, light and dark, by keyboard.
test_description='console: staff, invitations and second factors'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
rm -f "$shots"/staff-*.png
em_conf auth.staff_mfa=required
em_start

# script FILE: prints the command that runs a script of this folder.
script() {
	printf "sh '%s/%s'" "$PWD" "$1"
}

test_expect_success 'setup: an administrator with a second factor, and a customer' '
	cat >totp <<-\END &&
	exec oathtool --totp --base32 "$1"
	END
	cat >sql <<-END &&
	exec flock "$EM_STATE/writer.lock" sqlite3 -cmd ".timeout 5000" \
	    "$EM_STATE/earmark.db" "\$1"
	END
	em_user adm admin && em_user ana &&
	api POST /user/mfa/totp -t "$TOKEN_adm" && expect 200 &&
	secret=$(json .secret) &&
	api POST /user/mfa/totp/verify -t "$TOKEN_adm" \
	    "{\"code\":\"$(sh ./totp "$secret")\"}" && expect 200 &&
	em_sql "UPDATE totp SET counter = 0"
'

test_expect_success 'staff are invited, and second factors are set up and asked for' '
	jq -n --arg url "$URL" --arg shots "$shots/staff" \
	    --arg password "$EM_PASSWORD" --argjson user "$ID_ana" \
	    --arg totp "$(script totp)" --arg code "$(script totp) $secret" \
	    --arg fresh "$(script sql) \"UPDATE totp SET counter = 0\"" \
	    --arg age "$(script sql) \"UPDATE device_session SET mfa_at = 1\"" \
	    "\$ARGS.named" >plan && browse staff "$(cat plan)" &&
	saw ".codes == 10 and .last == \"Corrected\""
'

test_expect_success 'a member of support sees only the screens of the role' '
	saw ".screens == [\"users\", \"listeners\", \"calls\", \"sessions\",
	    \"payments\", \"promotions\", \"reports\", \"reviews\", \"flyers\",
	    \"tickets\", \"feedback\", \"faq\", \"outbox\"]" &&
	saw ".denied == \"Users\""
'

test_done
