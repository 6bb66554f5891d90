#!/bin/sh
# shellcheck disable=SC2016
test_description='one-time links that sign an account in'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_start

# add NAME [options]: creates an account; $id and $token are those of its link.
add() {
	em_cli user add "$@" >out 2>err && id=$(sed -n 1p out) &&
	token=$(sed -n "2s,^$URL/console/#/sign-in/,,p" out)
}

# follow TOKEN [PASSWORD]: uses a link.
follow() {
	api POST /auth/link "$(jq -cn --arg token "$1" --arg password "${2-}" \
	    '{token: $token} + if $password == "" then {} else
	    {password: $password} end')"
}

test_expect_success 'user add NAME --role admin prints the id and a link' '
	add root --role admin && echo "$id" | grep -Ex "[0-9]+" &&
	test "$(wc -l <out)" = 2 && echo "$token" | grep -Ex "[A-Za-z0-9_-]{43}" &&
	grep "works once, until 2" err &&
	test "$(em_sql "SELECT count(*) FROM one_time_link
	    WHERE user_id = $id AND kind = 1")" = 1 &&
	! grep -aqF "$token" "$EM_STATE"/earmark.db*
'

test_expect_success 'the link signs in once' '
	follow "$token" && expect 200 && check_json ".user.username == \"root\" and
	    .user.roles == [\"admin\"] and .token_type == \"Bearer\" and
	    (.refresh_token | length) == 43" && t=$(json .access_token) &&
	test "$(header Cache-Control)" = no-store &&
	api GET /admin/users -t "$t" && expect 200 &&
	follow "$token" && expect 404 link_invalid
'

test_expect_success 'the link and its use are audited, without the token' '
	em_sql "SELECT action, target, actor_id IS NULL FROM audit
	    WHERE action LIKE '\''user.link%'\'' ORDER BY id" >have &&
	printf "user.link|user:%s|1\nuser.link_used|user:%s|0\n" $id $id >want &&
	test_cmp want have && em_cli audit verify &&
	! grep -rqF "$token" "$EM_STATE/log"
'

test_expect_success 'a password that is sent with the link is set' '
	add boss --role admin && follow "$token" short && expect 400 validation_failed &&
	check_json ".fields.password | length > 0" &&
	follow "$token" "a long enough password" && expect 200 &&
	post login identifier=boss password="a long enough password" && expect 200
'

test_expect_success 'of simultaneous uses, one succeeds' '
	add once --role admin && printf "{\"token\":\"%s\"}" "$token" >use &&
	seq 8 | xargs -P 8 -I @@ curl -s -o /dev/null -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @use "$URL/auth/link" |
	    sort | uniq -c | sed "s/^ *//" >have &&
	printf "1 200\n7 404\n" >want && test_cmp want have
'

test_expect_success 'an expired link does not sign in, and a job deletes it' '
	add late --role admin &&
	em_sql "UPDATE one_time_link SET expires_at = 1000 * unixepoch() - 1
	    WHERE user_id = $id" &&
	follow "$token" && expect 404 link_invalid && em_jobs >jobs 2>&1 &&
	test "$(em_sql "SELECT count(*) FROM one_time_link
	    WHERE user_id = $id")" = 0
'

test_expect_success 'wrong tokens return 404 and reveal nothing' '
	for wrong in x "${token}x" "$(printf "%043d" 0)" "../../key" "$EM_PASSWORD"; do
		follow "$wrong" && expect 404 link_invalid || return 1
	done &&
	api POST /auth/link "{}" && expect 400 validation_failed &&
	api POST /auth/link "{\"token\":null,\"password\":\"x\"}" &&
	expect 400 validation_failed
'

test_expect_success 'user link prints a new link, which replaces the earlier one' '
	add lost --role admin && first=$token &&
	em_cli user link lost >out 2>err && test "$(wc -l <out)" = 1 &&
	token=$(sed "s,.*/#/sign-in/,," out) && test "$token" != "$first" &&
	follow "$first" && expect 404 link_invalid &&
	follow "$token" && expect 200
'

test_expect_success 'a password set by a link signs out the other devices' '
	t=$(json .access_token) && em_cli user link lost >out 2>err &&
	token=$(sed "s,.*/#/sign-in/,," out) &&
	follow "$token" "another long password" && expect 200 &&
	new=$(json .access_token) &&
	api GET /user/profile -t "$t" && expect 401 &&
	api GET /user/profile -t "$new" && expect 200
'

test_expect_success 'links of banned and deleted accounts do not sign in' '
	add bad --role admin && em_cli user ban bad &&
	follow "$token" && expect 403 account_inactive &&
	refuses 1 "not active" em_cli user link bad &&
	em_cli user unban bad && follow "$token" && expect 200 &&
	refuses 1 "not found" em_cli user link nobody &&
	refuses 2 "usage" em_cli user link
'

test_expect_success 'no link is made if the account has another way to sign in' '
	echo "$EM_PASSWORD" | em_cli user add one --role admin --password-stdin >out &&
	test "$(wc -l <out)" = 1 &&
	em_cli user add two --role admin --email two@example.org >out &&
	test "$(wc -l <out)" = 1 &&
	refuses 2 "the user could not sign in" em_cli user add three &&
	refuses 2 "the user could not sign in" em_cli user add three --role listener
'

test_done
