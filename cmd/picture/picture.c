#include "cmd/picture/picture.h"

#include <stdlib.h>

#include "base/str.h"

struct cleanup {
	struct cleanup *next;
	void (*fn)(void *);
	void *arg;
};

static struct cleanup *cleanups;

void
picture_on_free(void (*fn)(void *), void *arg)
{
	struct cleanup *c = malloc(sizeof(*c));

	if (c != NULL) {
		*c = (struct cleanup){ cleanups, fn, arg };
		cleanups = c;
	} else {
		fn(arg);
		picture_fail(IMAGE_DECODER_MEMORY);
	}
}

void *
picture_alloc(size_t n)
{
	void *p = calloc(1, n == 0 ? 1 : n);

	if (p == NULL)
		picture_fail(IMAGE_DECODER_MEMORY);
	picture_on_free(free, p);
	return p;
}

void
picture_free_all(void)
{
	struct cleanup *c;

	while ((c = cleanups) != NULL) {
		cleanups = c->next;
		c->fn(c->arg);
		free(c);
	}
}

void
picture_check_sides(uint64_t width, uint64_t height)
{
	if (width < 1 || height < 1 || width > IMAGE_DECODER_INPUT_SIDE ||
	    height > IMAGE_DECODER_INPUT_SIDE ||
	    width * height > IMAGE_DECODER_PIXELS)
		picture_fail(IMAGE_DECODER_SIDES);
}

static uint32_t
number(const uint8_t *p, int n, bool little)
{
	uint32_t v = 0;
	int i;

	for (i = 0; i < n; i++)
		v = v << 8 | p[little ? n - 1 - i : i];
	return v;
}

unsigned
picture_orientation(const uint8_t *p, size_t n)
{
	const uint8_t *entry;
	uint32_t at, count, value;
	bool little;

	if (n >= 6 && memcmp(p, "Exif\0", 6) == 0) {
		p += 6;
		n -= 6;
	}
	if (n < 8)
		return 1;
	little = memcmp(p, "II*\0", 4) == 0;
	if (!little && memcmp(p, "MM\0*", 4) != 0)
		return 1;
	at = number(p + 4, 4, little);
	if (at > n || n - at < 2)
		return 1;
	count = number(p + at, 2, little);
	entry = p + at + 2;
	for (n -= at + 2; count > 0 && n >= 12; count--, entry += 12, n -= 12) {
		if (number(entry, 2, little) != 0x0112)
			continue;
		value = number(entry + 8, 2, little);
		return number(entry + 2, 2, little) == 3 && value >= 1 &&
		    value <= 8 ? value : 1;
	}
	return 1;
}

void
picture_encode(const char *type, struct picture_bytes in,
    struct picture_bytes *full, struct picture_bytes *thumb)
{
	struct picture_source s = { .orientation = 1 };
	struct picture_bytes (*encode)(const struct picture *);
	struct picture small;

	if (str_eq(type, "jpg")) {
		picture_jpeg_decode(in, &s);
		encode = picture_jpeg_encode;
	} else if (str_eq(type, "png")) {
		picture_png_decode(in, &s);
		encode = picture_png_encode;
	} else {
		picture_webp_decode(in, &s);
		encode = picture_webp_encode;
	}
	if (!s.gray)
		picture_to_srgb(&s.scaled, s.icc);
	s.scaled = picture_upright(&s.scaled, s.orientation);
	small = picture_scale(&s.scaled, IMAGE_DECODER_THUMB_SIDE);
	*full = encode(&s.scaled);
	*thumb = encode(&small);
}
