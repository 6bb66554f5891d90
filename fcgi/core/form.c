#include "base/arena.h"
#include "base/str.h"
#include "fcgi/core/form.h"

#define FIELDS_MAX 64

static int
hex(char c)
{
	c = str_lower_ch(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Decodes %xx and '+'. Returns NULL if an escape is invalid or the result
 * contains NUL or is not UTF-8.
 */
static char *
decode(struct arena *a, const char *s, size_t n)
{
	char *out = arena_alloc(a, n + 1), *o = out;
	size_t i;

	for (i = 0; i < n; i++) {
		int c = (unsigned char)s[i], hi, lo;

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			hi = n - i > 2 ? hex(s[i + 1]) : -1;
			lo = n - i > 2 ? hex(s[i + 2]) : -1;
			if (hi < 0 || lo < 0)
				return NULL;
			c = hi << 4 | lo;
			i += 2;
		}
		if (c == '\0')
			return NULL;
		*o++ = (char)c;
	}
	*o = '\0';
	return str_utf8(out, (size_t)(o - out)) < 0 ? NULL : out;
}

/* Returns the field with this name, alias or camelCase spelling, or NULL. */
static const struct field *
find_field(const struct field_table *t, const char *name)
{
	char camel[FIELD_NAME_MAX];
	const struct field *f;

	for (f = t->fields; f < t->fields + t->n; f++)
		if (str_eq(f->name, name) ||
		    (f->alias != NULL && str_eq(f->alias, name)) ||
		    (field_camel(f->name, camel) && str_eq(camel, name)))
			return f;
	return NULL;
}

enum rc
form_read(struct arena *a, const struct field_table *t, void *obj,
    const char *text, struct err *err)
{
	bool seen[FIELDS_MAX] = { false }, wrong[FIELDS_MAX] = { false };
	enum rc rc = RC_OK;

	if (t->n > FIELDS_MAX)
		BUG("a table of %zu fields", t->n);
	while (*text != '\0') {
		size_t n = strcspn(text, "&"), eq = strcspn(text, "&="), i;
		const char *name = decode(a, text, eq), *value;
		const struct field *f = name == NULL ? NULL :
		    find_field(t, name);

		value = eq < n ? decode(a, text + eq + 1, n - eq - 1) : "";
		text += n + (text[n] == '&');
		if (f == NULL || wrong[i = (size_t)(f - t->fields)])
			continue;
		/* An empty value ("?q=") counts as absent. */
		if (value != NULL && *value == '\0')
			continue;
		if (!str_eq(f->name, name))
			err_spelling(err, f->name, name);
		/* At most one error per field is reported. */
		if (value == NULL)
			wrong[i] = err_field(err, f->name,
			    "is not valid text") != RC_OK;
		else if (seen[i])
			wrong[i] = err_field(err, f->name,
			    "is given twice") != RC_OK;
		else
			wrong[i] = field_text(a, f, obj, value, err) != RC_OK;
		seen[i] = true;
		if (wrong[i])
			rc = RC_INVALID;
	}
	if (field_missing(t, seen, err) != RC_OK)
		rc = RC_INVALID;
	return rc;
}
