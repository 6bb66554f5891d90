#!/bin/sh
test_description='GET and PUT /user/profile'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_start

# put JSON: changes the profile of ana.
put() {
	api PUT /user/profile -t "$TOKEN_ana" "$1"
}

test_expect_success 'GET /user/profile returns exactly the documented members' '
	person ana && api GET /user/profile -t "$TOKEN_ana" && expect 200 &&
	command jq -e "keys_unsorted == [\"user_id\", \"uuid\", \"username\",
	    \"email\", \"phone\", \"sex\", \"bio\", \"interests\",
	    \"profile_image_url\", \"profile_image_thumb_url\",
	    \"preferred_language\", \"country\",
	    \"roles\", \"status\", \"referral_code\", \"created_at\"]" "$body" &&
	check_json ".username == \"ana\" and .status == \"active\" and
	    .roles == [\"customer\"] and .interests == [] and .bio == null" &&
	check_json ".uuid | test(\"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-\")" &&
	check_json ".created_at | test(\"^[0-9-]{10}T[0-9:]{8}Z$\")"
'

test_expect_success 'the profile is the same under /api/v1, with a trailing slash and by HEAD' '
	json . >want &&
	for path in /user/profile/ /api/v1/user/profile /api/v1/user/profile/; do
		api GET $path -t "$TOKEN_ana" && expect 200 && json . >got &&
		test_cmp want got || return 1
	done &&
	api HEAD /user/profile -t "$TOKEN_ana" && expect 200
'

test_expect_success 'PUT /user/profile changes the given members only' '
	put "{\"bio\":\"Night owl.\",\"interests\":[\"music\",\"tech\"],
	    \"sex\":\"female\"}" && expect 200 &&
	check_json ".bio == \"Night owl.\" and .interests == [\"music\", \"tech\"]
	    and .sex == \"female\" and .country == null" &&
	put "{\"country\":\"in\",\"preferred_language\":\"Hindi\"}" && expect 200 &&
	check_json ".bio == \"Night owl.\" and .country == \"IN\" and
	    .preferred_language == \"hi\"" &&
	put "{}" && expect 200 && json . >same &&
	api GET /user/profile -t "$TOKEN_ana" && json . >got && test_cmp same got
'

test_expect_success 'null and an empty list clear members of the profile' '
	put "{\"bio\":null,\"sex\":null,\"interests\":[],\"country\":null,
	    \"preferred_language\":null}" && expect 200 &&
	check_json ".bio == null and .sex == null and .interests == [] and
	    .country == null and .preferred_language == null" &&
	test "$(em_sql "SELECT count(*) FROM user WHERE id = $ID_ana AND
	    bio IS NULL AND sex IS NULL AND interests IS NULL")" = 1
'

test_expect_success 'text of any kind is returned unchanged' '
	text="Zoë 🎧 <b>\"quoted\"</b> \\ / & ünï; DROP TABLE user;--" &&
	put "$(jq -cn --arg bio "$text
	second line" "{bio: \$bio, interests: [\"a & b\", \"日本\"]}")" &&
	expect 200 && test "$(json .bio)" = "$text
	second line" && check_json ".interests == [\"a & b\", \"日本\"]"
'

test_expect_success 'repeated interests are stored once' '
	put "{\"interests\":[\"x\",\"y\",\"x\"]}" && expect 200 &&
	check_json ".interests == [\"x\", \"y\"]"
'

# refused MEMBER TEXT VALUE: PUT with a new value is rejected and names TEXT.
refused() {
	put "{\"bio\":\"lost\",\"$1\":$3}" && expect 400 validation_failed &&
	json ".fields[\"$1\"]" | grep -qF "$2" &&
	check_json ".fields | length == 1"
}

test_expect_success 'PUT /user/profile rejects read-only members and names the endpoint' '
	person ben && api GET /user/profile -t "$TOKEN_ana" && json . >want &&
	refused email "POST /user/email" "\"other@example.org\"" &&
	refused phone "POST /user/phone" "\"+919876543299\"" &&
	refused password "POST /user/password" "\"a long enough password\"" &&
	refused username "POST /user/username" "\"ben\"" &&
	refused roles "POST /listeners/register" "[\"customer\",\"admin\"]" &&
	refused profile_image_url "PUT /user/profile/image" "\"https://x.example/y\"" &&
	refused profileImageUrl "PUT /user/profile/image" "\"https://x.example/y\"" &&
	refused email "POST /user/email" null &&
	refused status "cannot be changed" "\"banned\"" &&
	refused user_id "cannot be changed" "$((ID_ana + 1))" &&
	refused referralCode "cannot be changed" "\"AAAAAAAA\"" &&
	put "{\"email\":\"x@y.example\",\"roles\":[]}" && expect 400 &&
	check_json ".fields | keys == [\"email\", \"roles\"]" &&
	api GET /user/profile -t "$TOKEN_ana" && json . >got && test_cmp want got
'

test_expect_success 'a profile that was read can be changed and sent back' '
	api GET /user/profile -t "$TOKEN_ana" &&
	json ".bio = \"round trip\" | .userId = (.user_id + 0.0) |
	    .unknown = 1 | .email |= ascii_upcase | .password = null" >all &&
	put "$(cat all)" && expect 200 && check_json ".bio == \"round trip\""
'

test_expect_success 'the ETag of the profile changes exactly when the profile does' '
	api GET /user/profile -t "$TOKEN_ana" && etag=$(header ETag) &&
	case $etag in W/\"*\") ;; *) false ;; esac &&
	api GET /user/profile -t "$TOKEN_ana" -H "If-None-Match: $etag" &&
	expect 304 && test ! -s "$body" && test "$(header ETag)" = "$etag" &&
	api GET /user/profile -t "$TOKEN_ana" -H "If-None-Match: \"x\", $etag" &&
	expect 304 &&
	api GET /user/profile -t "$TOKEN_ben" -H "If-None-Match: $etag" &&
	expect 200 &&
	put "{\"bio\":\"new\"}" &&
	api GET /user/profile -t "$TOKEN_ana" -H "If-None-Match: $etag" &&
	expect 200 && etag=$(header ETag) &&
	em_cli user grant ana listener &&
	api GET /user/profile -t "$TOKEN_ana" -H "If-None-Match: $etag" &&
	expect 200 && check_json ".roles == [\"customer\", \"listener\"]" &&
	em_cli user revoke ana listener
'

test_expect_success 'Cache-Control forbids shared caches to store the profile' '
	api GET /user/profile -t "$TOKEN_ana" &&
	case $(header Cache-Control) in
	*private* | *no-store*) ;; *) false ;; esac
'

test_expect_success 'PUT /user/profile rejects invalid members and changes nothing' '
	api GET /user/profile -t "$TOKEN_ana" && json . >want && n=0 &&
	while IFS= read -r line; do
		put "$line" && expect 400 validation_failed && n=$((n + 1)) ||
		    break
	done <<-\END && test $n = 22 &&
	{"username":"ben"}
	{"username":7}
	{"username":["abc"]}
	{"sex":"woman"}
	{"sex":"MALE"}
	{"sex":1}
	{"bio":5}
	{"bio":["x"]}
	{"interests":"music"}
	{"interests":[""]}
	{"interests":[1]}
	{"interests":[null]}
	{"interests":["a\nb"]}
	{"interests":{"a":1}}
	{"country":"IND"}
	{"country":"ZZ"}
	{"country":"1"}
	{"country":91}
	{"preferred_language":"klingon"}
	{"preferred_language":"xx"}
	{"preferred_language":true}
	{"bio":"fine","country":"nowhere"}
	END
	put "{\"bio\":\"$(printf %02001d 0)\"}" && expect 400 validation_failed &&
	put "$(jq -cn "{interests: [range(31) | tostring]}")" && expect 400 &&
	put "{\"interests\":[\"$(printf %051d 0)\"]}" && expect 400 &&
	api GET /user/profile -t "$TOKEN_ana" && json . >got && test_cmp want got
'

test_expect_success 'length limits count characters and are inclusive' '
	bio=$(jq -rn "[range(2000) | \"é\"] | add") &&
	put "$(jq -cn --arg b "$bio" "{bio: \$b}")" && expect 200 &&
	put "$(jq -cn --arg b "${bio}é" "{bio: \$b}")" && expect 400 &&
	put "$(jq -cn "{interests: [range(30) | tostring]}")" && expect 200
'

test_expect_success 'PUT /user/profile rejects invalid bodies' '
	for line in "{" "[]" "null" "{\"bio\":\"a\",\"bio\":\"b\"}" "{\"bio\":\"\\ud800\"}" \
	    "" "{\"bio\":\"a\"} x"; do
		put "$line" && expect 400 invalid_json || return 1
	done &&
	api PUT /user/profile -t "$TOKEN_ana" -H "Content-Type: text/plain" "{}" &&
	expect 415 unsupported_media_type &&
	{ printf "{\"bio\":\""; head -c 70000 /dev/zero | tr "\0" a
	printf "\"}"; } >huge && put @huge && expect 413 payload_too_large &&
	api POST /user/profile -t "$TOKEN_ana" "{}" && expect 405 &&
	test "$(header Allow)" = "GET, HEAD, PUT, DELETE"
'

test_expect_success 'profile endpoints return 401 without a valid token' '
	for method in GET PUT DELETE; do
		api $method /user/profile "{}" && expect 401 token_required &&
		api $method /user/profile -t x "{}" && expect 401 token_invalid ||
		    return 1
	done
'

test_expect_success 'pending and banned accounts get 403 for the profile' '
	em_sql "UPDATE user SET status = 3 WHERE id = $ID_ben" &&
	api GET /user/profile -t "$TOKEN_ben" && expect 403 account_inactive &&
	api PUT /user/profile -t "$TOKEN_ben" "{}" && expect 403 account_inactive &&
	api DELETE /user/profile -t "$TOKEN_ben" && expect 403 account_inactive &&
	em_sql "UPDATE user SET status = 0 WHERE id = $ID_ben" &&
	api GET /user/profile -t "$TOKEN_ben" && expect 403 account_inactive &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_ben" &&
	api GET /user/profile -t "$TOKEN_ben" && expect 200
'

test_done
