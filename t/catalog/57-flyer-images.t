#!/bin/sh
# shellcheck disable=SC2154
test_description='/api/flyers/{id}/image: uploaded images of flyers'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

/usr/bin/python3 -c 'import PIL' || {
	skip_all='python3-pil is not installed'
	test_done
}

em_conf limits.picture_seconds=0
em_conf limits.write_rate=0
em_conf limits.image_bytes=200000
em_start

/usr/bin/python3 - <<'PYTHON'
from PIL import Image

exif = Image.Exif()
exif[0x010f] = "SECRET-MAKER"
exif[0x8825] = {1: "N", 2: (47.0, 29.0, 53.0), 3: "E", 4: (19.0, 2.0, 23.0)}
image = Image.radial_gradient("L").resize((1500, 900)).convert("RGB")
image.save("a.jpg", exif=exif)
image.save("b.png", exif=exif)
image.rotate(180).save("c.webp", exif=exif.tobytes())
Image.new("RGB", (40, 30), "red").save("d.png")
Image.effect_noise((900, 900), 200).save("noise.png")
Image.effect_noise((900, 900), 200).save("noise.jpg", quality=95)
open("cut.jpg", "wb").write(open("a.jpg", "rb").read()[:-900])
open("text", "wb").write(b"hello, this is not an image at all\n" * 9)
open("big.jpg", "wb").write(open("a.jpg", "rb").read() + bytes(12 << 20))
open("large.jpg", "wb").write(open("a.jpg", "rb").read() + bytes(1 << 20))
open("large-cut.jpg", "wb").write(b"\xff\xd8" + b"\xff\xfe\xff\xff" + bytes(65533) +
    open("noise.jpg", "rb").read()[2:-900])
PYTHON

# put FILE [TOKEN [FLYER]]: uploads FILE as the image of the flyer.
put() {
	api PUT "/api/flyers/${3-$flyer}/image" -t "${2-$TOKEN_ana}" \
	    -H "Content-Type: application/octet-stream" "@$1"
}

# shown: prints the path of the image that the flyer shows.
shown() {
	api GET "/api/flyers/$flyer" && json .image_url |
	    sed 's|^http://[^/]*||'
}

# files N: waits until the media folder has N files and no removal is due.
files() {
	em_images_removed &&
	find "$EM_STATE/media" -type f >found && test "$(wc -l <found)" = "$1"
}

# add TOKEN: publishes a flyer and sets $flyer.
add() {
	api POST /api/flyers/ -t "$1" "{\"title\":\"Concert\"}" && expect 201 &&
	flyer=$(json .id)
}

test_expect_success 'setup: a flyer without an image' '
	em_user ana && em_user ben && em_user root admin && add "$TOKEN_ana" &&
	check_json ".image_url == null and has(\"image_thumb_url\") and
	    .image_thumb_url == null"
'

test_expect_success 'JPEG, PNG and WebP images are accepted and replace each other' '
	for f in a.jpg b.png c.webp; do
		put $f && expect 200 && check_json ".id == $flyer" &&
		json . >want && path=$(json .image_url) &&
		echo "$path" | grep -Eq "^http://[^/]*/media/[0-9a-f]{32}-[0-9a-f]{8}\.${f#*.}$" &&
		test "$(json .image_thumb_url)" = "${path%.*}-256.${f#*.}" &&
		api GET "/api/flyers/$flyer" && json . >got &&
		test_cmp want got && files 2 || return 1
	done
'

test_expect_success 'image and thumbnail are served in their sizes, without metadata' '
	for f in a.jpg b.png c.webp; do
		put $f && json ".image_url, .image_thumb_url" |
		    sed "s|^http://[^/]*||" >urls &&
		while read -r path; do
			api GET "$path" && expect 200 && cp "$body" "served.$((n += 1))" &&
			! grep -aq SECRET "$body" || return 1
		done <urls &&
		/usr/bin/python3 -c "
import sys
from PIL import Image
full, small = (Image.open(f\"served.{n}\") for n in sys.argv[1:])
assert full.size == (1024, 614) and small.size == (256, 154), (full, small)
assert not full.getexif() and not small.getexif()" $((n - 1)) $n || return 1
	done
'

test_expect_success 'a new image changes the ETag of the flyer and of lists' '
	for path in "/api/flyers/$flyer" "/api/flyers/?limit=5"; do
		put a.jpg && api GET "$path" && etag=$(header ETag) && put b.png &&
		api GET "$path" -H "If-None-Match: $etag" && expect 200 ||
		return 1
	done
'

test_expect_success 'the same image again keeps its URL and leaves no other file' '
	put a.jpg && old=$(json .image_url) && put a.jpg && expect 200 &&
	test "$(json .image_url)" = "$old" && files 2 &&
	api GET "$(shown)" && expect 200
'

test_expect_success 'multipart/form-data, a trailing slash and chunks are accepted' '
	code=$(curl -sS -o got -w "%{http_code}" -X PUT -F title=x -F "file=@b.png" \
	    -H "Authorization: Bearer $TOKEN_ana" "$URL/api/flyers/$flyer/image") &&
	test "$code" = 200 && grep -q "\.png\"" got &&
	code=$(curl -sS -o got -w "%{http_code}" -X PUT -F title=x \
	    -F "file=@large.jpg" -H "Authorization: Bearer $TOKEN_ana" \
	    "$URL/api/flyers/$flyer/image") &&
	test "$code" = 200 && grep -q "\.jpg\"" got &&
	code=$(curl -sS -o got -w "%{http_code}" -X PUT \
	    -F "file=@large-cut.jpg" -H "Authorization: Bearer $TOKEN_ana" \
	    "$URL/api/flyers/$flyer/image") &&
	test "$code" = 415 && grep -q "is incomplete" got &&
	api PUT "/api/flyers/$flyer/image/" -t "$TOKEN_ana" \
	    -H "Content-Type: image/jpeg" -H "Transfer-Encoding: chunked" \
	    @a.jpg && expect 200 && api GET "$(shown)" && expect 200
'

test_expect_success 'other files return 415 or 413 and change nothing' '
	path=$(shown) && put cut.jpg && expect 415 unsupported_media_type &&
	put text && expect 415 unsupported_media_type &&
	api PUT "/api/flyers/$flyer/image" -t "$TOKEN_ana" &&
	expect 415 unsupported_media_type &&
	put big.jpg && expect 413 payload_too_large &&
	check_json ".detail == .message" &&
	test "$(shown)" = "$path" && files 2
'

test_expect_success 'only the publisher and administrators change the image' '
	path=$(shown) &&
	api PUT "/api/flyers/$flyer/image" -H "Content-Type: image/png" @d.png &&
	expect 401 token_required &&
	api DELETE "/api/flyers/$flyer/image" && expect 401 token_required &&
	put d.png "$TOKEN_ben" && expect 403 forbidden &&
	put text "$TOKEN_ben" && expect 403 forbidden &&
	api DELETE "/api/flyers/$flyer/image" -t "$TOKEN_ben" &&
	expect 403 forbidden &&
	for id in 999999 0 x; do
		put d.png "$TOKEN_ben" $id && expect 404 not_found &&
		api DELETE "/api/flyers/$id/image" -t "$TOKEN_ben" &&
		expect 404 not_found || return 1
	done &&
	test "$(shown)" = "$path" && files 2 &&
	put d.png "$TOKEN_root" && expect 200 && files 2 &&
	api GET "/admin/audit?action=flyer.change" -t "$TOKEN_root" &&
	check_json ".audit[0] | .target == \"flyer:$flyer\" and
	    (.before.image | endswith(\".jpg\")) and
	    (.after.image | endswith(\".png\"))"
'

test_expect_success 'moderators remove an image, but upload none' '
	em_user mod moderator && em_user sue support &&
	put a.jpg && expect 200 &&
	put d.png "$TOKEN_mod" && expect 403 forbidden &&
	api DELETE "/api/flyers/$flyer/image" -t "$TOKEN_sue" &&
	expect 403 forbidden &&
	api DELETE "/api/flyers/$flyer/image" -t "$TOKEN_mod" && expect 204 &&
	api GET "/api/flyers/$flyer" && check_json ".image_url == null" &&
	files 0 && [ "$(em_sql "SELECT actor_id FROM audit
	    WHERE action = '\''flyer.change'\'' AND after ->> '\''image'\'' IS NULL
	    ORDER BY id DESC LIMIT 1")" = "$ID_mod" ] &&
	api GET /notifications -t "$TOKEN_ana" && check_json "
	    [.notifications[] | select(.data.type == \"picture.removed\")] |
	    length == 1 and .[0].data.flyer_id == $flyer and (.[0].body |
	    test(\"^[^\n]+\nYou can upload another picture.\$\"))"
'

test_expect_success 'PATCH with the URL that the flyer shows keeps the image' '
	put a.jpg && path=$(shown) && json . >object &&
	api PATCH "/api/flyers/$flyer" -t "$TOKEN_ana" "$(cat object)" &&
	expect 200 && json . >got && test_cmp object got &&
	api PATCH "/api/flyers/$flyer" -t "$TOKEN_ana" "{\"title\":\"New\"}" &&
	check_json ".image_thumb_url != null" &&
	test "$(shown)" = "$path" && files 2
'

test_expect_success 'PATCH with the URL of the thumbnail keeps the image' '
	put a.jpg && path=$(shown) && small=$(json .image_thumb_url) &&
	for url in "$small" "https://other.example${path%.*}-256.jpg"; do
		api PATCH "/api/flyers/$flyer" -t "$TOKEN_ana" \
		    "{\"title\":\"Thumb\",\"image_url\":\"$url\"}" && expect 200 &&
		check_json ".title == \"Thumb\" and .image_thumb_url == \"$small\"" &&
		test "$(shown)" = "$path" && files 2 || return 1
	done &&
	api PATCH "/api/flyers/$flyer" -t "$TOKEN_ana" "{\"title\":\"New\"}"
'

test_expect_success 'PATCH with another URL or null removes the uploaded image' '
	api PATCH "/api/flyers/$flyer" -t "$TOKEN_ana" \
	    "{\"image_url\":\"https://example.com/x.jpg\"}" && expect 200 &&
	check_json ".image_url == \"https://example.com/x.jpg\" and
	    .image_thumb_url == null" && files 0 &&
	put a.jpg && check_json ".image_thumb_url != null" &&
	json . | sed "s|\"image_url\": *\"[^\"]*\"|\"image_url\":null|" >object &&
	api PATCH "/api/flyers/$flyer" -t "$TOKEN_ana" "$(cat object)" &&
	expect 200 &&
	check_json ".image_url == null and .image_thumb_url == null" && files 0
'

test_expect_success 'the URL of the image of another flyer is the URL of another server' '
	put a.jpg && url=$(json .image_url) && first=$flyer && add "$TOKEN_ana" &&
	api PATCH "/api/flyers/$flyer" -t "$TOKEN_ana" \
	    "{\"image_url\":\"$url\"}" && expect 200 &&
	check_json ".image_url == \"$url\" and .image_thumb_url == null" &&
	api DELETE "/api/flyers/$flyer" -t "$TOKEN_ana" && expect 204 &&
	flyer=$first && files 2 && api GET "$(shown)" && expect 200
'

test_expect_success 'DELETE removes an image of either kind, repeatedly' '
	put a.jpg && for n in 1 2; do
		api DELETE "/api/flyers/$flyer/image" -t "$TOKEN_ana" &&
		expect 204 && test ! -s "$body" && api GET "/api/flyers/$flyer" &&
		check_json ".image_url == null and .image_thumb_url == null" ||
		    return 1
	done && files 0 &&
	api PATCH "/api/flyers/$flyer" -t "$TOKEN_ana" \
	    "{\"image_url\":\"https://example.com/x.jpg\"}" && expect 200 &&
	api DELETE "/api/flyers/$flyer/image/" -t "$TOKEN_ana" && expect 204 &&
	api GET "/api/flyers/$flyer" && check_json ".image_url == null"
'

test_expect_success 'lists of flyers and favorites and the export show the image' '
	put a.jpg && url=$(json .image_url) && small=$(json .image_thumb_url) &&
	api POST "/api/flyers/$flyer/favorite/" -t "$TOKEN_ben" && expect 201 &&
	same=".image_url == \"$url\" and .image_thumb_url == \"$small\"" &&
	api GET /api/users/me/favorites/ -t "$TOKEN_ben" &&
	check_json "[.[].flyer | $same] == [true]" &&
	api GET "/api/users/me/favorites/?limit=5" -t "$TOKEN_ben" &&
	check_json "[.results[].flyer | $same] == [true]" &&
	api GET "/api/flyers/?q=new" && check_json "[.results[] | $same] == [true]" &&
	api GET /api/v1/me/export -t "$TOKEN_ana" &&
	check_json "[.flyers[] | $same] == [true]" &&
	etag=$(api GET /api/users/me/favorites/ -t "$TOKEN_ben" && header ETag) &&
	put b.png && api GET /api/users/me/favorites/ -t "$TOKEN_ben" \
	    -H "If-None-Match: $etag" && expect 200
'

test_expect_success 'a backup contains the images of flyers' '
	name=$(shown) && name=${name##*/} && em_cli backup >backup &&
	test -f "$(cat backup)/media/$name" && rm "$(cat backup)/media/$name" &&
	sed -i "/$name/d" "$(cat backup)/SHA256SUMS" &&
	refuses 4 "does not contain 1 media files of the database, such as media/$name" \
	    em_cli drill
'

test_expect_success 'images above limits.image_bytes return 409 and leave no file' '
	files 2 && used=$(em_sql "SELECT image_bytes FROM quota_usage WHERE user_id = $ID_ana") &&
	test "$used" = "$(cat "$EM_STATE"/media/* | wc -c)" &&
	path=$(shown) && put noise.png && expect 409 quota_exceeded &&
	check_json ".limit == 200000 and .used == $used" &&
	test "$(shown)" = "$path" && files 2
'

# put_row URL: imports the flyer with an image_url and publisher ana.
put_row() {
	printf '{"publisher":"ana","title":"Imported","source_key":"k1"%s}\n' \
	    "${1:+,\"image_url\":$1}" >row && em_cli import flyers row >said
}

test_expect_success 'an import that does not change image_url keeps an uploaded image' '
	last=$flyer && put_row "\"https://example.com/a.jpg\"" &&
	flyer=$(em_sql "SELECT id FROM flyer WHERE source_key = \"k1\"") &&
	test "$(shown)" = https://example.com/a.jpg &&
	put d.png && expect 200 && path=$(shown) &&
	put_row "\"https://example.com/a.jpg\"" && grep "0 changed" said &&
	put_row "" && grep "0 changed" said && test "$(shown)" = "$path" &&
	put_row "\"https://example.com/b.jpg\"" && grep "1 changed" said &&
	test "$(shown)" = https://example.com/b.jpg &&
	put d.png && path=$(shown) &&
	put_row "\"https://example.com/b.jpg\"" && test "$(shown)" = "$path" &&
	put_row null && grep "1 changed" said && api GET "/api/flyers/$flyer" &&
	check_json ".image_url == null" &&
	put d.png && path=$(shown) && put_row null && grep "0 changed" said &&
	test "$(shown)" = "$path" &&
	em_sql "UPDATE flyer SET source_image_url = NULL WHERE id = $flyer" &&
	put_row "\"https://example.com/c.jpg\"" && test "$(shown)" = "$path" &&
	put_row "\"https://example.com/d.jpg\"" &&
	test "$(shown)" = https://example.com/d.jpg &&
	api DELETE "/api/flyers/$flyer" -t "$TOKEN_ana" && flyer=$last && files 2
'

test_expect_success 'the deletion of a flyer removes its files' '
	api DELETE "/api/flyers/$flyer" -t "$TOKEN_ana" && expect 204 && files 0 &&
	test "$(em_sql "SELECT image_bytes FROM quota_usage
	    WHERE user_id = $ID_ana")" = 0
'

test_expect_success 'the deletion of an account in batches removes all files' '
	em_user cat && for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		add "$TOKEN_cat" && put d.png "$TOKEN_cat" && expect 200 || return 1
	done &&
	api PUT /user/profile/image -t "$TOKEN_cat" -H "Content-Type: image/png" \
	    @d.png && expect 200 && files 26 &&
	api DELETE /user/profile -t "$TOKEN_cat" && expect 204 &&
	em_until "test -z \"\$(em_sql \"SELECT id FROM flyer
	    WHERE publisher_id = $ID_cat\")\"" && files 0
'

test_expect_success 'files that a stopped process did not remove are removed later' '
	add "$TOKEN_ana" && put a.jpg && em_stop_jobs &&
	api DELETE "/api/flyers/$flyer/image" -t "$TOKEN_ana" && expect 204 &&
	test "$(em_sql "SELECT count(*) FROM image_removal")" = 1 &&
	em_jobs >out && grep -x "image-removal 1" out && files 0
'

# wait_for_lock COMMAND: runs COMMAND while an upload waits for the writer lock,
# and stores its status in code.
wait_for_lock() {
	exec 9<>"$EM_STATE/writer.lock" && flock 9 &&
	{ curl -s -o waited -w "%{http_code}" -X PUT \
	    "$URL/api/flyers/$flyer/image" -H "Authorization: Bearer $TOKEN_ana" \
	    -H "Content-Type: image/png" --data-binary @d.png >code 9>&- & } &&
	waits=$! &&
	em_until "grep -q -- \"-> FLOCK .*:$(stat -c %i \
	    "$EM_STATE/writer.lock") \" /proc/locks" &&
	sqlite3 -cmd ".timeout 5000" "$EM_STATE/earmark.db" "$1" &&
	exec 9>&- && wait "$waits"
}

test_expect_success 'an upload that fails after its files were stored leaves none' '
	put a.jpg && expect 200 &&
	wait_for_lock "UPDATE flyer SET publisher_id = $ID_ben WHERE id = $flyer" &&
	test "$(cat code)" = 403 && files 2 &&
	em_sql "UPDATE flyer SET publisher_id = $ID_ana WHERE id = $flyer" &&
	wait_for_lock "INSERT INTO account_removal VALUES ($ID_ana, 1, 1)" &&
	test "$(cat code)" = 404 && files 2 &&
	put d.png && expect 404 not_found &&
	em_sql "DELETE FROM account_removal" && put d.png && expect 200
'

test_done
