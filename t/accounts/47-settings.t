#!/bin/sh
# shellcheck disable=SC2154
test_description='settings, security log, and the profile image'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_start

settings() {
	api GET /user/settings -t "$TOKEN_ana" && expect 200
}

put() {
	api PUT /user/settings -t "$TOKEN_ana" "$1"
}

# prefers BODY: changes the preferences of notifications.
prefers() {
	api PUT /notifications/preferences -t "$TOKEN_ana" "$1" && expect 200
}

test_expect_success 'a new account has default settings' '
	person ana && person ben && settings && check_json ". == {language: null,
	    time_zone: null, show_last_seen: true, news: true}"
'

test_expect_success 'PUT /user/settings changes the given members' '
	put "{\"language\":\"Hindi\",\"timeZone\":\"Asia/Kolkata\"}" && expect 200 &&
	put "{\"news\":false}" && expect 200 && check_json ". == {language: \"hi\",
	    time_zone: \"Asia/Kolkata\", show_last_seen: true, news: false}" &&
	api GET /user/profile -t "$TOKEN_ana" &&
	check_json ".preferred_language == \"hi\"" &&
	put "{\"language\":null,\"time_zone\":\"\"}" && expect 200 &&
	check_json ".language == null and .time_zone == null"
'

test_expect_success 'the settings have an ETag that changes with them' '
	settings && tag=$(header ETag) &&
	api GET /user/settings -t "$TOKEN_ana" -H "If-None-Match: $tag" &&
	expect 304 && put "{\"time_zone\":\"Europe/Berlin\"}" &&
	api GET /user/settings -t "$TOKEN_ana" -H "If-None-Match: $tag" && expect 200
'

test_expect_success 'news is that of the notification preferences' '
	prefers "{\"kinds\":[{\"kind\":\"news\",\"email\":true}]}" && settings &&
	check_json .news && put "{\"news\":false}" &&
	api GET /notifications/preferences -t "$TOKEN_ana" &&
	check_json "[.kinds[] | select(.kind == \"news\") | .in_app, .push, .sms,
	    .email] | any | not" && put "{\"news\":true}" && settings &&
	check_json .news
'

test_expect_success 'quiet hours use the time zone' '
	put "{\"time_zone\":\"America/New_York\"}" && expect 200 &&
	prefers "{\"quiet_start\":\"22:00\",\"quiet_end\":\"07:00\"}" &&
	east=$(TZ=America/New_York date +%z) &&
	check_json ".utc_offset_minutes == -$((${east#-0} / 100 * 60))" &&
	prefers "{\"utc_offset_minutes\":330}" && settings &&
	check_json ".time_zone == null"
'

test_expect_success 'who hides last_seen is never shown with it' '
	api POST /presence/update -t "$TOKEN_ana" "{\"status\":\"online\"}" &&
	api GET "/presence/$ID_ana" -t "$TOKEN_ben" && expect 200 &&
	check_json ".last_seen != null" &&
	put "{\"show_last_seen\":false}" && expect 200 &&
	check_json ".show_last_seen == false" &&
	api GET "/presence/$ID_ana" -t "$TOKEN_ben" &&
	check_json ".last_seen == null" &&
	api POST /presence/update -t "$TOKEN_ana" "{\"status\":\"online\"}" &&
	api GET "/presence/$ID_ana" -t "$TOKEN_ben" &&
	check_json ".last_seen == null and .is_online" &&
	put "{\"show_last_seen\":true}" &&
	api POST /presence/update -t "$TOKEN_ana" "{\"status\":\"online\"}" &&
	api GET "/presence/$ID_ana" -t "$TOKEN_ben" && check_json ".last_seen != null"
'

test_expect_success 'invalid settings return 400 and change nothing' '
	settings && json . >before && for text in "{\"language\":\"xx\"}" \
	    "{\"time_zone\":\"Mars/Phobos\"}" "{\"time_zone\":\"../../etc/passwd\"}" \
	    "{\"news\":\"no\"}" "{\"show_last_seen\":1}" \
	    "{\"news\":false,\"time_zone\":\"x\"}" "[]"; do
		put "$text" && expect 400 || return 1
	done && settings && json . >after && test_cmp before after
'

test_expect_success 'GET /user/security lists sign-ins, changes and devices' '
	post login identifier=ana password="$EM_PASSWORD" && expect 200 &&
	api POST /user/password -t "$TOKEN_ana" "$(obj \
	    current_password="$EM_PASSWORD" new_password=another-horse-7)" &&
	expect 204 && api GET /user/security -t "$TOKEN_ana" && expect 200 &&
	check_json "[.events[].kind] == [\"password_changed\", \"signed_in\",
	    \"signed_in\"] and (.devices | length) == 1 and
	    .devices[0].is_current and .total_count == 3 and
	    (.events[1].detail | startswith(\"curl/\"))" &&
	api GET "/user/security?per_page=2" -t "$TOKEN_ana" &&
	check_json ".has_next and (.events | length) == 2" &&
	api GET "/user/security?per_page=2&cursor=$(json .next_cursor)" \
	    -t "$TOKEN_ana" && check_json "(.events | length) == 1" &&
	api GET /user/security -t "$TOKEN_ben" &&
	check_json "[.events[].kind] == [\"signed_in\"]"
'

test_expect_success 'the log keeps the newest 200 rows of a user, for a year' '
	em_sql "INSERT INTO security_log(user_id, kind, at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	    WHERE i < 198) SELECT $ID_ben, 1, 1 FROM n" && for n in 1 2 3 4; do
		post login identifier=ben password="$EM_PASSWORD" && expect 200 ||
		    return 1
	done && api GET /user/security -t "$TOKEN_ben" &&
	check_json ".total_count == 200" && em_jobs "$(date -u +%FT%TZ)" &&
	api GET /user/security -t "$TOKEN_ben" && check_json ".total_count < 200"
'

test_expect_success 'PUT /user/profile/image accepts multipart/form-data' '
	/usr/bin/python3 -c "
from PIL import Image
Image.new(\"RGB\", (8, 8), \"red\").save(\"a.png\")" &&
	curl -s -o "$body" -w "%{http_code}" -X PUT -H "Authorization: Bearer \
$TOKEN_ana" -F note=x -F "image=@a.png" "$URL/user/profile/image" >code &&
	test "$(cat code)" = 200 && url=$(json .profile_image_url) &&
	api GET "${url#"$URL"}" && expect 200 && api PUT /user/profile/image \
	    -t "$TOKEN_ana" -H "Content-Type: image/png" @a.png && expect 200 &&
	test "$(json .profile_image_url)" = "$url"
'

test_expect_success 'a multipart body without an image returns 415' '
	for part in note=x "image=@/dev/null;filename=a.png"; do
		curl -s -o /dev/null -w "%{http_code}\n" -X PUT -H "Authorization: \
Bearer $TOKEN_ana" -F "$part" "$URL/user/profile/image" >code &&
		test "$(cat code)" = 415 || return 1
	done
'

test_expect_success 'DELETE /user/profile/image removes it, repeatedly' '
	api DELETE /user/profile/image -t "$TOKEN_ana" && expect 204 &&
	api GET /user/profile -t "$TOKEN_ana" &&
	check_json ".profile_image_url == null" &&
	em_images_removed && api GET "${url#"$URL"}" && expect 404 &&
	api DELETE /user/profile/image -t "$TOKEN_ana" && expect 204
'

test_expect_success 'a deleted account leaves no settings and no log' '
	api DELETE /user/profile -t "$TOKEN_ana" && expect 204 &&
	test "$(em_sql "SELECT (SELECT count(*) FROM user_setting WHERE user_id =
	    $ID_ana) + (SELECT count(*) FROM security_log WHERE user_id =
	    $ID_ana)")" = 0
'

test_done
