#!/bin/sh
# shellcheck disable=SC2154
test_description='core: data of one user does not reach another user'
. "$(dirname "$0")/../lib.sh"
em_conf limits.write_rate=0
em_conf limits.search_rate=0
for pool in auth user listeners favorites catalog calls wallet payments admin; do
	em_conf pools.${pool}_workers=1
done
em_conf server.cors_origins=https://app.example.org
em_start

# owns NAME: creates all kinds of data for NAME with the text secret-of-NAME.
owns() {
	eval "owns_t=\$TOKEN_$1 owns_id=\$ID_$1"
	owns_s=secret-of-$1
	api POST /api/documents -t "$owns_t" "{\"title\":\"$owns_s\",
	    \"content\":\"$owns_s\"}" && expect 201 &&
	eval "DOC_$1=$(json .id)" &&
	api POST /api/creatives -t "$owns_t" "{\"html_url\":
	    \"https://example.org/$owns_s\",\"document_ids\":[\"$(json .id)\"]}" &&
	expect 201 && eval "CREATIVE_$1=$(json .id)" &&
	api POST /support/ticket -t "$owns_t" "{\"subject\":\"$owns_s\",
	    \"body\":\"$owns_s\",\"category\":\"other\"}" && expect 201 &&
	api POST /customer/favorites -t "$owns_t" "{\"listener_id\":$ID_lis}" &&
	expect 200 && api PUT "/customer/favorites/$ID_lis" -t "$owns_t" \
	    "{\"note\":\"$owns_s\"}" && expect 200 &&
	api POST /notifications/send -t "$TOKEN_adm" "{\"user_id\":$owns_id,
	    \"kind\":\"news\",\"title\":\"$owns_s\",\"body\":\"$owns_s\"}" &&
	expect 202 &&
	api POST "/admin/wallets/$owns_id/adjust" -t "$TOKEN_adm" \
	    "{\"amount\":$2,\"reason\":\"$owns_s\"}" && expect 200 &&
	api POST /sessions/start -t "$owns_t" "{\"listener_id\":$ID_lis}" &&
	expect 201 && owns_session=$(json .session_id) &&
	api POST /sessions/end -t "$owns_t" "{\"session_id\":$owns_session}" &&
	expect 200
}

test_expect_success 'setup: users with data of all kinds' '
	em_user adm admin && em_user root admin &&
	em_user lis customer listener && em_user ana && em_user ben &&
	em_user cat &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_lis, 1, 100, 0, 1)" &&
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\"}" &&
	owns ana 100001 && owns ben 100002
'

# The export contains messages, which the jobs would send in the meantime.
em_stop_jobs

test_expect_success 'no route returns data of another user' '
	for pool in $(em_pools); do
		"$EM_BUILD/earmark-$pool" --routes >"routes-$pool" || return 1
	done &&
	jq -n --arg ana "$TOKEN_ana" --arg ben "$TOKEN_ben" \
	    --arg cat "$TOKEN_cat" --arg adm "$TOKEN_adm" \
	    --argjson id "$ID_ana" --argjson lis "$ID_lis" \
	    --arg doc "$DOC_ana" --arg creative "$CREATIVE_ana" "{
	    users: {nobody: {token: null, secret: \"no-secret\"},
	    ana: {token: \$ana, secret: \"secret-of-ana\"},
	    ben: {token: \$ben, secret: \"secret-of-ben\"},
	    cat: {token: \$cat, secret: \"secret-of-cat\"},
	    adm: {token: \$adm, secret: \"secret-of-adm\", admin: true}},
	    paths: [{id: 1, user_id: \$id, user: \"me\", listener_id: \$lis,
	    provider: \"sandbox\", token: \"x\"}, {id: 2}, {id: \$lis},
	    {id: \$doc}, {id: \$creative}]}" >context.json &&
	"$EM_SRC/t/tools/two_users.py" "$URL" context.json routes-* >out || {
		grep -A4 "^not ok\|^Traceback" out | while IFS= read -r l; do
			note "$l"
		done
		false
	}
'

test_expect_success 'cached responses are not reused after a role was withdrawn' '
	api POST /support/faq -t "$TOKEN_adm" "{\"category\":\"c\",
	    \"question\":\"secret-draft\",\"answer\":\"a\",\"published\":false}" &&
	expect 201 &&
	api GET "/support/faq?drafts=true" -t "$TOKEN_adm" && expect 200 &&
	grep -q secret-draft "$body" && tag=$(header ETag) &&
	em_cli user revoke adm admin && em_cli user grant adm customer &&
	api GET "/support/faq?drafts=true" -t "$TOKEN_adm" \
	    -H "If-None-Match: $tag" && expect 403 role_required &&
	em_cli user grant adm admin && em_cli user revoke adm customer
'

test_expect_success 'the data of a favorite changes when it is no longer shared' '
	api PATCH "/api/documents/$DOC_ben" -t "$TOKEN_ben" "{\"is_public\":true}" &&
	expect 200 &&
	api PATCH "/api/creatives/$CREATIVE_ben" -t "$TOKEN_ben" \
	    "{\"is_published\":true}" && expect 200 &&
	for pair in "document $DOC_ben" "creative $CREATIVE_ben"; do
		api POST /api/user-favorites -t "$TOKEN_ana" "{\"entity_type\":
		    \"${pair% *}\",\"entity_id\":\"${pair#* }\"}" && expect 201 ||
		    return 1
	done &&
	em_jobs >/dev/null 2>&1 &&
	api PATCH "/api/documents/$DOC_ben" -t "$TOKEN_ben" "{\"is_public\":false,
	    \"content\":\"secret-of-ben, later\"}" && expect 200 &&
	api PATCH "/api/creatives/$CREATIVE_ben" -t "$TOKEN_ben" \
	    "{\"is_published\":false}" && expect 200 &&
	em_jobs >/dev/null 2>&1 &&
	for path in /api/documents "/api/documents/$DOC_ben" /api/creatives \
	    "/api/creatives/$CREATIVE_ben" /api/v1/me/changes \
	    "/api/v1/popular?kind=document&window=24h" \
	    "/api/v1/popular?kind=creative&window=24h" /user/export /events \
	    /notifications /api/v1/users/me/activity; do
		api GET "$path" -t "$TOKEN_ana" &&
		! grep -q secret-of-ben "$body" ||
		{ note "$path: $(cat "$body")"; return 1; }
	done &&
	api POST /api/v1/me/favorites/contains -t "$TOKEN_ana" "{\"items\":
	    [{\"kind\":\"document\",\"id\":\"$DOC_ben\"}]}" &&
	! grep -q secret-of-ben "$body"
'

test_expect_success 'only the list of favorites keeps the content of an unshared document' '
	api GET /api/user-favorites -t "$TOKEN_ana" && expect 200 &&
	check_json "[.items[] | select(.entity_type == \"document\")
	    .entity_data.content] == [\"secret-of-ben, later\"]" &&
	for token in "$TOKEN_cat" "$TOKEN_lis"; do
		api POST /api/user-favorites -t "$token" "{\"entity_type\":
		    \"document\",\"entity_id\":\"$DOC_ben\"}" &&
		expect 403 forbidden && ! grep -q secret-of-ben "$body" &&
		api POST /api/user-favorites/toggle -t "$token" "{\"entity_type\":
		    \"document\",\"entity_id\":\"$DOC_ben\"}" &&
		expect 403 forbidden && ! grep -q secret-of-ben "$body" || return 1
	done &&
	api POST /api/user-favorites/toggle -t "$TOKEN_ana" "{\"entity_type\":
	    \"document\",\"entity_id\":\"$DOC_ben\"}" && expect 200 &&
	! grep -q secret-of-ben "$body" &&
	api POST /api/user-favorites/toggle -t "$TOKEN_ana" "{\"entity_type\":
	    \"document\",\"entity_id\":\"$DOC_ben\"}" && expect 403 forbidden
'

test_expect_success 'an unlisted listener appears in no list of customers' '
	em_sql "UPDATE listener SET verification = 0 WHERE user_id = $ID_lis" &&
	for path in /listeners "/listeners?q=lis" "/listeners/$ID_lis/reviews" \
	    "/listeners/$ID_lis" /customer/favorites \
	    "/api/v1/popular?kind=listener"; do
		api GET "$path" -t "$TOKEN_ana" &&
		! grep -q "\"lis\"" "$body" || { note "$path"; return 1; }
	done &&
	em_sql "UPDATE listener SET verification = 1 WHERE user_id = $ID_lis"
'

test_expect_success 'all responses have Vary: Origin if CORS is configured' '
	api GET /version && expect 200 && header Vary | grep -qi origin &&
	[ -z "$(header Access-Control-Allow-Origin)" ] &&
	api GET /version -H "Origin: https://evil.example.org" &&
	header Vary | grep -qi origin &&
	[ -z "$(header Access-Control-Allow-Origin)" ] &&
	api GET /version -H "Origin: https://app.example.org" &&
	header Vary | grep -qi origin &&
	[ "$(header Access-Control-Allow-Origin)" = https://app.example.org ]
'

test_done
