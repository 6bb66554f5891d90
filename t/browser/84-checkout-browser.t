#!/bin/sh
# Tests the payment pages in a browser: by keyboard, with a small and a large
# window, light and dark, with and without JavaScript. SHOTS=1
# stores screenshots in t/screenshots/ of the build folder. The browser can
# access only this machine.
test_description='pay: the payment pages in a browser'
. "$(dirname "$0")/../lib.sh"

# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
for walk in pay decline twice late expired nowhere; do
	rm -f "$shots/$walk"-*.png
done

em_start
em_user ana

# plan NAME MEMBERS: prints a plan for t/browser/checkout.js.
plan() {
	printf '{"shots":"%s","url":"%s",%s}' "$shots/$1" "$page" "$2"
}
late="exec '$EM_BUILD/earmark-jobs' -c '$EM_STATE/earmark.conf' --once \
--now=\$(date -u -d '+40 seconds' +%FT%TZ) >/dev/null"
begin() {
	api POST /payments/initiate -t "$TOKEN_ana" "{\"amount\":$1}" &&
	expect 201 && page=$(json .checkout.url) &&
	payment=$(json .payment_id)
}
credits() {
	test "$(em_sql "SELECT count(*) FROM transfer
	    WHERE type = 1 AND reference = $payment")" = "$1"
}

test_expect_success 'Pay works with a small window' '
	begin 49900 && browse checkout "$(plan pay-phone-light "\"do\":\"pay\",
	    \"ends\":\"Payment received\"")" && credits 1
'

test_expect_success 'Pay works with a small dark window without JavaScript' '
	begin 123450 && browse checkout "$(plan pay-phone-dark-noscript "\"do\":\"pay\",
	    \"ends\":\"Payment received\",\"script\":false,\"dark\":true")" &&
	credits 1
'

test_expect_success 'Decline works with a large window' '
	begin 49900 && browse checkout "$(plan decline-desktop-light "\"do\":\"decline\",
	    \"ends\":\"Payment failed\",\"wide\":true")" && credits 0
'

test_expect_success 'Pay twice credits once, with a large dark window' '
	begin 4999900 && browse checkout "$(plan twice-desktop-dark "\"do\":\"twice\",
	    \"ends\":\"Payment received\",\"wide\":true,\"dark\":true")" &&
	credits 1
'

test_expect_success 'Pay late waits until the payment is paid, with a small dark window' '
	begin 49900 && browse checkout "$(plan late-phone-dark "\"do\":\"late\",
	    \"ends\":\"Payment received\",\"dark\":true,\"then\":\"$late\"")" &&
	credits 1
'

test_expect_success 'Pay late works with a large window without JavaScript' '
	begin 49900 && browse checkout "$(plan late-desktop-light-noscript "\"do\":\"late\",
	    \"ends\":\"Payment received\",\"wide\":true,\"script\":false,
	    \"then\":\"$late\"")" && credits 1
'

wide='"wide":true' dark='"dark":true'
test_expect_success 'pages show an expired payment and an invalid link' '
	begin 49900 && page=$(echo "$page" | sed s,/sandbox/,/return/,) &&
	em_sql "UPDATE payment SET status = 3 WHERE id = $payment" &&
	expired=$(plan expired-phone-light "\"wide\":false") &&
	expired_dark=$(plan expired-desktop-dark "$wide,$dark") &&
	page=${page}0 &&
	browse checkout "$expired" "$expired_dark" \
	    "$(plan nowhere-phone-dark "$dark,\"status\":404")" \
	    "$(plan nowhere-desktop-light "$wide,\"status\":404")"
'

# Control: the checks must be able to fail. spoil CSS [MEMBERS]: prints a plan
# that first appends CSS to the style sheet.
spoil() {
	printf '{"url":"%s","before":"echo \\"%s\\" >>%s"%s}' "$page" "$1" \
	    "$EM_STATE/static/pay.css" "$2"
}
test_expect_success 'pages with insufficient contrast, sizes or focus are reported' '
	cp "$EM_STATE/static/pay.css" kept && begin 49900 &&
	! browse checkout \
	    "$(spoil "p { color: #aaa !important }")" \
	    "$(spoil "button { width: 40rem !important }")" \
	    "$(spoil "button { min-height: 0; padding: 0 !important }")" \
	    "$(spoil ":focus-visible { outline: none !important }" \
		",\"do\":\"late\"")" \
	    "$(spoil ".card { border-radius: 0 !important }" \
		",\"do\":\"steal\"")" 5>/dev/null
	cp kept "$EM_STATE/static/pay.css"
	for text in "1: .*contrast 2" "2: .* is [67].. wide" \
	    "3: .*Decline: .* by 2" "4: .*focus not seen: .*late" \
	    "5: .*the style sheet is not in force" \
	    "5: .*no button.value=steal. can be reached"; do
		grep -q "$text" seen || {
			note "not told: $text:" "$(cat seen)"
			return 1
		}
	done
'

test_done
