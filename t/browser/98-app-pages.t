#!/bin/sh
# Tests each page of /app/ in both windows and color schemes: contrast, sizes,
# names and roles.
# shellcheck disable=SC2154
test_description='app: all pages'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
rm -f "$shots"/pages-*.png
em_start

test_expect_success 'setup: a customer with a session, a question and favorites, and a listener' '
	em_user ana && listener lis 600 && fund ana 100000 &&
	start ana lis && ago 100 && end ana &&
	api POST /customer/favorites -t "$TOKEN_ana" "{\"listener_id\":$ID_lis}" &&
	expect 200 &&
	api PUT "/user/blocks/$ID_lis" -t "$TOKEN_ana" && expect 200 &&
	api POST /api/flyers -t "$TOKEN_ana" "{\"title\":\"Jazz\"}" && expect 201 &&
	api POST /support/ticket -t "$TOKEN_ana" "{\"subject\":\"A question\",
	    \"body\":\"What now?\",\"category\":\"other\"}" && expect 201 &&
	ticket=$(json .id)
'

test_expect_success 'each page has no problem that can be measured' '
	jq -n --arg url "$URL" --arg shots "$shots/pages" \
	    --arg password "$EM_PASSWORD" --argjson receipt "$s" \
	    --argjson ticket "$ticket" "{args: {receipt: \$receipt, ticket: \$ticket}} +
		(\$ARGS.named | del(.receipt, .ticket))" >plan &&
	browse app_pages "$(cat plan)" &&
	saw ".wrong == [] and (.seen | length > 12 and index(\"receipt\") != null)"
'

test_expect_success 'a response whose body does not arrive is an error of the connection' '
	cp -r "$EM_SRC/nginx/html/lib" pagelib &&
	echo "{\"type\":\"module\"}" >pagelib/package.json &&
	timeout 60 node "$EM_SRC/t/browser/stalled_response.js" "$PWD/pagelib"
'

test_done
