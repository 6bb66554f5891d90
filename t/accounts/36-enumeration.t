#!/bin/sh
# shellcheck disable=SC2154
test_description='auth: responses do not reveal whether an account exists'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-oidc.sh
. "$EM_SRC/t/lib-oidc.sh"

em_conf limits.address_rate=100000
em_conf limits.exempt_networks=10.0.0.0/8
em_conf auth.login_max_attempts_per_network=20
em_conf auth.otp_max_attempts_per_network=20
em_conf auth.otp_max_email_per_network_hour=15
em_conf auth.otp_max_per_network_hour=15
# Without npm, there are no ID tokens.
! npm_fetch "$EM_BUILD/t/npm-oidc" "$EM_SRC"/t/npm/oidc/* || oidc_double
em_start

test_expect_success 'an owner has a password' '
	person owner && hash=$(em_sql "SELECT password FROM user
	    WHERE username = \"owner\"") && no_codes && fresh
'

test_expect_success 'the keys of the providers are known' '
	test -z "$oidc_pid" || { sign a first && expect 201 &&
	    sign c second && expect 201; }
'

test_expect_success 'the same requests get the same responses and cause the same work' '
	if /usr/bin/python3 "$EM_SRC/t/tools/enumeration.py" "$EM_STATE" \
	    "$URL" "$hash" "${SEQUENCES:-36}" ${oidc_port:+"$oidc_port"} \
	    >out 2>&1; then
		note "$(head -1 out)"
	else
		note "$(cat out)" && return 1
	fi
'

test_done
