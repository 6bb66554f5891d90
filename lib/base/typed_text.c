#include "base/typed_text.h"

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* The digits zero of Unicode 14 (category Nd). Each begins a range of ten. */
static const uint32_t zeros[] = {
	0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66,
	0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0,
	0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
	0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x104a0,
	0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0,
	0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0,
	0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6,
	0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0
};

/*
 * White space, and characters without width: soft hyphen, bidi controls,
 * joiners, byte order mark, variation selectors. Pairs of first and last.
 */
static const uint32_t removed[][2] = {
	{ 0x09, 0x0d }, { 0x20, 0x20 }, { 0x85, 0x85 }, { 0xa0, 0xa0 },
	{ 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
	{ 0x1680, 0x1680 }, { 0x180b, 0x180e }, { 0x2000, 0x200f },
	{ 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x3000, 0x3000 },
	{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }
};

#define FULLWIDTH_FIRST 0xff01u	/* '!' */
#define FULLWIDTH_LAST	0xff5eu	/* '~' */

/* Decodes a character. Returns its length, or 1 and its byte if it is not UTF-8. */
static size_t
decode(const unsigned char *s, uint32_t *point)
{
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc0 ? 2 : 1;
	size_t i;

	*point = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			*point = s[0];
			return 1;
		}
		*point = *point << 6 | (s[i] & 0x3fu);
	}
	return n;
}

/* Returns the ASCII character for a character, 0 to remove it, -1 to keep it. */
static int
replacement(uint32_t point)
{
	size_t i;

	for (i = 0; i < NELEM(removed); i++)
		if (point >= removed[i][0] && point <= removed[i][1])
			return 0;
	if (point < 0x80)
		return -1;
	if (point >= FULLWIDTH_FIRST && point <= FULLWIDTH_LAST)
		return (int)(point - FULLWIDTH_FIRST) + '!';
	for (i = 0; i < NELEM(zeros); i++)
		if (point >= zeros[i] && point < zeros[i] + 10)
			return '0' + (int)(point - zeros[i]);
	return -1;
}

void
typed_text_clean(char *text)
{
	const char *from = text;
	char *to = text;
	uint32_t point;
	size_t n;
	int c;

	for (; *from != '\0'; from += n) {
		n = decode((const unsigned char *)from, &point);
		c = replacement(point);
		if (c > 0)
			*to++ = (char)c;
		else if (c < 0) {
			memmove(to, from, n);
			to += n;
		}
	}
	*to = '\0';
}

void
typed_text_strip_separators(char *text)
{
	const char *from = text;
	char *to = text;

	for (; *from != '\0'; from++)
		if (strchr("-().", *from) == NULL)
			*to++ = *from;
	*to = '\0';
}
