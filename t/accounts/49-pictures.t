#!/bin/sh
test_description='user: pictures are encoded again'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

# Pillow, an independent decoder, writes pictures as cameras do, and reads what
# the server returns.
/usr/bin/python3 -c 'import PIL' || {
	skip_all='python3-pil is not installed'
	test_done
}

em_conf limits.picture_seconds=0
em_start

/usr/bin/python3 - <<'END'
import io, struct, zlib
from PIL import Image, ImageCms, ImageDraw

def save(name, data):
    open(name, "wb").write(data)

def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()

# Red, green / blue, white: each orientation has another order of the corners.
upright = Image.new("RGB", (300, 200))
draw = ImageDraw.Draw(upright)
for box, color in (((0, 0, 150, 100), "#f00"), ((150, 0, 300, 100), "#0f0"),
    ((0, 100, 150, 200), "#00f"), ((150, 100, 300, 200), "#fff")):
    draw.rectangle(box, fill=color)
T = Image.Transpose
undo = {1: None, 2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM,
    5: T.TRANSPOSE, 6: T.ROTATE_90, 7: T.TRANSVERSE, 8: T.ROTATE_270}
for value, method in undo.items():
    stored = upright if method is None else upright.transpose(method)
    exif = Image.Exif()
    exif[0x0112] = value
    for kind, suffix in (("jpeg", "jpg"), ("png", "png"), ("webp", "webp")):
        save(f"turn{value}.{suffix}", encoded(stored, kind, exif=exif.tobytes()))
    little = encoded(stored, "jpeg", exif=b"Exif\0\0II*\0\x08\0\0\0\1\0" +
        struct.pack("<HHIHH", 0x0112, 3, 1, value, 0) + bytes(4))
    save(f"little{value}.jpg", little)

photo = Image.radial_gradient("L").resize((1600, 1200)).convert("RGB")
jpeg = encoded(photo, "jpeg", quality=80)
small = encoded(photo.resize((320, 240)), "jpeg")
def segment(marker, data):
    return bytes([0xff, marker]) + struct.pack(">H", len(data) + 2) + data
save("plain.jpg", jpeg)
save("progressive.jpg", encoded(photo, "jpeg", progressive=True))
save("restarts.jpg", encoded(photo, "jpeg", restart_marker_blocks=7))
save("gray.jpg", encoded(photo.convert("L"), "jpeg"))
save("cmyk.jpg", encoded(photo.convert("CMYK"), "jpeg"))
save("zeros.jpg", jpeg + bytes(5000))
save("newline.jpg", jpeg + b"\r\n")
save("samsung.jpg", jpeg + b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1700000000000" +
    b"SEFH" + struct.pack("<II", 101, 1) + bytes(12) + b"\x18\0\0\0SEFT")
save("motion.jpg", jpeg + b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(9000))
save("mpf.jpg", jpeg[:2] + segment(0xe2, b"MPF\0MM\0*\0\0\0\x08\0\0\0\0\0\0") +
    jpeg[2:] + small)
save("fill.jpg", jpeg[:2] + b"\xff\xff\xff" + jpeg[2:])
# A warning of the decoder: bytes between the last scan and the end.
save("extra.jpg", jpeg[:-2] + b"\x11\x22\x33" + jpeg[-2:])
save("preview.jpg", jpeg[:2] + segment(0xe1, b"Exif\0\0MM\0*\0\0\0\x08\0\0" +
    small) + jpeg[2:])
save("badexif.jpg", jpeg[:2] + segment(0xe1, b"Exif\0\0MM\0*\xff\xff\xff\xff") +
    jpeg[2:])
png = encoded(photo, "png")
save("plain.png", png)
save("tail.png", png + b"tail" * 99)
save("palette.png", encoded(photo.convert("P"), "png"))
save("gray16.png", encoded(Image.new("I", (400, 300), 30000), "png"))
webp = encoded(photo, "webp")
save("plain.webp", webp)
save("lossless.webp", encoded(photo, "webp", lossless=True))
save("tail.webp", webp + b"tail" * 99)
save("animated.webp", encoded(photo, "webp", save_all=True,
    append_images=[photo.rotate(90)]))
clear = Image.new("RGBA", (600, 600), (255, 0, 0, 0))
ImageDraw.Draw(clear).rectangle((0, 0, 299, 599), fill=(0, 0, 255, 255))
save("clear.png", encoded(clear, "png"))
save("clear.webp", encoded(clear, "webp", lossless=True))

# Colors: the same sRGB color, stored in a profile with other primaries. The
# profile has the matrix of Display P3 (D50) and a gamma of 2.2.
def s15(v):
    return struct.pack(">i", round(v * 65536))
def profile(columns):
    tags = {b"wtpt": b"XYZ \0\0\0\0" + s15(.9642) + s15(1) + s15(.8249)}
    for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns):
        tags[name] = b"XYZ \0\0\0\0" + b"".join(map(s15, xyz))
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        tags[name] = b"curv\0\0\0\0\0\0\0\1\x02\x33\0\0"
    tags[b"desc"] = b"desc\0\0\0\0\0\0\0\3P3\0" + bytes(80)
    tags[b"cprt"] = b"text\0\0\0\0no\0\0"
    table, data, at = b"", b"", 132 + 12 * len(tags)
    for name, body in tags.items():
        body += bytes(-len(body) % 4)
        table += name + struct.pack(">II", at + len(data), len(body))
        data += body
    head = (struct.pack(">I", at + len(data)) + b"lcms\2\x10\0\0mntrRGB XYZ " +
        bytes(12) + b"acsp" + bytes(28) + s15(.9642) + s15(1) + s15(.8249))
    return head + bytes(128 - len(head)) + struct.pack(">I", len(tags)) + table + data
p3 = profile(((.5151, .2412, -.0011), (.2920, .6922, .0419), (.1571, .0666, .7841)))
adobe = profile(((.6097, .3111, .0195), (.2053, .6257, .0609), (.1492, .0632, .7446)))
for name, icc in (("p3", p3), ("adobe", adobe)):
    convert = ImageCms.profileToProfile(Image.new("RGB", (64, 64), (200, 80, 60)),
        ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(io.BytesIO(icc)))
    assert convert.getpixel((9, 9)) != (200, 80, 60)
    save(f"{name}.jpg", encoded(convert, "jpeg", icc_profile=icc, quality=95,
        subsampling=0))
    save(f"{name}.png", encoded(convert, "png", icc_profile=icc))
    save(f"{name}.webp", encoded(convert, "webp", icc_profile=icc, lossless=True))
save("badicc.jpg", encoded(Image.new("RGB", (64, 64), (200, 80, 60)), "jpeg",
    icc_profile=b"no profile" * 20, quality=95, subsampling=0))

# Truncated files.
for n, share in enumerate((.3, .6, .9, .99)):
    save(f"cut{n}.jpg", jpeg[:int(len(jpeg) * share)])
    save(f"cut{n}.png", png[:int(len(png) * share)])
    save(f"cut{n}.webp", webp[:int(len(webp) * share)])
progressive = open("progressive.jpg", "rb").read()
save("cut4.jpg", progressive[:len(progressive) * 2 // 3])
save("cut5.jpg", jpeg[:-2])
save("cut6.jpg", jpeg[:len(jpeg) // 2] + b"\xff\xd9")
save("cut4.png", png[:-12])

# Bombs.
def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
        struct.pack(">I", zlib.crc32(kind + data)))
def png_of(w, h, data, bits=8, color=2, interlace=0, more=b""):
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h,
        bits, color, 0, 0, interlace)) + more + chunk(b"IDAT", data) +
        chunk(b"IEND", b""))
zeros = zlib.compressobj(9)
rows = b"".join(zeros.compress(bytes(1 << 20)) for _ in range(193)) + zeros.flush()
save("most.png", png_of(8192, 8192, rows))
save("bomb0.png", png_of(65501, 1, rows))
save("bomb4.png", png_of(8193, 8192, rows))
save("bomb1.png", png_of(2147483647, 2147483647, rows))
save("bomb2.png", png_of(50000, 50000, rows))
save("bomb3.png", png_of(8192, 8192, rows, 16, 6, 1))
save("text.png", png_of(8, 8, zlib.compress(bytes(200)), more=chunk(b"zTXt",
    b"x\0\0" + rows) * 5))
header = jpeg.index(b"\xff\xc0") + 5
save("bomb0.jpg", jpeg[:header] + struct.pack(">HH", 65000, 65000) + jpeg[header + 4:])
save("bomb1.jpg", jpeg[:header] + struct.pack(">HH", 65501, 9) + jpeg[header + 4:])
save("bomb2.jpg", jpeg[:header] + struct.pack(">HH", 4097, 16384) + jpeg[header + 4:])
save("bomb0.webp", b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8L\x0a\0\0\0\x2f" +
    struct.pack("<I", 16382 | 16382 << 14) + bytes(5))

# Panoramas of phones, and the widest pictures of each format.
def wide(w, h):
    image = Image.new("RGB", (w, h), (200, 80, 60))
    image.paste((20, 40, 60), (0, 0, w // 2, h))
    return image
save("pano0.jpg", encoded(wide(16384, 4000), "jpeg", quality=90))
save("pano1.jpg", encoded(wide(65500, 1024), "jpeg", quality=90))
save("pano2.png", encoded(wide(65500, 200), "png", compress_level=1))
save("pano3.webp", encoded(wide(16383, 200), "webp", method=0))

# A gray progressive JPEG of 64 x 64 pixels: a scan of DC coefficients, and n
# scans of AC coefficients, which are all zero and take 12 bytes each.
def scans(n):
    def marker(code, data):
        return bytes([0xff, code]) + struct.pack(">H", len(data) + 2) + data
    one = b"\1" + bytes(15)
    return (b"\xff\xd8" + marker(0xdb, b"\0" + b"\1" * 64) +
        marker(0xc2, struct.pack(">BHHB", 8, 64, 64, 1) + b"\1\x11\0") +
        marker(0xc4, b"\0" + one + b"\0") +
        marker(0xc4, b"\x10" + one + b"\x60") +
        marker(0xda, b"\1\1\0\0\0\0") + bytes(8) +
        (marker(0xda, b"\1\1\0\1\x3f\0") + b"\1") * n + b"\xff\xd9")

save("scans-50.jpg", scans(50))
save("scans-150.jpg", scans(150))
END

# put FILE: uploads it and downloads image and thumbnail to full and small.
put() {
	api PUT /user/profile/image -t "$TOKEN_ana" \
	    -H "Content-Type: application/octet-stream" "@$1" && expect 200 || {
		note "$1: $(cat "$body")"; return 1; }
	json ".profile_image_url, .profile_image_thumb_url" |
	    sed 's|^http://[^/]*||' >urls &&
	api GET "$(sed 2d urls)" && expect 200 && cp "$body" full &&
	api GET "$(sed 1d urls)" && expect 200 && cp "$body" small
}

# look EXPRESSION: evaluates it in Python with the images full and small.
look() {
	/usr/bin/python3 -c '
import sys
from PIL import Image
full, small = Image.open("full"), Image.open("small")
full.load(), small.load()
def near(point, color, image=full):
    return all(abs(a - b) < 12 for a, b in zip(image.convert("RGB").getpixel(
        point), color))
assert eval("(" + sys.argv[1] + ")"), (full, small)' "$1"
}

test_expect_success 'pictures with each orientation become upright' '
	em_user ana &&
	for n in 1 2 3 4 5 6 7 8; do
		for f in turn$n.jpg turn$n.png turn$n.webp little$n.jpg; do
			put $f && look "full.size == (300, 200) and
			    small.size == (256, 171) and
			    all(near((i.width // 4, i.height // 4), (255, 0, 0), i) and
			    near((i.width * 3 // 4, i.height // 4), (0, 255, 0), i) and
			    near((i.width // 4, i.height * 3 // 4), (0, 0, 255), i)
			    for i in (full, small))" || { note $f; return 1; }
		done
	done
'

test_expect_success 'all kinds of pictures are accepted and have at most 1024 pixels' '
	for f in plain.jpg progressive.jpg restarts.jpg gray.jpg cmyk.jpg \
	    plain.png palette.png plain.webp lossless.webp animated.webp; do
		put $f && look "full.size == (1024, 768) and
		    small.size == (256, 192) and
		    near((0, 0), (255, 255, 255)) and near((512, 384), (0, 0, 0)) and
		    getattr(full, \"n_frames\", 1) == 1" || {
			note $f; return 1; }
	done &&
	put gray16.png
'

test_expect_success 'bytes after the end and other oddities of cameras are accepted' '
	for f in zeros.jpg newline.jpg samsung.jpg motion.jpg mpf.jpg fill.jpg \
	    extra.jpg preview.jpg badexif.jpg tail.png tail.webp; do
		put $f && look "full.size == (1024, 768) and
		    full.format in (\"JPEG\", \"PNG\", \"WEBP\")" || {
			note $f; return 1; }
	done
'

test_expect_success 'transparent pictures stay transparent' '
	for f in clear.png clear.webp; do
		put $f && look "full.mode == \"RGBA\" and
		    all(i.getpixel((i.width // 4, 9))[3] == 255 and
		    i.getpixel((i.width * 3 // 4, 9))[3] == 0 and
		    near((i.width // 4, 9), (0, 0, 255), i)
		    for i in (full, small))" || { note $f; return 1; }
	done
'

test_expect_success 'colors of other profiles become sRGB' '
	for f in p3.jpg p3.png p3.webp adobe.jpg adobe.png adobe.webp \
	    badicc.jpg; do
		put $f && look "near((32, 32), (200, 80, 60)) and
		    \"icc_profile\" not in full.info" || { note $f; return 1; }
	done
'

test_expect_success 'truncated pictures return 415 and change nothing' '
	api GET /user/profile -t "$TOKEN_ana" && json . >want &&
	for f in cut*; do
		api PUT /user/profile/image -t "$TOKEN_ana" \
		    -H "Content-Type: image/jpeg" "@$f" &&
		expect 415 unsupported_media_type || { note "$f"; return 1; }
	done &&
	api GET /user/profile -t "$TOKEN_ana" && json . >got &&
	test_cmp want got
'

test_expect_success 'pictures with more than 67 megapixels or too much data return 415' '
	for f in bomb*; do
		api PUT /user/profile/image -t "$TOKEN_ana" \
		    -H "Content-Type: image/jpeg" "@$f" &&
		expect 415 unsupported_media_type || { note "$f"; return 1; }
	done &&
	put text.png
'

test_expect_success 'JPEG pictures with more than 100 scans return 415' '
	put scans-50.jpg && look "full.size == (64, 64)" &&
	api PUT /user/profile/image -t "$TOKEN_ana" \
	    -H "Content-Type: image/jpeg" "@scans-150.jpg" &&
	expect 415 unsupported_media_type
'

test_expect_success 'a picture of 8192 x 8192 pixels is accepted' '
	put most.png && look "full.size == (1024, 1024)"
'

test_expect_success 'panoramas of up to 67 megapixels and 65,500 pixels a side are accepted' '
	ends="near((9, full.height // 2), (20, 40, 60)) and
	    near((1014, full.height // 2), (200, 80, 60))" &&
	put pano0.jpg && look "full.size == (1024, 250) and $ends" &&
	look "small.size == (256, 63)" &&
	put pano1.jpg && look "full.size == (1024, 16) and $ends" &&
	put pano2.png && look "full.size == (1024, 3) and $ends" &&
	put pano3.webp && look "full.size == (1024, 13) and $ends"
'

test_done
