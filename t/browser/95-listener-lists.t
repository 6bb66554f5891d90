#!/bin/sh
# Tests the lists of listeners and of calls in browsers with 360 and 1280
# pixels, dark and light: pictures, prices and the filter by language.
test_description='app: search, favorites and history'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
rm -f "$shots"/lists-*.png
em_start

test_expect_success 'setup: two listeners, a favorite and a call without a cost' '
	em_user adm admin && em_user ana && listener lis 123400 &&
	listener bob 500 && fund ana 500000 &&
	api PUT /listeners/profile -t "$TOKEN_lis" \
	    "{\"languages\":[\"hi\",\"en\"]}" && expect 200 &&
	api PUT /user/profile/image -t "$TOKEN_lis" \
	    -H "Content-Type: image/jpeg" \
	    "@$EM_SRC/sql/demo/pictures/anna_w.jpg" && expect 200 &&
	api POST /customer/favorites -t "$TOKEN_ana" \
	    "{\"listener_id\":$ID_lis}" && expect 200 &&
	api POST /call/start -t "$TOKEN_ana" "{\"calleeId\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lis" "{\"callId\":$call}" && expect 200 &&
	api POST /call/end -t "$TOKEN_ana" "{\"callId\":$call}" && expect 200 &&
	check_json ".cost == 0" && online lis
'

test_expect_success 'calls have the pictures of both users' '
	api GET "/calls/$call" -t "$TOKEN_ana" && expect 200 &&
	check_json ".caller_image_thumb_url == null and
	    (.callee_image_thumb_url | endswith(\"-256.jpg\"))" &&
	url=$(json .callee_image_thumb_url) && api GET "/${url#*://*/}" &&
	expect 200 && api GET /calls/history -t "$TOKEN_lis" &&
	check_json ".calls[0].callee_image_thumb_url == \"$url\""
'

test_expect_success 'lists show pictures, prices in one line and a filter by language' '
	jq -n --arg url "$URL" --arg shots "$shots/lists" \
	    --arg password "$EM_PASSWORD" "\$ARGS.named" >plan &&
	browse lists "$(cat plan)" && saw ".wrong == []"
'

test_done
