#!/bin/sh
test_description='each write, sync and allocation of a worker fails'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

cases=${CASES-topup start end redeem initiate adjust favorite}
step=${STEP-120}
[ "${EARMARK_FAULT-}" != full ] || step=1

if em_sanitized; then
	skip_all='the sanitizers have a malloc of their own'
	test_done
fi
em_temp
"$EM_SRC/t/fault/nth.py" "$EM_TEMP/nth"
EARMARK_WRAP="env NTH=$EM_TEMP/nth LD_PRELOAD=$EM_BUILD/t/fault/nth.so"
export EARMARK_WRAP

em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf pools.wallet_workers=1
em_conf pools.payments_workers=1
em_conf pools.favorites_workers=1
# What is made to happen is in the logs.
em_allow '"event":"(db_full|db_fault|ballast)"|out of memory|SHA-256 failed'
em_allow 'recv\(\) failed|prematurely closed|signal [69]'
em_start

# shellcheck disable=SC2086
test_expect_success "whatever fails, money is moved once or not at all" '
	"$EM_SRC"/t/fault/sweep.py "$EM_STATE" "$EM_BUILD" "$EM_TEMP/nth" \
	    $step $cases >seen 2>&1
	swept=$?
	note "$(cat seen)"
	test $swept = 0
'

test_done
