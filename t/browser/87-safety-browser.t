#!/bin/sh
# Tests blocking and reporting in the app, and the queue of reports in the
# console, in browsers with 360 and 1280 pixels, light and dark, by keyboard.
test_description='app and console: blocking, reporting, reviews, rates'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
rm -f "$shots"/safety-*.png
em_start

test_expect_success 'setup: a call with a review, and a change of rates' '
	em_user adm admin && em_user cara && listener lena 600 &&
	fund cara 100000 &&
	api PUT /listeners/profile -t "$TOKEN_lena" \
	    "{\"rates\":{\"audio\":700,\"video\":900}}" && expect 200 &&
	api POST /presence/update -t "$TOKEN_lena" "{\"status\":\"online\"}" &&
	api POST /call/start -t "$TOKEN_cara" "{\"callee_id\":$ID_lena}" &&
	expect 201 && c=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lena" "{\"call_id\":$c}" && expect 200 &&
	s=$(em_sql "SELECT max(id) FROM session") && ago 100 &&
	api POST /call/end -t "$TOKEN_cara" "{\"call_id\":$c}" && expect 200 &&
	api POST "/sessions/$s/review" -t "$TOKEN_cara" \
	    "{\"rating\":1,\"comment\":\"Bad words\"}" && expect 201 &&
	for token in "$TOKEN_cara" "$TOKEN_lena"; do
		api PUT /user/profile/image -t "$token" \
		    -H "Content-Type: image/jpeg" \
		    "@$EM_SRC/sql/demo/pictures/anna_w.jpg" && expect 200 || return 1
	done
'

test_expect_success 'blocking, reporting and decisions work by keyboard' '
	jq -n --arg url "$URL" --arg shots "$shots/safety" \
	    --arg password "$EM_PASSWORD" --argjson listener "$ID_lena" \
	    "\$ARGS.named" >plan && browse safety "$(cat plan)"
'

test_expect_success 'the decisions took effect' '
	[ "$(em_sql "SELECT group_concat(action) FROM (SELECT action FROM report
	    ORDER BY id)")" = 1,3 ] &&
	[ "$(em_sql "SELECT count(*) FROM report
	    WHERE text = '\''She shouted at me.'\'' AND reason = '\''sexual'\''
	    OR call_id = $c")" = 2 ] &&
	[ "$(em_sql "SELECT hidden FROM review")" = 1 ] &&
	[ "$(em_sql "SELECT count(*) FROM user_block")" = 0 ] &&
	api GET /notifications -t "$TOKEN_cara" &&
	check_json "[.notifications[].body] | index(\"Please stay polite.\") != null" &&
	[ "$(em_sql "SELECT group_concat(target) FROM audit
	    WHERE action = '\''user.remove_image'\''")" = \
	    "user:$ID_cara,user:$ID_lena" ] &&
	[ "$(em_sql "SELECT count(*) FROM user WHERE image IS NOT NULL")" = 0 ] &&
	check_json "[.notifications[].body] |
	    any(startswith(\"It is rude.\"))"
'

test_done
