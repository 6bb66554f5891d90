#!/bin/sh
# shellcheck disable=SC2154
test_description='auth: responses do not reveal whether an account exists'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf limits.address_rate=100000
em_conf limits.exempt_networks=10.0.0.0/8
em_conf auth.login_max_attempts_per_network=20
em_conf auth.otp_max_attempts_per_network=20
em_conf auth.otp_max_email_per_network_hour=15
em_conf auth.otp_max_per_network_hour=15
em_start

test_expect_success 'an owner has a password' '
	person owner && hash=$(em_sql "SELECT password FROM user
	    WHERE username = \"owner\"") && no_codes && fresh
'

test_expect_success 'the same requests get the same responses and cause the same work' '
	if /usr/bin/python3 "$EM_SRC/t/tools/enumeration.py" "$EM_STATE" \
	    "$URL" "$hash" "${SEQUENCES:-36}" >out 2>&1; then
		note "$(head -1 out)"
	else
		note "$(cat out)" && return 1
	fi
'

test_done
