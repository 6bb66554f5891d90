#!/bin/sh
# shellcheck disable=SC2154
test_description='the time of a sign-in does not reveal whether the password is right'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf limits.exempt_networks=10.0.0.0/8
em_conf limits.address_rate=1000
em_conf auth.argon_mem_kib=19456
em_conf auth.argon_time=8
em_start

# ticks: prints the processor time of the workers in hundredths of a second.
# Unlike the time of a response, it does not depend on the load of the machine.
ticks() {
	for ticks_pid in $(em_workers auth); do
		cat "/proc/$ticks_pid/stat"
	done | awk '{ n += $14 + $15 } END { print n }'
}

# work IDENTIFIER PASSWORD NETWORK: prints the ticks of 8 rejected sign-ins.
work() {
	obj identifier="$1" password="$2" >login.json && work_before=$(ticks) &&
	for work_n in $(seq 8); do
		curl -s -o /dev/null -w "%{http_code}\n" \
		    --interface "127.$3.$work_n.1" -d @login.json \
		    -H "Content-Type: application/json" "$URL/auth/login"
	done >codes && [ "$(grep -c "^401$" codes)" = 8 ] &&
	echo $(($(ticks) - work_before))
}

# both IDENTIFIER NETWORK: sets wrong and right to the ticks of 8 sign-ins with a
# wrong and with the right password.
both() {
	wrong=$(work "$1" wrong-pass-1 "$2") &&
	right=$(work "$1" "$EM_PASSWORD" $(($2 + 1)))
}

# alike A B: succeeds if neither number is more than 1.4 times the other.
alike() {
	note "$1 and $2 ticks"
	[ $(($1 * 10)) -le $(($2 * 14)) ] && [ $(($2 * 10)) -le $(($1 * 14)) ]
}

test_expect_success 'an account whose passwords were guessed from many networks' '
	from 127.0.1.1 && person ana && for n in $(seq 12); do
		from 127.1.$n.1 && post login identifier=ana password=wrong-pass-$n &&
		expect 401 || return 1
	done
'

test_expect_success 'the right password takes as long as a wrong one' '
	both ana@example.org 2 && alike "$wrong" "$right"
'

test_expect_success 'the right password takes as long as a wrong one if the hash has old parameters' '
	em_stop && em_conf auth.argon_time=9 && em_start &&
	work nobody wrong-pass-1 5 >started &&
	both ana 6 && alike "$wrong" "$right"
'

test_done
