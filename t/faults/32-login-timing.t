#!/bin/sh
# shellcheck disable=SC2154
test_description='the time of a sign-in reveals neither accounts nor passwords'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf limits.exempt_networks=10.0.0.0/8
em_conf limits.address_rate=1000
em_conf auth.argon_mem_kib=14592
em_conf auth.argon_time=8
em_start

# spend IDENTIFIER PASSWORD ADDRESS: prints the CPU time of a rejected sign-in.
# Unlike the time of a response, it does not depend on the load of the machine.
# shellcheck disable=SC2086
spend() {
	spend_workers=$(em_workers auth)
	obj identifier="$1" password="$2" >login.json &&
	spend_before=$(em_ticks $spend_workers) &&
	spend_code=$(curl -s -o /dev/null -w "%{http_code}" --interface "$3" \
	    -H "Content-Type: application/json" -d @login.json \
	    "$URL/auth/login") &&
	{ [ "$spend_code" = 401 ] ||
	    { note "a sign-in returned $spend_code"; return 1; }; } &&
	echo $(($(em_ticks $spend_workers) - spend_before))
}

# alike NETWORK IDENTIFIER PASSWORD IDENTIFIER PASSWORD: sends eight of each
# sign-in, in turn, and succeeds if their ticks differ by at most a fifth. A
# sign-in with an address tries four hashes, so one hash is a fourth.
alike() {
	alike_a=0 alike_b=0
	for alike_n in 1 2 3 4 5 6 7 8; do
		alike_one=$(spend "$2" "$3" "127.$1.$alike_n.1") &&
		alike_two=$(spend "$4" "$5" "127.$1.10$alike_n.1") || return 1
		alike_a=$((alike_a + alike_one)) alike_b=$((alike_b + alike_two))
	done
	note "$alike_a and $alike_b ticks"
	[ $((alike_a * 4)) -le $((alike_b * 5)) ] &&
	[ $((alike_b * 4)) -le $((alike_a * 5)) ]
}

test_expect_success 'a sign-in takes as long whether or not the account exists' '
	from 127.0.2.1 && person hal &&
	alike 11 hal wrong-pass-1 nohal wrong-pass-1 &&
	alike 12 hal@example.org wrong-pass-1 nohal@example.org wrong-pass-1 &&
	alike 13 +919876543210 wrong-pass-1 nohal@example.org wrong-pass-1
'

test_expect_success 'an account whose passwords were guessed from many networks' '
	from 127.0.1.1 && person ana && for n in $(seq 12); do
		from 127.1.$n.1 && post login identifier=ana password=wrong-pass-$n &&
		expect 401 || return 1
	done
'

test_expect_success 'the right password takes as long as a wrong one' '
	for n in $(seq 12); do
		from 127.1.$n.1 && post login identifier=ana@example.org \
		    password=wrong-pass-$n && expect 401 || return 1
	done &&
	alike 2 ana wrong-pass-1 ana "$EM_PASSWORD" &&
	alike 3 ana@example.org wrong-pass-1 ana@example.org "$EM_PASSWORD"
'

test_expect_success 'the right password takes as long as a wrong one if the hash has old parameters' '
	em_stop && em_conf auth.argon_time=9 && em_start &&
	curl -s -o /dev/null -d @login.json -H "Content-Type: application/json" \
	    "$URL/auth/login" &&
	alike 6 ana wrong-pass-1 ana "$EM_PASSWORD"
'

test_done
