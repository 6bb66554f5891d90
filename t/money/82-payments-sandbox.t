#!/bin/sh
test_description='payments: creation, sandbox webhooks, crediting once'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"
em_start

test_expect_success 'POST /payments/initiate creates a pending payment without a credit' '
	em_user ana && em_user bob && em_user adm admin &&
	initiate "$TOKEN_ana" 50000 &&
	check_json ".provider == \"sandbox\" and .status == \"pending\" and
	    .amount == 50000 and .currency == \"INR\" and
	    (.checkout | keys) == [\"url\"] and
	    (.checkout.url | test(\"/pay/sandbox/$payment\\\\?key=[0-9a-f]{32}$\"))" &&
	header Location | grep -q "/payments/$payment$" &&
	api POST /api/v1/user/balance/topup -t "$TOKEN_ana" \
	    "{\"amount\":1000,\"currency\":\"inr\",\"provider\":\"sandbox\"}" &&
	expect 201 && has "$ID_ana" "0 0"
'

test_expect_success 'invalid payments are rejected' '
	n=$(em_sql "SELECT count(*) FROM payment") &&
	for json in "{\"amount\":999}" "{\"amount\":5000001}" "{\"amount\":10.5}" \
	    "{\"amount\":\"5000\"}" "{}" "{\"amount\":-5000}" \
	    "{\"amount\":5000,\"currency\":\"USD\"}" \
	    "{\"amount\":5000,\"provider\":\"paypal\"}"; do
		api POST /payments/initiate -t "$TOKEN_ana" "$json" &&
		expect 400 validation_failed || return 1
	done &&
	api POST /payments/initiate -t "$TOKEN_ana" \
	    "{\"amount\":5000,\"provider\":\"stripe\"}" &&
	expect 400 provider_unknown &&
	api POST /payments/initiate "{\"amount\":5000}" && expect 401 &&
	[ "$(em_sql "SELECT count(*) FROM payment")" = "$n" ]
'

test_expect_success 'repeated webhooks credit a payment once' '
	initiate "$TOKEN_ana" 50000 &&
	hook sandbox paid payment=$payment ref=$ref paid_ref=paid_1 \
	    amount=50000 event=evt_a && expect 200 &&
	check_json ". == {received: true}" && outcome credited &&
	has "$ID_ana" "50000 0" &&
	hook_send && expect 200 &&
	hook sandbox paid payment=$payment ref=$ref paid_ref=paid_1 \
	    amount=50000 event=evt_b && expect 200 && outcome known &&
	hook sandbox paid payment=$payment paid_ref=paid_1 amount=50000 &&
	expect 200 && outcome known &&
	has "$ID_ana" "50000 0" && credits $payment 1 &&
	api GET "/payments/$payment" -t "$TOKEN_ana" && expect 200 &&
	check_json ".status == \"paid\" and .credited_at != null and
	    (has(\"checkout\") | not)"
'

test_expect_success 'only the payer and administrators can read a payment' '
	api GET "/payments/$payment" -t "$TOKEN_bob" && expect 404 not_found &&
	api GET "/payments/x" -t "$TOKEN_ana" && expect 404 not_found &&
	api GET /payments -t "$TOKEN_bob" && check_json ".payments == []" &&
	api GET "/admin/payments/$payment" -t "$TOKEN_ana" && expect 403 &&
	api GET "/admin/payments/$payment" -t "$TOKEN_adm" && expect 200 &&
	check_json ".user_id == $ID_ana and .username == \"ana\" and
	    .paid_ref == \"paid_1\" and .flag == null and .returns == [] and
	    [.events[].outcome] == [\"known\", \"known\", \"credited\"]"
'

test_expect_success 'GET /payments lists payments by status and cursor, newest first' '
	api GET "/payments?per_page=2" -t "$TOKEN_ana" && expect 200 &&
	check_json ".total_count == 3 and .has_next and
	    .payments[0].payment_id == $payment and (.payments | length) == 2" &&
	c=$(json .next_cursor) && tag=$(header ETag) &&
	api GET "/payments?per_page=2&cursor=$c" -t "$TOKEN_ana" &&
	check_json "(.payments | length) == 1 and (.has_next | not)" &&
	api GET "/payments?status=paid" -t "$TOKEN_ana" &&
	check_json ".total_count == 1 and .payments[0].status == \"paid\"" &&
	api GET "/payments?per_page=2" -t "$TOKEN_ana" \
	    -H "If-None-Match: $tag" && expect 304 &&
	initiate "$TOKEN_ana" 2000 &&
	api GET "/payments?per_page=2" -t "$TOKEN_ana" \
	    -H "If-None-Match: $tag" && expect 200 &&
	api GET "/payments/$payment" -t "$TOKEN_ana" && expect 200 &&
	check_json ".checkout.url" && tag=$(header ETag) &&
	hook sandbox failed payment=$payment ref=$ref amount=2000 &&
	api GET "/payments/$payment" -t "$TOKEN_ana" \
	    -H "If-None-Match: $tag" && expect 200 &&
	check_json ".status == \"failed\" and .error == \"The payment was declined.\""
'

test_expect_success 'a failed or expired payment is credited if it is paid later' '
	outcome failed && has "$ID_ana" "50000 0" &&
	hook sandbox paid payment=$payment ref=$ref paid_ref=paid_2 \
	    amount=2000 && expect 200 && outcome credited &&
	has "$ID_ana" "52000 0" &&
	initiate "$TOKEN_ana" 3000 &&
	em_jobs "$(date -u -d "+23 hours" +%FT%TZ)" >/dev/null &&
	api GET "/payments/$payment" -t "$TOKEN_ana" &&
	check_json ".status == \"pending\"" &&
	em_jobs "$(date -u -d "+25 hours" +%FT%TZ)" >out &&
	grep -Eq "^payment-expire [1-9]" out &&
	api GET "/payments/$payment" -t "$TOKEN_ana" &&
	check_json ".status == \"expired\"" &&
	hook sandbox failed payment=$payment ref=$ref amount=3000 &&
	api GET "/payments/$payment" -t "$TOKEN_ana" &&
	check_json ".status == \"expired\"" &&
	hook sandbox paid payment=$payment ref=$ref paid_ref=paid_3 \
	    amount=3000 && expect 200 && outcome credited &&
	has "$ID_ana" "55000 0" &&
	hook sandbox failed payment=$payment ref=$ref amount=3000 &&
	expect 200 && outcome none &&
	api GET "/payments/$payment" -t "$TOKEN_ana" &&
	check_json ".status == \"paid\" and .error == null"
'

test_expect_success 'another amount or currency flags the payment without a credit' '
	initiate "$TOKEN_bob" 4000 &&
	hook sandbox paid payment=$payment ref=$ref paid_ref=paid_4 \
	    amount=4001 && expect 200 && outcome flagged &&
	hook sandbox paid payment=$payment ref=$ref paid_ref=paid_4 \
	    amount=4000 currency=USD && expect 200 && outcome flagged &&
	has "$ID_bob" "0 0" &&
	api GET "/admin/payments?flagged=true" -t "$TOKEN_adm" &&
	check_json ".total_count == 1 and .payments[0].payment_id == $payment and
	    (.payments[0].flag | test(\"4001 INR.*4000 INR\")) and
	    (.payments[0].flags | length == 2 and
	    (.[1] | test(\"4000 USD.*4000 INR\"))) and
	    .payments[0].status == \"pending\"" &&
	api GET "/admin/payments/$payment" -t "$TOKEN_adm" &&
	check_json ".events[1].detail | test(\"4001 INR.*4000 INR\")" &&
	api GET "/admin/payments?flagged=true&status=paid" -t "$TOKEN_adm" &&
	check_json ".total_count == 0" &&
	api GET "/admin/payments?user_id=$ID_bob&flagged=1" -t "$TOKEN_adm" &&
	check_json ".total_count == 1" &&
	unflag="/admin/payments/$payment/unflag" &&
	api POST "$unflag" -t "$TOKEN_adm" "{\"note\":\"\"}" && expect 400 &&
	api POST /admin/payments/999999/unflag -t "$TOKEN_adm" \
	    "{\"note\":\"x\"}" && expect 404 &&
	for i in 1 2; do
		api POST "$unflag" -t "$TOKEN_adm" "{\"note\":\"A test of \\\"theirs\\\"\"}" &&
		expect 200 && check_json ".flag == null and
		    .payment_id == $payment" || return 1
	done &&
	api GET "/admin/payments?flagged=true" -t "$TOKEN_adm" &&
	check_json ".total_count == 0" &&
	api GET "/admin/audit?target=payment:$payment" -t "$TOKEN_adm" &&
	check_json ".total_count == 1 and .audit[0].action == \"payment.unflag\" and
	    (.audit[0].before.flags[1] | test(\"4000 USD\")) and
	    .audit[0].after == {amount: 4000, flags: [],
	    note: \"A test of \\\"theirs\\\"\"}" &&
	hook sandbox paid payment=$payment ref=$ref paid_ref=paid_4 \
	    amount=4000 && outcome credited && has "$ID_bob" "4000 0"
'

test_expect_success 'a webhook with an invalid signature returns 400 and is not stored' '
	initiate "$TOKEN_bob" 5000 &&
	before=$(em_sql "SELECT count(*) FROM payment_event") &&
	now=$(date +%s) && zeros=$(printf "%064d" 0) &&
	for way in sign=$zeros at=$((now - 302)) at=$((now + 330)); do
		hook sandbox paid payment=$payment ref=$ref paid_ref=paid_5 \
		    amount=5000 $way &&
		expect 400 webhook_signature_invalid || return 1
	done &&
	hook_write sandbox paid payment=$payment ref=$ref paid_ref=paid_5 \
	    amount=5000 && sed -i s/5000/5001/ hook.body && hook_send &&
	expect 400 webhook_signature_invalid &&
	hook_write sandbox paid payment=$payment amount=5000 &&
	: >hook.headers && hook_send && expect 400 webhook_signature_invalid &&
	for path in stripe razorpay paypal; do
		hook_path=/payments/webhook/$path hook sandbox paid \
		    payment=$payment ref=$ref paid_ref=p amount=5000 &&
		expect 400 webhook_signature_invalid || return 1
	done &&
	[ "$(em_sql "SELECT count(*) FROM payment_event")" = "$before" ] &&
	has "$ID_bob" "4000 0" &&
	grep -c "\"event\":\"webhook\".*rejected: bad_signature" \
	    "$EM_STATE/log/wallet.log" &&
	api GET /metrics &&
	grep -q "^earmark_webhooks_total{provider=\"sandbox\",outcome=\"stale\"} 2" "$body" &&
	hook_path=/api/v1/payments/webhook/sandbox hook sandbox paid \
	    payment=$payment ref=$ref paid_ref=paid_5 amount=5000 \
	    at=$((now - 250)) && expect 200 && outcome credited &&
	has "$ID_bob" "9000 0"
'

test_expect_success 'a signed body that is not an event returns 400, a foreign event 200' '
	hook_write sandbox paid payment=1 amount=5000 &&
	/usr/bin/python3 - "$EM_STATE/key" <<-\EOF &&
	import hashlib, hmac, sys, time
	root = bytes.fromhex(open(sys.argv[1]).read().strip())
	key = hmac.new(root, b"earmark sandbox\x01", hashlib.sha256).digest()
	t, body = str(int(time.time())), b"{\"no\":\"event\"}"
	sign = hmac.new(key, t.encode() + b"." + body, hashlib.sha256)
	open("hook.body", "wb").write(body)
	open("hook.headers", "w").write(
	    f"Earmark-Signature: t={t},v1={sign.hexdigest()}\n")
	EOF
	hook_send && expect 400 webhook_invalid &&
	hook sandbox paid payment=99999 ref=sandbox_99999 paid_ref=p9 \
	    amount=5000 && expect 200 && outcome foreign &&
	hook sandbox paid payment=$payment ref=sandbox_other paid_ref=p9 \
	    amount=5000 && expect 200 && outcome foreign &&
	has "$ID_bob" "9000 0"
'

test_expect_success '100 simultaneous deliveries of one webhook credit once' '
	initiate "$TOKEN_bob" 7000 &&
	hook_write sandbox paid payment=$payment ref=$ref paid_ref=paid_7 \
	    amount=7000 &&
	seq 100 | xargs -P 100 -I{} curl -s -o /dev/null -w "%{http_code}\n" \
	    -H "$(cat hook.headers)" -H Expect: --data-binary @hook.body \
	    "$URL/payments/webhook" >codes &&
	[ "$(sort codes | uniq -c | tr -s " ")" = " 100 200" ] &&
	credits $payment 1 && has "$ID_bob" "16000 0" &&
	[ "$(em_sql "SELECT count(*) FROM payment_event
	    WHERE payment_id = $payment")" = 1 ]
'

test_expect_success '100 simultaneous events of one payment credit once' '
	initiate "$TOKEN_bob" 8000 &&
	hook_write sandbox paid payment=$payment ref=$ref paid_ref=paid_8 \
	    amount=8000 from=1 to=100 &&
	seq 100 | xargs -P 100 -I{} curl -s -o /dev/null -w "%{http_code}\n" \
	    -H @hook.headers.{} -H Expect: --data-binary @hook.body.{} \
	    "$URL/payments/webhook" >codes &&
	[ "$(sort codes | uniq -c | tr -s " ")" = " 100 200" ] &&
	credits $payment 1 && has "$ID_bob" "24000 0" &&
	[ "$(em_sql "SELECT count(*) FROM payment_event
	    WHERE payment_id = $payment AND outcome = 2")" = 99 ]
'

# A cursor contains the filters of its list, also with large user ids.
test_expect_success 'administrators can page through the payments of one user' '
	em_sql "INSERT INTO user(id, uuid, status, roles, username,
	    referral_code, created_at, updated_at) VALUES (4104,
	    randomblob(16), 1, 1, '\''far'\'', '\''far'\'', 1, 1);
	    INSERT INTO payment(user_id, provider, status, amount, currency,
	    page_key, created_at, updated_at)
	    SELECT 4104, 1, 2, 100, '\''INR'\'', randomblob(16), 1, 1
	    FROM json_each('\''[1,2,3]'\'')" &&
	api GET "/admin/payments?user_id=4104&per_page=2" -t "$TOKEN_adm" &&
	expect 200 && check_json ".total_count == 3" && c=$(json .next_cursor) &&
	api GET "/admin/payments?user_id=4104&per_page=2&cursor=$c" \
	    -t "$TOKEN_adm" && expect 200 &&
	check_json "(.payments | length) == 1 and (.has_next | not)"
'

test_done
