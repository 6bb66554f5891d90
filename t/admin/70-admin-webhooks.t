#!/bin/sh
test_description='admin: webhooks of payment providers'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-pay.sh"
em_start

webhooks() {
	api GET "/admin/webhooks?$1" -t "$TOKEN_adm" && expect 200
}

test_expect_success 'setup: webhooks about two payments and a foreign one' '
	em_user adm admin && em_user ana &&
	initiate "$TOKEN_ana" 5000 && one=$payment &&
	hook sandbox paid payment=$one ref=$ref paid_ref=p_1 amount=5000 && expect 200 &&
	hook sandbox paid payment=$one ref=$ref paid_ref=p_1 amount=5000 && expect 200 &&
	initiate "$TOKEN_ana" 7000 && two=$payment &&
	hook sandbox paid payment=$two ref=$ref paid_ref=p_2 \
	    amount=6999 && expect 200 &&
	em_sql "INSERT INTO payment_event(provider, event_id, type, outcome,
		received_at) VALUES (3, '\''evt_foreign'\'', '\''ping'\'', 7,
		1767323045000)"
'

test_expect_success 'GET /admin/webhooks lists webhooks with their outcome, newest first' '
	webhooks "" && check_json ".total_count == 4 and
	    [.webhooks[].outcome] == [\"foreign\", \"flagged\", \"known\",
		\"credited\"] and
	    [.webhooks[].payment_id] == [null, $two, $one, $one] and
	    .webhooks[0] == {id: .webhooks[0].id, provider: \"stripe\",
		event_id: \"evt_foreign\", type: \"ping\", payment_id: null,
		outcome: \"foreign\", detail: null,
		received_at: \"2026-01-02T03:04:05Z\"} and
	    .webhooks[1].provider == \"sandbox\""
'

test_expect_success 'webhooks can be filtered by provider and payment' '
	webhooks provider=sandbox && check_json ".total_count == 3 and
	    (.webhooks | length) == 3" &&
	webhooks provider=stripe && check_json ".total_count == 1" &&
	webhooks provider=razorpay &&
	check_json ".total_count == 0 and .webhooks == []" &&
	webhooks "payment_id=$one" && check_json ".total_count == 2 and
	    ([.webhooks[].payment_id] | unique) == [$one]" &&
	webhooks "payment_id=$one&provider=stripe" &&
	check_json ".total_count == 0" &&
	api GET "/admin/payments/$one" -t "$TOKEN_adm" &&
	check_json "(.events | length) == 2 and .events[1].outcome ==
	    \"credited\""
'

test_expect_success 'pages by cursor return each webhook once with all filters' '
	for q in "" provider=sandbox "payment_id=$one"; do
		webhooks "$q" && json ".webhooks[].id" >want && : >got && c= &&
		for i in 1 2 3 4 5; do
			webhooks "per_page=1&$q${c:+&cursor=$c}" &&
			json ".webhooks[].id" >>got || return 1
			c=$(json ".next_cursor // empty")
			[ -n "$c" ] || break
		done && test_cmp want got || return 1
	done
'

test_expect_success 'invalid parameters return 400, and other users get 401 or 403' '
	for q in provider=paypal payment_id=x page=0 cursor=x; do
		api GET "/admin/webhooks?$q" -t "$TOKEN_adm" &&
		expect 400 validation_failed || return 1
	done &&
	api GET /admin/webhooks && expect 401 token_required &&
	api GET /admin/webhooks -t "$TOKEN_ana" && expect 403 role_required
'

test_done
