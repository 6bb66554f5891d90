#!/bin/sh
test_description='admin: audit and log of favorites'
. "$(dirname "$0")/../lib.sh"
em_start

audit() {
	api GET "/api/v1/admin/audit?$1" -t "$TOKEN_adm" && expect 200
}
activity() {
	api GET "/admin/activity?$1" -t "$TOKEN_adm" && expect 200
}
at() {
	date -u -d "@$(($(date +%s) + $1))" +%Y-%m-%dT%H:%M:%SZ
}

test_expect_success 'setup: audited writes and favorites' '
	em_user adm admin && em_user two admin && em_user ana && em_user bob &&
	em_user lis &&
	api POST /listeners/register -t "$TOKEN_lis" \
	    "{\"languages\":[\"en\"],\"rate_per_minute\":1}" &&
	api POST "/admin/listeners/$ID_lis/verify" -t "$TOKEN_adm" &&
	expect 200 &&
	api POST /admin/ban-user -t "$TOKEN_two" \
	    "{\"user_id\":$ID_bob,\"reason\":\"Say \\\"hi\\\"\\\\ \"}" \
	    -H "X-Request-Id: my-own-request-1" && expect 200 &&
	api POST /admin/unban-user -t "$TOKEN_two" "{\"user_id\":$ID_bob}" &&
	em_login bob &&
	api POST /api/v1/destinations -t "$TOKEN_adm" \
	    "{\"name\":\"Mount Bromo\",\"city\":\"Probolinggo\",
	    \"country\":\"ID\"}" && expect 201 && dest=$(json .id) &&
	api POST /api/v1/users/me/favorites -t "$TOKEN_ana" \
	    "{\"destination_id\":\"$dest\"}" \
	    -H "X-Request-Id: saved-by-ana-1" && expect 201 &&
	api POST /customer/favorites -t "$TOKEN_ana" \
	    "{\"listener_id\":$ID_lis}" && expect 200 &&
	api POST /customer/favorites -t "$TOKEN_bob" \
	    "{\"listener_id\":$ID_lis}" && expect 200 &&
	api DELETE "/api/v1/users/me/favorites/$dest" -t "$TOKEN_ana" &&
	expect 200
'

test_expect_success 'GET /admin/audit filters by actor, action, target and time, newest first' '
	audit "actor=$ID_two" && check_json ".total_count == 2 and
	    [.audit[].action] == [\"user.unban\", \"user.ban\"]" &&
	audit "action=user.ban" && check_json ".total_count == 1 and
	    .audit[0].request_id == \"my-own-request-1\" and
	    .audit[0].target == \"user:$ID_bob\" and
	    .audit[0].after.ban_reason == \"Say \\\"hi\\\"\\\\\"" &&
	audit "target=listener:$ID_lis" && check_json ".total_count == 1" &&
	audit "action=destination.add" && check_json ".total_count == 1" &&
	audit "from=$(at 60)" && check_json ".audit == []" &&
	audit "to=$(at -3600)" && check_json ".audit == []" &&
	audit "from=$(at -3600)&to=$(at 60)" && n=$(json .total_count) &&
	[ "$n" -ge 4 ] && audit "" && check_json ".total_count >= $n"
'

test_expect_success 'pages by cursor return each audit row once' '
	audit "per_page=100" && json ".audit[].id" >all && : >paged && c= &&
	for i in $(seq 20); do
		audit "per_page=2${c:+&cursor=$c}" && json ".audit[].id" >>paged ||
		    return 1
		c=$(json ".next_cursor // empty")
		[ -n "$c" ] || break
	done && test_cmp all paged && sort -rn all >sorted &&
	test_cmp sorted all
'

test_expect_success 'the database rejects changes and deletions of audit rows' '
	! em_sql "UPDATE audit SET action = '\''x'\''" 2>err &&
	grep "audit rows are final" err && ! em_sql "DELETE FROM audit" 2>err &&
	grep "audit rows are final" err
'

test_expect_success 'GET /admin/activity lists all saves and unsaves' '
	activity "" && check_json ".total_count == 4 and
	    [.activity[].action] == [\"unsaved\", \"saved\", \"saved\",
	    \"saved\"]" &&
	check_json ".activity[3] | del(.occurred_at) == {
	    user_id: \"$UUID_ana\", kind: \"destination\",
	    entity_id: \"$dest\", destination_id: \"$dest\",
	    action: \"saved\", source: \"favorites_api\",
	    request_id: \"saved-by-ana-1\"}" &&
	check_json ".activity[1] | .entity_id == $ID_lis and
	    .kind == \"listener\" and .user_id == \"$UUID_bob\" and
	    (has(\"destination_id\") | not)"
'

test_expect_success 'GET /admin/activity filters by user, entity, action and time' '
	activity "user=$ID_ana" && check_json ".total_count == 3" &&
	activity "user=$UUID_ana&action=saved" &&
	check_json ".total_count == 2" &&
	activity "entity=$dest" && check_json ".total_count == 2" &&
	activity "kind=listener&entity=$ID_lis" &&
	check_json ".total_count == 2" &&
	activity "kind=destination&entity=$dest&action=unsaved" &&
	check_json ".total_count == 1" &&
	activity "kind=destination" && check_json ".total_count == 2" &&
	activity "kind=style&entity=$dest" && check_json ".activity == []" &&
	activity "user=$ID_ana&kind=listener&entity=$ID_lis" &&
	check_json ".total_count == 1" &&
	activity "user=999999" && check_json ".activity == []" &&
	activity "user=5b7a8702-b2c5-4de4-93c9-99322bd49ee2" &&
	check_json ".total_count == 0" &&
	activity "from=$(at 60)" && check_json ".activity == []" &&
	activity "to=$(at 60)" && check_json ".total_count == 4" &&
	activity "user=$ID_ana&per_page=2" && c=$(json .next_cursor) &&
	activity "user=$ID_ana&per_page=2&cursor=$c" &&
	check_json "(.activity | length) == 1 and (.has_next | not)"
'

test_expect_success 'GET /admin/audit and /admin/activity reject invalid parameters' '
	for q in user=x user=0 entity=x entity=5 kind=cat action=save from=x \
	    to=5 page=0 cursor=x; do
		api GET "/admin/activity?$q" -t "$TOKEN_adm" &&
		expect 400 validation_failed || return 1
	done &&
	for q in actor=0 actor=x from=yesterday to=1 page=0 cursor=x; do
		api GET "/admin/audit?$q" -t "$TOKEN_adm" &&
		expect 400 validation_failed || return 1
	done
'

test_expect_success 'only administrators can read audit and activity' '
	for p in audit activity; do
		api GET "/admin/$p" && expect 401 token_required &&
		api GET "/admin/$p" -t "$TOKEN_ana" &&
		expect 403 role_required &&
		api POST "/admin/$p" -t "$TOKEN_adm" "{}" && expect 405 ||
		    return 1
	done
'

test_done
