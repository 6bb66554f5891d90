#!/bin/sh
test_description='POST /listeners/register, PUT /listeners/profile'
. "$(dirname "$0")/../lib.sh"
em_start

GOOD='{"bio":"I listen","languages":["en","Hindi"],"interests":["music","tech","music"],"rate_per_minute":1200}'
state() {
	em_sql "SELECT user_id, verification, rate_per_minute, languages
	    FROM listener;
	    SELECT language, user_id FROM listener_language ORDER BY 1, 2;
	    SELECT id, roles, bio FROM user"
}

test_expect_success 'POST /listeners/register makes a customer a pending listener' '
	em_user admin admin && em_user ana && em_user bob &&
	api POST /api/v1/listeners/register -t "$TOKEN_ana" "$GOOD" &&
	expect 201 &&
	check_json ".user_id == $ID_ana and .verification == \"pending\" and
	    .languages == [\"en\", \"hi\"] and .bio == \"I listen\" and
	    .interests == [\"music\", \"tech\"] and
	    .rate_per_minute == 1200 and .rejection_reason == null and
	    .reviews_count == 0 and .favorites_count == 0" &&
	grep -q "\"rating\":0.0" "$body" &&
	api GET /user/profile -t "$TOKEN_ana" &&
	check_json ".roles == [\"customer\", \"listener\"] and
	    .bio == \"I listen\""
'

test_expect_success 'a pending listener is not in the search' '
	api GET "/listeners/$ID_ana" && expect 404 &&
	api GET /listeners && check_json ".total_count == 0" &&
	api GET "/listeners?q=ana" && check_json ".listeners == []" &&
	api GET /listeners/profile -t "$TOKEN_ana" && expect 200 &&
	check_json ".verification == \"pending\""
'

test_expect_success 'a second registration returns 409, whether pending or verified' '
	api POST /listeners/register -t "$TOKEN_ana" "$GOOD" &&
	expect 409 already_registered &&
	api POST "/admin/listeners/$ID_ana/verify" -t "$TOKEN_admin" &&
	expect 200 &&
	api POST /listeners/register -t "$TOKEN_ana" "$GOOD" &&
	expect 409 already_registered &&
	api GET "/listeners/gsearch?lang=hindi" && check_json "
	    .total_count == 1 and .listeners[0].user_id == $ID_ana"
'

test_expect_success 'a rejected listener can register again' '
	api POST "/admin/listeners/$ID_ana/reject" -t "$TOKEN_admin" \
	    "{\"reason\":\"No picture\"}" && expect 200 &&
	api GET /listeners/profile -t "$TOKEN_ana" &&
	check_json ".verification == \"rejected\" and
	    .rejection_reason == \"No picture\"" &&
	api POST /listeners/register -t "$TOKEN_ana" \
	    "{\"languages\":[\"ta\"],\"rate_per_minute\":5}" && expect 201 &&
	check_json ".verification == \"pending\" and .languages == [\"ta\"] and
	    .rate_per_minute == 5 and .rejection_reason == null and
	    .bio == \"I listen\"" &&
	[ "$(em_sql "SELECT language FROM listener_language")" = ta ]
'

test_expect_success 'PUT /listeners/profile changes only the given members' '
	api PUT /listeners/profile -t "$TOKEN_ana" "{}" && expect 200 &&
	check_json ".rate_per_minute == 5 and .languages == [\"ta\"]" &&
	api PUT /listeners/profile -t "$TOKEN_ana" \
	    "{\"rate_per_minute\":0}" && expect 200 &&
	check_json ".rate_per_minute == 0 and .bio == \"I listen\"" &&
	api PUT /listeners/profile/ -t "$TOKEN_ana" \
	    "{\"languages\":[\"Spanish\",\"es\",\"EN\"]}" && expect 200 &&
	check_json ".languages == [\"es\", \"en\"]" &&
	api PUT /listeners/profile -t "$TOKEN_ana" \
	    "{\"bio\":null,\"interests\":[]}" && expect 200 &&
	check_json ".bio == null and .interests == []" &&
	api PUT /listeners/profile -t "$TOKEN_ana" \
	    "{\"bio\":\"Walks\\n& talks\",\"interests\":[\"dogs\"]}" &&
	expect 200 && check_json ".bio == \"Walks\\n& talks\" and
	    .interests == [\"dogs\"]"
'

test_expect_success 'the search uses the changed profile' '
	api POST "/admin/listeners/$ID_ana/verify" -t "$TOKEN_admin" &&
	api GET "/listeners?q=walks" && check_json ".total_count == 1" &&
	api PUT /listeners/profile -t "$TOKEN_ana" \
	    "{\"bio\":\"Runs\",\"rate_per_minute\":77}" && expect 200 &&
	api GET "/listeners?q=walks" && check_json ".total_count == 0" &&
	api GET "/listeners?q=runs&max_rate=77" &&
	check_json ".total_count == 1" &&
	api GET "/listeners?interest=dogs" && check_json ".total_count == 1" &&
	api GET "/listeners?lang=es" && check_json ".total_count == 1" &&
	api GET "/listeners?lang=ta" && check_json ".total_count == 0"
'

test_expect_success 'invalid bodies return 400 with the field and change nothing' '
	state >before &&
	bad() {
		api POST /listeners/register -t "$TOKEN_bob" "$1" &&
		expect 400 "${2:-validation_failed}" &&
		{ [ -z "$3" ] || check_json ".fields[\"$3\"]"; }
	} &&
	bad "{" invalid_json && bad "[]" invalid_json &&
	bad "" invalid_json &&
	bad "{}" "" languages && bad "{}" "" rate_per_minute &&
	R="\"rate_per_minute\":1" && L="\"languages\":[\"en\"]" &&
	bad "{$R,\"languages\":[]}" "" languages &&
	bad "{$R,\"languages\":\"en\"}" "" languages &&
	bad "{$R,\"languages\":[\"klingon\"]}" "" languages &&
	bad "{$R,\"languages\":[\"en\",1]}" "" languages &&
	bad "{$R,\"languages\":[\"en\",\"\"]}" "" languages &&
	bad "{$L,\"rate_per_minute\":-1}" "" rate_per_minute &&
	bad "{$L,\"rate_per_minute\":1.5}" "" rate_per_minute &&
	bad "{$L,\"rate_per_minute\":\"1\"}" "" rate_per_minute &&
	bad "{$L,\"rate_per_minute\":1000000001}" "" rate_per_minute &&
	bad "{$L,\"rate_per_minute\":null}" "" rate_per_minute &&
	bad "{$L,$R,\"bio\":5}" "" bio &&
	bad "{$L,$R,\"bio\":\"$(printf "%02001d" 0)\"}" "" bio &&
	bad "{$L,$R,\"interests\":[\"a\\nb\"]}" "" interests &&
	bad "{$L,$R,\"interests\":{}}" "" interests &&
	bad "{$L,$R,\"interests\":[\"$(printf "%051d" 0)\"]}" "" interests &&
	bad "{$L,$R,\"bio\":\"\\u0000\"}" invalid_json &&
	api POST /listeners/register -t "$TOKEN_bob" \
	    -H "Content-Type: text/plain" "$GOOD" && expect 415 &&
	api PUT /listeners/profile -t "$TOKEN_ana" "{\"languages\":[]}" &&
	expect 400 validation_failed &&
	api PUT /listeners/profile -t "$TOKEN_ana" \
	    "{\"bio\":\"x\",\"languages\":[\"klingon\"]}" &&
	expect 400 validation_failed &&
	api PUT /listeners/profile -t "$TOKEN_ana" "[1]" &&
	expect 400 invalid_json &&
	state >after && test_cmp before after
'

test_expect_success 'listener endpoints return 401 without a token and 403 without the role' '
	api POST /listeners/register "$GOOD" && expect 401 token_required &&
	api POST /listeners/register -t x "$GOOD" && expect 401 token_invalid &&
	api PUT /listeners/profile "{}" && expect 401 token_required &&
	api GET /listeners/profile && expect 401 token_required &&
	api GET /listeners/register -t "$TOKEN_bob" && expect 405 &&
	[ "$(header Allow)" = POST ] &&
	api POST /listeners/profile -t "$TOKEN_bob" "{}" && expect 405 &&
	[ "$(header Allow)" = "GET, HEAD, PUT" ] &&
	api PUT /listeners/profile -t "$TOKEN_bob" "{}" &&
	expect 403 role_required &&
	[ "$(json .message)" = "Access denied. Listener role required" ] &&
	em_user machine service && em_sql "UPDATE user SET roles = 8
	    WHERE id = $ID_machine" &&
	api POST /listeners/register -t "$TOKEN_machine" "$GOOD" &&
	expect 403 role_required &&
	em_sql "UPDATE user SET status = 3 WHERE id = $ID_ana" &&
	api PUT /listeners/profile -t "$TOKEN_ana" "{}" &&
	expect 403 account_inactive
'

test_expect_success 'a user with the listener role but no registration has no listener profile' '
	em_user odd customer listener &&
	api GET /listeners/profile -t "$TOKEN_odd" && expect 404 &&
	api PUT /listeners/profile -t "$TOKEN_odd" "{\"bio\":\"x\"}" &&
	expect 404 &&
	api POST /listeners/register -t "$TOKEN_odd" "$GOOD" && expect 201
'

test_expect_success 'of 50 simultaneous registrations, one succeeds' '
	for i in $(seq 50); do
		curl -s -o /dev/null -w "%{http_code}\n" -X POST \
		    -H "Authorization: Bearer $TOKEN_bob" \
		    -H "Content-Type: application/json" -d "$GOOD" \
		    "$URL/listeners/register" &
	done >codes && wait && sort codes | uniq -c | awk "{print \$1, \$2}" \
	    >got && printf "1 201\n49 409\n" >want && test_cmp want got
'

test_done
