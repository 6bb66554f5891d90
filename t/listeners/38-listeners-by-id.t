#!/bin/sh
test_description='/listeners?ids=: cards of listeners that the client knows'
. "$(dirname "$0")/../lib.sh"
em_start

# verified NAME: creates a listener that is verified.
verified() {
	em_user "$1" customer listener &&
	api POST /listeners/register -t "$(eval "echo \"\$TOKEN_$1\"")" \
	    "{\"languages\":[\"en\"],\"rate_per_minute\":500}" && expect 201 &&
	em_sql "UPDATE listener SET verification = 1"
}

# named IDS [OPTIONS]...: requests listeners by id, and prints the ids of the
# response.
named() {
	ids=$1
	shift
	api GET "/listeners?ids=$ids" "$@" && expect 200 &&
	json "[.listeners[].user_id] | join(\",\")"
}

test_expect_success 'setup: listeners' '
	em_user ana && verified lia && verified lou && verified leo &&
	verified pending &&
	em_sql "UPDATE listener SET verification = 0 WHERE user_id = $ID_pending"
'

test_expect_success 'listeners are returned in the order of the ids, each once' '
	[ "$(named "$ID_leo,$ID_lia,$ID_lou,$ID_leo")" = "$ID_leo,$ID_lia,$ID_lou" ] &&
	check_json ".total_count == 3 and .page == 1 and (.has_next | not) and
	    .next_cursor == null" &&
	[ "$(named "$ID_lou")" = "$ID_lou" ]
'

test_expect_success 'a card is that of GET /listeners/{id}' '
	named "$ID_lia" -t "$TOKEN_ana" >out && json .listeners[0] >got &&
	api GET "/listeners/$ID_lia" -t "$TOKEN_ana" && json . >want &&
	test_cmp want got && grep is_favorited got
'

test_expect_success 'unknown, unverified and other users are left out' '
	[ "$(named "999999,$ID_lou,$ID_ana,$ID_pending,0,-1,$ID_lia")" = \
	    "$ID_lou,$ID_lia" ] && check_json ".total_count == 2" &&
	[ -z "$(named 999999)" ] && check_json ".listeners == []"
'

test_expect_success 'gsearch and the prefix /api/v1 accept ids too' '
	for path in /listeners/gsearch /api/v1/listeners /api/v1/listeners/; do
		api GET "$path?ids=$ID_lou,$ID_lia" && expect 200 &&
		check_json "[.listeners[].user_id] == [$ID_lou, $ID_lia]" || return 1
	done
'

test_expect_success 'at most 100 ids are accepted' '
	many=$(yes "$ID_lia," | head -99 | tr -d "\n")$ID_lou &&
	[ "$(named "$many")" = "$ID_lia,$ID_lou" ] &&
	api GET "/listeners?ids=$many,$ID_leo" && expect 400 validation_failed &&
	check_json ".fields.ids"
'

test_expect_success 'invalid ids, filters and pages are rejected' '
	for query in ids=x "ids=1,x" "ids=1.5" "ids=1&lang=hi" "ids=1&q=tea" \
	    "ids=1&online=true" "ids=1&min_rating=4" "ids=1&sort=rating" \
	    "ids=1&page=2" "ids=1&cursor=abc"; do
		api GET "/listeners?$query" && expect 400 validation_failed ||
		    return 1
	done &&
	api GET "/listeners?ids=$ID_lia&per_page=5&page=1" && expect 200 &&
	api GET "/listeners?ids=" && expect 200 && check_json ".total_count == 3"
'

test_expect_success 'a listener of a blocked pair looks offline, as in GET /listeners/{id}' '
	api POST /presence/update -t "$TOKEN_lia" "{\"status\":\"online\"}" &&
	expect 200 && named "$ID_lia" -t "$TOKEN_ana" >out &&
	check_json ".listeners[0].is_online" &&
	api PUT "/user/blocks/$ID_ana" -t "$TOKEN_lia" && expect 200 &&
	named "$ID_lia,$ID_lou" -t "$TOKEN_ana" >out &&
	check_json "[.listeners[] | .is_online, .is_available, .last_seen]
	    [:3] == [false, false, null]" &&
	named "$ID_lia" >out && check_json ".listeners[0].is_online"
'

test_expect_success 'the ETag changes when a favorite of the caller changes' '
	named "$ID_lou" -t "$TOKEN_ana" >out && tag=$(header ETag) &&
	api GET "/listeners?ids=$ID_lou" -t "$TOKEN_ana" \
	    -H "If-None-Match: $tag" && expect 304 &&
	api POST /customer/favorites -t "$TOKEN_ana" "{\"listener_id\":$ID_lou}" &&
	expect 200 && named "$ID_lou" -t "$TOKEN_ana" -H "If-None-Match: $tag" >out &&
	check_json ".listeners[0].is_favorited"
'

test_done
