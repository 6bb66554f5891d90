#!/bin/sh
# shellcheck disable=SC2154
test_description='limits.picture_seconds: one account cannot use all decoders'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

/usr/bin/python3 -c 'import PIL' || {
	skip_all='python3-pil is not installed'
	test_done
}
/usr/bin/python3 -c 'from PIL import Image
Image.new("RGB", (64, 64), "red").save("a.png")'

# With one second per minute, an upload counts as all of it.
em_conf limits.picture_seconds=1
em_start

upload() {
	eval "upload_token=\$TOKEN_$1"
	status=$(curl -sS -o body -D headers -w '%{http_code}' -X PUT \
	    -H "Authorization: Bearer $upload_token" \
	    -H 'Content-Type: image/png' --data-binary @a.png \
	    "$URL/user/profile/image")
}

test_expect_success 'an account whose pictures took too long gets 429, and others are served' '
	em_user ann && em_user bob && upload ann && expect 200 &&
	for n in 1 2 3 4; do
		upload ann
		[ "$status" = 200 ] || break
	done &&
	expect 429 rate_limited && grep -qi "^retry-after: [1-9]" headers &&
	upload bob && expect 200 &&
	api GET /metrics && grep "earmark_refused_total{limit=\"picture\"}" body
'

test_done
