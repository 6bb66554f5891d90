#!/bin/sh
# shellcheck disable=SC2016
test_description='console: sign-in with a one-time link'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
rm -f "$shots"/sign-in-link-*.png
em_start

# walk NAME WIDE PASSWORD: the new administrator NAME uses the link.
walk() {
	em_cli user add "$1" --role admin >out 2>err &&
	jq -n --arg url "$URL" --arg shots "$shots/sign-in-link" \
	    --arg link "$(sed -n 2p out)" --argjson wide "$2" \
	    --arg password "$3" '$ARGS.named' >plan &&
	browse sign_in_link "$(cat plan)"
}

test_expect_success 'a link opens the console once and sets a password' '
	walk root true "a long enough password" &&
	saw ".heading == \"Dashboard\" and .hash == \"#/\" and .again" &&
	api POST /auth/login "{\"identifier\":\"root\",
	    \"password\":\"a long enough password\"}" && expect 200
'

test_expect_success 'a link opens the console on a phone without a password' '
	walk boss false "" && saw ".heading == \"Dashboard\" and .again" &&
	test "$(em_sql "SELECT password IS NULL FROM user
	    WHERE username = '\''boss'\''")" = 1
'

test_done
