#!/bin/sh
test_description='app: a service that sends no SMS'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
rm -f "$shots"/no-sms-*.png
em_conf delivery.sms=none
em_start

# walk ADDRESS: signs in with a code sent to the address.
walk() {
	jq -n --arg url "$URL" --arg shots "$shots/no-sms" --arg id "$1" \
	    --arg code "$(code_for "$1" otp_continue)" "\$ARGS.named" >plan &&
	browse no_sms "$(cat plan)"
}

test_expect_success 'the form for signing in asks for an e-mail address only' '
	walk ada@example.org && saw ".label == \"E-mail\""
'

test_expect_success 'the account page offers no phone number' '
	saw ".addresses == [\"email\"] and .forms == [\"email\"]"
'

test_expect_success 'an existing phone number is shown and cannot be changed' '
	person ana && em_sql "UPDATE user SET phone = \"+919876543210\",
	    phone_ok = 1 WHERE id = $ID_ana" && walk ana@example.org &&
	saw ".addresses == [\"email\", \"phone\"] and .forms == [\"email\"]"
'

test_done
