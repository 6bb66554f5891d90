#!/bin/sh
# Tests the payment pages without a browser, the sandbox webhooks, and `earmark
# pay simulate` for all providers.
test_description='sandbox: payment pages, webhooks, pay simulate'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"

em_conf payments.providers=sandbox,stripe,razorpay
em_conf payments.stripe_key_file=stripe.key
em_conf payments.stripe_webhook_file=stripe.hook
em_conf payments.razorpay_key_id=rzp_test_earmark
em_conf payments.razorpay_key_file=razorpay.key
em_conf payments.razorpay_webhook_file=razorpay.hook
em_temp
mkdir -p "$EM_STATE"
(
	umask 077
	echo sk_test_earmark >"$EM_STATE/stripe.key"
	echo whsec_test_earmark_0123456789abcdef >"$EM_STATE/stripe.hook"
	echo rzp_secret_earmark >"$EM_STATE/razorpay.key"
	echo rzp_webhook_secret_earmark >"$EM_STATE/razorpay.hook"
	od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >"$EM_STATE/key"
)
em_write_conf
em_start
em_user ana

# begin AMOUNT: creates a sandbox payment. Sets the URL of its page.
begin() {
	initiate "$TOKEN_ana" "$1" sandbox &&
	page=$(json .checkout.url) && page=/pay/${page#*/pay/} &&
	key=${page#*key=} && back="/pay/return/$payment?key=$key"
}
# press BUTTON: submits the form as a browser does.
press() {
	api POST "$page" -H "Content-Type: application/x-www-form-urlencoded" \
	    "do=$1"
}
is_page() {
	expect "$1" && header Content-Type | grep -q "^text/html" &&
	grep -q "<h1>$2</h1>" "$body" && return
	note "no page that says '$2':" "$(head -c 1500 "$body")"
	return 1
}
is() {
	is_now=$(em_sql "SELECT status FROM payment WHERE id = $payment")
	[ "$is_now" = "$1" ] && return
	note "payment $payment is $is_now, not $1"
	return 1
}
until_is() {
	em_until "[ \$(em_sql \"SELECT status FROM payment
	    WHERE id = $payment\") = $1 ]" || is "$1"
}

test_expect_success 'the payment page shows the amount and contains no script' '
	begin 123450 && api GET "$page" && is_page 200 "Top up your balance" &&
	grep -q "Pay 1,234.50 INR</button>" "$body" &&
	grep -q "no money is transferred" "$body" &&
	test "$(header Cache-Control)" = no-store &&
	test "$(header Referrer-Policy)" = no-referrer &&
	header Content-Security-Policy | grep -Fqx "default-src '\''none'\''; style-src '\''self'\''; form-action '\''self'\''; frame-ancestors '\''none'\''; base-uri '\''none'\''" &&
	! grep -qiE "<script|<style|style=|javascript:|https?:" "$body" &&
	test -z "$(header Content-Encoding)" &&
	api HEAD "$page" && expect 200 &&
	api GET /static/pay.css && expect 200
'

test_expect_success 'the payment page returns 404 without its key' '
	for wrong in "${page%key=*}" "${page%?key=*}" "${page%key=*}key=00" \
	    "${page%key=*}key=$(echo "$key" | tr 0-9a-f 1-9a-f0)" \
	    "${page}00" "${page%?}" \
	    "/pay/sandbox/0?key=$key" "/pay/sandbox/x?key=$key" \
	    "/pay/sandbox/999999?key=$key" "/pay/return/999999?key=$key"; do
		api GET "$wrong" && is_page 404 "Payment not found" &&
		! grep -q "1,234" "$body" || return 1
	done &&
	api GET "/pay/sandbox/$payment?key=%3Cscript%3E" &&
	is_page 404 "Payment not found" && ! grep -q "<script" "$body" &&
	begin 1000 && other=$key && begin 2000 &&
	api GET "/pay/sandbox/$payment?key=$other" && is_page 404 "Payment not found" &&
	api GET "/pay/return/$payment?key=$other" && is_page 404 "Payment not found" &&
	page="/pay/sandbox/$payment?key=$other" && press pay &&
	is_page 404 "Payment not found" && is 0 &&
	test "$(em_sql "SELECT count(*) FROM sandbox_webhook")" = 0 &&
	api GET /pay/nowhere/7 && expect 404 not_found
'

test_expect_success 'an invalid form returns an HTML error page' '
	begin 1000 && press steal &&
	is_page 400 "Some fields are not valid" &&
	press "pay&do=decline" && is_page 400 "Some fields are not valid" &&
	api POST "$page" -H "Content-Type: text/plain" "do=pay" &&
	is_page 415 "The body must be a form" &&
	api POST "$page" && is_page 400 ".*" &&
	api DELETE "$page" && expect 405 method_not_allowed && is 0
'

test_expect_success 'Pay: the return page reloads until the payment is paid' '
	had=$(balance "$ID_ana") && test "$had" = "0 0" &&
	begin 49900 && api GET "$back" &&
	is_page 200 "Waiting for confirmation" &&
	grep -q "http-equiv=\"refresh\"" "$body" &&
	press pay && expect 303 && test "$(header Location)" = "$back" &&
	until_is 1 && api GET "$back" && is_page 200 "Payment received" &&
	! grep -q "http-equiv=\"refresh\"" "$body" &&
	grep -q "499.00 <span" "$body" && has "$ID_ana" "49900 0" &&
	credits "$payment" 1 &&
	api GET "$page" && is_page 200 "Payment received" &&
	! grep -q "<form" "$body"
'

test_expect_success 'buttons of a paid payment have no effect' '
	n=$(em_sql "SELECT count(*) FROM sandbox_webhook") &&
	for button in pay twice late decline; do
		press $button && expect 303 || return 1
	done &&
	test "$(em_sql "SELECT count(*) FROM sandbox_webhook")" = "$n"
'

test_expect_success 'Decline: the payment fails without a credit' '
	begin 70000 && press decline && expect 303 && until_is 2 &&
	api GET "$back" && is_page 200 "Payment failed" &&
	has "$ID_ana" "49900 0" && credits "$payment" 0
'

test_expect_success 'Pay twice: two events credit once, and the page shows no balance' '
	begin 10100 && press twice && expect 303 && until_is 1 &&
	em_until "test \$(em_sql \"SELECT count(*) FROM payment_event
	    WHERE payment_id = $payment\") = 2" &&
	test "$(em_sql "SELECT group_concat(outcome) FROM (SELECT outcome
	    FROM payment_event WHERE payment_id = $payment
	    ORDER BY outcome)")" = 1,2 &&
	credits "$payment" 1 && has "$ID_ana" "60000 0" &&
	api GET "$back" && is_page 200 "Payment received" &&
	! grep -q "600" "$body" && ! grep -qi "ana" "$body"
'

test_expect_success 'Pay late: the webhook is sent after half a minute' '
	begin 20000 && press late && expect 303 && now=$(date +%s) &&
	em_jobs "$(date -u -d "@$((now + 20))" +%FT%TZ)" >out &&
	grep -qx "sandbox 0" out && is 0 &&
	em_jobs "$(date -u -d "@$((now + 32))" +%FT%TZ)" >out &&
	grep -qx "sandbox 1" out && is 1 && has "$ID_ana" "80000 0"
'

test_expect_success 'an expired payment can still be paid late' '
	begin 3000 && press late && expect 303 &&
	em_sql "UPDATE payment SET status = 3 WHERE id = $payment" &&
	api GET "$back" && is_page 200 "Payment expired" &&
	em_sql "UPDATE sandbox_webhook SET due_at = 0 WHERE state = 0" &&
	until_is 1 && has "$ID_ana" "83000 0"
'

test_expect_success 'more than 20 submissions of one payment return 429' '
	begin 4000 && em_sql "UPDATE payment SET ref = ref || 7, provider = 1
	    WHERE id = $payment" &&
	i=0 && while [ $i -lt 20 ]; do
		press late && expect 303 || return 1
		i=$((i + 1))
	done &&
	press late && is_page 429 "Too many requests, try again later" &&
	test -n "$(header Retry-After)" &&
	em_sql "DELETE FROM sandbox_webhook WHERE state = 0"
'

# A webhook without a 2xx response is retried for a day.
test_expect_success 'a webhook that is not accepted is retried' '
	"$EM_SRC/demo" --stop --state "$EM_STATE" >/dev/null &&
	cp "$EM_STATE/earmark.conf" kept.conf &&
	sed -i "s,^\[payments\],&\nsandbox_webhook_url = http://127.0.0.1:1/x," \
	    "$EM_STATE/earmark.conf" &&
	em_sql "INSERT INTO sandbox_webhook(payment_id, event_id, what, amount,
	    due_at, created_at) VALUES ($payment, '\''evt_again'\'', 1, 4000, 0,
	    $(date -d 2026-01-01 +%s)000)" &&
	test_expect_code 1 em_jobs 2026-01-01T00:00:00Z >out 2>err &&
	grep -qx "sandbox 0" out && grep -q "was not accepted" err &&
	row() {
		em_sql "SELECT attempts, state, (due_at - created_at) / 1000
		    FROM sandbox_webhook WHERE event_id = '\''evt_again'\''"
	} &&
	test "$(row)" = "1|0|2" &&
	em_jobs 2026-01-01T00:00:01Z >out && test "$(row)" = "1|0|2" &&
	test_expect_code 1 em_jobs 2026-01-01T00:00:02Z >out 2>err &&
	test "$(row)" = "2|0|6" &&
	test_expect_code 1 em_jobs 2026-01-01T12:00:00Z >out 2>err &&
	test_expect_code 1 em_jobs 2026-01-02T00:00:00Z >out 2>err &&
	test "$(row | cut -d"|" -f1,2)" = "4|2" &&
	em_jobs 2026-01-07T00:00:00Z >out && grep -qx "sandbox 0" out &&
	test "$(row | cut -d"|" -f1,2)" = "4|2" &&
	em_jobs 2026-01-09T00:00:00Z >out && test -z "$(row)"
'

test_expect_success 'pages return 404 if the sandbox is not configured' '
	sed "s/^providers = .*/providers = stripe/" kept.conf \
	    >"$EM_STATE/earmark.conf" && em_conf payments.providers=stripe &&
	em_start && api GET "$page" && is_page 404 "Payment not found" &&
	press pay && is_page 404 "Payment not found" &&
	api GET "/pay/return/$payment?key=$key" && expect 200 &&
	test_expect_code 1 em_cli pay simulate "$payment" 2>err &&
	grep -q "sandbox is not one of payments.providers" err &&
	em_stop && em_conf payments.providers=sandbox,stripe,razorpay && em_start
'

# paying PROVIDER REF: inserts a pending payment of another provider.
paying() {
	em_sql "INSERT INTO payment(user_id, provider, amount, currency, ref,
	    page_key, created_at, updated_at) VALUES ($ID_ana, $1, 50000,
	    'INR', '$2', randomblob(16), $(date +%s)000, $(date +%s)000)" &&
	payment=$(em_sql "SELECT max(id) FROM payment")
}
simulate() {
	em_cli pay simulate "$payment" "$@" >out 2>err || {
		note "pay simulate: $? $(tail -n 5 out) $(cat err)"
		return 1
	}
}
events() {
	em_sql "SELECT count(*) FROM payment_event WHERE payment_id = $payment"
}

n=0
for provider in sandbox razorpay stripe; do
	n=$((n + 1))
	test_expect_success "simulate, $provider: webhooks with a bad signature change nothing" '
		paying $n "order_$n" && simulate --bad-signature --times 3 &&
		test "$(grep -c "^400 evt_" out)" = 3 &&
		grep -q "^payment $payment is pending: 500.00 INR by $provider$" out &&
		is 0 && test "$(events)" = 0 &&
		if [ $provider = razorpay ]; then
			simulate --late && grep -q "^200 evt_" out && is 1
		else
			simulate --late --reorder &&
			test "$(grep -c "^400 evt_" out)" = 4 && is 0
		fi
	'

	test_expect_success "simulate, $provider: 1 or 100 webhooks credit once" '
		paying $n "order_of_$n" && simulate &&
		grep -q "^200 evt_.* paid$" out &&
		grep -q "^payment $payment is paid: .*, credited 20" out &&
		is 1 && credits "$payment" 1 &&
		paying $n "order_other_$n" && simulate --times 100 &&
		test "$(grep -c "^200 evt_" out)" = 100 &&
		is 1 && credits "$payment" 1 && test "$(events)" = 1
	'

	test_expect_success "simulate, $provider: webhooks in any order credit once" '
		paying $n "order_any_$n" && simulate --reorder --times 10 &&
		test "$(grep -c "^200 evt_" out)" = 40 && is 1 &&
		credits "$payment" 1 && test "$(events)" = 3 &&
		simulate --reorder && credits "$payment" 1 &&
		simulate --bad-signature && is 1
	'
done

test_expect_success 'Razorpay sends two events for one payment' '
	test "$(em_sql "SELECT count(*) FROM payment_event
	    WHERE type = '\''order.paid'\''")" -ge 2
'

test_expect_success 'pay simulate reports invalid arguments and a stopped server' '
	refuses 2 "is not a payment number" em_cli pay simulate x &&
	refuses 2 "must be from 1 to 1000" em_cli pay simulate 1 --times 0 &&
	refuses 2 "must be from 1 to 1000" em_cli pay simulate 1 --times 1001 &&
	refuses 1 "Payment not found" em_cli pay simulate 999999 &&
	paying 1 order_down && em_sql "UPDATE payment SET amount = 50001
	    WHERE id = $payment" && em_stop &&
	test_expect_code 1 em_cli pay simulate "$payment" --times 2 >out 2>err &&
	test "$(grep -c "^0 evt_.*paid: ." out)" = 2 &&
	grep -q "2 of 2 responses are not 200" err && is 0
'

test_done
