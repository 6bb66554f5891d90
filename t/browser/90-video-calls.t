#!/bin/sh
# Tests video calls between browsers with the fake camera of chromium, by
# keyboard, with 360 and 1280 pixels, light and dark.
test_description='app: video calls'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
rm -f "$shots"/video-*.png
em_conf billing.free_seconds=0
em_conf billing.max_rate=2000
em_start

test_expect_success 'setup: a listener who offers audio, and two customers' '
	em_user otto && em_user nora && listener lena 600 &&
	fund otto 10000 && fund nora 10000
'

test_expect_success 'the page may use the camera, other pages may not' '
	api GET /app/ && expect 200 &&
	header Permissions-Policy | grep -q "camera=(self)" &&
	api GET /console/ && header Permissions-Policy | grep -q "camera=()"
'

test_expect_success 'pictures arrive, cameras are turned off and on, and may be absent or blocked' '
	em_sql "UPDATE presence SET status = 0, online_until = 0;
	    UPDATE listener SET rating_sum = 49, rating_count = 10" &&
	jq -n --arg url "$URL/app/" --arg shots "$shots/video" \
	    --arg password "$EM_PASSWORD" --argjson user "$ID_lena" \
	    "\$ARGS.named" >plan && browse video "$(cat plan)"
'

test_expect_success 'the listener set kinds and prices, and the caller saw both' '
	api GET "/listeners/$ID_lena" && check_json ".rates ==
	    {audio: 600, video: 900} and .rate_per_minute == 600" &&
	saw "(.offers[0] | test(\"^Audio: .*6.00 per minute\")) and
	    (.offers[1] | test(\"^Video: .*9.00 per minute\"))"
'

test_expect_success 'the video calls cost the price for video' '
	saw ".cost == 900" &&
	[ "$(em_sql "SELECT rate, cost, count(*) FROM session WHERE kind = 1
	    GROUP BY 1, 2")" = "900|900|2" ] &&
	[ "$(em_sql "SELECT count(*) FROM call WHERE kind = 1 AND state = 4")" = 1 ] &&
	em_cli ledger verify
'

test_expect_success 'an audio call accepts no pictures' '
	saw ".directions | sort == [[\"audio\", \"sendrecv\"], [\"video\", \"inactive\"]]" &&
	[ "$(em_sql "SELECT rate, cost FROM session WHERE kind = 0")" = "600|600" ]
'

test_done
