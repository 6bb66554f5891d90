#!/bin/sh
test_description='jobs are killed or fail at each write while they move money'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

step=23
[ "${EARMARK_FAULT-}" != full ] || step=1

if em_sanitized; then
	skip_all='the sanitizers have a malloc of their own'
	test_done
fi
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf payments.expire_after=86400
em_conf sessions.direct=immediate
em_conf calls.lost_after=86400
em_conf calls.gap=86400
em_conf billing.free_per_day=1000
em_start
"$EM_SRC/t/faults/tools/fail_nth.py" "$EM_TEMP/nth"

# The service runs without its jobs. The test runs each pass itself.
test_expect_success 'setup: the running jobs are stopped' '
	em_stop_jobs &&
	printf "[payments]\nsandbox_webhook_url = %s\n" \
	    "$URL/payments/webhook/sandbox" >>"$EM_STATE/earmark.conf"
'

test_expect_success 'kills at any write cause nothing to be done twice' '
	"$EM_SRC"/t/faults/tools/money_jobs.py "$EM_STATE" "$EM_BUILD" "$EM_TEMP/nth" \
	    $step >seen 2>&1
	killed=$?
	note "$(cat seen)"
	test $killed = 0
'

test_done
