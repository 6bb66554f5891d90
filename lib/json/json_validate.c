#include "base/err.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "json/json_text.h"
#include "json/json_validate.h"

/* The name of a member without its quotes. */
struct key {
	const unsigned char *s, *end;
	bool escaped;
};

#define KEYS_SMALL	32

struct scan {
	const unsigned char *p, *end;
	const char *why;		/* the first error, or NULL */
	int depth;
	/* Names of the members of all open objects, innermost object last. */
	struct key *keys;
	size_t n, cap;
	struct key small[KEYS_SMALL];
};

static bool scan_value(struct scan *);

static bool
fail(struct scan *s, const char *why)
{
	s->why = why;
	return false;
}

static void
skip_space(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' ||
	    *s->p == '\r' || *s->p == '\t'))
		s->p++;
}

/* Skips white space and returns the next byte, or -1 at the end. */
static int
peek(struct scan *s)
{
	skip_space(s);
	return s->p < s->end ? *s->p : -1;
}

/* Reports an unexpected byte or the end of the text. */
static bool
unexpected(struct scan *s)
{
	return fail(s, s->p < s->end ? "unexpected character" :
	    "unexpected end");
}

static bool
is_digit(const struct scan *s)
{
	return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static bool
skip_digits(struct scan *s)
{
	if (!is_digit(s))
		return unexpected(s);
	while (is_digit(s))
		s->p++;
	return true;
}

/*
 * Strings.
 */

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Returns the value of four hexadecimal digits, or -1 if they are invalid. */
static int32_t
hex4(const unsigned char *p, const unsigned char *end)
{
	int32_t v = 0;
	int i, digit;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		if ((digit = hex_digit(p[i])) < 0)
			return -1;
		v = v << 4 | digit;
	}
	return v;
}

static bool
is_high(int32_t unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool
is_low(int32_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Scans an escape sequence after the backslash. */
static bool
scan_escape(struct scan *s)
{
	int32_t unit;

	if (s->p == s->end)
		return unexpected(s);
	switch (*s->p++) {
	case '"': case '\\': case '/':
	case 'b': case 'f': case 'n': case 'r': case 't':
		return true;
	case 'u':
		break;
	default:
		return fail(s, "unknown escape in a string");
	}
	if ((unit = hex4(s->p, s->end)) < 0)
		return fail(s, "\\u without four hexadecimal digits");
	s->p += 4;
	if (unit == 0)
		return fail(s, "U+0000 in a string");
	if (is_low(unit))
		return fail(s, "lone surrogate in a string");
	if (!is_high(unit))
		return true;
	if (s->end - s->p < 6 || s->p[0] != '\\' || s->p[1] != 'u' ||
	    !is_low(hex4(s->p + 2, s->end)))
		return fail(s, "lone surrogate in a string");
	s->p += 6;
	return true;
}

/*
 * Scans a string from its opening quote. *key is set to the part between the
 * quotes.
 */
static bool
scan_string(struct scan *s, struct key *key)
{
	size_t n;

	key->escaped = false;
	key->s = ++s->p;
	for (;;) {
		while (s->end - s->p >= 8 &&
		    json_text_plain8(json_text_load8(s->p)))
			s->p += 8;
		while (s->p < s->end && json_text_plain(*s->p))
			s->p++;
		if (s->p == s->end)
			return unexpected(s);
		if (*s->p == '"')
			break;
		if (*s->p < 0x20)
			return fail(s, "control character in a string");
		if (*s->p == '\\') {
			key->escaped = true;
			s->p++;
			if (!scan_escape(s))
				return false;
			continue;
		}
		if ((n = json_text_utf8(s->p, s->end)) == 0)
			return fail(s, "a string is not UTF-8");
		s->p += n;
	}
	key->end = s->p++;
	return true;
}

/*
 * Members. Two names are equal if their code points are equal, with or without
 * escapes.
 */

/* Returns the next code point of a scanned name. */
static int32_t
key_next(const unsigned char **at)
{
	static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
	const unsigned char *p = *at;
	int32_t c = *p++, low;
	const char *name;

	if (c == '\\') {
		c = *p++;
		if (c == 'u') {
			c = hex4(p, p + 4);
			p += 4;
			if (is_high(c)) {
				low = hex4(p + 2, p + 6);
				c = 0x10000 + ((c - 0xd800) << 10) +
				    (low - 0xdc00);
				p += 6;
			}
		} else if ((name = strchr(names, c)) != NULL) {
			c = values[name - names];
		}
	} else if (c >= 0xc0) {
		int more = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

		c &= 0x3f >> more;
		while (more-- > 0)
			c = c << 6 | (*p++ & 0x3f);
	}
	*at = p;
	return c;
}

static int
key_cmp(const void *va, const void *vb)
{
	const struct key *a = va, *b = vb;
	const unsigned char *p = a->s, *q = b->s;
	int32_t x, y;

	if (!a->escaped && !b->escaped) {
		size_t n = (size_t)(a->end - p), m = (size_t)(b->end - q);
		int cmp = memcmp(p, q, n < m ? n : m);

		/* UTF-8 bytes have the same order as code points. */
		return cmp != 0 ? cmp : (n > m) - (n < m);
	}
	while (p < a->end && q < b->end) {
		x = key_next(&p);
		y = key_next(&q);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return (p < a->end) - (q < b->end);
}

static void
key_push(struct scan *s, const struct key *key)
{
	struct key *more;

	if (s->n == s->cap) {
		s->cap *= 2;
		more = realloc(s->keys == s->small ? NULL : s->keys,
		    s->cap * sizeof(*more));
		if (more == NULL)
			BUG("out of memory (%zu members)", s->cap);
		if (s->keys == s->small)
			memcpy(more, s->small, sizeof(s->small));
		s->keys = more;
	}
	s->keys[s->n++] = *key;
}

/*
 * Checks that the members from `first` on are all different. Sorting needs at
 * most n log n comparisons for any names; a hash table could be attacked with
 * colliding names.
 */
static bool
keys_differ(struct scan *s, size_t first)
{
	struct key *k = s->keys + first;
	size_t n = s->n - first, i;

	if (n > 2)
		qsort(k, n, sizeof(*k), key_cmp);
	for (i = 1; i < n; i++)
		if (key_cmp(&k[i - 1], &k[i]) == 0)
			return fail(s, "member given twice");
	return true;
}

/*
 * Values.
 */

static bool
scan_object(struct scan *s)
{
	size_t first = s->n;
	struct key key;

	s->p++;
	if (peek(s) == '}') {
		s->p++;
		return true;
	}
	for (;;) {
		if (peek(s) != '"')
			return unexpected(s);
		if (!scan_string(s, &key))
			return false;
		key_push(s, &key);
		if (peek(s) != ':')
			return unexpected(s);
		s->p++;
		if (!scan_value(s))
			return false;
		if (peek(s) != ',')
			break;
		s->p++;
	}
	if (s->p == s->end || *s->p != '}')
		return unexpected(s);
	s->p++;
	if (!keys_differ(s, first))
		return false;
	s->n = first;
	return true;
}

static bool
scan_array(struct scan *s)
{
	s->p++;
	if (peek(s) == ']') {
		s->p++;
		return true;
	}
	for (;;) {
		if (!scan_value(s))
			return false;
		if (peek(s) != ',')
			break;
		s->p++;
	}
	if (s->p == s->end || *s->p != ']')
		return unexpected(s);
	s->p++;
	return true;
}

/* Returns whether an integer with these digits is in the range of int64. */
static bool
fits_int64(const unsigned char *p, const unsigned char *end, bool minus)
{
	int64_t v = 0;

	for (; p < end; p++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_sub_overflow(v, *p - '0', &v))
			return false;
	return minus || v != INT64_MIN;
}

static bool
scan_number(struct scan *s)
{
	bool minus = *s->p == '-', integer = true;
	const unsigned char *digits, *end;

	s->p += minus;
	digits = s->p;
	if (!skip_digits(s))
		return false;
	end = s->p;
	if (*digits == '0' && end > digits + 1)
		return fail(s, "number with a leading zero");
	if (s->p < s->end && *s->p == '.') {
		integer = false;
		s->p++;
		if (!skip_digits(s))
			return false;
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		integer = false;
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		if (!skip_digits(s))
			return false;
	}
	if (integer && !fits_int64(digits, end, minus))
		return fail(s, "integer out of range");
	return true;
}

static bool
scan_word(struct scan *s, const char *word)
{
	for (; *word != '\0'; word++, s->p++)
		if (s->p == s->end || *s->p != (unsigned char)*word)
			return unexpected(s);
	return true;
}

static bool
scan_value(struct scan *s)
{
	struct key ignored;
	bool ok;

	switch (peek(s)) {
	case '{':
	case '[':
		if (++s->depth > JSON_DEPTH)
			return fail(s, "nested too deeply");
		ok = *s->p == '{' ? scan_object(s) : scan_array(s);
		s->depth--;
		return ok;
	case '"':
		return scan_string(s, &ignored);
	case '-':
	case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return scan_number(s);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return unexpected(s);
	}
}

const char *
json_validate(const char *text, size_t n)
{
	struct scan s;

	s.p = (const unsigned char *)text;
	s.end = s.p + n;
	s.why = NULL;
	s.depth = 0;
	s.keys = s.small;
	s.n = 0;
	s.cap = KEYS_SMALL;
	if (scan_value(&s) && peek(&s) != -1)
		fail(&s, "unexpected text after the value");
	if (s.keys != s.small)
		free(s.keys);
	return s.why;
}
