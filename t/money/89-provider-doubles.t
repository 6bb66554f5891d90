#!/bin/sh
# Tests errors of requests that t/money/91-providers-sdk.t cannot test, because
# the libraries of the vendors do not make them.
test_description='the doubles of payment providers validate requests strictly'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-payment-doubles.sh
. "$EM_SRC/t/lib-payment-doubles.sh"

em_temp
double stripe && double razorpay || exit 1

# ask PROVIDER PATH [curl options]: sets $status. The file answer contains the
# response.
ask() {
	ask_who=$1 ask_path=$2
	shift 2
	eval "ask_port=\$PORT_$ask_who"
	status=$(curl -s -o answer -w '%{http_code}' -D headers "$@" \
	    "http://127.0.0.1:$ask_port$ask_path")
}
stripe() {
	ask stripe "$@" -H 'Authorization: Bearer sk_test_double'
}
razorpay() {
	ask razorpay "$@" -u rzp_test_double:secret_double
}

# gets STATUS [TEXT]: compares the last response.
gets() {
	[ "$status" = "$1" ] && grep -qF -- "${2-}" answer || {
		note "$status, not $1 with '${2-}': $(cat answer)"
		return 1
	}
}

intents=/v1/payment_intents
test_expect_success 'Stripe: the body must be a well-encoded form' '
	stripe $intents -d amount=500 -d currency=inr && gets 200 &&
	stripe $intents -d amount=500 -d "metadata%5Ba%5D=%C3%BC+b" \
	    -d currency=inr &&
	gets 200 "\"a\": \"\\u00fc b\"" &&
	stripe $intents -d "amount=500&currency=inr&metadata[a]=%zz" &&
	gets 400 "encoding" &&
	stripe $intents -d "amount=500&currency=inr&metadata[a]=%ff" &&
	gets 400 "UTF-8" &&
	stripe $intents -d "amount=500&currency=inr&metadata[a]=b c" &&
	gets 400 "encoding" &&
	stripe $intents -d "amount=500&currency=inr&currency=usd" &&
	gets 400 "twice" &&
	stripe $intents -d "amount=500&currency=inr&" && gets 400 "encoding" &&
	stripe $intents -d "amount=500&currency" && gets 400 "encoding"
'

test_expect_success 'Stripe: method, path and content type must be right' '
	stripe "$intents?amount=500&currency=inr" -X POST &&
	gets 400 "body" &&
	stripe $intents -H "Content-Type: application/json" \
	    -d "{\"amount\":500,\"currency\":\"inr\"}" &&
	gets 400 "content type" &&
	stripe $intents/ -d amount=500 -d currency=inr && gets 200 &&
	stripe $intents -X PUT -d amount=500 && gets 404 "Unrecognized" &&
	stripe /v2/payment_intents -d amount=500 && gets 404 &&
	stripe "$intents/pi_x" -X GET -d a=b && gets 400 "no body"
'

test_expect_success 'Stripe: a request needs the secret key' '
	ask stripe $intents && gets 401 "did not provide" &&
	ask stripe $intents -H "Authorization: Bearer sk_test_doubl" &&
	gets 401 "Invalid API Key" && ! grep -q sk_test_doubl answer &&
	ask stripe $intents -H "Authorization: sk_test_double" && gets 401 &&
	ask stripe $intents -H "Authorization: Bearer  sk_test_double" &&
	gets 401 &&
	ask stripe "$intents/pi_x" -u sk_test_double: && gets 404 "No such"
'

test_expect_success 'Stripe: version and idempotency key are validated' '
	stripe $intents/x -H "Stripe-Version: latest" && gets 400 "version" &&
	stripe $intents/x -H "Stripe-Version: 2022-11-15" && gets 404 &&
	grep -qi "^stripe-version: 2022-11-15" headers &&
	grep -qi "^request-id: req_" headers &&
	stripe $intents -d amount=500 -d currency=inr \
	    -H "Idempotency-Key: $(printf %0256d 1)" && gets 400 "255" &&
	stripe $intents -d amount=500 -d currency=inr \
	    -H "Idempotency-Key: $(printf %0255d 1)" && gets 200
'

# first PROVIDER ARGS...: sends a request that takes until slow is set to 0.
# Returns when the double has received it. The file first contains its status.
first() {
	first_who=$1
	control "$1" DELETE log
	control "$1" POST slow '{"seconds":30}'
	shift
	curl -s -o /dev/null -w '%{http_code}' "$@" >first &
	first_pid=$!
	em_until '[ "$(asked "$first_who" length)" = 1 ]'
}

test_expect_success 'Stripe: a simultaneous request with the same key returns 409' '
	key="Idempotency-Key: at-once" &&
	first stripe "http://127.0.0.1:$PORT_stripe$intents" -H "$key" \
	    -d amount=500 -d currency=inr \
	    -H "Authorization: Bearer sk_test_double" &&
	stripe $intents -d amount=500 -d currency=inr -H "$key" &&
	gets 409 idempotency_key_in_use &&
	control stripe POST slow "{\"seconds\":0}" &&
	wait $first_pid && test "$(cat first)" = 200 &&
	stripe $intents -d amount=500 -d currency=inr -H "$key" && gets 200 &&
	grep -qi "^idempotent-replayed: true" headers
'

json='Content-Type: application/json'
order='{"amount":500,"currency":"INR"}'
test_expect_success 'Razorpay: the body must be a JSON object' '
	razorpay /v1/orders -H "$json" -d "$order" && gets 200 order_ &&
	razorpay /v1/orders -H "$json" -d "$order x" && gets 400 "valid JSON" &&
	razorpay /v1/orders -H "$json" -d "[]" && gets 400 "object" &&
	razorpay /v1/orders -H "$json" \
	    -d "{\"amount\":500,\"amount\":500,\"currency\":\"INR\"}" &&
	gets 400 "twice" &&
	razorpay /v1/orders -d "$order" && gets 400 "content type" &&
	razorpay /v1/orders -H "$json" \
	    -d "{\"amount\":true,\"currency\":\"INR\"}" && gets 400 "integer" &&
	razorpay /v1/orders -H "$json" \
	    -d "{\"amount\":500,\"currency\":\"INR\",\"notes\":7}" &&
	gets 400 "notes"
'

test_expect_success 'Razorpay: method, path, query and key must be right' '
	razorpay /v1/order -H "$json" -d "$order" && gets 400 "not found" &&
	razorpay /v1/orders -X PUT -H "$json" -d "$order" &&
	gets 400 "not found" &&
	razorpay "/v1/orders?colour=red" && gets 400 "colour" &&
	razorpay "/v1/orders?count=101" && gets 400 "100" &&
	ask razorpay /v1/orders && gets 401 "Authentication failed" &&
	ask razorpay /v1/orders -u rzp_test_double:secret_doublE && gets 401 &&
	ask razorpay /v1/orders -H "Authorization: Bearer secret_double" &&
	gets 401
'

test_expect_success 'Razorpay: a simultaneous request with the same key returns 409' '
	razorpay /v1/orders -H "$json" -d "$order" &&
	control razorpay POST pay "{\"ref\":$(jq .id answer)}" &&
	refund=/v1/payments/$(jq -r .payment "$reply")/refund &&
	key="X-Refund-Idempotency: 0123456789" &&
	first razorpay "http://127.0.0.1:$PORT_razorpay$refund" \
	    -H "$json" -H "$key" -d "{}" -u rzp_test_double:secret_double &&
	razorpay "$refund" -H "$json" -H "$key" -d "{}" &&
	gets 409 "in progress" &&
	control razorpay POST slow "{\"seconds\":0}" &&
	wait $first_pid && test "$(cat first)" = 200 &&
	razorpay "$refund" -H "$json" -H "$key" -d "{}" && gets 200 rfnd_ &&
	razorpay "$refund" -H "$json" -H "$key" -d "{\"amount\":500}" &&
	gets 400 "Different request"
'

# The Razorpay double receives webhooks of the Stripe double and rejects them.
test_expect_success 'webhooks are sent as often and with the signature as requested' '
	stripe $intents -d amount=500 -d currency=inr &&
	control stripe POST pay "{\"ref\":$(jq .id answer)}" &&
	control razorpay DELETE log &&
	url=http://127.0.0.1:$PORT_razorpay/hook &&
	control stripe POST send "{\"url\":\"$url\"}" &&
	jq -e ".answers == [401]" "$reply" >/dev/null &&
	control stripe POST send \
	    "{\"url\":\"$url\",\"times\":5,\"parallel\":true}" &&
	jq -e ".answers == [401, 401, 401, 401, 401]" "$reply" >/dev/null &&
	control stripe POST send "{\"url\":\"$url\",\"bad_signature\":true}" &&
	control stripe POST send "{\"url\":\"$url\",\"late\":301}" &&
	control stripe POST send "{\"url\":\"http://127.0.0.1:1/\"}" &&
	grep -q refused "$reply" &&
	control razorpay GET log &&
	jq -e "[.log[] | .method == \"POST\" and .target == \"/hook\" and
	    (.headers.\"stripe-signature\" | startswith(\"t=\"))] |
	    length == 8 and all" "$reply" >/dev/null &&
	test "$(jq "[.log[].body] | unique | length" "$reply")" = 1
'

test_expect_success 'a double can cut or drop its response' '
	control stripe POST fault "{\"what\":\"cut\"}" &&
	{ stripe $intents/x; test $? = 18; } &&
	control stripe POST fault "{\"what\":\"drop\"}" &&
	{ stripe $intents/x; test $? = 52; } &&
	control stripe POST fault "{\"what\":\"status\",\"status\":503,
	    \"path\":\"/v1/refunds\"}" &&
	stripe $intents/x && gets 404 && stripe /v1/refunds && gets 503 &&
	stripe /v1/refunds && gets 200
'

test_done
