#!/bin/sh
test_description='a payment provider that does not respond'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

seconds=1.5 timeout=3
[ "${EARMARK_FAULT-}" != full ] || seconds=5 timeout=10

em_temp
"$EM_SRC"/t/faults/tools/hang.py listen "$EM_TEMP/port" &
hangs=$!
trap 'left=$?; kill $hangs; (exit $left); em_exit' EXIT
em_until '[ -s "$EM_TEMP/port" ]' || exit 1

mkdir -p "$EM_STATE" &&
echo sk_test_earmark >"$EM_STATE/stripe.key" &&
echo whsec_earmark >"$EM_STATE/stripe.hook" &&
chmod 600 "$EM_STATE"/stripe.*
em_conf limits.write_rate=0
em_conf limits.search_rate=0
em_conf payments.providers=sandbox,stripe
em_conf "payments.stripe_url=http://127.0.0.1:$(cat "$EM_TEMP/port")"
em_conf payments.stripe_publishable_key=pk_test_earmark
em_conf payments.stripe_key_file=stripe.key
em_conf payments.stripe_webhook_file=stripe.hook
em_conf payments.timeout=$timeout
em_conf sessions.direct=immediate
em_conf calls.lost_after=86400
em_conf calls.gap=86400
em_conf billing.free_per_day=1000
em_start

test_expect_success 'only requests that start a payment there wait' '
	"$EM_SRC"/t/faults/tools/hang.py count "$EM_STATE" $seconds $timeout >seen
	count=$?
	note "$(cat seen)"
	test $count = 0
'

test_expect_success 'later, payments can be started again' '
	em_user ana &&
	api POST /payments/initiate -t "$TOKEN_ana" \
	    "{\"amount\":5000,\"provider\":\"sandbox\"}" &&
	expect 201
'

test_done
