#!/bin/sh
test_description='core: spellings of members, forms of numbers, nil UUIDs, encodings'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
em_start

NIL=00000000-0000-0000-0000-000000000000

test_expect_success 'setup: a customer and two listeners' '
	em_user ana && listener bea 100 && listener eve 100
'

test_expect_success 'members may be spelled in snake_case and camelCase' '
	api PUT /user/profile -t "$TOKEN_ana" "{\"preferredLanguage\":\"hi\"}" &&
	expect 200 && check_json ".preferred_language == \"hi\"" &&
	api PUT /user/profile -t "$TOKEN_ana" "{\"preferred_language\":\"en\"}" &&
	expect 200 && check_json ".preferred_language == \"en\"" &&
	api POST /customer/favorites -t "$TOKEN_ana" "{\"listenerId\":$ID_bea}" &&
	expect 200 &&
	api GET "/listeners?maxRate=1" && expect 200 &&
	api GET "/listeners?maxRate=x" && expect 400
'

test_expect_success 'both spellings of a member return 400' '
	api PUT /user/profile -t "$TOKEN_ana" \
	    "{\"preferredLanguage\":\"hi\",\"preferred_language\":\"hi\"}" &&
	expect 400 validation_failed && check_json ".fields | length == 1"
'

test_expect_success 'errors name a member as the client spelled it' '
	api PUT /user/profile -t "$TOKEN_ana" "{\"preferredLanguage\":1}" &&
	expect 400 validation_failed &&
	check_json ".fields | keys == [\"preferredLanguage\"]" &&
	api PUT /user/profile -t "$TOKEN_ana" "{\"preferredLanguage\":\"nope\"}" &&
	expect 400 validation_failed &&
	check_json ".fields | keys == [\"preferredLanguage\"]" &&
	api PUT /user/profile -t "$TOKEN_ana" "{\"preferred_language\":\"nope\"}" &&
	expect 400 && check_json ".fields | keys == [\"preferred_language\"]" &&
	api POST /auth/refresh-token "{\"refreshToken\":7}" && expect 400 &&
	check_json ".fields | keys == [\"refreshToken\"]" &&
	api POST /customer/favorites -t "$TOKEN_ana" "{\"listenerId\":0}" &&
	expect 400 && check_json ".fields | keys == [\"listenerId\"]"
'

test_expect_success 'numbers with an integral value are integers' '
	api POST /customer/favorites -t "$TOKEN_ana" "{\"listener_id\":$ID_eve.0}" &&
	expect 200 &&
	api DELETE /customer/favorites -t "$TOKEN_ana" "{\"listener_id\":${ID_eve}0e-1}" &&
	expect 200 &&
	api POST /customer/favorites -t "$TOKEN_ana" "{\"listener_id\":1.5}" &&
	expect 400 validation_failed
'

test_expect_success 'the nil UUID is a UUID that does not exist' '
	api GET /api/v1/destinations/$NIL && expect 404 destination_not_found &&
	api POST /api/v1/users/me/favorites -t "$TOKEN_ana" \
	    "{\"destination_id\":\"$NIL\"}" && expect 404 &&
	api GET /api/creatives/$NIL -t "$TOKEN_ana" && expect 404 &&
	api GET "/api/creatives?collection_id=$NIL" -t "$TOKEN_ana" &&
	expect 200 && check_json ".items == []"
'

test_expect_success 'a request with Content-Encoding returns 415 and changes nothing' '
	printf "{\"preferred_language\":\"es\"}" | gzip >body.gz &&
	api PUT /user/profile -t "$TOKEN_ana" -H "Content-Encoding: gzip" @body.gz &&
	expect 415 unsupported_encoding &&
	api PUT /user/profile -t "$TOKEN_ana" -H "Content-Encoding: Identity" \
	    "{\"preferred_language\":\"de\"}" && expect 200 &&
	api GET /user/profile -t "$TOKEN_ana" &&
	check_json ".preferred_language == \"de\""
'

test_expect_success 'an empty query value equals an absent one' '
	api GET "/listeners?limit=&page=&maxRate=" && expect 200 && cp body one &&
	api GET /listeners && test_cmp one body &&
	api GET "/customer/favorites?limit=" -t "$TOKEN_ana" && expect 200
'

test_done
