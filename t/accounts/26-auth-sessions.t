#!/bin/sh
test_description='auth: login sessions and logout'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_start

# sign_in NAME [USER-AGENT]: sets T (access token), R (refresh token) and S
# (session id).
sign_in() {
	api POST /auth/login -H "User-Agent: ${2-test}" \
	    "$(obj identifier="$1" password="$EM_PASSWORD")" && expect 200 &&
	T=$(json .access_token) R=$(json .refresh_token) &&
	S=$(em_sql 'SELECT max(id) FROM device_session')
}

test_expect_success 'GET /auth/sessions lists sessions, newest first, and marks the current one' '
	person ana && sign_in ana "Phone/1.0 (Android 14)" && phone=$T pid=$S &&
	sign_in ana "Web" && web=$T wid=$S &&
	api GET /auth/sessions -t "$phone" && expect 200 &&
	check_json ".total_count == 3 and .page == 1 and .per_page == 20 and
	    (.has_next | not) and (.has_previous | not) and .next_cursor == null
	    and .sessions[0].id == $wid and .sessions[1].id == $pid and
	    .sessions[1].user_agent == \"Phone/1.0 (Android 14)\" and
	    ([.sessions[].is_current] == [false, true, false]) and
	    (.sessions | map(.id) == (map(.id) | sort | reverse))"
'

test_expect_success 'the list of sessions contains no secrets' '
	check_json "[.sessions[] | keys] | unique == [[\"created_at\", \"id\",
	    \"is_current\", \"last_used_at\", \"user_agent\"]]"
'

test_expect_success 'the ETag of the list changes when a session is added' '
	etag=$(header ETag) && test -n "$etag" &&
	api GET /auth/sessions -t "$phone" -H "If-None-Match: $etag" &&
	expect 304 &&
	api GET /auth/sessions -t "$web" -H "If-None-Match: $etag" && expect 200 &&
	sign_in ana &&
	api GET /auth/sessions -t "$phone" -H "If-None-Match: $etag" && expect 200
'

test_expect_success 'the list of sessions can be paged by number and by cursor' '
	for n in 1 2 3 4 5 6; do sign_in ana "n$n" || return 1; done &&
	api GET "/auth/sessions?per_page=4" -t "$T" && expect 200 &&
	check_json "(.sessions | length) == 4 and .has_next and
	    .total_count == 10" && json ".sessions[].id" >seen &&
	test "$(header Link | grep -c "rel=.next.")" = 1 &&
	api GET "/auth/sessions?per_page=4&cursor=$(json .next_cursor)" -t "$T" &&
	expect 200 && json ".sessions[].id" >>seen && check_json ".page == null" &&
	cursor=$(json .next_cursor) && sign_in ana "in between" &&
	api GET "/auth/sessions?per_page=4&cursor=$cursor" -t "$T" &&
	check_json "(.sessions | length) == 2 and (.has_next | not)" &&
	json ".sessions[].id" >>seen && test "$(sort -u seen | wc -l)" = 10 &&
	test "$(sort seen | uniq -d | wc -l)" = 0 &&
	api GET "/auth/sessions?per_page=4&page=3" -t "$phone" && expect 200 &&
	check_json "(.sessions | length) == 3 and (.has_next | not) and
	    .has_previous"
'

test_expect_success 'GET /auth/sessions rejects invalid page parameters' '
	for q in page=0 page=-1 page=x page=1.5 per_page=0 per_page=x \
	    cursor=x page=99999999999999999999; do
		api GET "/auth/sessions?$q" -t "$T" &&
		expect 400 validation_failed || return 1
	done &&
	api GET "/auth/sessions?per_page=1000" -t "$T" && expect 200 &&
	check_json ".per_page == 100"
'

test_expect_success 'DELETE /auth/sessions/{id} ends the session and its tokens at once' '
	sign_in ana && gone=$T back=$R &&
	api DELETE "/auth/sessions/$S" -t "$phone" && expect 204 &&
	test ! -s "$body" &&
	api GET /user/profile -t "$gone" && expect 401 token_invalid &&
	post refresh-token refresh_token="$back" && expect 401 &&
	api GET /user/profile -t "$phone" && expect 200 &&
	api DELETE "/auth/sessions/$S" -t "$phone" && expect 404 not_found &&
	api GET /auth/sessions -t "$phone" &&
	check_json "[.sessions[].id] | index($S) | not"
'

test_expect_success 'the session of another user returns 404' '
	person ben && sign_in ben && theirs=$S bens=$T &&
	api DELETE "/auth/sessions/$theirs" -t "$phone" &&
	expect 404 not_found && plain >foreign &&
	api DELETE "/auth/sessions/999999" -t "$phone" && plain >absent &&
	test_cmp absent foreign &&
	api GET /user/profile -t "$bens" && expect 200 &&
	api GET /auth/sessions -t "$bens" &&
	check_json ".total_count == 2"
'

test_expect_success 'invalid session ids return 404' '
	for id in 0 -1 x 1x 1.0 99999999999999999999 "$S,$S" 01 0x1; do
		api DELETE "/auth/sessions/$id" -t "$phone" &&
		expect 404 not_found || return 1
	done &&
	api GET "/auth/sessions/1" -t "$phone" && expect 405 &&
	test "$(header Allow)" = DELETE &&
	api POST /auth/sessions -t "$phone" && expect 405
'

test_expect_success 'a user can end the current session by its id' '
	sign_in ana && api DELETE "/auth/sessions/$S" -t "$T" && expect 204 &&
	api GET /auth/sessions -t "$T" && expect 401 token_invalid
'

test_expect_success 'POST /auth/logout ends only the current session and needs no body' '
	sign_in ana && one=$T && sign_in ana &&
	api POST /auth/logout -t "$one" && expect 204 &&
	api GET /user/profile -t "$one" && expect 401 &&
	api GET /user/profile -t "$T" && expect 200 &&
	api POST /api/v1/auth/logout/ -t "$T" "{}" && expect 204
'

test_expect_success 'POST /auth/logout-all ends all sessions of the user and no others' '
	sign_in ana && a=$T ar=$R && sign_in ana && b=$T &&
	api POST /auth/logout-all -t "$b" && expect 204 &&
	for t in "$a" "$b" "$phone" "$web"; do
		api GET /user/profile -t "$t" && expect 401 token_invalid ||
		    return 1
	done &&
	post refresh-token refresh_token="$ar" && expect 401 token_invalid &&
	api GET /user/profile -t "$bens" && expect 200 &&
	sign_in ana && api GET /auth/sessions -t "$T" &&
	check_json ".total_count == 1"
'

test_expect_success 'POST /auth/logout-all with keep_current ends the other sessions only' '
	sign_in ana && a=$T && sign_in ana && b=$T &&
	api POST /auth/logout-all -t "$b" "{\"keep_current\":true}" &&
	expect 204 && api GET /user/profile -t "$a" && expect 401 token_invalid &&
	api GET /auth/sessions -t "$b" && expect 200 &&
	check_json ".total_count == 1 and .sessions[0].is_current" &&
	api GET /user/profile -t "$bens" && expect 200 &&
	api POST /auth/logout-all -t "$b" "{\"keep_current\":1}" &&
	expect 400 validation_failed
'

test_expect_success 'a banned user can sign out' '
	sign_in ben && em_sql "UPDATE user SET status = 3 WHERE id = $ID_ben" &&
	api GET /auth/sessions -t "$T" && expect 403 account_inactive &&
	api POST /auth/logout -t "$T" && expect 204 &&
	api POST /auth/logout-all -t "$bens" && expect 204 &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_ben" &&
	api GET /user/profile -t "$T" && expect 401 &&
	api GET /user/profile -t "$bens" && expect 401
'

test_expect_success 'a session whose refresh token has expired is not listed' '
	sign_in ana && keep=$T && sign_in ana &&
	em_sql "UPDATE device_session SET used_at = 1 WHERE id = $S" &&
	api GET /auth/sessions -t "$keep" && check_json ".total_count == 2 and
	    ([.sessions[].id] | index($S) | not)"
'

test_expect_success 'user agents with special characters are stored as text, up to 200 characters' '
	api POST /auth/login -H "User-Agent: <script>\"\\$(printf "\303\244\377")" \
	    "$(obj identifier=ana password="$EM_PASSWORD")" && expect 200 &&
	api GET /auth/sessions -t "$(json .access_token)" && expect 200 &&
	check_json ".sessions[0].user_agent | startswith(\"<script>\")" &&
	api POST /auth/login -H "User-Agent: $(printf %0900d 7)" \
	    "$(obj identifier=ana password="$EM_PASSWORD")" && expect 200 &&
	api GET /auth/sessions -t "$(json .access_token)" &&
	check_json "(.sessions[0].user_agent | length) == 200" &&
	api POST /auth/login -H "User-Agent;" \
	    "$(obj identifier=ana password="$EM_PASSWORD")" && expect 200 &&
	api GET /auth/sessions -t "$(json .access_token)" &&
	check_json ".sessions[0].user_agent == null"
'

test_expect_success 'session endpoints return 401 without a valid token' '
	for route in "GET /auth/sessions" "DELETE /auth/sessions/1" \
	    "POST /auth/logout" "POST /auth/logout-all"; do
		api "${route% *}" "${route#* }" && expect 401 token_required &&
		api "${route% *}" "${route#* }" -t x && expect 401 token_invalid ||
		    return 1
	done
'

test_done
