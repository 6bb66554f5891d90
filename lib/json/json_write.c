#include "base/clock.h"
#include "base/decimal.h"
#include "base/err.h"
#include "json/json_text.h"
#include "json/json_write.h"

#define DEPTH		32

/*
 * Copies a text and returns the end. It is faster than memcpy() for the short
 * texts of JSON: up to 16 bytes are two moves, which may overlap.
 */
static inline char *
copy_text(char *p, const char *s, size_t n)
{
	if (n > 16) {
		memcpy(p, s, n);
	} else if (n >= 8) {
		memcpy(p, s, 8);
		memcpy(p + n - 8, s + n - 8, 8);
	} else if (n >= 4) {
		memcpy(p, s, 4);
		memcpy(p + n - 4, s + n - 4, 4);
	} else {
		for (; n > 0; n--)
			*p++ = *s++;
		return p;
	}
	return p + n;
}

void
json_write_init(struct json_write *j, struct buf *buf)
{
	/* The outermost level has one value and no key. */
	*j = (struct json_write){ .buf = buf, .array = 1 };
}

/*
 * Writes the comma and the key before a value and returns the place for the
 * value, with at least n bytes. Returns NULL if the buffer is full. The nesting
 * state is updated in both cases.
 */
static inline char *
begin_value(struct json_write *j, const char *key, size_t n)
{
	uint64_t level = UINT64_C(1) << j->depth;
	bool comma = j->more & level;
	size_t len = 0;
	char *p;

	if ((key == NULL) != ((j->array & level) != 0))
		BUG("%s", key == NULL ? "a member without a key" :
		    "a key outside an object");
	if (comma && j->depth == 0)
		BUG("a second value");
	j->more |= level;
	if (key != NULL)
		len = strlen(key);
	n += len + 4;
	if (n >= j->buf->cap - j->buf->len && !buf_reserve(j->buf, n))
		return NULL;
	p = j->buf->data + j->buf->len;
	if (comma)
		*p++ = ',';
	if (key == NULL)
		return p;
	*p++ = '"';
	p = copy_text(p, key, len);
	*p++ = '"';
	*p++ = ':';
	return p;
}

/* Finishes a value that ends at p. */
static void
end_value(struct json_write *j, char *p)
{
	*p = '\0';
	j->buf->len = (size_t)(p - j->buf->data);
}

static inline void
write_literal(struct json_write *j, const char *key, const char *text,
    size_t n)
{
	char *p = begin_value(j, key, n);

	if (p != NULL)
		end_value(j, copy_text(p, text, n));
}

static void
open_level(struct json_write *j, const char *key, bool array)
{
	char *p = begin_value(j, key, 1);
	uint64_t level;

	if (p != NULL) {
		*p++ = array ? '[' : '{';
		end_value(j, p);
	}
	if (++j->depth > DEPTH)
		BUG("nested too deeply");
	level = UINT64_C(1) << j->depth;
	j->more &= ~level;
	j->array = array ? j->array | level : j->array & ~level;
}

static void
close_level(struct json_write *j, bool array)
{
	if (j->depth == 0 || (j->array >> j->depth & 1) != array)
		BUG("an end without its begin");
	j->depth--;
	buf_ch(j->buf, array ? ']' : '}');
}

void
json_write_obj(struct json_write *j, const char *key)
{
	open_level(j, key, false);
}

void
json_write_obj_end(struct json_write *j)
{
	close_level(j, false);
}

void
json_write_arr(struct json_write *j, const char *key)
{
	open_level(j, key, true);
}

void
json_write_arr_end(struct json_write *j)
{
	close_level(j, true);
}

/*
 * Strings.
 */

/* Writes an escape sequence of at most six bytes. */
static char *
write_escape(char *p, unsigned char c)
{
	static const char names[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
	static const char hex[] = "0123456789abcdef";
	const char *name = c == '\0' ? NULL : strchr(names, c);

	*p++ = '\\';
	if (name != NULL) {
		*p++ = letters[name - names];
		return p;
	}
	*p++ = 'u';
	*p++ = '0';
	*p++ = '0';
	*p++ = hex[c >> 4];
	*p++ = hex[c & 15];
	return p;
}

/*
 * Writes the rest of a string, beginning with its first byte that is not plain
 * ASCII. The buffer has space for the unescaped rest and the quote. Each escape
 * reserves more.
 */
static char *
write_string_rest(struct json_write *j, char *p, const unsigned char *s,
    const unsigned char *stop)
{
	size_t n;

	while (s < stop) {
		if (json_text_plain(*s)) {
			*p++ = (char)*s++;
			continue;
		}
		if (*s >= 0x80 && (n = json_text_utf8(s, stop)) > 0) {
			for (; n > 0; n--)
				*p++ = (char)*s++;
			continue;
		}
		j->buf->len = (size_t)(p - j->buf->data);
		if (!buf_reserve(j->buf, (size_t)(stop - s) + 6))
			return NULL;
		p = j->buf->data + j->buf->len;
		if (*s < 0x80) {
			p = write_escape(p, *s);
		} else {
			memcpy(p, "\357\277\275", 3);
			p += 3;
		}
		s++;
	}
	return p;
}

void
json_write_strn(struct json_write *j, const char *key, const char *text,
    size_t n)
{
	const unsigned char *s = (const unsigned char *)text, *stop = s + n;
	char *p = begin_value(j, key, n + 2);
	uint64_t w;

	if (p == NULL)
		return;
	*p++ = '"';
	for (; stop - s >= 8; s += 8, p += 8) {
		w = json_text_load8(s);
		if (!json_text_plain8(w))
			break;
		memcpy(p, &w, 8);
	}
	if (n >= 8 && stop - s < 8) {
		/*
		 * Copy the last eight bytes; some of them may be copied twice.
		 */
		w = json_text_load8(stop - 8);
		if (json_text_plain8(w)) {
			p += stop - s;
			s = stop;
			memcpy(p - 8, &w, 8);
		}
	}
	if (s < stop && (p = write_string_rest(j, p, s, stop)) == NULL)
		return;
	*p++ = '"';
	end_value(j, p);
}

void
json_write_str(struct json_write *j, const char *key, const char *text)
{
	if (text == NULL)
		json_write_null(j, key);
	else
		json_write_strn(j, key, text, strlen(text));
}

/* Numbers and literals. */

void
json_write_int(struct json_write *j, const char *key, int64_t v)
{
	char *p = begin_value(j, key, DECIMAL_MAX);

	if (p != NULL)
		end_value(j, decimal_write(p, v));
}

void
json_write_opt(struct json_write *j, const char *key, int64_t v)
{
	if (v == INT64_MIN)
		json_write_null(j, key);
	else
		json_write_int(j, key, v);
}

void
json_write_bool(struct json_write *j, const char *key, bool v)
{
	if (v)
		write_literal(j, key, "true", 4);
	else
		write_literal(j, key, "false", 5);
}

void
json_write_null(struct json_write *j, const char *key)
{
	write_literal(j, key, "null", 4);
}

void
json_write_fixed(struct json_write *j, const char *key, int64_t v, int scale)
{
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v, unit = 1;
	char text[DECIMAL_MAX + 3], *p = text;
	int i;

	if (v == INT64_MIN) {
		json_write_null(j, key);
		return;
	}
	/* Remove trailing zeros, but keep one decimal. */
	for (; scale > 1 && u % 10 == 0; scale--)
		u /= 10;
	for (i = 0; i < scale; i++)
		unit *= 10;
	if (v < 0)
		*p++ = '-';
	p = decimal_write(p, (int64_t)(u / unit));
	if (scale > 0)
		*p++ = '.';
	for (u %= unit; unit > 1; u %= unit) {
		unit /= 10;
		*p++ = (char)('0' + u / unit);
	}
	write_literal(j, key, text, (size_t)(p - text));
}

void
json_write_time(struct json_write *j, const char *key, int64_t ms)
{
	char *p;

	if (ms == INT64_MIN) {
		json_write_null(j, key);
		return;
	}
	if ((p = begin_value(j, key, CLOCK_TEXT + 1)) == NULL)
		return;
	*p = '"';
	clock_text(ms, p + 1);
	p[CLOCK_TEXT] = '"';
	end_value(j, p + CLOCK_TEXT + 1);
}

void
json_write_uuid(struct json_write *j, const char *key, const struct uuid *u)
{
	char *p;

	if (uuid_nil(u)) {
		json_write_null(j, key);
		return;
	}
	if ((p = begin_value(j, key, UUID_TEXT + 1)) == NULL)
		return;
	*p = '"';
	uuid_text(u, p + 1);
	p[UUID_TEXT] = '"';
	end_value(j, p + UUID_TEXT + 1);
}

void
json_write_strv(struct json_write *j, const char *key, const struct strv *list)
{
	size_t i;

	json_write_arr(j, key);
	for (i = 0; i < list->n; i++)
		json_write_str(j, NULL, list->v[i]);
	json_write_arr_end(j);
}

void
json_write_raw(struct json_write *j, const char *key, const char *json)
{
	if (json == NULL)
		json_write_null(j, key);
	else
		write_literal(j, key, json, strlen(json));
}

void
json_write_members(struct json_write *j, const char *object)
{
	json_write_members_n(j, object, object == NULL ? 0 : strlen(object));
}

static bool
is_empty(const char *object)
{
	for (object++; *object == ' ' || *object == '\t' || *object == '\r' ||
	    *object == '\n'; object++)
		;
	return *object == '}';
}

void
json_write_members_n(struct json_write *j, const char *object, size_t n)
{
	uint64_t level = UINT64_C(1) << j->depth;

	if (j->array & level)
		BUG("members outside an object");
	if (object == NULL || is_empty(object))
		return;
	if (j->more & level)
		buf_ch(j->buf, ',');
	j->more |= level;
	buf_add(j->buf, object + 1, n - 2);
}
