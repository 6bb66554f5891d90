#!/bin/sh
# shellcheck disable=SC2016
test_description='an adversary cannot take out more than was paid in'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

moves=20000
[ "${EARMARK_FAULT-}" != full ] || moves=1000000
seed=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
note "SEED=$seed"

em_conf billing.free_seconds=0
em_conf billing.commission=200
em_conf billing.rate_changes=1000
em_conf sessions.direct=immediate
# Nobody sends heartbeats here, and time advances in large steps.
em_conf calls.lost_after=86400
em_conf calls.gap=86400
em_conf payments.min_amount=1
em_conf promotions.referral_inviter=700
em_conf promotions.referral_invited=300
em_conf referral.per_month=1000000
em_bare >/dev/null || exit 1
tools=$EM_BUILD/t/faults/tools mutant=$EM_TEMP/mutant

# new_database: an empty database.
new_database() {
	rm -f "$EM_STATE"/earmark.db* && em_cli migrate >/dev/null
}
# attack PROGRAM MOVES: prints the result. Returns the exit status.
attack() {
	timeout 3000 "$1" "$EM_STATE/earmark.db" "$EM_STATE/writer.lock" \
	    "$EM_STATE/earmark.conf" "$2" "$seed" >result 2>&1
}

test_expect_success "in $moves moves, the adversary gains nothing" '
	attack "$tools/adversary" $moves
	attacked=$?
	sed "s/^/# /" result >&5
	test $attacked = 0 && em_cli ledger verify
'

# make_vars: prints the commands that compile and link the adversary.
make_vars() {
	printf "include Makefile\nvars:\n\t@printf '%%s\\\\n' '%s' '%s' '%s'\n" \
	    '$(COMPILE)' '$(AM_LDFLAGS) $(LDFLAGS)' \
	    '$(LAYERS) $(DEPS_LIBS) $(CURL_LIBS) $(LIBS)' |
	    make -s -C "$EM_BUILD" -f - vars
}
make_vars >vars
compile=$(sed -n 1p vars) ldflags=$(sed -n 2p vars) libs=$(sed -n 3p vars)

# without FILE SED-SCRIPT...: builds the adversary with a changed FILE of the
# service, which takes precedence over the one in the libraries. Fails if one of
# the scripts changes nothing.
without() {
	without_file=$EM_SRC/$1
	[ -f "$without_file" ] || without_file=$EM_BUILD/$1
	cp "$without_file" "$mutant.c" && shift &&
	for script in "$@"; do
		sed "$script" "$mutant.c" >changed.c &&
		! cmp -s changed.c "$mutant.c" && mv changed.c "$mutant.c" ||
		    { note "changes nothing: $script"; return 1; }
	done &&
	(cd "$EM_BUILD" && eval "$compile -Wno-error -c -o $mutant.o $mutant.c" &&
	eval "$compile $ldflags -o $mutant t/faults/tools/adversary.o" \
	    "t/faults/tools/adversary_world.o $mutant.o $libs") >built 2>&1 ||
	    { note "$(cat built)"; return 1; }
}
# without_check TABLE CHECK: removes a CHECK constraint from the database. Many
# guards are checked again by the database.
without_check() {
	sqlite3 "$EM_STATE/earmark.db" ".dbconfig defensive off" \
	    "PRAGMA writable_schema = ON" "UPDATE sqlite_schema SET
	    sql = replace(sql, '$2', '(1)') WHERE name = '$1'" >/dev/null &&
	! sqlite3 "$EM_STATE/earmark.db" .schema | grep -qF "$2" ||
	    { note "no constraint $2"; return 1; }
}
budget='(spent + reserved <= budget)'
# succeeds: the adversary takes out more than was paid in. The seed is constant,
# so that a control cannot fail by chance.
succeeds() {
	seed=${SEED:-1}
	attack "$mutant" 100000
	attacked=$?
	[ $attacked = 3 ] || { note "status $attacked: $(cat result)"; return 1; }
}

test_expect_success 'control: without the maximum rate of free minutes, it gains' '
	new_database && without_check promotion "$budget" &&
	without lib/db/texts.c "s/max_rate >= :rate/max_rate >= :rate * 0/" && succeeds
'

test_expect_success 'control: without the budget of promotions, it gains' '
	new_database && without_check promotion "$budget" &&
	without lib/domain/money/promotion.c \
	    "s/promotion_cost(p) > p->budget - p->reserved - p->spent/false/" &&
	succeeds
'

test_expect_success 'control: without the maximum bonus of a top-up, it gains' '
	new_database && without_check promotion "$budget" &&
	without lib/domain/money/redemption.c \
	    "s/int64_min(share(amount, b.value, 100), b.reserved)/share(amount, b.value, 100)/" &&
	succeeds
'

test_expect_success 'control: if used free minutes are returned, it gains' '
	new_database && without_check promotion "$budget" &&
	without lib/domain/money/promotion_minutes.c \
	    "s/back = p->minutes - used/back = p->minutes/" && succeeds
'

test_expect_success 'control: if a session has the present rate, it gains' '
	new_database && without_check promotion "$budget" &&
	without lib/db/texts.c "/SELECT s.id, s.customer_id.* FROM session AS s WHERE s.id/s/ s.rate,/ (SELECT rate_per_minute FROM listener WHERE user_id = s.listener_id),/" &&
	succeeds
'

test_expect_success 'control: without the minimum commission of referrals, it gains' '
	new_database && without lib/domain/money/referral.c \
	    "s/r->commission >= needed(conf)/true/" \
	    "s/\":min_commission\", needed(conf)/\":min_commission\", 0/" &&
	succeeds
'

test_expect_success 'control: if referral bonuses are not taken back, it gains' '
	new_database && without lib/domain/money/referral.c \
	    "s/.reversed = stmt_col_int(q, 13) != 0/.reversed = false/" &&
	succeeds
'

test_expect_success 'control: without the comparison of paid amounts, it gains' '
	new_database && without lib/domain/money/payment_apply.c \
	    "s/!same_money(w, w->p.amount)/false/" && succeeds
'

test_expect_success 'control: if a payout may exceed the earnings, it gains' '
	new_database && without lib/domain/money/ledger.c \
	    "s/return e->balance >= 0 || e->amount > 0/return true/" &&
	succeeds
'

test_done
