#!/bin/sh
test_description='earmark pools: rolling restart of workers'
. "$(dirname "$0")/../lib.sh"

# Prints the ids of all workers whose status file says ready.
ready() {
	grep -l "^ready" "$EM_STATE"/run/worker-* 2>/dev/null |
	    sed 's/.*-//' | sort
}

em_conf pools.favorites_workers=3
em_conf pools.auth_workers=2
em_start || exit 1

# em_start waits for one worker per pool. The tests need all workers.
all=$(em_cli pools | awk '{ n += $2 } END { print n }')
em_until "[ \$(ready | wc -l) -ge $all ]"

test_expect_success 'earmark pools lists all pools for scripts' '
	em_cli pools >out &&
	test "$(wc -l <out)" = 10 &&
	grep -q "^favorites 3 1024$" out &&
	grep -q "^auth 2 1$" out &&
	! grep -vE "^[a-z]+ [0-9]+ [0-9]+$" out
'

test_expect_success 'pools restart NAME restarts all workers of this pool only' '
	ready >before &&
	em_workers favorites | tr " " "\n" | grep . | sort >old &&
	em_cli pools restart favorites >out &&
	echo "favorites: 3 renewed" >want &&
	test_cmp want out &&
	em_workers favorites | tr " " "\n" | grep . | sort >new &&
	test "$(wc -l <new)" = 3 &&
	test -z "$(comm -12 old new)" &&
	ready >after &&
	comm -23 before after | test_cmp old -
'

test_expect_success 'requests succeed during a restart' '
	rm -f ended && n=0 bad=0 &&
	{ (em_cli pools restart listeners >out 2>&1; echo $? >ended) & } &&
	while [ ! -s ended ]; do
		api GET /api/v1/listeners
		[ "$status" = 200 ] || bad=$((bad + 1))
		n=$((n + 1))
	done &&
	note "$n requests" &&
	test $n -gt 5 && test $bad = 0 && test "$(cat ended)" = 0
'

test_expect_success 'pools restart restarts all pools' '
	ready >before &&
	em_cli pools restart >out &&
	test "$(wc -l <out)" = 10 &&
	ready >after &&
	test -z "$(comm -12 before after)" &&
	test "$(wc -l <before)" = "$(wc -l <after)"
'

test_expect_success 'pools restart succeeds after a worker died' '
	kill -9 $(em_workers user | cut -d " " -f 1) &&
	em_cli pools restart user &&
	api GET /api/v1/user/profile && expect 401
'

# Each former name is a warning, which a worker writes by a call of its own.
test_expect_success 'pools restart accepts a configuration with former names' '
	cp "$EM_STATE/earmark.conf" saved.conf &&
	for name in otp_tries otp_resend otp_daily otp_prefix_hour \
	    otp_ceiling_day otp_countries; do
		printf "[auth]\n%s = 20\n" $name
	done >>"$EM_STATE/earmark.conf" &&
	em_cli pools restart user && em_cli pools restart user &&
	cp saved.conf "$EM_STATE/earmark.conf"
'

test_expect_success 'unknown pools and additional arguments are rejected' '
	refuses 2 "unknown pool" em_cli pools restart nonsense &&
	refuses 2 "unexpected argument .user." em_cli pools restart auth user
'

test_expect_success 'pools restart reports that no workers run' '
	em_stop &&
	refuses 1 "no worker is running" em_cli pools restart &&
	refuses 1 "no worker of auth" em_cli pools restart auth
'

test_done
