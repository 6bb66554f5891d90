#!/bin/sh
# Tests the page of flyers in browsers with 360 and 1280 pixels, dark and light,
# by keyboard.
test_description='app: flyers and their images'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
rm -f "$shots"/flyers-*.png
em_start

test_expect_success 'setup: a publisher and a reader' '
	em_user ana && em_user ben
'

test_expect_success 'a publisher uploads and removes images, and others see and save flyers' '
	jq -n --arg url "$URL" --arg shots "$shots/flyers" \
	    --arg password "$EM_PASSWORD" \
	    --arg picture "$EM_SRC/sql/demo/pictures/anna_w.jpg" \
	    "\$ARGS.named" >plan &&
	browse flyers "$(cat plan)" && saw ".wrong == []"
'

test_expect_success 'the image and the favorite are stored' '
	api GET /api/flyers/1 -t "$TOKEN_ben" && check_json ".is_favorited and
	    .title == \"Jazz on the square\" and .category == \"Music\" and
	    (.image_thumb_url | endswith(\"-256.jpg\"))" &&
	api GET /api/flyers/2 && check_json ".image_url == null"
'

test_done
