#!/bin/sh
# shellcheck disable=SC2154
test_description='response times do not reveal whether an account exists'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-oidc.sh
. "$EM_SRC/t/lib-oidc.sh"

# SAMPLES	requests for each kind of identifier and endpoint (2000)
# ARGON=full	hashes passwords at the default cost, with 300 samples
# ONLY, SEED	see the tool

tool=$EM_SRC/t/faults/tools/response_times.py
samples=${SAMPLES:-2000}

test_expect_success 'the statistic finds differences of synthetic samples, and none where there is none' '
	/usr/bin/python3 "$tool" --self-test
'
# Times are measured by make fault only.
[ "${EARMARK_FAULT-}" = full ] || test_done

[ "${ARGON-}" != full ] || { em_argon; samples=${SAMPLES:-300}; }
em_conf limits.address_rate=1000000
em_conf limits.write_rate=0
em_conf auth.access_ttl=86400
em_conf auth.otp_resend_interval=0
em_conf auth.otp_max_per_day=1000
em_conf auth.otp_max_per_prefix_hour=0
em_conf auth.otp_max_total_per_day=0
em_conf auth.otp_max_total_email_per_day=0
em_conf auth.otp_max_per_network_hour=0
em_conf auth.otp_max_email_per_network_hour=0
em_conf auth.otp_max_attempts_per_network=0
em_conf auth.otp_max_unverified_per_network=0
em_conf auth.otp_min_used_percent=0
em_conf auth.login_max_attempts_per_network=0
# Without npm, there are no ID tokens.
! npm_fetch "$EM_BUILD/t/npm-oidc" "$EM_SRC"/t/npm/oidc/* || oidc_double
em_start

test_expect_success 'an owner has a password, and the keys of the provider are known' '
	person owner && hash=$(em_sql "SELECT password FROM user
	    WHERE username = \"owner\"") &&
	{ test -z "$oidc_pid" || { sign a first && expect 201; }; } &&
	em_stop_jobs
'

test_expect_success 'the times for identifiers with and without an account are alike' '
	EM_PASSWORD=$EM_PASSWORD /usr/bin/python3 "$tool" "$EM_STATE" "$URL" \
	    "$hash" "$samples" \
	    ${oidc_port:+"$oidc_port"} >out 2>&1
	note "$(cat out)" && tail -n 1 out | grep -qx alike
'

test_expect_success 'a delay of 1 ms would be detected at each endpoint' '
	tail -n 2 out | grep -qx detected
'

test_done
