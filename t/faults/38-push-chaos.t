#!/bin/sh
# shellcheck disable=SC2154
test_description='providers of messages fail in random ways'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"

command -v node >/dev/null || { skip_all='node is not installed'; test_done; }

# The service renews an access token after a quarter of its lifetime.
n=320 rings=20 rate=0.08 life=4
[ "${EARMARK_FAULT-}" != full ] || n=10000 rings=1000 rate=0.03 life=60

SEED=${SEED-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
export SEED
em_temp
em_conf delivery.smtp_user=house
em_conf "delivery.smtp_password_file=$PWD/smtp.password"
(umask 077 && echo secret >smtp.password)
send_doubles --chaos $rate --token-chaos 0.3 --token-life $life \
    --tls mail.crt mail.key
apns_double --chaos $rate
em_bare >/dev/null || exit 1
em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at,
    updated_at) VALUES (randomblob(16), 1, 'ana', 'R1', 1, 1)"

test_expect_success 'no message is lost, and rings arrive in time or are recorded as expired' '
	"$EM_SRC"/t/faults/tools/push_chaos.py "$EM_STATE" "$EM_BUILD" "$log" \
	    "$apns" "$mails" $n $rings >seen 2>&1
	result=$?
	note "$(cat seen)"
	test $result = 0
'

test_done
