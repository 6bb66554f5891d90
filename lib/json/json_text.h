/*
 * json_text: character classes that reading and writing JSON strings share.
 * Private to lib/json.
 */
#ifndef JSON_JSON_TEXT_H
#define JSON_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define JSON_TEXT_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Returns whether the byte is a plain ASCII character of a JSON string that
 * needs no escape.
 */
static inline bool
json_text_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/*
 * Does the same for eight bytes at once. No byte may have the high bit or be
 * below U+0020. No byte may become 0 when it is combined with a quote or a
 * backslash by XOR.
 */
static inline bool
json_text_plain8(uint64_t w)
{
	uint64_t quote = w ^ JSON_TEXT_EACH('"'),
	    slash = w ^ JSON_TEXT_EACH('\\');

	return ((w | (w - JSON_TEXT_EACH(0x20)) | (quote - JSON_TEXT_EACH(1)) |
	    (slash - JSON_TEXT_EACH(1))) & JSON_TEXT_EACH(0x80)) == 0;
}

static inline uint64_t
json_text_load8(const void *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

/*
 * Returns the length of the well-formed UTF-8 sequence (RFC 3629) at p, which
 * ends before `end`, or 0 if it is not well-formed.
 */
static inline size_t
json_text_utf8(const unsigned char *p, const unsigned char *end)
{
	unsigned char c = p[0], lo = 0x80, hi = 0xbf;
	size_t n, i;

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if ((size_t)(end - p) < n)
		return 0;
	/*
	 * Overlong forms, surrogates and code points above U+10FFFF are
	 * invalid.
	 */
	if (c == 0xe0)
		lo = 0xa0;
	else if (c == 0xed)
		hi = 0x9f;
	else if (c == 0xf0)
		lo = 0x90;
	else if (c == 0xf4)
		hi = 0x8f;
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (i = 2; i < n; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return n;
}

#endif
