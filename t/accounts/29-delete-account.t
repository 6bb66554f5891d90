#!/bin/sh
test_description='DELETE /user/profile: account deletion'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_start

image_of_one_pixel() {
	base64 -d <<-END
	iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
	END
}

test_expect_success 'setup: an account with data of every kind' '
	person ana && person ben &&
	api PUT /user/profile -t "$TOKEN_ana" "{\"bio\":\"a secret bio\",
	    \"interests\":[\"secret interest\"],\"sex\":\"female\",\"country\":\"IN\",
	    \"preferred_language\":\"hi\"}" && expect 200 &&
	image_of_one_pixel >a.png &&
	api PUT /user/profile/image -t "$TOKEN_ana" \
	    -H "Content-Type: image/png" @a.png && expect 200 &&
	image=$(json .profile_image_url | sed "s|^http://[^/]*||") &&
	em_cli user grant ben listener &&
	api POST /listeners/register -t "$TOKEN_ben" "{\"bio\":\"b\",
	    \"languages\":[\"hi\"],\"interests\":[],\"rate_per_minute\":100}" &&
	em_sql "UPDATE listener SET verification = 1" &&
	api POST /api/flyers/ -t "$TOKEN_ana" "{\"title\":\"hers\"}" &&
	expect 201 && hers=$(json .id) &&
	api POST /api/flyers/ -t "$TOKEN_ben" "{\"title\":\"his\"}" &&
	expect 201 && his=$(json .id) &&
	api POST /api/documents -t "$TOKEN_ana" "{\"title\":\"her diary\"}" &&
	expect 201 &&
	api POST "/api/flyers/$his/favorite/" -t "$TOKEN_ana" && expect 201 &&
	api POST "/api/flyers/$hers/favorite/" -t "$TOKEN_ben" && expect 201 &&
	api POST /customer/favorites -t "$TOKEN_ana" "{\"listener_id\":$ID_ben}" &&
	expect 200 && otp_age 31 && post login identifier=ana && expect 202
'

test_expect_success 'DELETE /user/profile returns 204 without a body' '
	api DELETE /user/profile -t "$TOKEN_ana" && expect 204 &&
	test ! -s "$body"
'

test_expect_success 'the verified addresses are notified in the language of the user' '
	delivered && test "$(sent ana@example.org account_deleted)" = 1 &&
	jq -r "select(.template == \"account_deleted\") | .body" \
	    "$EM_STATE/outbox.jsonl" |
	    grep -qF "$(sed -n 3p "$EM_SRC/templates/hi/account_deleted.email")"
'

test_expect_success 'an address that is not verified is not notified' '
	person zoe && em_sql "UPDATE user SET email_ok = 0 WHERE id = $ID_zoe" &&
	api DELETE /user/profile -t "$TOKEN_zoe" && expect 204 && delivered &&
	test "$(sent zoe@example.org account_deleted)" = 0
'

test_expect_success 'all tokens of a deleted account return 401' '
	for route in "GET /user/profile" "DELETE /user/profile" \
	    "GET /auth/sessions" "POST /auth/logout" \
	    "GET /api/users/me/favorites/"; do
		api "${route% *}" "${route#* }" -t "$TOKEN_ana" &&
		expect 401 token_invalid || return 1
	done &&
	post refresh-token refresh_token="$REFRESH_ana" && expect 401 token_invalid
'

test_expect_success 'the password and codes of a deleted account are rejected' '
	for id in ana ana@example.org; do
		post login identifier=$id password="$EM_PASSWORD" &&
		expect 401 invalid_credentials || return 1
	done &&
	code=$(code_of ana@example.org) &&
	verify ana "$code" login && expect 400 &&
	verify ana@example.org "$code" login && expect 400
'

test_expect_success 'favorites, sessions, tokens, codes and owned items are deleted' '
	for table in favorite favorite_log favorite_total device_session otp \
	    idempotency outbox; do
		test "$(em_sql "SELECT count(*) FROM $table
		    WHERE user_id = $ID_ana")" = 0 || { note $table; return 1; }
	done &&
	test "$(em_sql "SELECT count(*) FROM flyer")" = 1 &&
	test "$(em_sql "SELECT count(*) FROM document")" = 0 &&
	test "$(em_sql "SELECT count(*) FROM refresh_token AS r
	    LEFT JOIN device_session AS d ON d.id = r.session_id
	    WHERE d.id IS NULL")" = 0
'

test_expect_success 'favorite counts exclude the deleted account' '
	test "$(em_sql "SELECT favorites_count FROM favoritable
	    WHERE kind = 2 AND id = $his")" = 0 &&
	test "$(em_sql "SELECT favorites_count FROM favoritable
	    WHERE kind = 1 AND id = $ID_ben")" = 0 &&
	test "$(em_sql "SELECT count(*) FROM favoritable AS e WHERE favorites_count <>
	    (SELECT count(*) FROM favorite AS f WHERE f.kind = e.kind AND
	    f.entity_id = e.id)")" = 0 &&
	api GET /api/users/me/favorites/ -t "$TOKEN_ben" && expect 200 &&
	check_json ". == []"
'

test_expect_success 'the row of the account remains without personal data' '
	em_sql "SELECT * FROM user WHERE id = $ID_ana" >row &&
	grep -q "deleted-$ID_ana" row &&
	! grep -qE "ana|example.org|secret|female|argon2|IN" row &&
	test "$(em_sql "SELECT status FROM user WHERE id = $ID_ana")" = 2
'

test_expect_success 'the database contains no personal data of the account' '
	em_sql "PRAGMA wal_checkpoint" >/dev/null 2>&1
	sqlite3 -readonly "$EM_STATE/earmark.db" .dump >dump &&
	! grep -aE "ana@example.org|a secret bio|secret interest|her diary" dump
'

test_expect_success 'the profile image is deleted' '
	em_images_removed && api GET "$image" && expect 404 &&
	test "$(find "$EM_STATE/media" -type f | wc -l)" = 0
'

test_expect_success 'username and e-mail address of a deleted account can be registered again' '
	person ana && test "$(em_sql "SELECT count(*) FROM user
	    WHERE username = \"ana\"")" = 1 &&
	api GET /user/profile -t "$TOKEN_ana" && expect 200 &&
	check_json ".bio == null and .interests == []"
'

test_expect_success 'a deleted listener appears in no list' '
	api GET /listeners && check_json "[.listeners[].user_id] | index($ID_ben)" &&
	api POST /customer/favorites -t "$TOKEN_ana" "{\"listener_id\":$ID_ben}" &&
	expect 200 &&
	api DELETE /user/profile -t "$TOKEN_ben" && expect 204 &&
	api GET /listeners && check_json "[.listeners[].user_id] |
	    index($ID_ben) | not" &&
	api GET "/listeners/$ID_ben" && expect 404 &&
	api GET "/listeners?q=ben" && check_json ".listeners == []" &&
	api GET /customer/favorites -t "$TOKEN_ana" && expect 200 &&
	check_json ".total_count == 0" &&
	test "$(em_sql "SELECT verification, languages FROM listener
	    WHERE user_id = $ID_ben")" = "2|" &&
	test "$(em_sql "SELECT count(*) FROM listener_language
	    WHERE user_id = $ID_ben")" = 0
'

test_expect_success 'a deleted listener no longer waits for approval' '
	person lia && em_cli user grant lia listener &&
	api POST /listeners/register -t "$TOKEN_lia" "{\"bio\":\"b\",
	    \"languages\":[\"hi\"],\"interests\":[],\"rate_per_minute\":100}" &&
	test "$(em_sql "SELECT count(*) FROM listener WHERE verification = 0")" = 1 &&
	api DELETE /user/profile -t "$TOKEN_lia" && expect 204 &&
	test "$(em_sql "SELECT count(*) FROM listener WHERE verification = 0")" = 0
'

test_expect_success 'DELETE /user/profile needs a token and succeeds once' '
	api DELETE /user/profile && expect 401 token_required &&
	person cat &&
	seq 8 | xargs -P 8 -I @@ curl -s -o /dev/null -w "%{http_code}\n" -X DELETE \
	    -H "Authorization: Bearer $TOKEN_cat" "$URL/user/profile" | sort |
	    uniq -c | tr -s " " >out &&
	printf " 1 204\n 7 401\n" >want && diff want out &&
	test "$(em_sql "SELECT count(*) FROM user WHERE status = 2")" = 5
'

# in_the_lock SQL CODE: runs SQL while an authorized write of dan waits for the
# writer lock. The write must return CODE and change nothing.
in_the_lock() {
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_dan;
	    DELETE FROM favorite; DELETE FROM idempotency" &&
	exec 9<>"$EM_STATE/writer.lock" && flock 9 || return
	curl -s -o waited -w "%{http_code}" -X POST "$URL/customer/favorites" \
	    -H "Authorization: Bearer $TOKEN_dan" -H "Idempotency-Key: $2" \
	    -H "Content-Type: application/json" \
	    -d "{\"listener_id\":$ID_eve}" >code 9>&- &
	waits=$!
	em_until "grep -q -- \"-> FLOCK .*:$(stat -c %i \
	    "$EM_STATE/writer.lock") \" /proc/locks" &&
	sqlite3 -cmd ".timeout 5000" "$EM_STATE/earmark.db" "$1"
	exec 9>&- && wait "$waits" && test "$(cat code)" = "$2" &&
	test "$(em_sql "SELECT count(*) FROM favorite")" = 0 &&
	test "$(em_sql "SELECT count(*) FROM idempotency")" = 0
}

test_expect_success 'a write that waits for the lock is rejected if its user loses access' '
	person dan && person eve && em_cli user grant eve listener &&
	api POST /listeners/register -t "$TOKEN_eve" "{\"bio\":\"b\",
	    \"languages\":[\"hi\"],\"interests\":[],\"rate_per_minute\":100}" &&
	em_sql "UPDATE listener SET verification = 1" &&
	in_the_lock "UPDATE user SET status = 3 WHERE id = $ID_dan" 403 &&
	in_the_lock "UPDATE user SET status = 2 WHERE id = $ID_dan" 401 &&
	in_the_lock "UPDATE device_session SET revoked_at = 1
	    WHERE user_id = $ID_dan" 401
'

test_expect_success 'the database passes its integrity check' '
	test "$(em_sql "PRAGMA integrity_check")" = ok &&
	test -z "$(em_sql "PRAGMA foreign_key_check")"
'

test_done
