#!/bin/sh
# shellcheck disable=SC2154
test_description='auth: guessed passwords, and no lockout by other networks'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf limits.exempt_networks=10.0.0.0/8
em_conf limits.address_rate=1000
em_conf auth.login_max_attempts_per_network=25
em_conf auth.login_max_attempts_total=80
em_start

login() {
	post login identifier="$1" password="${2-$EM_PASSWORD}"
}

# guess NAME N: tries N wrong passwords. All must return 401.
guess() {
	for guess_n in $(seq "$2"); do
		login "$1" wrong-pass-$guess_n &&
		expect 401 invalid_credentials || return 1
	done
}

# refused LIMIT: prints how many requests the limit has rejected.
refused() {
	em_cli status --json | jq ".refused.$1"
}

test_expect_success 'setup: an administrator signs in from a first network' '
	from 127.0.1.1 && person ana && em_cli user grant ana admin &&
	login ana && expect 200 && no_codes
'

test_expect_success 'ten wrong passwords lock only the network they come from' '
	from 127.0.50.1 && guess ana 10 && login ana && expect 429 rate_limited &&
	from 127.0.50.99 && login ana && expect 429 rate_limited &&
	from 127.0.1.200 && login ana && expect 200
'

test_expect_success 'unknown networks share one limit of attempts for an identifier' '
	from 127.0.51.1 && login ana && expect 401 invalid_credentials &&
	login ANA && expect 401 invalid_credentials &&
	test "$(refused password_account)" = 2 &&
	for n in 52 53 54; do
		from 127.0.$n.1 && guess ana 2 || return 1
	done &&
	from 127.0.1.1 && login ana && expect 200
'

test_expect_success 'the shared limit ends with its window' '
	em_sql "UPDATE throttle SET ends_at = 1; UPDATE public_counter SET ends_at = 1" &&
	from 127.0.55.1 && login ana && expect 200
'

test_expect_success 'a network with a successful login becomes a known one' '
	fresh && from 127.0.56.1 && guess ana 10 &&
	from 127.0.55.1 && login ana && expect 200
'

test_expect_success 'a network that signed in with a code is a known one' '
	fresh && from 127.0.57.1 && guess ana 10 && from 127.0.58.1 &&
	login ana && expect 401 && post login identifier=ana && expect 202 &&
	verify ana "$(code_of ana@example.org)" login && expect 200 &&
	login ana && expect 200
'

test_expect_success 'a password reset resets the count of unknown networks' '
	fresh && no_codes && from 127.0.60.1 && guess ana 10 &&
	from 127.0.61.1 && login ana && expect 401 &&
	post password/forgot identifier=ana && expect 202 &&
	post password/reset identifier=ana code="$(code_of ana@example.org)" \
	    new_password=another-horse-8 && expect 204 &&
	login ana another-horse-8 && expect 200 &&
	from 127.0.62.1 && login ana another-horse-8 && expect 200
'

# Otherwise a response to one identifier would reveal that the account also has
# the other one.
test_expect_success 'wrong passwords for one identifier do not count for another' '
	fresh && from 127.0.1.1 && login ana another-horse-8 && expect 200 &&
	guess ana 9 && guess ana@example.org 9 &&
	login ana another-horse-8 && expect 200 &&
	from 127.0.50.1 && guess ana 9 && guess ana@example.org 9 &&
	login ana another-horse-8 && expect 401 &&
	from 127.0.63.1 && login ana@example.org another-horse-8 && expect 401
'

test_expect_success 'wrong passwords in a known network count for unknown networks' '
	fresh && from 127.0.1.1 && guess ana 10 &&
	from 127.0.67.1 && login ana another-horse-8 && expect 401 &&
	from 127.0.55.1 && login ana another-horse-8 && expect 401 &&
	fresh && login ana another-horse-8 && expect 200
'

test_expect_success 'a successful login resets only the count of its network' '
	fresh && from 127.0.64.1 && guess ana 10 && from 127.0.55.1 &&
	guess ana 9 && login ana another-horse-8 && expect 200 &&
	guess ana 9 && login ana another-horse-8 && expect 200 &&
	from 127.0.65.1 && login ana another-horse-8 && expect 401
'

test_expect_success 'a network is forgotten 30 days after its last login' '
	em_sql "UPDATE sign_in_network SET used_at = used_at - 31 * 86400000" &&
	fresh && from 127.0.66.1 && guess ana 10 &&
	from 127.0.55.1 && login ana another-horse-8 && expect 401 &&
	em_jobs && test "$(em_sql "SELECT count(*) FROM sign_in_network")" = 0
'

test_expect_success 'a network that guesses at many accounts gets 429 for all accounts' '
	fresh && from 127.0.70.1 && for n in $(seq 25); do
		login spray$n wrong-pass-1 && expect 401 || return 1
	done &&
	login spray26 wrong-pass-1 && expect 429 rate_limited &&
	test "$(header Retry-After)" -gt 800 &&
	login ana another-horse-8 && expect 429 rate_limited &&
	test "$(refused password_network)" = 2 &&
	from 127.0.71.1 && login ana another-horse-8 && expect 200
'

test_expect_success 'if many networks guess at many accounts, only known networks can sign in' '
	fresh && from 127.0.72.1 && login ana another-horse-8 && expect 200 &&
	for n in 1 2 3 4; do
		from 127.0.8$n.1 && for k in $(seq 20); do
			login spray$n$k wrong-pass-1 && expect 401 || return 1
		done || return 1
	done &&
	from 127.0.90.1 && login ana another-horse-8 && expect 401 &&
	test "$(refused password_global)" = 1 &&
	from 127.0.72.1 && login ana another-horse-8 && expect 200
'

test_expect_success 'of 60 simultaneous attempts from six networks, ten are counted' '
	fresh && person bob && em_sql "DELETE FROM sign_in_network" &&
	obj identifier=bob password=wrong-pass-1 >wrong &&
	for n in 1 2 3 4 5 6; do
		seq 10 | sed "s/^/127.0.10$n./"
	done >networks &&
	xargs -P 30 -I N curl -s -o /dev/null -w "%{http_code}\n" \
	    --interface N -H "Content-Type: application/json" -d @wrong \
	    "$URL/auth/login" <networks | sort | uniq -c | tr -s " " >out &&
	echo " 60 401" >want && test_cmp want out &&
	from 127.0.120.1 && login bob && expect 401
'

test_expect_success 'networks are stored as keyed hashes' '
	test "$(em_sql "SELECT DISTINCT typeof(network), length(network)
	    FROM sign_in_network")" = "" &&
	from 127.0.1.1 && login ana another-horse-8 &&
	test "$(em_sql "SELECT DISTINCT typeof(network), length(network)
	    FROM sign_in_network")" = "blob|32" &&
	test "$(em_sql "SELECT count(*) FROM public_counter
	    WHERE typeof(key) <> \"blob\" OR length(key) <> 32")" = 0
'

test_expect_success 'the networks of a deleted account are deleted' '
	fresh && from 127.0.130.1 && person eve &&
	test "$(em_sql "SELECT count(*) FROM sign_in_network
	    WHERE user_id = $ID_eve")" = 1 &&
	api DELETE /user/profile -t "$TOKEN_eve" && expect 204 &&
	test "$(em_sql "SELECT count(*) FROM sign_in_network
	    WHERE user_id = $ID_eve")" = 0
'

test_done
