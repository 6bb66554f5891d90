#!/bin/sh
test_description='simultaneous requests for one wallet, session, payment or promotion'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

rounds=2
[ "${EARMARK_FAULT-}" != full ] || rounds=50

em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf sessions.direct=immediate
em_conf calls.lost_after=86400
em_conf calls.gap=86400
em_conf billing.free_per_day=1000
em_conf promotions.referral_inviter=700
em_conf promotions.referral_invited=300
em_conf referral.hold_days=0
em_start

test_expect_success 'operations that are possible once succeed once' '
	"$EM_SRC"/t/faults/tools/money_races.py "$EM_STATE" $rounds >seen
	races=$?
	note "$(cat seen)"
	test $races = 0
'

test_done
