#include "base/image_strip.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

#define PROFILE_MAX	65536	/* maximum bytes of a color profile that is
				 * kept */

struct out {
	uint8_t *at;
	const uint8_t *end;
};

static void
put_image_strip(struct out *o, const void *p, size_t n)
{
	if (n > (size_t)(o->end - o->at))
		BUG("a stripped picture grows");
	memcpy(o->at, p, n);
	o->at += n;
}

static uint32_t
number_image_strip(const uint8_t *p, int n, bool little)
{
	uint32_t v = 0;
	int i;

	for (i = 0; i < n; i++)
		v = v << 8 | p[little ? n - 1 - i : i];
	return v;
}

/*
 * Returns the orientation (2 to 8) in an APP1 segment of EXIF data, or 1 if it
 * has none.
 */
static uint8_t
orientation(const uint8_t *p, size_t n)
{
	const uint8_t *entry;
	uint32_t at, count, value;
	bool little;

	if (n < 14 || memcmp(p, "Exif\0", 6) != 0)
		return 1;
	p += 6;
	n -= 6;
	little = memcmp(p, "II*\0", 4) == 0;
	if (!little && memcmp(p, "MM\0*", 4) != 0)
		return 1;
	at = number_image_strip(p + 4, 4, little);
	if (at > n || n - at < 2)
		return 1;
	count = number_image_strip(p + at, 2, little);
	entry = p + at + 2;
	for (n -= at + 2; count > 0 && n >= 12; count--, entry += 12, n -= 12) {
		if (number_image_strip(entry, 2, little) != 0x0112)
			continue;
		value = number_image_strip(entry + 8, 2, little);
		return number_image_strip(entry + 2, 2, little) == 3 &&
		    value >= 2 && value <= 8 ? (uint8_t)value : 1;
	}
	return 1;
}

/* Writes an APP1 segment that contains only an orientation. */
static void
put_orientation(struct out *o, uint8_t value)
{
	uint8_t app1[] = "\xff\xe1\0\x22" "Exif\0\0" "MM\0*\0\0\0\x08"
	    "\0\1" "\x01\x12\0\3\0\0\0\1\0\0\0\0" "\0\0\0";

	app1[29] = value;
	put_image_strip(o, app1, sizeof(app1));
}

/*
 * Writes the needed parts of an APPn segment with content p. Removes the
 * preview of JFIF and keeps Adobe's declaration of the color space.
 */
static void
jpeg_app(struct out *o, uint8_t marker, const uint8_t *p, size_t n,
    bool *oriented)
{
	static const uint8_t jfif[] = { 0xff, 0xe0, 0, 16 };
	static const uint8_t adobe[] = { 0xff, 0xee, 0, 14 };
	uint8_t head[4] = { 0xff, 0xe2 }, turned;

	if (marker == 0xe0 && n >= 14 && memcmp(p, "JFIF", 5) == 0) {
		put_image_strip(o, jfif, sizeof(jfif));
		put_image_strip(o, p, 12);
		put_image_strip(o, "\0", 2);
	} else if (marker == 0xee && n >= 12 && memcmp(p, "Adobe", 5) == 0) {
		put_image_strip(o, adobe, sizeof(adobe));
		put_image_strip(o, p, 12);
	} else if (marker == 0xe2 && n > 14 &&
	    memcmp(p, "ICC_PROFILE\0\1\1", 14) == 0) {
		head[2] = (uint8_t)((n + 2) >> 8);
		head[3] = (uint8_t)(n + 2);
		put_image_strip(o, head, sizeof(head));
		put_image_strip(o, p, n);
	} else if (marker == 0xe1 && !*oriented) {
		turned = orientation(p, n);
		if (turned != 1)
			put_orientation(o, turned);
		*oriented = turned != 1;
	}
}

/*
 * Returns the offset of the first marker that ends entropy-coded data, or n.
 * Such a marker is a 0xff that is not followed by zero, a restart marker or
 * another 0xff.
 */
static size_t
jpeg_scan_end(const uint8_t *p, size_t at, size_t n)
{
	const uint8_t *ff;

	while (at + 1 < n) {
		ff = memchr(p + at, 0xff, n - at - 1);
		if (ff == NULL)
			return n;
		at = (size_t)(ff - p);
		if (p[at + 1] == 0xff)
			at++;
		else if (p[at + 1] == 0 || (p[at + 1] & 0xf8) == 0xd0)
			at += 2;
		else
			return at;
	}
	return n;
}

static bool
jpeg_strip(const uint8_t *p, size_t n, struct out *o)
{
	bool framed = false, scanned = false, oriented = false;
	size_t at = 2, len, end;
	uint8_t m;

	put_image_strip(o, p, 2);
	while (at + 1 < n && p[at] == 0xff) {
		m = p[at + 1];
		if (m == 0xff) {		/* fill byte */
			at++;
			continue;
		}
		if (m == 0xd9) {
			put_image_strip(o, p + at, 2);
			return scanned;
		}
		/* Keep SOF, DHT and DAC; SOS to EXP and APPn; COM. */
		if (!(m >= 0xc0 && m <= 0xcf && m != 0xc8) &&
		    !(m >= 0xda && m <= 0xef) && m != 0xfe)
			return false;
		if (n - at < 4 || (len = number_image_strip(p + at + 2, 2,
		    false)) < 2 || len > n - at - 2)
			return false;
		end = at + 2 + len;
		framed |= m <= 0xcf && m != 0xc4 && m != 0xcc;
		if (m == 0xda) {
			if (!framed)
				return false;
			scanned = true;
			end = jpeg_scan_end(p, end, n);
		}
		if (m >= 0xe0 && m <= 0xef)
			jpeg_app(o, m, p + at + 4, len - 2, &oriented);
		else if (m != 0xfe)
			put_image_strip(o, p + at, end - at);
		at = end;
	}
	return false;
}

/* PNG: signature, then chunks of length, type, data and checksum. */
static bool
png_strip(const uint8_t *p, size_t n, struct out *o)
{
	static const uint8_t end[] = "\0\0\0\0IEND\xae\x42\x60\x82";
	static const char kept[] = "IHDR PLTE IDAT IEND tRNS cHRM gAMA sRGB "
	    "sBIT cICP bKGD pHYs acTL fcTL fdAT iCCP ";
	size_t at = 8, len;
	char type[6] = "     ";

	put_image_strip(o, p, 8);
	while (n - at >= 12) {
		len = number_image_strip(p + at, 4, false);
		if (len > n - at - 12)
			return false;
		memcpy(type, p + at + 4, 4);
		if (strlen(type) == 5 && strstr(kept, type) != NULL &&
		    (len <= PROFILE_MAX || memcmp(type, "iCCP", 4) != 0))
			put_image_strip(o, p + at, len + 12);
		else if (type[0] < 'a' || type[0] > 'z')
			return false;		/* required by decoders */
		if (memcmp(type, "IEND", 4) == 0)
			return memcmp(p + at, end, 12) == 0;
		at += len + 12;
	}
	return false;
}

/*
 * WebP: a RIFF file of chunks: type, length, data, and a zero byte if the
 * length is odd.
 */
static bool
webp_strip(const uint8_t *p, size_t n, struct out *o)
{
	static const char kept[] = "VP8X ICCP ANIM ANMF ALPH VP8L ";
	uint8_t *begin = o->at, *flags = NULL;
	bool picture = false, profile = false;
	size_t at = 12, len;
	char type[6] = "     ";
	int i;

	put_image_strip(o, p, 12);
	while (n - at >= 8) {
		len = number_image_strip(p + at + 4, 4, true);
		if (len > n - at - 8)
			return false;
		memcpy(type, p + at, 4);
		picture |= memcmp(type, "VP8 ", 4) == 0 ||
		    memcmp(type, "VP8L", 4) == 0 ||
		    memcmp(type, "ANMF", 4) == 0;
		if (memcmp(type, "VP8X", 4) == 0) {
			if (at != 12 || len < 10)
				return false;
			flags = o->at + 8;
		}
		if (memcmp(type, "VP8 ", 4) == 0 || (strlen(type) == 5 &&
		    strstr(kept, type) != NULL && (len <= PROFILE_MAX ||
		    memcmp(type, "ICCP", 4) != 0))) {
			put_image_strip(o, p + at, len + 8);
			put_image_strip(o, "", len & 1);
			profile |= memcmp(type, "ICCP", 4) == 0;
		}
		at += 8 + len + (len & 1);
		if (at >= n)		/* the last zero may be absent */
			break;
	}
	/* 0x20 profile, 0x08 EXIF, 0x04 XMP */
	if (flags != NULL)
		*flags &= profile ? 0xf3 : 0xd3;
	len = (size_t)(o->at - begin) - 8;
	for (i = 0; i < 4; i++)
		begin[4 + i] = (uint8_t)(len >> 8 * i);
	return picture;
}

size_t
image_strip(const char *type, const void *picture, size_t n, uint8_t *out)
{
	struct out o = { out, out + n + IMAGE_STRIP_MORE };
	const uint8_t *p = picture;
	bool whole;

	if (n < 12)
		return 0;
	whole = str_eq(type, "jpg") ? jpeg_strip(p, n, &o) :
	    str_eq(type, "png") ? png_strip(p, n, &o) : webp_strip(p, n, &o);
	return whole ? (size_t)(o.at - out) : 0;
}
