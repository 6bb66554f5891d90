#!/bin/sh
# shellcheck disable=SC2016
test_description='pages: scripts in text fields do not run, and find no tokens'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
em_start

test_expect_success 'setup: a listener and an administrator' '
	em_user ana customer listener && em_user root admin &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_ana, 1, 600, '\''en'\'', 1)"
'

test_expect_success 'no script of a text field runs, and a script in the page finds no token' '
	browse injection "$(jq -n --arg url "$URL" --arg password "$EM_PASSWORD" \
	    --arg screens "users/$ID_ana tickets/1" "{\$url, \$password, user: \"ana\",
	    staff: \"root\", screens: (\$screens / \" \")}")"
'

test_expect_success 'all pages were attacked, and only the cookie signs in' '
	saw ".app.fields >= 5 and .console.fields >= 10" &&
	saw ".app.cookie == \"ana\" and .console.cookie == \"root\"" &&
	saw ".app.hidden and .console.hidden and .app.tried > 0 and .console.tried > 0"
'

test_expect_success 'the texts of the script were stored' '
	test "$(em_sql "SELECT count(*) FROM ticket WHERE subject LIKE '\''%onerror%'\''")" -ge 1
'

test_done
