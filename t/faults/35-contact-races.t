#!/bin/sh
# shellcheck disable=SC2154
test_description='parallel sign-ups and contact changes keep addresses unique'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-oidc.sh
. "$EM_SRC/t/lib-oidc.sh"

em_conf limits.address_rate=100000
em_conf auth.otp_max_per_network_hour=0
em_conf auth.otp_max_email_per_network_hour=0
em_conf auth.otp_max_attempts_per_network=0
em_conf auth.otp_max_unverified_per_network=0
em_conf auth.otp_min_used_percent=0
# Each account changes its address several times.
em_conf auth.otp_resend_interval=1
# Without npm, there are no identities.
if npm_fetch "$EM_BUILD/t/npm-oidc" "$EM_SRC"/t/npm/oidc/*; then
	oidc_double
	em_conf oidc.google.email=verified
fi
em_start

test_expect_success 'the keys of the provider are known' '
	test -z "$oidc_pid" || { sign a first && expect 201; }
'

test_expect_success '100 parallel sign-ups, links, changes and undos keep addresses unique and every account reachable' '
	note "SEED=${SEED:=$(od -An -N4 -tu4 /dev/urandom | tr -d " ")}" &&
	SEED=$SEED /usr/bin/python3 "$EM_SRC/t/faults/tools/contact_races.py" \
	    "$EM_STATE" "$URL" "${EM_ROUNDS:-1}" ${oidc_port:+"$oidc_port"} >out 2>&1 || {
		note "$(cat out)"
		false
	}
'

test_done
