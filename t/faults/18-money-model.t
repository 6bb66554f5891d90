#!/bin/sh
test_description='random operations compared with a model'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

# SEED=N repeats a run.
operations=100000 parts=1
# 5,000,000 operations, each part with a database of its own.
[ "${EARMARK_FAULT-}" != full ] || operations=500000 parts=10

em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf payments.min_amount=1
em_conf promotions.referral_inviter=70
em_conf promotions.referral_invited=30
em_conf referral.min_commission=40
em_conf sessions.direct=immediate
# An hour, so that a slow machine is not taken for an outage.
em_conf calls.lost_after=3600
em_conf calls.gap=3600
em_conf billing.free_per_day=1000

part=1
while [ $part -le $parts ]; do
	[ $part = 1 ] || { em_stop && rm -rf "$EM_STATE"; }
	em_start
	test_expect_success "part $part: $operations operations have the results that the model predicts" '
		# shellcheck disable=SC2086
		"$EM_SRC"/t/faults/tools/model.py "$EM_STATE" $operations >seen
		model=$?
		note "$(cat seen)"
		test $model = 0
	'
	part=$((part + 1))
done

test_done
