#!/bin/sh
test_description='admin: accounts and bans'
. "$(dirname "$0")/../lib.sh"
em_start

ban() {
	api POST /api/v1/admin/ban-user -t "$TOKEN_adm" "$1"
}
unban() {
	api POST /admin/unban-user -t "$TOKEN_adm" "{\"user_id\":$1}"
}
later() {
	date -u -d "@$(($(date +%s) + $1))" +%Y-%m-%dT%H:%M:%SZ
}

test_expect_success 'setup: accounts' '
	em_user adm admin && em_user ana && em_user bob customer listener &&
	em_user cid && em_user svc service &&
	em_sql "UPDATE user SET email = '\''ana@example.com'\'', email_ok = 1
	    WHERE id = $ID_ana; UPDATE user SET phone = '\''+15550001'\'',
	    phone_ok = 1 WHERE id = $ID_bob"
'

test_expect_success 'GET /admin/users lists users newest first, with filters and search' '
	all() {
		api GET "/admin/users?$1" -t "$TOKEN_adm" && expect 200 &&
		json "[.users[].username] | join(\" \")" >got &&
		echo "$2" >want && test_cmp want got
	} &&
	all "" "svc cid bob ana adm" && check_json ".total_count == 5 and
	    .users[3].email == \"ana@example.com\" and
	    .users[3].roles == [\"customer\"] and
	    .users[3].status == \"active\" and .users[3].uuid == \"$UUID_ana\"" &&
	all "role=admin" adm && all "role=listener" bob &&
	all "role=service" svc && all "role=customer&status=banned" "" &&
	all "status=active" "svc cid bob ana adm" &&
	all "status=pending_verification" "" &&
	all "q=an" ana && all "q=ANA@example.com" ana &&
	all "q=%2B15550001" bob && all "q=$ID_cid" cid &&
	all "q=$UUID_svc" svc && all "q=nobody" "" &&
	all "q=a" "adm ana" && all "q=a&role=admin" adm &&
	check_json ".total_count == 1" && all "q=a&role=listener" "" &&
	all "q=B&role=listener" bob && all "q=a&status=banned" "" &&
	all "q=c&role=customer&status=active" cid &&
	all "per_page=2" "svc cid" && c=$(json .next_cursor) &&
	all "per_page=2&cursor=$c" "bob ana" && c=$(json .next_cursor) &&
	all "per_page=2&cursor=$c" "adm" && check_json ".has_next | not" &&
	all "per_page=2&page=3" "adm"
'

test_expect_success 'a search sorts by username and lists a matching id first' '
	em_sql "UPDATE user SET username = '\''${ID_svc}b'\'' WHERE id = $ID_ana;
	    UPDATE user SET username = '\''${ID_svc}a'\'' WHERE id = $ID_bob;
	    UPDATE user SET username = '\''${ID_svc}.'\'' WHERE id = $ID_svc" &&
	all "q=$ID_svc" "$ID_svc. ${ID_svc}a ${ID_svc}b" &&
	check_json ".total_count == 3" &&
	for n in 1 2; do
		: >paged && c= && for i in 1 2 3; do
			api GET "/admin/users?q=$ID_svc&per_page=$n${c:+&cursor=$c}" \
			    -t "$TOKEN_adm" && expect 200 &&
			json ".users[].username" >>paged &&
			c=$(json ".next_cursor // empty") || return 1
			[ -n "$c" ] || break
		done && printf "%s\n" "$ID_svc." "${ID_svc}a" "${ID_svc}b" >want &&
		test_cmp want paged || return 1
	done &&
	all "q=$ID_svc&per_page=2&page=2" "${ID_svc}b" &&
	all "q=$ID_svc&role=listener" "${ID_svc}a" &&
	all "q=$ID_svc&role=service" "$ID_svc." &&
	all "q=$ID_svc&status=banned" "" &&
	api GET "/admin/users?per_page=2" -t "$TOKEN_adm" && expect 200 &&
	c=$(json .next_cursor) &&
	api GET "/admin/users?q=a&cursor=$c" -t "$TOKEN_adm" && expect 400 &&
	em_sql "UPDATE user SET username = '\''ana'\'' WHERE id = $ID_ana;
	    UPDATE user SET username = '\''bob'\'' WHERE id = $ID_bob;
	    UPDATE user SET username = '\''svc'\'' WHERE id = $ID_svc"
'

test_expect_success 'GET /admin/users/{id} returns one account' '
	api POST /listeners/register -t "$TOKEN_bob" \
	    "{\"languages\":[\"en\"],\"rate_per_minute\":1}" &&
	api GET "/api/v1/admin/users/$ID_bob" -t "$TOKEN_adm" && expect 200 &&
	check_json ".user_id == $ID_bob and .phone == \"+15550001\" and
	    .listener.verification == \"pending\" and
	    .sessions_count == 1 and .favorites_count == 0 and
	    .roles == [\"customer\", \"listener\"]" &&
	api GET "/admin/users/$ID_ana" -t "$TOKEN_adm" &&
	check_json ".listener == null and .last_seen == null" &&
	header Cache-Control | grep -q no-store &&
	for id in 999999 0 -1 abc 99999999999999999999; do
		api GET "/admin/users/$id" -t "$TOKEN_adm" &&
		expect 404 not_found || return 1
	done
'

test_expect_success 'a ban takes effect with the next request on every route' '
	ban "{\"user_id\":$ID_ana,\"reason\":\"Spam\"}" && expect 200 &&
	check_json ".status == \"banned\" and .ban_reason == \"Spam\" and
	    .banned_until == null and .user_id == $ID_ana" &&
	rid=$(header X-Request-Id) &&
	for p in auth user listeners favorites catalog calls wallet payments admin system; do
		"$EM_BUILD/earmark-$p" --routes || return 1
	done >routes &&
	n=0 && while read -r method path role; do
		case $role in open | admin* | listener | service*) continue ;; esac
		case $path in /.earmark/*) continue ;; esac
		path=$(echo "$path" | sed "s/{user}/me/; s/{[a-z_]*}/1/g")
		set -- && case $method in POST | PUT | PATCH)
			set -- "{}" ;;
		esac
		# A banned user may sign out, which would end the session.
		case $path in */auth/logout*) continue ;; esac
		api "$method" "$path" -t "$TOKEN_ana" "$@" &&
		expect 403 account_inactive || return 1
		n=$((n + 1))
	done <routes && [ $n -gt 40 ]
'

test_expect_success 'a ban invalidates all tokens, also after it has ended' '
	api POST /auth/refresh-token "{\"refresh_token\":\"$REFRESH_ana\"}" &&
	[ "$status" = 401 -o "$status" = 403 ] &&
	api POST /auth/login \
	    "{\"identifier\":\"ana\",\"password\":\"$EM_PASSWORD\"}" &&
	expect 403 account_inactive &&
	unban "$ID_ana" && expect 200 && check_json ".status == \"active\" and
	    .ban_reason == null" &&
	api GET /user/profile -t "$TOKEN_ana" && expect 401 token_invalid &&
	api POST /auth/refresh-token "{\"refresh_token\":\"$REFRESH_ana\"}" &&
	expect 401 && em_login ana && api GET /user/profile -t "$TOKEN_ana" &&
	expect 200
'

test_expect_success 'bans and unbans are audited' '
	api GET "/admin/audit?target=user:$ID_ana&actor=$ID_adm" \
	    -t "$TOKEN_adm" && check_json ".total_count == 2 and
	    [.audit[].action] == [\"user.unban\", \"user.ban\"] and
	    .audit[1].before.status == \"active\" and
	    .audit[1].after.status == \"banned\" and
	    .audit[1].after.ban_reason == \"Spam\" and
	    .audit[1].request_id == \"$rid\" and
	    .audit[0].before.status == \"banned\" and
	    .audit[0].after.status == \"active\""
'

test_expect_success 'a temporary ban ends at its time' '
	until=$(later 600) &&
	ban "{\"userId\":$ID_cid,\"reason\":\"x\",\"until\":\"$until\"}" &&
	expect 200 && check_json ".banned_until == \"$until\"" &&
	api GET /user/profile -t "$TOKEN_cid" && expect 403 account_inactive &&
	check_json ".ban_reason == \"x\" and .banned_until == \"$until\"" &&
	api GET "/admin/users?status=banned" -t "$TOKEN_adm" &&
	check_json ".total_count == 1 and .users[0].user_id == $ID_cid" &&
	em_sql "UPDATE user SET banned_until = 1 WHERE id = $ID_cid" &&
	em_login cid &&
	em_until "[ \"\$(em_sql \"SELECT status FROM user
	    WHERE id = $ID_cid\")\" = 1 ]" &&
	api GET "/admin/audit?target=user:$ID_cid&action=user.unban" \
	    -t "$TOKEN_adm" && check_json ".total_count == 1 and
	    .audit[0].actor_id == null"
'

test_expect_success 'a repeated ban changes end and reason' '
	ban "{\"user_id\":$ID_cid,\"reason\":\"a\",\"until\":\"$(later 900)\"}" &&
	ban "{\"user_id\":$ID_cid,\"reason\":\"b\"}" && expect 200 &&
	check_json ".banned_until == null and .ban_reason == \"b\"" &&
	unban "$ID_cid" && unban "$ID_cid" && expect 200 &&
	check_json ".status == \"active\""
'

test_expect_success 'an unverified account stays unverified after a ban' '
	api POST /auth/register "{\"username\":\"newbie\",
	    \"password\":\"$EM_PASSWORD\",\"email\":\"n@example.com\"}" &&
	expect 201 && new=$(json .user_id) &&
	ban "{\"user_id\":$new,\"reason\":\"x\",\"until\":\"$(later 60)\"}" &&
	expect 400 validation_failed && check_json ".fields.until" &&
	ban "{\"user_id\":$new,\"reason\":\"x\"}" && expect 200 &&
	unban "$new" && check_json ".status == \"pending_verification\""
'

test_expect_success 'a banned listener is offline and not in the search' '
	api POST "/admin/listeners/$ID_bob/verify" -t "$TOKEN_adm" &&
	api POST /presence/update -t "$TOKEN_bob" "{\"status\":\"online\"}" &&
	api GET "/listeners/$ID_bob" && check_json .is_online &&
	ban "{\"user_id\":$ID_bob,\"reason\":\"x\"}" &&
	api GET "/listeners/$ID_bob" && expect 404 &&
	unban "$ID_bob" && api GET "/listeners/$ID_bob" &&
	check_json ".is_online | not"
'

test_expect_success 'an administrator cannot ban itself or an unknown user' '
	ban "{\"user_id\":$ID_adm,\"reason\":\"x\"}" &&
	expect 400 cannot_ban_self && em_user root admin &&
	ban "{\"user_id\":$ID_root,\"reason\":\"x\"}" && expect 200 &&
	ban "{\"user_id\":999999,\"reason\":\"x\"}" && expect 404 not_found &&
	unban 999999 && expect 404 not_found &&
	em_user gone && api DELETE /user/profile -t "$TOKEN_gone" &&
	ban "{\"user_id\":$ID_gone,\"reason\":\"x\"}" && expect 404 not_found &&
	unban "$ID_gone" && expect 404 not_found
'

test_expect_success 'invalid bans change nothing' '
	em_sql "SELECT * FROM user; SELECT count(*) FROM audit" >before &&
	R="\"reason\":\"x\"" U="\"user_id\":$ID_cid" &&
	for b in "{" "[]" "{}" "{$R}" "{$U}" "{$U,\"reason\":\"\"}" \
	    "{$U,\"reason\":\"   \"}" "{$U,\"reason\":5}" \
	    "{$U,\"reason\":\"$(printf "%0501d" 0)\"}" \
	    "{$R,\"user_id\":\"$ID_cid\"}" "{$R,\"user_id\":0}" \
	    "{$R,\"user_id\":-1}" "{$R,\"user_id\":1.5}" \
	    "{$R,$U,\"userId\":3}" "{$R,$U,$U}" \
	    "{$U,$R,\"until\":\"tomorrow\"}" "{$U,$R,\"until\":5}" \
	    "{$U,$R,\"until\":\"$(later -60)\"}" \
	    "{$U,$R,\"until\":\"2001-01-01\"}"; do
		ban "$b" && expect 400 || return 1
	done &&
	for b in "{" "{}" "{\"user_id\":null}" "{\"user_id\":\"x\"}"; do
		api POST /admin/unban-user -t "$TOKEN_adm" "$b" && expect 400 ||
		    return 1
	done &&
	for q in role=king status=gone page=0 per_page=x cursor=x; do
		api GET "/admin/users?$q" -t "$TOKEN_adm" &&
		expect 400 validation_failed || return 1
	done &&
	em_sql "SELECT * FROM user; SELECT count(*) FROM audit" >after &&
	test_cmp before after
'

test_expect_success 'only administrators can use the account endpoints' '
	em_login svc && em_login cid && em_login bob &&
	for t in "$TOKEN_cid" "$TOKEN_bob" "$TOKEN_svc"; do
		for p in users "users/$ID_cid" listeners audit activity; do
			api GET "/admin/$p" -t "$t" && expect 403 role_required ||
			    return 1
		done
		for p in ban-user unban-user; do
			api POST "/admin/$p" -t "$t" "{}" &&
			expect 403 role_required || return 1
		done
	done &&
	api GET /admin/users && expect 401 token_required &&
	api POST /admin/ban-user "{}" && expect 401 token_required
'

test_expect_success 'stored counts equal the number of rows' '
	em_sql "SELECT count(*) FROM counter AS t WHERE name LIKE '\''user:%'\''
	    AND n <> (SELECT count(*) FROM user
	    WHERE '\''user:'\'' || status = t.name)" >got &&
	echo 0 >want && test_cmp want got
'

test_done
