#!/bin/sh
# shellcheck disable=SC2154
test_description='user: pictures of the size that cameras write'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

/usr/bin/python3 -c 'import PIL' || {
	skip_all='python3-pil is not installed'
	test_done
}

em_conf limits.picture_seconds=0
em_conf limits.write_rate=0
em_start

# Files of cameras are not in the repository. These have their structure and
# size: noise, which compresses as badly as details do, the metadata of a phone
# with a preview, and what phones append. They are the same in each run.
cat >files.py <<'END_OF_FILES'
import io, os, random, struct
from PIL import Image

rnd = random.Random(15)

def save(name, data, least=3 << 20, most=12 << 20):
    assert least <= len(data) <= most, (name, len(data))
    open(name, "wb").write(data)

def segment(marker, data):
    return bytes([0xff, marker]) + struct.pack(">H", len(data) + 2) + data

def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()

def photo(w, h, k):
    noise = Image.frombytes("RGB", (w // k, h // k), rnd.randbytes(w // k * (h // k) * 3))
    return noise.resize((w, h), Image.Resampling.BILINEAR)

exif = Image.Exif()
exif[0x010f], exif[0x0110], exif[0x0112] = "SECRET-MAKER", "Phone 9", 6
exif[0x8825] = {1: "N", 2: (47.0, 29.0, 53.0), 3: "E", 4: (19.0, 2.0, 23.0)}
exif = exif.tobytes()

def camera(image, more=b"", **options):
    """Returns a JPEG with EXIF, the data of the maker, XMP and a preview."""
    data = encoded(image, "jpeg", exif=exif, **options)
    preview = encoded(image.resize((320, 240)), "jpeg", quality=70)
    return (data[:2] + segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>") +
        segment(0xe4, b"SECRET-NOTE" + bytes(60000)) + segment(0xe5, preview) +
        data[2:] + more)

trailer = (b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1700000000000" + b"SEFH" +
    struct.pack("<II", 101, 1) + bytes(12) + b"\x18\0\0\0SEFT")
video = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + rnd.randbytes(3 << 20)
image = photo(4000, 3000, 4)
samsung = camera(image, trailer, quality=92)
save("samsung.jpg", samsung)
save("motion.jpg", camera(image, video, quality=90), 6 << 20)
save("photo.png", encoded(photo(1500, 1400, 1), "png", compress_level=1))
save("cut.jpg", samsung[:len(samsung) * 3 // 5], 2 << 20)
if os.environ.get("EARMARK_FAULT") == "full":
    save("progressive.jpg", camera(photo(4032, 3024, 5), quality=90, subsampling=0,
        progressive=True))
    save("50.jpg", camera(photo(8160, 6120, 9), quality=88), 6 << 20)
    save("48-progressive.jpg", camera(photo(8064, 6048, 10), quality=85,
        progressive=True), 5 << 20)
    save("50-progressive.jpg", camera(photo(8160, 6120, 14), quality=75, subsampling=0,
        progressive=True))
    save("lossless.webp", encoded(photo(1500, 1400, 1), "webp", lossless=True, method=0))
END_OF_FILES
/usr/bin/python3 files.py

# put FILE [OPTION...]: uploads FILE as the image of ana.
put() {
	put_file=$1
	shift
	api PUT /user/profile/image -t "$TOKEN_ana" \
	    -H "Content-Type: application/octet-stream" "$@" "@$put_file"
}

# served WIDTH HEIGHT: checks the sizes of the image and its metadata.
served() {
	json .profile_image_url | sed 's|^http://[^/]*||' >url &&
	api GET "$(cat url)" && expect 200 && ! grep -aq SECRET "$body" &&
	/usr/bin/python3 -c '
import sys
from PIL import Image
image = Image.open(sys.argv[1])
image.load()
assert image.size == (int(sys.argv[2]), int(sys.argv[3])), image.size
assert not image.getexif()' "$body" "$1" "$2"
}

test_expect_success 'pictures of 3 to 8 MiB with trailers and videos are accepted' '
	em_user ana && put samsung.jpg && expect 200 && served 768 1024 &&
	put motion.jpg -H "Transfer-Encoding: chunked" && expect 200 &&
	served 768 1024 && put photo.png && expect 200 && served 1024 956
'

test_expect_success 'a large picture may be a part of multipart/form-data' '
	code=$(curl -sS -o got -w "%{http_code}" -X PUT -F title=x \
	    -F "file=@samsung.jpg" -H "Authorization: Bearer $TOKEN_ana" \
	    "$URL/user/profile/image") && test "$code" = 200
'

test_expect_success 'a large picture that is cut returns 415' '
	put cut.jpg && expect 415 unsupported_media_type &&
	check_json ".message == \"The image is incomplete\""
'

# PICTURES is a folder of files of cameras. Public ones are ianare/exif-samples,
# drewnoakes/digicam_corpus and drewnoakes/metadata-extractor-images on GitHub; the
# last one without jpg/ImageTestSuite, whose files are invalid by intention.
test_expect_success '99 % of the complete files of a folder are accepted, cut ones are not' '
	mkdir cut && for name in anna_w haruka; do
		picture=$EM_SRC/sql/demo/pictures/$name.jpg &&
		head -c $(($(wc -c <"$picture") / 2)) "$picture" >cut/$name.jpg ||
		    return 1
	done &&
	"$EM_SRC/t/tools/picture_corpus.py" "$URL" "$TOKEN_ana" \
	    "${PICTURES-$EM_SRC/sql/demo/pictures}" >seen 2>&1
	wrong=$?
	note "$(cat seen)"
	[ $wrong = 0 ] &&
	! "$EM_SRC/t/tools/picture_corpus.py" "$URL" "$TOKEN_ana" cut >seen &&
	[ "$(grep -c "415 The image is incomplete" seen)" = 2 ] &&
	grep -x "0 of 0 complete files were accepted; 2 others" seen
'

[ "${EARMARK_FAULT-}" != full ] || test_set_prereq FULL
test_expect_success FULL 'pictures of up to 50 megapixels are accepted' '
	put 50.jpg && expect 200 && served 768 1024 &&
	put progressive.jpg && expect 200 && served 768 1024 &&
	put 48-progressive.jpg && expect 200 && served 768 1024 &&
	put lossless.webp && expect 200 && served 1024 956
'

test_expect_success FULL 'a progressive picture that needs too much memory returns 415' '
	put 50-progressive.jpg && expect 415 unsupported_media_type &&
	check_json ".message == \"The image needs too much memory\""
'

test_done
