#!/bin/sh
# shellcheck disable=SC2154
test_description='senders of messages are killed'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"

n=1500 kills=20
[ "${EARMARK_FAULT-}" != full ] || n=10000 kills=40

em_temp
send_doubles
em_bare >/dev/null || exit 1
em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at,
    updated_at) VALUES (randomblob(16), 1, 'ana', 'R1', 1, 1)"

# The script kills processes, which is logged.
em_allow 'was ended by signal'

test_expect_success 'all messages are sent at least once, few twice, and marked as sent' '
	"$EM_SRC"/t/faults/tools/deliver.py "$EM_STATE" "$EM_BUILD" "$log" "$mails" \
	    $n $kills >seen 2>&1
	killed=$?
	note "$(cat seen)"
	test $killed = 0
'

test_done
