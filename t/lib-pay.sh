# Functions for tests of payments. Sourced after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154

# hook PROVIDER EVENT [NAME=VALUE]...: sends a webhook that t/tools/webhook.py
# writes. Sets what api sets. Each event has its own id unless event= is given.
hook_n=0
hook_write() {
	hook_n=$((hook_n + 1))
	hook_of=$1 hook_kind=$2
	shift 2
	case $hook_of in
	sandbox) hook_secret=$EM_STATE/key ;;
	razorpay) hook_secret=rzp_webhook_secret_earmark ;;
	stripe) hook_secret=whsec_test_earmark_0123456789abcdef ;;
	esac
	/usr/bin/python3 "$EM_SRC/t/tools/webhook.py" "$hook_of" "$hook_kind" \
	    secret="$hook_secret" event="evt_$$_$hook_n" "$@" \
	    "$PWD/hook.body" "$PWD/hook.headers"
}
hook_send() {
	# shellcheck disable=SC2016
	eval "set -- $(sed 's/.*/-H "&"/' "$PWD/hook.headers" | tr '\n' ' ')"
	api POST "${hook_path:-/payments/webhook}" "$@" "@$PWD/hook.body"
}
hook() {
	hook_write "$@" && hook_send
}

# initiate TOKEN AMOUNT [PROVIDER]: starts a payment. Sets $payment and $ref.
initiate() {
	api POST /payments/initiate -t "$1" \
	    "{\"amount\":$2${3:+,\"provider\":\"$3\"}}" &&
	expect 201 && payment=$(json .payment_id) &&
	ref=$(em_sql "SELECT ref FROM payment WHERE id = $payment")
}

# balance USER: prints wallet and debt (0 or negative) from the ledger.
balance() {
	em_sql "SELECT coalesce((SELECT balance FROM ledger_account
		WHERE id = $1 * 16 + 1), 0) || ' ' ||
	    coalesce((SELECT balance FROM ledger_account
		WHERE id = $1 * 16 + 5), 0)"
}
has() {
	has_now=$(balance "$1")
	[ "$has_now" = "$2" ] && return
	note "user $1 has '$has_now' (wallet, debt), expected '$2'"
	return 1
}
credits() {
	[ "$(em_sql "SELECT count(*) FROM transfer
	    WHERE type = 1 AND reference = $1")" = "$2" ]
}
outcome() {
	outcome_now=$(em_sql "SELECT outcome FROM payment_event
	    ORDER BY id DESC LIMIT 1")
	outcome_i=0
	for outcome_word in none credited known failed flagged reversed \
	    reinstated foreign; do
		[ "$outcome_i" != "$outcome_now" ] || break
		outcome_i=$((outcome_i + 1))
	done
	[ "$outcome_word" = "$1" ] && return
	note "the outcome is $outcome_word, expected $1"
	return 1
}

# providers NAMES: starts doubles of Stripe and Razorpay and configures NAMES.
# The first is the default. Called before em_start, with
# lib-payment-doubles.sh sourced.
providers() {
	em_temp
	double stripe && double razorpay || return 1
	(
		umask 077
		echo whsec_test_earmark_0123456789abcdef >"$EM_TEMP/stripe.hooks"
		printf '%s\n' rzp_old_secret rzp_webhook_secret_earmark \
		    >"$EM_TEMP/razorpay.hooks"
		echo sk_test_double >"$EM_TEMP/stripe.key"
		echo secret_double >"$EM_TEMP/razorpay.key"
	)
	em_conf "payments.providers=$1"
	em_conf "payments.stripe_url=http://127.0.0.1:$PORT_stripe"
	em_conf payments.stripe_publishable_key=pk_test_double
	em_conf "payments.stripe_key_file=$EM_TEMP/stripe.key"
	em_conf "payments.stripe_webhook_file=$EM_TEMP/stripe.hooks"
	em_conf "payments.razorpay_url=http://127.0.0.1:$PORT_razorpay"
	em_conf payments.razorpay_key_id=rzp_test_double
	em_conf "payments.razorpay_key_file=$EM_TEMP/razorpay.key"
	em_conf "payments.razorpay_webhook_file=$EM_TEMP/razorpay.hooks"
}
