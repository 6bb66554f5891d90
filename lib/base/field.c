#include "base/field.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/arena.h"
#include "base/clock.h"

/* Result of parsing a number. */
enum number { NUMBER_OK, NUMBER_NOT, NUMBER_INEXACT, NUMBER_RANGE };

static void *
member(const struct field *f, void *obj)
{
	return (char *)obj + f->off;
}

static enum rc
bad(const struct field *f, struct err *err, const char *why)
{
	return err_field(err, f->name, why);
}

static enum rc badf(const struct field *, struct err *, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static enum rc
badf(const struct field *f, struct err *err, const char *fmt, ...)
{
	va_list ap;
	char *why;

	va_start(ap, fmt);
	why = arena_vfmt(err->arena, fmt, ap);
	va_end(ap);
	return err_field(err, f->name, why);
}

static bool
below(const struct field *f, int64_t n)
{
	return (f->min != 0 || f->max != 0) && n < f->min;
}

static bool
above(const struct field *f, int64_t n)
{
	return (f->min != 0 || f->max != 0) && f->max >= f->min && n > f->max;
}

void
field_init(const struct field_table *t, void *obj)
{
	const struct field *f;

	for (f = t->fields; f < t->fields + t->n; f++) {
		switch (f->type) {
		case F_INT:
		case F_FIXED:
		case F_TIME:
			*(int64_t *)member(f, obj) = f->dflt;
			break;
		case F_BOOL:
		case F_ENUM:
			*(int *)member(f, obj) = (int)f->dflt;
			break;
		case F_STR:
		case F_UUID:
		case F_ID:
		case F_STRV:
		case F_INTV:
		case F_OBJ:
		case F_OBJV:
		case F_JSON:
			break;
		}
	}
}

void *
field_new(struct arena *a, const struct field_table *t)
{
	void *obj = arena_zalloc(a, 1, t->size);

	field_init(t, obj);
	return obj;
}

/*
 * Numbers.
 */

/*
 * Parses a JSON number and multiplies it by 10^scale. Works on the decimal
 * digits, without a double. If round is true, excess decimals are rounded half
 * away from zero.
 */
static enum number
number_parse(const char *s, int scale, bool round, int64_t *out)
{
	const char *digits, *p;
	int64_t e = 0, n = 0, frac = 0, count, keep, i = 0;
	bool minus = *s == '-', eminus = false, up = false, rest = false;

	digits = s + minus;
	for (p = digits; *p >= '0' && *p <= '9'; p++)
		;
	if (p == digits || (*digits == '0' && p > digits + 1))
		return NUMBER_NOT;
	if (*p == '.') {
		const char *point = p;

		while (*++p >= '0' && *p <= '9')
			;
		if ((frac = p - point - 1) == 0)
			return NUMBER_NOT;
	}
	count = p - digits - (frac != 0);
	if (*p == 'e' || *p == 'E') {
		const char *first;

		eminus = *++p == '-';
		p += *p == '-' || *p == '+';
		for (first = p; *p >= '0' && *p <= '9'; p++)
			e = e < 1000000 ? e * 10 + (*p - '0') : e;
		if (p == first)
			return NUMBER_NOT;
	}
	if (*p != '\0')
		return NUMBER_NOT;

	/*
	 * The first `keep` digits are the value. If there are fewer, zeros
	 * follow.
	 */
	keep = count - frac + (eminus ? -e : e) + scale;
	for (p = digits; i < count; p++) {
		if (*p == '.')
			continue;
		if (i < keep) {
			if (__builtin_mul_overflow(n, 10, &n) ||
			    __builtin_add_overflow(n, *p - '0', &n))
				return NUMBER_RANGE;
		} else {
			up |= i == keep && *p >= '5';
			rest |= *p != '0';
		}
		i++;
	}
	for (; n != 0 && i < keep; i++)
		if (__builtin_mul_overflow(n, 10, &n))
			return NUMBER_RANGE;
	if (rest && !round)
		return NUMBER_INEXACT;
	if (up && __builtin_add_overflow(n, 1, &n))
		return NUMBER_RANGE;
	*out = minus ? -n : n;
	return NUMBER_OK;
}

/* Formats a bound for an error message. */
static const char *
bound_text(struct arena *a, const struct field *f, int64_t n)
{
	uint64_t u = n < 0 ? -(uint64_t)n : (uint64_t)n, unit = 1;
	char text[CLOCK_TEXT];
	int i, places = f->scale;

	if (f->type == F_TIME) {
		clock_text(n, text);
		return arena_str(a, text);
	}
	if (f->type != F_FIXED)
		return arena_fmt(a, "%" PRId64, n);
	for (i = 0; i < f->scale; i++)
		unit *= 10;
	for (i = 0; i < f->scale && u % 10 == 0; i++, places--) {
		u /= 10;
		unit /= 10;
	}
	if (places == 0)
		return arena_fmt(a, "%s%" PRIu64, n < 0 ? "-" : "", u);
	return arena_fmt(a, "%s%" PRIu64 ".%0*" PRIu64, n < 0 ? "-" : "",
	    u / unit, places, u % unit);
}

enum rc
field_put_int(const struct field *f, void *obj, int64_t n, struct err *err)
{
	if (n == FIELD_NONE || (n == FIELD_CLEARED && (f->flags & FIELD_CLEAR)))
		return bad(f, err, "is out of range");
	if (below(f, n))
		return badf(f, err, "must be at least %s",
		    bound_text(err->arena, f, f->min));
	if (above(f, n) && !(f->flags & FIELD_CLAMP))
		return badf(f, err, "must be at most %s",
		    bound_text(err->arena, f, f->max));
	*(int64_t *)member(f, obj) = above(f, n) ? f->max : n;
	return RC_OK;
}

enum rc
field_put_num(const struct field *f, void *obj, const char *number,
    struct err *err)
{
	int64_t n;

	switch (number_parse(number, f->type == F_FIXED ? f->scale : 0,
	    f->flags & FIELD_ROUND, &n)) {
	case NUMBER_OK:
		return field_put_int(f, obj, n, err);
	case NUMBER_NOT:
		break;
	case NUMBER_INEXACT:
		if (f->scale == 0)
			return bad(f, err, "must be an integer");
		return badf(f, err, "must have at most %d decimal place%s",
		    f->scale, f->scale == 1 ? "" : "s");
	case NUMBER_RANGE:
		/* If there is a bound, its message is more specific. */
		n = *number == '-' ? INT64_MIN + 1 : INT64_MAX;
		if (!below(f, n) && !above(f, n))
			return bad(f, err, "is out of range");
		return field_put_int(f, obj, n, err);
	}
	return bad(f, err, f->type == F_INT ? "must be an integer" :
	    "must be a number");
}

bool
field_integer(const char *number, int64_t *out)
{
	return number_parse(number, 0, false, out) == NUMBER_OK;
}

enum rc
field_put_bool(const struct field *f, void *obj, bool value)
{
	*(int *)member(f, obj) = value;
	return RC_OK;
}

/*
 * Texts.
 */

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Removes white space at both ends. Copies the text only if it has some. */
static const char *
trim(struct arena *a, const char *s)
{
	size_t n;

	while (is_space(*s))
		s++;
	n = strlen(s);
	if (n == 0 || !is_space(s[n - 1]))
		return s;
	while (n > 0 && is_space(s[n - 1]))
		n--;
	return arena_strn(a, s, n);
}

static enum rc
put_enum(const struct field *f, void *obj, const char *text, struct err *err)
{
	const char *all = "";
	int i;

	for (i = 0; f->words[i] != NULL; i++)
		if (str_eq(f->words[i], text)) {
			*(int *)member(f, obj) = i;
			return RC_OK;
		}
	for (i = 0; f->words[i] != NULL; i++)
		all = arena_fmt(err->arena, "%s%s%s", all, i > 0 ? ", " : "",
		    f->words[i]);
	return badf(f, err, "must be one of %s", all);
}

static enum rc
put_time(const struct field *f, void *obj, const char *text, struct err *err)
{
	int64_t ms;

	if (!clock_parse(text, &ms))
		return bad(f, err, "must be an RFC 3339 time");
	if (below(f, ms))
		return badf(f, err, "must not be before %s",
		    bound_text(err->arena, f, f->min));
	if (above(f, ms))
		return badf(f, err, "must not be after %s",
		    bound_text(err->arena, f, f->max));
	*(int64_t *)member(f, obj) = ms;
	return RC_OK;
}

enum rc
field_put_str(struct arena *a, const struct field *f, void *obj,
    const char *text, struct err *err)
{
	struct uuid uuid;
	int64_t n;

	switch (f->type) {
	case F_UUID:
		if (!uuid_read(text, &uuid))
			return bad(f, err, "must be a UUID");
		*(struct uuid *)member(f, obj) = uuid;
		return RC_OK;
	case F_TIME:
		return put_time(f, obj, text, err);
	case F_ENUM:
		return put_enum(f, obj, text, err);
	case F_STR:
	case F_ID:
		break;
	case F_INT:
	case F_FIXED:
	case F_BOOL:
	case F_STRV:
	case F_INTV:
	case F_OBJ:
	case F_OBJV:
	case F_JSON:
		BUG("%s: not a text", f->name);
	}
	if (f->flags & FIELD_TRIM)
		text = trim(a, text);
	if ((n = str_utf8(text, strlen(text))) < 0)
		return bad(f, err, "must be UTF-8 text");
	if (n == 0 && (f->type == F_ID || below(f, n)))
		return bad(f, err, "must not be empty");
	if (below(f, n))
		return badf(f, err, "must be at least %" PRId64 " characters",
		    f->min);
	if (above(f, n))
		return badf(f, err, "must be at most %" PRId64 " character%s",
		    f->max, f->max == 1 ? "" : "s");
	if (!(f->flags & FIELD_CTL) && str_has_ctl(text))
		return bad(f, err, "must not have control characters");
	*(const char **)member(f, obj) = text;
	return RC_OK;
}

/*
 * Lists.
 */

enum rc
field_count(const struct field *f, size_t n, struct err *err)
{
	if (below(f, (int64_t)n))
		return f->min == 1 ? bad(f, err, "must not be empty") :
		    badf(f, err, "must have at least %" PRId64 " items",
		    f->min);
	if (above(f, (int64_t)n))
		return badf(f, err, "must have at most %" PRId64 " item%s",
		    f->max, f->max == 1 ? "" : "s");
	return RC_OK;
}

enum rc
field_put_strv(struct arena *a, const struct field *f, void *obj,
    struct strv list, struct err *err)
{
	int64_t len;
	size_t i;

	if (field_count(f, list.n, err) != RC_OK)
		return RC_INVALID;
	for (i = 0; i < list.n; i++) {
		if (f->flags & FIELD_TRIM)
			list.v[i] = trim(a, list.v[i]);
		len = str_utf8(list.v[i], strlen(list.v[i]));
		if (len < 0)
			return bad(f, err, "each must be UTF-8 text");
		if (len == 0)
			return bad(f, err, "each must not be empty");
		if (f->max2 > 0 && len > f->max2)
			return badf(f, err, "each must be at most %" PRId64
			    " character%s", f->max2, f->max2 == 1 ? "" : "s");
		if (!(f->flags & FIELD_CTL) && str_has_ctl(list.v[i]))
			return bad(f, err,
			    "each must not have control characters");
	}
	*(struct strv *)member(f, obj) = list;
	return RC_OK;
}

enum rc
field_put_intv(const struct field *f, void *obj, struct intv list,
    struct err *err)
{
	if (field_count(f, list.n, err) != RC_OK)
		return RC_INVALID;
	*(struct intv *)member(f, obj) = list;
	return RC_OK;
}

/* Splits at commas. The empty text has no parts. */
static struct strv
split(struct arena *a, const char *text)
{
	struct strv list = { 0, NULL };
	const char *end;
	size_t n = *text != '\0';

	for (end = text; *end != '\0'; end++)
		n += *end == ',';
	list.v = arena_zalloc(a, n + 1, sizeof(*list.v));
	while (list.n < n) {
		end = text + strcspn(text, ",");
		list.v[list.n++] = arena_strn(a, text, (size_t)(end - text));
		text = end + 1;
	}
	return list;
}

static enum rc
text_intv(struct arena *a, const struct field *f, void *obj, const char *text,
    struct err *err)
{
	struct strv parts = split(a, text);
	struct intv list;

	list.n = parts.n;
	list.v = arena_zalloc(a, parts.n + 1, sizeof(*list.v));
	while (parts.n-- > 0)
		if (!str_int(parts.v[parts.n], &list.v[parts.n]))
			return bad(f, err, "must be comma-separated "
			    "integers");
	return field_put_intv(f, obj, list, err);
}

enum rc
field_text(struct arena *a, const struct field *f, void *obj,
    const char *text, struct err *err)
{
	switch (f->type) {
	case F_INT:
		if (text[strspn(text, "-0123456789")] != '\0')
			return bad(f, err, "must be an integer");
		return field_put_num(f, obj, text, err);
	case F_FIXED:
		return field_put_num(f, obj, text, err);
	case F_BOOL:
		if (str_eq(text, "true") || str_eq(text, "1"))
			return field_put_bool(f, obj, true);
		if (str_eq(text, "false") || str_eq(text, "0"))
			return field_put_bool(f, obj, false);
		return bad(f, err, "must be true or false");
	case F_STRV:
		return field_put_strv(a, f, obj, split(a, text), err);
	case F_INTV:
		return text_intv(a, f, obj, text, err);
	case F_STR:
	case F_UUID:
	case F_TIME:
	case F_ENUM:
	case F_ID:
		return field_put_str(a, f, obj, text, err);
	case F_OBJ:
	case F_OBJV:
	case F_JSON:
		break;
	}
	BUG("%s: cannot be set from text", f->name);
}

bool
field_camel(const char *name, char out[FIELD_NAME_MAX])
{
	size_t n = 0;

	if (strchr(name, '_') == NULL || strlen(name) >= FIELD_NAME_MAX)
		return false;
	for (; *name != '\0'; name++) {
		if (*name == '_' && name[1] != '\0')
			out[n++] = (char)(name[1] >= 'a' && name[1] <= 'z' ?
			    *++name - 'a' + 'A' : *++name);
		else
			out[n++] = *name;
	}
	out[n] = '\0';
	return true;
}

enum rc
field_missing(const struct field_table *t, const bool *seen, struct err *err)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; i < t->n; i++)
		if ((t->fields[i].flags & FIELD_REQUIRED) && !seen[i])
			rc = bad(&t->fields[i], err, "is required");
	return rc;
}
