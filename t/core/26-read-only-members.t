#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='core: no 200 for a change that was ignored'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf auth.default_country=IN
em_start

# refused METHOD PATH TOKEN OTHER MEMBER VALUE [STATUS]: a read-only member with
# a new value is rejected, and the other member is not changed either.
refused() {
	api "$1" "$2" -t "$3" "{$4,\"$5\":$6}" &&
	expect "${7-400}" validation_failed &&
	json ".fields[\"$5\"]" | grep -q "cannot be changed\|decided by"
}

# echoed METHOD PATH TOKEN FILTER: an object that was read can be sent back.
echoed() {
	api GET "$2" -t "$3" && json "$4" >object &&
	api "$1" "$2" -t "$3" "$(cat object)" &&
	expect 200
}

test_expect_success 'setup: objects of all kinds' '
	em_user adm admin && em_user ana && listener lis 600 && uuid=null &&
	api POST /api/flyers -t "$TOKEN_ana" "{\"title\":\"t\"}" && expect 201 &&
	flyer=$(json .id) &&
	api POST /api/v1/destinations -t "$TOKEN_adm" "{\"name\":\"n\"}" &&
	expect 201 && destination=$(json .id) &&
	for noun in styles:name documents:title; do
		api POST "/api/${noun%:*}" -t "$TOKEN_ana" "{\"${noun#*:}\":\"x\"}" &&
		expect 201 && eval "${noun%:*}=$(json .id)" || return 1
	done &&
	api POST /api/creatives -t "$TOKEN_ana" "{}" && expect 201 &&
	creatives=$(json .id) &&
	api POST /support/ticket -t "$TOKEN_ana" \
	    "{\"subject\":\"s\",\"body\":\"b\"}" && expect 201 && ticket=$(json .id) &&
	api POST /support/faq -t "$TOKEN_adm" \
	    "{\"category\":\"c\",\"question\":\"q\",\"answer\":\"a\"}" &&
	expect 201 && faq=$(json .id) &&
	api POST /admin/promotions -t "$TOKEN_adm" \
	    "{\"code\":\"HELLO\",\"kind\":\"bonus\",\"value\":100}" && expect 201 &&
	promotion=$(json .id) &&
	api POST /customer/favorites -t "$TOKEN_ana" "{\"listener_id\":$ID_lis}" &&
	expect 200
'

test_expect_success 'PUT and PATCH reject read-only members with a new value' '
	refused PATCH "/api/flyers/$flyer" "$TOKEN_ana" "\"title\":\"lost\"" \
	    publisher_id 7 &&
	refused PATCH "/api/flyers/$flyer" "$TOKEN_ana" "\"title\":\"lost\"" \
	    is_favorited true &&
	refused PATCH "/api/v1/destinations/$destination" "$TOKEN_adm" \
	    "\"name\":\"lost\"" id "\"$uuid\"" 422 &&
	refused PATCH "/api/styles/$styles" "$TOKEN_ana" "\"name\":\"lost\"" \
	    user_id 7 &&
	refused PATCH "/api/documents/$documents" "$TOKEN_ana" \
	    "\"title\":\"lost\"" is_favorite true &&
	refused PATCH "/api/creatives/$creatives" "$TOKEN_ana" \
	    "\"html_url\":\"https://example.org/\"" created_at \
	    "\"2020-01-01T00:00:00Z\"" &&
	refused PUT "/admin/tickets/$ticket" "$TOKEN_adm" "\"category\":\"other\"" \
	    subject "\"new\"" &&
	refused PUT "/admin/tickets/$ticket" "$TOKEN_adm" "\"category\":\"other\"" \
	    assigneeId "$ID_adm" &&
	refused PUT "/support/faq/$faq" "$TOKEN_adm" "\"answer\":\"lost\"" id 7 &&
	refused PATCH "/admin/promotions/$promotion" "$TOKEN_adm" \
	    "\"active\":false" value 200 &&
	refused PUT "/customer/favorites/$ID_lis" "$TOKEN_ana" "\"note\":\"lost\"" \
	    is_favorited false &&
	refused PUT /listeners/profile "$TOKEN_lis" "\"bio\":\"lost\"" verification \
	    "\"verified!\"" &&
	refused PUT /listeners/profile "$TOKEN_lis" "\"bio\":\"lost\"" username \
	    "\"other\"" &&
	for path in "/api/flyers/$flyer" "/api/v1/destinations/$destination" \
	    "/api/styles/$styles" "/api/documents/$documents" /support/faq \
	    /listeners/profile "/customer/favorites/$ID_lis" /admin/promotions; do
		api GET "$path" -t "$TOKEN_ana" && ! grep -q lost "$body" || return 1
	done &&
	api GET /listeners/profile -t "$TOKEN_lis" && ! grep -q lost "$body" &&
	test "$(em_sql "SELECT active FROM promotion WHERE id = $promotion")" = 1
'

test_expect_success 'objects that were read can be sent back' '
	echoed PATCH "/api/flyers/$flyer" "$TOKEN_ana" . &&
	echoed PATCH "/api/v1/destinations/$destination" "$TOKEN_adm" . &&
	echoed PATCH "/api/styles/$styles" "$TOKEN_ana" . &&
	echoed PATCH "/api/documents/$documents" "$TOKEN_ana" . &&
	echoed PATCH "/api/creatives/$creatives" "$TOKEN_ana" . &&
	echoed PUT "/customer/favorites/$ID_lis" "$TOKEN_ana" . &&
	echoed PUT /user/profile "$TOKEN_ana" . &&
	echoed PUT /listeners/profile "$TOKEN_lis" "del(.rates)"
'

test_expect_success 'PUT /user/profile accepts an unchanged address in another spelling' '
	em_sql "UPDATE user SET phone = '\''+919876543210'\'',
	    email = '\''ana@xn--exmple-cua.org'\'' WHERE id = $ID_ana" &&
	for member in "\"phone\":\"098765 43210\"" \
	    "\"phone\":\"0091 (98765) 43-210\"" \
	    "\"email\":\" Ana@Exämple.org\"" "\"email\":\"ANA@xn--exmple-cua.org\""; do
		api PUT /user/profile -t "$TOKEN_ana" "{\"bio\":\"b\",$member}" &&
		expect 200 || return 1
	done &&
	for value in "\"098765 43211\"" "\"9876543210@example.org\"" "\"\"" 7; do
		refused PUT /user/profile "$TOKEN_ana" "\"bio\":\"lost\"" phone \
		    "$value" || return 1
	done &&
	refused PUT /user/profile "$TOKEN_ana" "\"bio\":\"lost\"" email \
	    "\"ana@exämple.com\"" &&
	[ "$(em_sql "SELECT bio FROM user WHERE id = $ID_ana")" = b ]
'

test_expect_success 'a decision with an end that applies to bans only is rejected' '
	api POST /support/reports -t "$TOKEN_ana" \
	    "{\"user_id\":$ID_lis,\"reason\":\"abuse\"}" && expect 201 &&
	report=$(em_sql "SELECT max(id) FROM report") &&
	api POST "/admin/reports/$report/decide" -t "$TOKEN_adm" \
	    "{\"action\":\"warn\",\"note\":\"n\",\"until\":\"2099-01-01T00:00:00Z\"}" &&
	expect 400 validation_failed && check_json ".fields.until | length > 0" &&
	api POST "/admin/reports/$report/decide" -t "$TOKEN_adm" \
	    "{\"action\":\"warn\",\"note\":\"n\"}" && expect 200
'

test_expect_success 'a session of a call with another kind is rejected' '
	fund ana 100000 &&
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\"}" &&
	expect 200 &&
	api POST /call/start -t "$TOKEN_ana" "{\"calleeId\":$ID_lis}" && expect 201 &&
	call=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lis" "{\"callId\":$call}" && expect 200 &&
	api POST /sessions/start -t "$TOKEN_ana" "{\"listener_id\":$ID_lis,
	    \"call_id\":$call,\"kind\":\"video\"}" &&
	expect 400 validation_failed && check_json ".fields.kind | length > 0" &&
	api POST /sessions/start -t "$TOKEN_ana" "{\"listener_id\":$ID_lis,
	    \"call_id\":$call}" && expect 201
'

test_done
