/* image_strip: the parts of an image that are kept, segment by segment. */
#include "base/image_strip.h"

#include "base/image_store.h"
#include "t/unit/unit.h"

static uint8_t out[4096];

#define N(a) (sizeof(a) - 1)
#define APP0 "\xff\xe0\0\x10JFIF\0\1\2\0\0\1\0\1\0\0"
#define SOF "\xff\xc0\0\x0b\x08\0\1\0\1\1\1\x11\0"
#define SCAN "\xff\xda\0\x08\1\1\0\0\x3f\0" "\x12\xff\0\xff\xd0\x34"
#define EOI "\xff\xd9"
/* IFD0 with a GPS pointer and an orientation, big-endian and little-endian. */
#define EXIF_MM(turn) "\xff\xe1\0\x2e" "Exif\0\0" "MM\0*\0\0\0\x08" "\0\2" \
	"\x01\x12\0\3\0\0\0\1\0" turn "\0\0" \
	"\x88\x25\0\4\0\0\0\1\0\0\0\x99" "\0\0\0\0"
#define EXIF_II(turn) "\xff\xe1\0\x2e" "Exif\0\0" "II*\0\x08\0\0\0" "\2\0" \
	"\x12\x01\3\0\1\0\0\0" turn "\0\0\0" \
	"\x25\x88\4\0\1\0\0\0\x99\0\0\0" "\0\0\0\0"
#define TURNED(turn) "\xff\xe1\0\x22" "Exif\0\0" "MM\0*\0\0\0\x08" "\0\1" \
	"\x01\x12\0\3\0\0\0\1\0" turn "\0\0" "\0\0\0\0"

/*
 * Checks that the image becomes the expected one, and that a second call does
 * not change that.
 */
static void
becomes(const char *type, const void *from, size_t n, const void *to,
    size_t len)
{
	uint8_t *copy = malloc(n);

	memcpy(copy, from, n);
	assert_int_equal(image_strip(type, copy, n, out), len);
	assert_memory_equal(out, to, len);
	free(copy);
	assert_int_equal(image_strip(type, to, len, out), len);
	assert_memory_equal(out, to, len);
}
#define BECOMES(type, from, to) becomes(type, from, N(from), to, N(to))

static void
refused(const char *type, const void *from, size_t n)
{
	uint8_t *copy = malloc(n);

	memcpy(copy, from, n);
	assert_int_equal(image_strip(type, copy, n, out), 0);
	free(copy);
}
#define REFUSED(type, from) refused(type, from, N(from))

static void
jpeg(void **state)
{
	(void)state;
	BECOMES("jpg", "\xff\xd8" APP0 SOF SCAN EOI,
	    "\xff\xd8" APP0 SOF SCAN EOI);
	/*
	 * XMP, IPTC, MPF, a comment, a second JFIF and a profile in two parts
	 * are removed.
	 */
	BECOMES("jpg", "\xff\xd8" APP0 "\xff\xe1\0\7http:" "\xff\xed\0\4ip"
	    "\xff\xe2\0\6MPF\0" "\xff\xfe\0\6home" "\xff\xe0\0\7JFXX\0"
	    "\xff\xe2\0\x12ICC_PROFILE\0\1\2xx" "\xff\xff" SOF SCAN
	    "\xff\xfe\0\4no" SCAN EOI "\xff\xd8 another one " EOI,
	    "\xff\xd8" APP0 SOF SCAN SCAN EOI);
	/* A preview in JFIF is removed; Adobe and a small profile are kept. */
	BECOMES("jpg", "\xff\xd8\xff\xe0\0\x13JFIF\0\1\2\0\0\1\0\1\1\1xyz"
	    "\xff\xee\0\x10" "Adobe\0d\0\0\0\0\1zz"
	    "\xff\xe2\0\x12ICC_PROFILE\0\1\1xx" SOF SCAN EOI,
	    "\xff\xd8" APP0 "\xff\xee\0\x0e" "Adobe\0d\0\0\0\0\1"
	    "\xff\xe2\0\x12ICC_PROFILE\0\1\1xx" SOF SCAN EOI);
}

static void
jpeg_orientation(void **state)
{
	(void)state;
	BECOMES("jpg", "\xff\xd8" EXIF_MM("\6") SOF SCAN EOI,
	    "\xff\xd8" TURNED("\6") SOF SCAN EOI);
	BECOMES("jpg", "\xff\xd8" APP0 EXIF_II("\3") EXIF_II("\7") SOF SCAN
	    EOI, "\xff\xd8" APP0 TURNED("\3") SOF SCAN EOI);
	BECOMES("jpg", "\xff\xd8" EXIF_MM("\1") SOF SCAN EOI,
	    "\xff\xd8" SOF SCAN EOI);
	BECOMES("jpg", "\xff\xd8" EXIF_MM("\x09") SOF SCAN EOI,
	    "\xff\xd8" SOF SCAN EOI);
}

static void
jpeg_refused(void **state)
{
	(void)state;
	REFUSED("jpg", "\xff\xd8" APP0 SOF EOI "xxxxxx");
	REFUSED("jpg", "\xff\xd8" APP0 SCAN EOI);
	REFUSED("jpg", "\xff\xd8" APP0 SOF SCAN "xxxx");
	REFUSED("jpg", "\xff\xd8" APP0 SOF SCAN "\xff\xe1\xff\xff" EOI);
	REFUSED("jpg", "\xff\xd8" APP0 SOF SCAN "\xff\x02\0\2" EOI);
	REFUSED("jpg", "\xff\xd8" "xx" SOF SCAN EOI);
}

#define SIGN "\x89PNG\r\n\x1a\n"
#define IHDR "\0\0\0\x0dIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0cccc"
#define IDAT "\0\0\0\3IDATabccccc"
#define IEND "\0\0\0\0IEND\xae\x42\x60\x82"

static void
png(void **state)
{
	(void)state;
	BECOMES("png", SIGN IHDR "\0\0\0\4gAMA1234cccc" "\0\0\0\2eXIfMMcccc"
	    "\0\0\0\3tEXta\0bcccc" "\0\0\0\1iTXtacccc" "\0\0\0\1zTXtacccc"
	    "\0\0\0\7tIME1234567cccc" "\0\0\0\1iCCPacccc" "\0\0\0\1anYtacccc"
	    IDAT IDAT "\0\0\0\3tEXta\0bcccc" IEND,
	    SIGN IHDR "\0\0\0\4gAMA1234cccc" "\0\0\0\1iCCPacccc" IDAT IDAT
	    IEND);
	BECOMES("png", SIGN IHDR IDAT IEND "and more" IEND,
	    SIGN IHDR IDAT IEND);
	REFUSED("png", SIGN IHDR IDAT);
	REFUSED("png", SIGN IHDR "\0\0\0\0NEWScccc" IDAT IEND);
	REFUSED("png", SIGN IHDR "\0\0\xff\xffIDATcccc" IEND);
	REFUSED("png", SIGN IHDR IDAT "\0\0\0\1IENDaccccc");
}

#define VP8X(flags) "VP8X\x0a\0\0\0" flags "\0\0\0\0\0\0\0\0\0"
#define LOSSLESS "VP8L\x05\0\0\0\x2f\0\0\0\0\0"

static void
webp(void **state)
{
	(void)state;
	BECOMES("webp", "RIFF\x40\0\0\0WEBP" VP8X("\x2c") "ICCP\1\0\0\0i\0"
	    LOSSLESS "EXIF\2\0\0\0MM" "XMP \1\0\0\0<\0",
	    "RIFF\x2e\0\0\0WEBP" VP8X("\x20") "ICCP\1\0\0\0i\0" LOSSLESS);
	BECOMES("webp", "RIFF\x40\0\0\0WEBP" LOSSLESS "EXIF\2\0\0\0MM",
	    "RIFF\x12\0\0\0WEBP" LOSSLESS);
	/* The last zero is missing. */
	becomes("webp", "RIFF\x12\0\0\0WEBP" LOSSLESS, 12 + N(LOSSLESS) - 1,
	    "RIFF\x12\0\0\0WEBP" LOSSLESS, 12 + N(LOSSLESS));
	REFUSED("webp", "RIFF\x40\0\0\0WEBP" VP8X("\x08") "EXIF\2\0\0\0MM");
	REFUSED("webp", "RIFF\x40\0\0\0WEBP" LOSSLESS VP8X("\x08"));
	REFUSED("webp", "RIFF\x40\0\0\0WEBP" "VP8L\xff\0\0\0\x2f");
}

/* A profile that is larger than one JPEG segment is removed. */
static void
large_profiles(void **state)
{
	size_t size = 70000, n = 8 + 25 + 12 + size + 12, len;
	uint8_t *p = calloc(1, n), *to = malloc(n + IMAGE_STRIP_MORE);

	(void)state;
	memcpy(p, SIGN IHDR, 33);
	memcpy(p + 33, "\0\1\x11\x70iCCP", 8);
	memcpy(p + n - 12, IEND, 12);
	len = image_strip("png", p, n, to);
	assert_int_equal(len, 33 + 12);
	memcpy(p, "RIFF\0\0\0\0WEBP" VP8X("\x20"), 30);
	memcpy(p + 30, "ICCP\x70\x11\1\0", 8);
	memcpy(p + 38 + size, "ANMF\x04\0\0\0", 8);
	len = image_strip("webp", p, 38 + size + 12, to);
	assert_int_equal(len, 30 + 12);
	assert_int_equal(to[20], 0);
	free(p);
	free(to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jpeg),
		cmocka_unit_test(jpeg_orientation),
		cmocka_unit_test(jpeg_refused),
		cmocka_unit_test(png),
		cmocka_unit_test(webp),
		cmocka_unit_test(large_profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
