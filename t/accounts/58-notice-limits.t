#!/bin/sh
# shellcheck disable=SC2154
test_description='how many notices a user can cause'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
em_conf limits.write_rate=0
em_start
em_stop_jobs

# changes N: changes the password of ana N times.
changes() {
	for i in $(seq "$1"); do
		n=$((${n:-0} + 1))
		api POST /user/password -t "$TOKEN_ana" "$(obj \
		    current_password="$password" new_password="$EM_PASSWORD-$n")" &&
		expect 204 && password=$EM_PASSWORD-$n || return 1
	done
}
# messages CHANNEL TEMPLATE: prints the number of messages of ana.
messages() {
	em_sql "SELECT count(*) FROM outbox WHERE user_id = $ID_ana
	    AND channel = $1 AND template = '$2'"
}

test_expect_success 'five SMS a day tell about changes of the password, and all e-mails' '
	em_user ana && password=$EM_PASSWORD && em_sql "UPDATE user SET
	    phone = \"+919876500111\", phone_ok = 1 WHERE id = $ID_ana" &&
	em_sql "UPDATE user SET email = \"ana@example.org\", email_ok = 1
	    WHERE id = $ID_ana" && changes 7 &&
	test "$(messages 1 password_changed)" = 5 &&
	test "$(messages 2 password_changed)" = 7
'

test_expect_success 'SMS with codes do not use up the notices' '
	em_sql "UPDATE outbox SET template = \"otp_continue\"
	    WHERE channel = 1 AND user_id = $ID_ana" &&
	changes 1 && test "$(messages 1 password_changed)" = 1
'

test_expect_success 'the next day the phone is notified again' '
	changes 6 && test "$(messages 1 password_changed)" = 5 &&
	em_sql "UPDATE outbox SET created_at = created_at - 86400000" &&
	changes 1 && test "$(messages 1 password_changed)" = 6
'

test_done
