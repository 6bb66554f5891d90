#!/bin/sh
# The pages of payments as people meet them: by keyboard, in a small window and
# a large one, light and dark, with JavaScript and without. What was seen is kept
# in the build folder, t/screenshots/. The browser sees this machine alone.
test_description='pay: the pages in a browser'
. "$(dirname "$0")/../lib.sh"

# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
for walk in pay decline twice late expired nowhere; do
	rm -f "$shots/$walk"-*.png
done

em_start
em_user ana

# plan NAME MEMBERS: a walk as t/browser/checkout.js takes it.
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

test_expect_success 'Pay, on a phone' '
	begin 49900 && browse checkout "$(plan pay-phone-light "\"do\":\"pay\",
	    \"ends\":\"Payment received\"")" && credits 1
'

test_expect_success 'Pay, on a phone in the dark, with JavaScript switched off' '
	begin 123450 && browse checkout "$(plan pay-phone-dark-noscript "\"do\":\"pay\",
	    \"ends\":\"Payment received\",\"script\":false,\"dark\":true")" &&
	credits 1
'

test_expect_success 'Decline, on a desktop' '
	begin 49900 && browse checkout "$(plan decline-desktop-light "\"do\":\"decline\",
	    \"ends\":\"Payment failed\",\"wide\":true")" && credits 0
'

test_expect_success 'Pay twice, on a desktop in the dark: one credit' '
	begin 4999900 && browse checkout "$(plan twice-desktop-dark "\"do\":\"twice\",
	    \"ends\":\"Payment received\",\"wide\":true,\"dark\":true")" &&
	credits 1
'

test_expect_success 'Pay late, on a phone in the dark: it waits, then it is paid' '
	begin 49900 && browse checkout "$(plan late-phone-dark "\"do\":\"late\",
	    \"ends\":\"Payment received\",\"dark\":true,\"then\":\"$late\"")" &&
	credits 1
'

test_expect_success 'Pay late, on a desktop with JavaScript switched off' '
	begin 49900 && browse checkout "$(plan late-desktop-light-noscript "\"do\":\"late\",
	    \"ends\":\"Payment received\",\"wide\":true,\"script\":false,
	    \"then\":\"$late\"")" && credits 1
'

wide='"wide":true' dark='"dark":true'
test_expect_success 'an expired one, and a link that is none' '
	begin 49900 && page=$(echo "$page" | sed s,/sandbox/,/return/,) &&
	em_sql "UPDATE payment SET status = 3 WHERE id = $payment" &&
	expired=$(plan expired-phone-light "\"wide\":false") &&
	expired_dark=$(plan expired-desktop-dark "$wide,$dark") &&
	page=${page}0 &&
	browse checkout "$expired" "$expired_dark" \
	    "$(plan nowhere-phone-dark "$dark,\"status\":404")" \
	    "$(plan nowhere-desktop-light "$wide,\"status\":404")"
'

# A look must be able to fail. spoil CSS [MEMBERS]: a walk after more of it.
spoil() {
	printf '{"url":"%s","before":"echo \\"%s\\" >>%s"%s}' "$page" "$1" \
	    "$EM_STATE/static/pay.css" "$2"
}
test_expect_success 'a page that is not like that is told' '
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
