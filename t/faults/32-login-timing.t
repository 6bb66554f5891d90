#!/bin/sh
# shellcheck disable=SC2154
test_description='the time of a sign-in does not tell the right password'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf limits.exempt_networks=10.0.0.0/8
em_conf limits.address_rate=1000
em_conf auth.argon_mem_kib=19456
em_conf auth.argon_time=8
em_start

# median IDENTIFIER PASSWORD NETWORK: ms of 7 sign-ins, each from a network.
median() {
	obj identifier="$1" password="$2" >login.json
	for median_n in $(seq 7); do
		curl -s -o /dev/null -w "%{time_total} %{http_code}\n" \
		    --interface "127.$3.$median_n.1" -d @login.json \
		    -H "Content-Type: application/json" "$URL/auth/login" || return
	done | sort -n >took
	[ "$(grep -c " 401$" took)" = 7 ] &&
	sed -n 4p took | awk '{ printf "%d\n", $1 * 1000 }'
}

# alike A B: neither is more than 1.4 times the other.
alike() {
	note "$1 ms and $2 ms"
	[ $(($1 * 10)) -le $(($2 * 14)) ] && [ $(($2 * 10)) -le $(($1 * 14)) ]
}

test_expect_success 'an account whose passwords were guessed from many networks' '
	from 127.0.1.1 && person ana && for n in $(seq 12); do
		from 127.1.$n.1 && post login identifier=ana password=wrong-pass-$n &&
		expect 401 || return 1
	done
'

test_expect_success 'the right password takes as long as a wrong one' '
	wrong=$(median ana@example.org wrong-pass-1 2) &&
	right=$(median ana@example.org "$EM_PASSWORD" 3) &&
	alike "$wrong" "$right"
'

test_expect_success 'also if its hash has old parameters' '
	em_stop && em_conf auth.argon_time=9 && em_start &&
	wrong=$(median ana wrong-pass-1 4) &&
	right=$(median ana "$EM_PASSWORD" 5) &&
	alike "$wrong" "$right"
'

test_done
