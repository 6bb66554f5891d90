#!/bin/sh
test_description='PUT /user/profile/image'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf limits.picture_seconds=0
em_start

/usr/bin/python3 -c 'import PIL' || {
	skip_all='python3-pil is not installed'
	test_done
}

/usr/bin/python3 - <<'END'
import io, struct, zlib
from PIL import Image

def png(w, h, shade=0):
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))
    rows = zlib.compress((b"\0" + bytes([shade]) * min(w, 64)) * min(h, 64))
    return (b"\x89PNG\r\n\x1a\n" +
        chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 0, 0, 0, 0)) +
        chunk(b"IDAT", rows) + chunk(b"IEND", b""))

def jpeg(w, h):
    """Returns a JPEG of 640 x 480 pixels with another size in its header."""
    out = io.BytesIO()
    Image.effect_noise((640, 480), 20).convert("RGB").save(out, "jpeg")
    data = bytearray(out.getvalue())
    at = data.index(b"\xff\xc0")
    data[at + 5:at + 9] = struct.pack(">HH", h, w)
    return bytes(data)

def webp(kind, data, more=b""):
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data + more
    return b"RIFF" + struct.pack("<I", len(body)) + body

def save(name, data):
    open(name, "wb").write(data)

image = Image.new("RGB", (40, 30), (10, 200, 90))
save("a.png", png(64, 64))
save("b.png", png(32, 16, 200))
save("a.jpg", jpeg(640, 480))
save("zeros.jpg", jpeg(640, 480) + bytes(16))
image.save("lossy.webp")
image.save("lossless.webp", lossless=True)
image.save("x.webp", lossless=True, exif=Image.Exif().tobytes())
full = png(64, 64)
save("tail.png", full + b"<script>alert(1)</script>")
save("more.webp", open("lossy.webp", "rb").read() + b"tail")
save("most.png", full + bytes(12582912 - len(full)))
# Files that are not JPEG, PNG or WebP images.
save("empty", b"")
save("text", b"hello, I am not an image at all, sorry for that\n")
save("html", b"<html><script>alert(1)</script></html>" + bytes(20))
save("svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
save("gif", b"GIF89a\1\0\1\0\0\0\0;" + bytes(40))
save("bmp", b"BM" + bytes(60))
save("elf", b"\x7fELF" + bytes(60))
save("zip", b"PK\3\4" + bytes(60))
save("pdf", b"%PDF-1.4" + bytes(60))
save("tiff", b"II*\0" + bytes(60))
save("avif", b"\0\0\0\x20ftypavif" + bytes(60))
save("json", b'{"image":"x"}' + bytes(40))
save("png-magic", b"\x89PNG\r\n\x1a\n")
save("png-cut", full[:-6])
save("png-no-end", full[:-12] + bytes(12))
save("png-crlf", full.replace(b"\r\n", b"\n", 1))
save("png-ihdr", full.replace(b"IHDR", b"IHDX"))
save("png-0", png(0, 64))
save("png-bomb", png(100000, 100000))
j = jpeg(640, 480)
save("jpg-magic", b"\xff\xd8\xff\xe0")
save("jpg-cut", j[:-2])
save("jpg-no-frame", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9")
save("jpg-0", jpeg(0, 480))
save("jpg-bomb", jpeg(60000, 60000))
save("jpg-loop", b"\xff\xd8" + b"\xff\xe0\0\0" * 20 + b"\xff\xd9")
save("jpg-ff", b"\xff\xd8" + b"\xff" * 60 + b"\xff\xd9")
save("jpg-html", b"\xff\xd8\xff<script>alert(1)</script>" + bytes(30) + b"\xff\xd9")
save("webp-size", open("lossy.webp", "rb").read()[:-4])
save("webp-kind", webp(b"VP8Z", bytes(20)))
save("webp-0", webp(b"VP8 ", b"\x30\1\0\x9d\1\x2a" + bytes(14)))
save("wav", b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(28))
END
images='a.png b.png a.jpg zeros.jpg lossy.webp lossless.webp x.webp most.png tail.png more.webp'
bad='empty text html svg gif bmp elf zip pdf tiff avif json png-magic png-cut
    png-no-end png-crlf png-ihdr png-0 png-bomb jpg-magic jpg-cut
    jpg-no-frame jpg-0 jpg-bomb jpg-loop jpg-ff jpg-html webp-size
    webp-kind webp-0 wav'

# put FILE [TYPE]: uploads FILE as the image of ana.
put() {
	api PUT /user/profile/image -t "$TOKEN_ana" \
	    -H "Content-Type: ${2-application/octet-stream}" "@$1"
}

# Prints the path of the image URL. The host in the URL is not the test server.
path_of() {
	json .profile_image_url | sed 's|^http://[^/]*||'
}

# Counts the images after removals, and checks that each of them has a thumbnail.
files() {
	em_images_removed && (cd "$EM_STATE/media" && find . -type f | sort >"$OLDPWD/all" &&
	    sed -n "s/-256\././p" "$OLDPWD/all" >"$OLDPWD/small" &&
	    grep -v -e "-256\." "$OLDPWD/all" >"$OLDPWD/large")
	cmp small large >&2 && wc -l <large
}

test_expect_success 'JPEG, PNG and WebP are recognized by content, not by Content-Type' '
	person ana &&
	for f in $images; do
		put $f text/plain && expect 200 &&
		check_json ".username == \"ana\" and .user_id == $ID_ana" &&
		path=$(path_of) &&
		case $f in
		*.jpg) echo "$path" | grep -qE "^/media/[0-9a-f]{32}-[0-9a-f]{8}\.jpg$" ;;
		*.png) echo "$path" | grep -qE "^/media/[0-9a-f]{32}-[0-9a-f]{8}\.png$" ;;
		*) echo "$path" | grep -qE "^/media/[0-9a-f]{32}-[0-9a-f]{8}\.webp$" ;;
		esac || { note "$f"; return 1; }
	done
'

test_expect_success 'nginx serves image and thumbnail as immutable files' '
	for f in a.png a.jpg x.webp; do
		put $f && json ".profile_image_url, .profile_image_thumb_url" |
		    sed "s|^http://[^/]*||" >urls &&
		test "$(sed "1s/\(.*\)\./\1-256./;2d" urls)" = \
		    "$(sed 1d urls)" || return 1
		while read -r path; do
			api GET "$path" && expect 200 &&
			test "$(header Content-Type)" = \
			    "image/$(echo ${f#*.} | sed s/jpg/jpeg/)" &&
			case $(header Cache-Control) in
			*immutable*) ;; *) false ;; esac &&
			test "$(header X-Content-Type-Options)" = nosniff &&
			test "$(header Content-Length)" -gt 20 || return 1
		done <urls
	done
'

test_expect_success 'a thumbnail that does not exist yet is replaced by the image' '
	put a.jpg && path=$(path_of) && small=${path%.*}-256.jpg &&
	api GET "$small" && cp "$body" thumb &&
	rm "$EM_STATE$small" && api GET "$path" && cp "$body" full &&
	! cmp thumb full && api GET "$small" && expect 200 &&
	cmp "$body" full && api GET /media/none-256.png &&
	expect 404 not_found &&
	cp thumb "$EM_STATE$small"
'

test_expect_success 'GET /user/profile returns the URL of the image' '
	put b.png && json . >want && api GET /user/profile -t "$TOKEN_ana" &&
	json . >got && test_cmp want got
'

test_expect_success 'a new image changes the ETag of the profile' '
	etag=$(header ETag) && put a.png &&
	api GET /user/profile -t "$TOKEN_ana" -H "If-None-Match: $etag" &&
	expect 200
'

test_expect_success 'a new image replaces the old file and its URL' '
	put a.jpg && old=$(path_of) && put a.png && new=$(path_of) &&
	test "$old" != "$new" && test "$(files)" = 1 &&
	api GET "$old" && expect 404 not_found && api GET "$new" && expect 200
'

test_expect_success 'the same image again keeps its URL and file' '
	put a.png && test "$(path_of)" = "$new" && test "$(files)" = 1 &&
	api GET "$new" && expect 200
'

test_expect_success 'two users with the same image have separate files' '
	person ben &&
	api PUT /user/profile/image -t "$TOKEN_ben" -H "Content-Type: image/png" \
	    @a.png && expect 200 && bens=$(path_of) && test "$bens" != "$new" &&
	put b.png && api GET "$bens" && expect 200
'

test_expect_success 'stored files are readable by nginx, and no temporary files remain' '
	test -z "$(find "$EM_STATE/media" -name ".*" -type f)" &&
	test -z "$(find "$EM_STATE/media" -type f ! -perm 644)"
'

test_expect_success 'other files return 415 and change nothing' '
	api GET /user/profile -t "$TOKEN_ana" && json . >want &&
	before=$(files) &&
	for f in $bad; do
		for type in image/png image/jpeg; do
			put $f $type && expect 415 unsupported_media_type || {
				note "$f"; return 1; }
		done
	done &&
	api GET /user/profile -t "$TOKEN_ana" && json . >got &&
	test_cmp want got && test "$(files)" = "$before"
'

test_expect_success 'an image can have up to 12 MiB' '
	put most.png && expect 200 && test "$(wc -c <most.png)" = 12582912 &&
	{ cat most.png; printf x; } >more.png &&
	put more.png && expect 413 payload_too_large &&
	head -c 19000000 /dev/zero >far && put far && expect 413 payload_too_large
'

test_expect_success 'a rejected upload leaves no file' '
	before=$(files) && person cat &&
	{ exec 9<>"$EM_STATE/writer.lock" && flock 9; } &&
	{ curl -s -o waited -w "%{http_code}" -X PUT "$URL/user/profile/image" \
	    -H "Authorization: Bearer $TOKEN_cat" -H "Content-Type: image/png" \
	    --data-binary @a.png >code 9>&- & } && waits=$! &&
	em_until "grep -q -- \"-> FLOCK .*:$(stat -c %i \
	    "$EM_STATE/writer.lock") \" /proc/locks" &&
	sqlite3 -cmd ".timeout 5000" "$EM_STATE/earmark.db" \
	    "UPDATE user SET status = 3 WHERE id = $ID_cat" &&
	exec 9>&- && wait "$waits" && test "$(cat code)" = 403 &&
	test "$(files)" = "$before"
'

test_expect_success 'a chunked upload is accepted' '
	api PUT /user/profile/image -t "$TOKEN_ana" \
	    -H "Content-Type: image/png" -H "Transfer-Encoding: chunked" @b.png &&
	expect 200
'

test_expect_success 'an image can be uploaded under /api/v1 and with a trailing slash' '
	for path in /api/v1/user/profile/image /user/profile/image/ \
	    /api/v1/user/profile/image/; do
		api PUT $path -t "$TOKEN_ana" -H "Content-Type: image/png" \
		    @most.png && expect 200 || return 1
	done
'

test_expect_success '12 simultaneous uploads leave one file, which the profile refers to' '
	seq 12 | while read -r n; do
		/usr/bin/python3 -c "import sys; d = open(sys.argv[1], \"rb\").read()
open(sys.argv[2], \"wb\").write(d[:-2] + bytes([int(sys.argv[3])]) + d[-2:])" \
		    a.jpg at.$n $n
	done &&
	seq 12 | xargs -P 12 -I @@ curl -s -o /dev/null -w "%{http_code}\n" -X PUT \
	    -H "Authorization: Bearer $TOKEN_ana" -H "Content-Type: image/jpeg" \
	    --data-binary @at.@@ "$URL/user/profile/image" >out &&
	note $(sort out | uniq -c) &&
	# A worker lets three wait.
	test "$(grep -c "^200\$" out)" -ge 3 &&
	test "$(grep -c "^200\$\|^429\$" out)" = 12 &&
	api GET /user/profile -t "$TOKEN_ana" && path=$(path_of) &&
	api GET "$path" && expect 200 && test "$(files)" = 2
'

test_expect_success 'an unavailable media folder returns 500 and keeps the profile' '
	em_allow "\"event\":\"media\"" &&
	api GET /user/profile -t "$TOKEN_ana" && json . >want &&
	mv "$EM_STATE/media" "$EM_STATE/away" && put a.png && expect 500 internal &&
	mv "$EM_STATE/away" "$EM_STATE/media" &&
	api GET /user/profile -t "$TOKEN_ana" && json . >got &&
	test_cmp want got && put a.png && expect 200
'

test_expect_success 'paths below /media/ cannot leave the folder' '
	for path in /media/../earmark.conf /media/..%2fearmark.conf \
	    /media/%2e%2e/key /media//etc/passwd /media/. /media/; do
		api GET $path && expect 404 || return 1
	done
'

test_expect_success 'PUT /user/profile/image returns 401, 403 and 405 as documented' '
	api PUT /user/profile/image -H "Content-Type: image/png" @a.png &&
	expect 401 token_required &&
	api GET /user/profile/image -t "$TOKEN_ana" && expect 405 &&
	test "$(header Allow)" = "PUT, DELETE" &&
	em_sql "UPDATE user SET status = 3 WHERE id = $ID_ben" &&
	api PUT /user/profile/image -t "$TOKEN_ben" \
	    -H "Content-Type: image/png" @a.png && expect 403 account_inactive
'

test_done
