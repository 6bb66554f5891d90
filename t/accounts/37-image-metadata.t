#!/bin/sh
test_description='user: images are published without metadata'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

# Pillow, an independent decoder, writes images as phones do, and reads what
# the server returns.
/usr/bin/python3 -c 'import PIL' || {
	skip_all='python3-pil is not installed'
	test_done
}

archive=$PWD/archive
mkdir "$archive"
em_conf "archive.dir=$archive"
em_conf limits.picture_seconds=0
# The job runs while no program copies the log.
em_allow '"event":"archive_gap"'
em_start
# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"

/usr/bin/python3 - <<'END'
from PIL import Image, ImageCms, PngImagePlugin

image = Image.new("RGB", (64, 48))
image.putdata([(x * 4, y * 5, x + y)
    for y in range(48) for x in range(64)])
exif = Image.Exif()
exif[0x010f] = "SECRET-MAKER"
exif[0x0112] = 6
exif[0x9286] = "SECRET-COMMENT"
exif[0x8825] = {1: "N", 2: (47.0, 29.0, 53.0), 3: "E", 4: (19.0, 2.0, 23.0),
    29: "SECRET-GPS"}
icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>SECRET-XMP</x:xmpmeta>"

def segment(marker, data):
    return bytes([0xff, marker]) + (len(data) + 2).to_bytes(2, "big") + data

for name, options in (("baseline", {}), ("progressive", {"progressive": True}),
    ("restarts", {"restart_marker_blocks": 2}), ("gray", {})):
    picture = image.convert("L") if name == "gray" else image
    picture.save("plain.jpg", exif=exif, icc_profile=icc, quality=90,
        comment=b"SECRET-COMMENT", **options)
    data = open("plain.jpg", "rb").read()
    other = open("plain.jpg", "rb").read()
    data = (data[:2] + segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0" + xmp) +
        segment(0xed, b"Photoshop 3.0\0SECRET-IPTC") +
        segment(0xe2, b"MPF\0SECRET-MPF") + data[2:] + other)
    open(name + ".jpg", "wb").write(data)
text = PngImagePlugin.PngInfo()
text.add_text("Comment", "SECRET-TEXT")
text.add_text("Packed", "SECRET-TEXT" * 9, zip=True)
text.add_itxt("XML:com.adobe.xmp", xmp.decode())
image.save("picture.png", exif=exif, pnginfo=text, icc_profile=icc)
image.convert("P").save("palette.png", exif=exif, transparency=3)
image.save("lossy.webp", exif=exif.tobytes(), xmp=xmp, icc_profile=icc)
image.save("lossless.webp", exif=exif.tobytes(), xmp=xmp, lossless=True)
image.save("animated.webp", exif=exif.tobytes(), xmp=xmp, save_all=True,
    append_images=[image.rotate(90)])
END
pictures='baseline.jpg progressive.jpg restarts.jpg gray.jpg picture.png
    palette.png lossy.webp lossless.webp animated.webp'

# clean FILE ORIGINAL: succeeds if FILE has no metadata and shows ORIGINAL.
clean() {
	/usr/bin/python3 - "$1" "$2" <<-\END
	import sys
	from PIL import Image, ImageChops, ImageOps, ImageStat
	data = open(sys.argv[1], "rb").read()
	new, old = Image.open(sys.argv[1]), Image.open(sys.argv[2])
	assert not new.getexif(), dict(new.getexif())
	assert b"SECRET" not in data and b"GPS" not in data
	for word in ("xmp", "comment", "Comment", "Packed", "XML:com.adobe.xmp",
	    "photoshop", "mp", "exif", "icc_profile"):
	    assert word not in new.info, word
	assert new.format == old.format.replace("MPO", "JPEG")
	old.seek(0)
	old = ImageOps.exif_transpose(old)
	assert new.size == old.size == (48, 64), (new.size, old.size)
	difference = ImageChops.difference(new.convert("RGB"), old.convert("RGB"))
	assert max(ImageStat.Stat(difference).mean) < 9, ImageStat.Stat(difference).mean
	END
}

path_of() {
	json .profile_image_url | sed 's|^http://[^/]*||'
}

test_expect_success 'the test images contain positions before the upload' '
	for f in $pictures; do
		! clean $f $f 2>/dev/null && grep -aq SECRET $f || {
			note $f; return 1; }
	done
'

test_expect_success 'a served image has no metadata and is upright' '
	em_user ana &&
	for f in $pictures; do
		api PUT /user/profile/image -t "$TOKEN_ana" \
		    -H "Content-Type: image/jpeg" @$f && expect 200 &&
		api GET "$(path_of)" && expect 200 && cp "$body" served &&
		clean served $f || { note $f; return 1; }
	done
'

test_expect_success 'the same image again keeps its name' '
	api PUT /user/profile/image -t "$TOKEN_ana" -H "Content-Type: image/png" \
	    @picture.png && path=$(path_of) &&
	api PUT /user/profile/image -t "$TOKEN_ana" -H "Content-Type: image/png" \
	    @picture.png && test "$path" = "$(path_of)"
'

# image_of USER: prints the path of the image of a user.
image_of() {
	name=$(em_sql "SELECT image FROM user WHERE username = '$1'") &&
	[ -n "$name" ] && echo "$EM_STATE/media/$name"
}

# Images as earlier versions stored them: files to which accounts refer.
test_expect_success 'a job encodes images that are already stored' '
	em_user marker && n=0 &&
	for f in $pictures; do
		n=$((n + 1)) && name=old$n.${f#*.} &&
		cp $f "$EM_STATE/media/$name" &&
		em_sql "INSERT INTO user(uuid, status, username, image,
		    referral_code, created_at, updated_at)
		    VALUES (randomblob(16), 1, \"old$n\", \"$name\", \"r$n\", 1, 1)" ||
		    return 1
	done &&
	printf "no picture" >"$EM_STATE/media/odd.jpg" &&
	em_sql "INSERT INTO user(uuid, status, username, image, referral_code,
	    created_at, updated_at) VALUES
	    (randomblob(16), 1, \"odd\", \"odd.jpg\", \"ro\", 1, 1),
	    (randomblob(16), 1, \"none\", \"none.jpg\", \"rn\", 1, 1)" &&
	archived && test -f "$archive/media/old1.jpg" && em_stop &&
	em_sql "DELETE FROM setting WHERE key = \"image_encoding\"" &&
	em_jobs >out 2>&1 && grep "^image-upgrade 9$" out &&
	n=0 &&
	for f in $pictures; do
		n=$((n + 1)) && image=$(image_of old$n) &&
		clean "$image" $f && test -f "${image%.*}-256.${f#*.}" ||
		    { note $f; return 1; }
	done &&
	test ! -e "$EM_STATE/media/odd.jpg" &&
	test -z "$(find "$EM_STATE/media" -name "old*")" &&
	test -z "$(em_sql "SELECT image FROM user WHERE username = \"odd\"")" &&
	test ! -e "$EM_STATE/media/none.jpg" &&
	test -z "$(find "$EM_STATE/media" -name ".*" -type f)" &&
	test -z "$(find "$EM_STATE/media" -type f ! -perm 644)"
'

test_expect_success 'the job ends, and continues after it was killed' '
	em_jobs >out 2>&1 && grep "^image-upgrade 0$" out &&
	first=$(image_of old1) && cp baseline.jpg "$first" &&
	left=$(image_of old6) && cp palette.png "$left" &&
	rm "${left%.png}-256.png" &&
	em_sql "UPDATE setting SET value = (SELECT id FROM user
	    WHERE username = \"old1\") WHERE key = \"image_encoding\"" &&
	em_jobs >out 2>&1 && grep "^image-upgrade 1$" out &&
	test "$first" = "$(image_of old1)" && cmp baseline.jpg "$first" &&
	image=$(image_of old6) && test "$image" != "$left" &&
	clean "$image" palette.png && test ! -e "$left" &&
	test -z "$(find "$EM_STATE/media" -name ".*" -type f)"
'

test_expect_success 'the archive and backups have the encoded images' '
	em_start && archived && restore copy --archive "$archive" >out &&
	image=$(sqlite3 copy/earmark.db "SELECT image FROM user
	    WHERE username = '\''old2'\''") &&
	clean copy/media/$image progressive.jpg &&
	clean "$(image_of old2)" progressive.jpg &&
	backup=$(em_cli backup) &&
	for f in "$backup"/media/*; do
		case $f in *"${first##*/}") continue ;; esac
		! grep -aq SECRET "$f" || { note "$f"; return 1; }
	done
'

em_stop
test_done
