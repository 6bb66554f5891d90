# Lets each write, sync and allocation of a worker fail while it handles a
# request. Sourced after lib.sh by t/faults/*-failing-calls-*.t, which set
# $cases. At full length each of them runs for less than 20 minutes.
#
#	SEED=N		repeats a run
#	CASES="a b"	only these requests (see t/faults/tools/fail_each_nth.py)
#	WAYS="a b"	only these failures: write sync memory cold
#	STEP=N		the distance between two allocations that fail
# shellcheck shell=sh disable=SC2034,SC2154

cases=${CASES-$cases}
step=${STEP-120}
[ "${EARMARK_FAULT-}" != full ] || step=1

if em_sanitized; then
	skip_all='the sanitizers have a malloc of their own'
	test_done
fi
em_temp
"$EM_SRC/t/faults/tools/fail_nth.py" "$EM_TEMP/nth"
EARMARK_WRAP="env NTH=$EM_TEMP/nth LD_PRELOAD=$EM_BUILD/t/faults/tools/fail_nth.so"
export EARMARK_WRAP

em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf sessions.direct=immediate
em_conf pools.wallet_workers=1
em_conf pools.payments_workers=1
em_conf pools.favorites_workers=1
# The injected failures appear in the logs.
em_allow '"event":"(db_full|db_fault|disk_reserve)"|[Oo]ut of memory|(SHA-256|AES-256-GCM) failed'
em_allow 'recv\(\) failed|prematurely closed|signal [69]'
em_start

# shellcheck disable=SC2086
test_expect_success "a request with a failing call moves money once or not at all: $cases" '
	"$EM_SRC"/t/faults/tools/fail_each_nth.py "$EM_STATE" "$EM_BUILD" "$EM_TEMP/nth" \
	    $step $cases >seen 2>&1
	swept=$?
	note "$(cat seen)"
	test $swept = 0
'

test_done
