#include "base/str.h"

void
str_lower(char *s)
{
	for (; *s != '\0'; s++)
		*s = str_lower_ch(*s);
}

bool
str_eq_nocase(const char *a, const char *b)
{
	for (; *a != '\0' && str_lower_ch(*a) == str_lower_ch(*b); a++, b++)
		;
	return str_lower_ch(*a) == str_lower_ch(*b);
}

bool
str_int(const char *s, int64_t *out)
{
	return str_fixed(s, 0, out);
}

bool
str_fixed(const char *s, int scale, int64_t *out)
{
	bool neg = *s == '-', point = false;
	int64_t v = 0;
	int places = 0;

	if (neg)
		s++;
	if (*s < '0' || *s > '9' || (s[0] == '0' && s[1] >= '0' && s[1] <= '9'))
		return false;
	/* Accumulate a negative number, because -INT64_MIN does not exist. */
	for (; *s != '\0'; s++) {
		if (*s == '.' && !point && scale > 0 && s[1] != '\0') {
			point = true;
			continue;
		}
		if (*s < '0' || *s > '9' || (point && ++places > scale))
			return false;
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_sub_overflow(v, *s - '0', &v))
			return false;
	}
	for (; places < scale; places++)
		if (__builtin_mul_overflow(v, 10, &v))
			return false;
	if (!neg && __builtin_sub_overflow(0, v, &v))
		return false;
	*out = v;
	return true;
}

int64_t
str_utf8(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + n;
	int64_t points = 0;

	for (; p < end; points++) {
		unsigned char c = *p++, lo = 0x80, hi = 0xbf;
		int more;

		if (c < 0x80)
			continue;
		if (c >= 0xc2 && c <= 0xdf)
			more = 1;
		else if (c >= 0xe0 && c <= 0xef)
			more = 2;
		else if (c >= 0xf0 && c <= 0xf4)
			more = 3;
		else
			return -1;
		/* Overlong forms, surrogates, above U+10FFFF (RFC 3629 4). */
		if (c == 0xe0)
			lo = 0xa0;
		else if (c == 0xed)
			hi = 0x9f;
		else if (c == 0xf0)
			lo = 0x90;
		else if (c == 0xf4)
			hi = 0x8f;
		for (; more > 0; more--, p++) {
			if (p == end || *p < lo || *p > hi)
				return -1;
			lo = 0x80;
			hi = 0xbf;
		}
	}
	return points;
}

bool
str_has_ctl(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}
