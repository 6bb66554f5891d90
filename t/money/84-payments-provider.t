#!/bin/sh
test_description='payments: idempotency, crashes, failing providers, polling'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-payment-doubles.sh
. "$EM_SRC/t/lib-payment-doubles.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"
providers stripe,razorpay,sandbox || exit 1
em_conf payments.timeout=2
em_conf pools.payments_workers=1
em_start

start() {
	api POST "${start_path:-/payments/initiate}" -t "$TOKEN_ana" "$@"
}
count() {
	em_sql "SELECT count(*) FROM payment"
}
intents() {
	control stripe GET state && jq ".intents | length" "$reply"
}
later() {
	date -u -d "+$1" +%FT%TZ
}

test_expect_success 'a repeated idempotency key returns the same payment' '
	em_user ana && em_user bob && em_stop_jobs &&
	start "{\"amount\":5000}" -H "Idempotency-Key: \"k1\"" && expect 201 &&
	cp "$body" first && id=$(json .payment_id) && at=$(header Location) &&
	start "{\"amount\":5000}" -H "Idempotency-Key: k1" && expect 201 &&
	[ "$(header Idempotent-Replayed)" = true ] && cmp "$body" first &&
	[ "$(header Location)" = "$at" ] && [ "$(count)" = 1 ] &&
	[ "$(intents)" = 1 ]
'

test_expect_success 'a key with another request returns 422, keys are per user' '
	start "{\"amount\":5001}" -H "Idempotency-Key: k1" &&
	expect 422 idempotency_key_reused &&
	start_path=/user/balance/topup start "{\"amount\":5000}" \
	    -H "Idempotency-Key: k1" && expect 422 idempotency_key_reused &&
	start "{\"amount\":5000}" -H "Idempotency-Key: " && expect 201 &&
	start "{\"amount\":5000}" -H "Idempotency-Key: a b" &&
	expect 400 validation_failed &&
	api POST /payments/initiate -t "$TOKEN_bob" "{\"amount\":5000}" \
	    -H "Idempotency-Key: k1" && expect 201 &&
	[ "$(json .payment_id)" != "$id" ] && [ "$(count)" = 3 ]
'

test_expect_success '20 simultaneous requests with one key create one payment' '
	n=$(intents) && c=$(count) &&
	seq 20 | xargs -P 20 -I{} curl -s -o p.{} -w "%{http_code}\n" \
	    -H "Authorization: Bearer $TOKEN_ana" \
	    -H "Content-Type: application/json" -H "Idempotency-Key: k20" \
	    -d "{\"amount\":6000}" "$URL/payments/initiate" >codes &&
	! grep -Ev "^(201|409)$" codes && grep -q 201 codes &&
	cat p.* | jq -r "select(.payment_id) | .payment_id" | sort -u >ids &&
	[ "$(wc -l <ids)" = 1 ] && [ "$(count)" = $((c + 1)) ] &&
	[ "$(intents)" = $((n + 1)) ]
'

# A worker that is killed while it waits leaves the key marked as running.
test_expect_success 'a key returns 409 while it runs, and is taken over if the worker died' '
	control stripe POST fault "{\"what\":\"hang\",\"seconds\":3,\"times\":1,
	    \"method\":\"POST\"}" &&
	{ curl -s -o killed -H "Authorization: Bearer $TOKEN_ana" \
	    -H "Content-Type: application/json" -H "Idempotency-Key: kk" \
	    -d "{\"amount\":7000}" "$URL/payments/initiate" & } &&
	asker=$! &&
	em_until "[ \"\$(em_sql \"SELECT rc FROM idempotency
	    WHERE key = '\''kk'\''\")\" = -1 ]" &&
	kill -9 $(em_workers payments) && { wait $asker || true; } &&
	id=$(em_sql "SELECT max(id) FROM payment") && c=$(count) &&
	start "{\"amount\":7000}" -H "Idempotency-Key: kk" &&
	expect 409 idempotency_in_progress &&
	em_sql "UPDATE idempotency SET created_at = created_at - 60001
	    WHERE key = '\''kk'\''" &&
	start "{\"amount\":7001}" -H "Idempotency-Key: kk" &&
	expect 422 idempotency_key_reused &&
	start "{\"amount\":7000}" -H "Idempotency-Key: kk" && expect 201 &&
	check_json ".payment_id == $id and .status == \"pending\"" &&
	[ "$(count)" = "$c" ] &&
	start "{\"amount\":7000}" -H "Idempotency-Key: kk" && expect 201 &&
	[ "$(header Idempotent-Replayed)" = true ]
'

test_expect_success 'a provider failure returns 502, and a retry succeeds' '
	c=$(count) && n=$(intents) && control stripe DELETE log &&
	control stripe POST fault "{\"what\":\"cut\",\"times\":1,\"method\":\"POST\"}" &&
	start "{\"amount\":8000}" -H "Idempotency-Key: kf" &&
	expect 502 provider_unavailable &&
	api GET /payments -t "$TOKEN_ana" &&
	check_json ".payments[0].status == \"failed\" and
	    .payments[0].error == \"the provider did not respond\"" &&
	id=$(json ".payments[0].payment_id") && has "$ID_ana" "0 0" &&
	start "{\"amount\":8000}" -H "Idempotency-Key: kf" && expect 201 &&
	check_json ".payment_id == $id and .status == \"pending\"" &&
	[ "$(count)" = $((c + 1)) ] && [ "$(intents)" = $((n + 1)) ] &&
	asked stripe "[.[] | select(.method == \"POST\") |
	    .headers.\"idempotency-key\"] | length, (unique | length)" >got &&
	printf "%s\n" 2 1 >want && test_cmp want got &&
	for what in garbage html empty cut; do
		control stripe POST fault "{\"what\":\"$what\",\"times\":1,
		    \"method\":\"POST\"}" &&
		start "{\"amount\":8000}" && expect 502 provider_unavailable ||
		return 1
	done
'

test_expect_success 'a rejection by the provider returns 400 and is stored' '
	control stripe POST fault "{\"what\":\"status\",\"status\":402,\"times\":1,
	    \"method\":\"POST\"}" &&
	start "{\"amount\":9000}" -H "Idempotency-Key: kr" &&
	expect 400 provider_refused &&
	start "{\"amount\":9000}" -H "Idempotency-Key: kr" &&
	expect 400 provider_refused && [ "$(header Idempotent-Replayed)" = true ] &&
	start "{\"amount\":9000}" && expect 201
'

test_expect_success 'a repeat returns the stored problem details with their media type' '
	problem() {
		start "{\"amount\":9000}" -H "Idempotency-Key: kp" \
		    -H "Accept: application/problem+json"
	} &&
	control stripe POST fault "{\"what\":\"status\",\"status\":402,\"times\":1,
	    \"method\":\"POST\"}" &&
	problem && [ "$(header Content-Type)" = application/problem+json ] &&
	problem && [ "$(header Content-Type)" = application/problem+json ] &&
	[ "$(header Idempotent-Replayed)" = true ] && check_json ".status == 400"
'

# took COMMAND...: sets took to the milliseconds that COMMAND needed.
took() {
	took_from=$(date +%s%N)
	"$@" || return 1
	took=$((($(date +%s%N) - took_from) / 1000000))
}

test_expect_success 'a provider that timed out is not called for 5 s, others are' '
	control stripe POST fault "{\"what\":\"hang\",\"seconds\":60,\"times\":9}" &&
	c=$(count) && took start "{\"amount\":9000}" &&
	expect 502 provider_unavailable && [ $took -ge 900 ] &&
	control stripe DELETE log &&
	for i in 1 2 3; do
		start "{\"amount\":9000}" &&
		expect 502 provider_unavailable || return 1
	done &&
	start "{\"amount\":9000,\"provider\":\"razorpay\"}" && expect 201 &&
	start "{\"amount\":5000}" -H "Idempotency-Key: k1" && expect 201 &&
	[ "$(count)" = $((c + 2)) ] &&
	[ "$(asked stripe length)" = 0 ] && control stripe DELETE fault &&
	left=100 && start "{\"amount\":9000}" &&
	until [ "$status" = 201 ]; do
		left=$((left - 1)) && [ $left -gt 0 ] || return 1
		sleep 0.1 && start "{\"amount\":9000}" || return 1
	done
'

test_expect_success 'a payment pending for payments.poll_after is polled and credited' '
	initiate "$TOKEN_ana" 10000 && one=$payment &&
	control stripe POST pay "{\"ref\":\"$ref\"}" &&
	initiate "$TOKEN_ana" 20000 razorpay && two=$payment &&
	control razorpay POST pay "{\"ref\":\"$ref\"}" &&
	initiate "$TOKEN_ana" 30000 && three=$payment &&
	control stripe POST cancel "{\"ref\":\"$ref\"}" &&
	initiate "$TOKEN_ana" 40000 && four=$payment &&
	em_jobs "$(later 14min)" && has "$ID_ana" "0 0" &&
	em_jobs "$(later 16min)" && has "$ID_ana" "30000 0" &&
	credits $one 1 && credits $two 1 &&
	em_sql "SELECT status FROM payment WHERE id >= $one ORDER BY id" >got &&
	printf "%s\n" 1 1 2 0 >want && test_cmp want got
'

test_expect_success 'a webhook after polling does not credit again' '
	ref=$(em_sql "SELECT ref FROM payment WHERE id = $one") &&
	paid=$(em_sql "SELECT paid_ref FROM payment WHERE id = $one") &&
	hook stripe paid ref=$ref paid_ref=$paid amount=10000 && expect 200 &&
	outcome known && has "$ID_ana" "30000 0"
'

test_expect_success 'a polled payment with another amount is flagged' '
	initiate "$TOKEN_ana" 5000 &&
	control stripe POST pay "{\"ref\":\"$ref\",\"amount\":4000}" &&
	em_jobs "$(later 16min)" && has "$ID_ana" "30000 0" &&
	[ "$(em_sql "SELECT status, flag LIKE '\''%of 4000 INR%'\'' FROM payment
	    WHERE id = $payment")" = "0|1" ]
'

test_expect_success 'a payment expires only when its provider confirms it' '
	control stripe POST fault "{\"what\":\"status\",\"status\":503,\"times\":999}" &&
	test_must_fail em_jobs "$(later 25hours)" &&
	[ "$(em_sql "SELECT status FROM payment WHERE id = $four")" = 0 ] &&
	control stripe DELETE fault &&
	em_jobs "$(later 26hours)" &&
	[ "$(em_sql "SELECT status FROM payment WHERE id = $four")" = 3 ] &&
	ref=$(em_sql "SELECT ref FROM payment WHERE id = $four") &&
	hook stripe paid ref=$ref paid_ref=ch_four amount=40000 &&
	outcome credited && has "$ID_ana" "70000 0" && em_cli ledger verify
'

test_done
