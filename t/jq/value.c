/* value: JSON, read as strictly as there is agreement on, and written. */
#include "jq.h"

#include <math.h>

struct arena mem;
const struct value v_null = { .kind = V_NULL };
const struct value v_false = { .kind = V_FALSE };
const struct value v_true = { .kind = V_TRUE };

#define DEEPEST	100
#define EXACT	9007199254740992.0	/* integers below are exact */

struct reader {
	const char *at, *end;
	int depth;
};

void
list_add(struct list *list, const struct value *v)
{
	const struct value **more;

	if (list->n == list->room) {
		list->room = list->room == 0 ? 4 : list->room * 2;
		more = arena_zalloc(&mem, list->room, sizeof(*more));
		if (list->n > 0)
			memcpy(more, list->v, list->n * sizeof(*more));
		list->v = more;
	}
	list->v[list->n++] = v;
}

const struct value *
v_bool(bool b)
{
	return b ? &v_true : &v_false;
}

/* NULL where versions of jq differ: with exponents, and many digits. */
static const char *
exactly(double number)
{
	char text[64];
	int digits = 15;

	if (number == trunc(number) && fabs(number) < EXACT) {
		snprintf(text, sizeof(text), "%.0f", number);
	} else {
		do
			snprintf(text, sizeof(text), "%.*g", digits, number);
		while (strtod(text, NULL) != number && ++digits < 17);
		if (digits == 17 || strchr(text, 'e') != NULL)
			return NULL;
	}
	return str_eq(text, "-0") ? NULL : arena_str(&mem, text);
}

const struct value *
v_number(double number)
{
	struct value *v = arena_new(&mem, struct value);

	if (!isfinite(number))
		doubt();
	v->kind = V_NUMBER;
	v->number = number;
	v->text = exactly(number);
	return v;
}

const struct value *
v_text(const char *text, size_t n)
{
	struct value *v = arena_new(&mem, struct value);

	if (memchr(text, 0, n) != NULL || str_utf8(text, n) < 0)
		doubt();
	v->kind = V_TEXT;
	v->text = arena_strn(&mem, text, n);
	v->n = n;
	return v;
}

struct value *
v_many(enum kind kind, size_t n)
{
	struct value *v = arena_new(&mem, struct value);

	v->kind = kind;
	v->item = arena_zalloc(&mem, n + 1, sizeof(*v->item));
	if (kind == V_OBJECT)
		v->name = arena_zalloc(&mem, n + 1, sizeof(*v->name));
	return v;
}

void
v_set(struct value *object, const struct value *name, const struct value *v)
{
	size_t i;

	for (i = 0; i < object->n; i++)
		if (v_cmp(object->name[i], name) == 0) {
			object->item[i] = v;
			return;
		}
	object->name[object->n] = name;
	object->item[object->n++] = v;
}

const struct value *
v_get(const struct value *object, const char *name)
{
	size_t i;

	for (i = 0; i < object->n; i++)
		if (str_eq(object->name[i]->text, name))
			return object->item[i];
	return NULL;
}

bool
v_truth(const struct value *v)
{
	return v->kind != V_NULL && v->kind != V_FALSE;
}

static int
by_name(const void *a, const void *b)
{
	return v_cmp(*(const struct value *const *)a,
	    *(const struct value *const *)b);
}

/* As jq does: first the sorted names, then the members in that order. */
static int
objects_cmp(const struct value *a, const struct value *b)
{
	const struct value **x, **y;
	size_t i;
	int c;

	x = arena_zalloc(&mem, a->n + 1, sizeof(*x));
	y = arena_zalloc(&mem, b->n + 1, sizeof(*y));
	memcpy(x, a->name, a->n * sizeof(*x));
	memcpy(y, b->name, b->n * sizeof(*y));
	qsort(x, a->n, sizeof(*x), by_name);
	qsort(y, b->n, sizeof(*y), by_name);
	for (i = 0; i < a->n && i < b->n; i++)
		if ((c = v_cmp(x[i], y[i])) != 0)
			return c;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (i = 0; i < a->n; i++)
		if ((c = v_cmp(v_get(a, x[i]->text), v_get(b, x[i]->text))) != 0)
			return c;
	return 0;
}

int
v_cmp(const struct value *a, const struct value *b)
{
	size_t i;
	int c;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	switch (a->kind) {
	case V_NULL:
	case V_FALSE:
	case V_TRUE:
		return 0;
	case V_NUMBER:
		return (a->number > b->number) - (a->number < b->number);
	case V_TEXT:
		return strcmp(a->text, b->text);
	case V_ARRAY:
		for (i = 0; i < a->n && i < b->n; i++)
			if ((c = v_cmp(a->item[i], b->item[i])) != 0)
				return c;
		return (a->n > b->n) - (a->n < b->n);
	case V_OBJECT:
		return objects_cmp(a, b);
	}
	return 0;
}

static void
blank(struct reader *r)
{
	while (r->at < r->end && strchr(" \t\r\n", *r->at) != NULL && *r->at)
		r->at++;
}

static bool
next(struct reader *r, char c)
{
	blank(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static const struct value *
read_number(struct reader *r)
{
	const struct value *v;
	struct value *unsure;
	const char *text;
	size_t n = 0;

	while (r->at + n < r->end && strchr("-.0123456789eE+", r->at[n]) != NULL)
		n++;
	if (n == 0)
		doubt();
	text = arena_strn(&mem, r->at, n);
	r->at += n;
	v = v_number(strtod(text, NULL));
	if (v->text == NULL || str_eq(v->text, text))
		return v;
	/* 4.0 is a number like any other, only how it is written is not sure. */
	unsure = arena_new(&mem, struct value);
	unsure->kind = V_NUMBER;
	unsure->number = v->number;
	return unsure;
}

static const struct value *
read_text(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	struct buf b;
	const char *c;
	char hex[5];
	unsigned code;

	buf_init(&b, SIZE_MAX / 2);
	for (;;) {
		if (r->at == r->end || (unsigned char)*r->at < 0x20)
			doubt();
		if (*r->at == '"')
			break;
		if (*r->at != '\\') {
			buf_ch(&b, *r->at++);
			continue;
		}
		if (r->end - r->at < 2)
			doubt();
		if ((c = strchr(from, r->at[1])) != NULL && *c != 0) {
			buf_ch(&b, to[c - from]);
			r->at += 2;
			continue;
		}
		if (r->at[1] != 'u' || r->end - r->at < 6)
			doubt();
		memcpy(hex, r->at + 2, 4);
		hex[4] = 0;
		if (strspn(hex, "0123456789abcdefABCDEF") != 4)
			doubt();
		code = (unsigned)strtoul(hex, NULL, 16);
		/* Surrogates are for jq. */
		if (code == 0 || (code >= 0xd800 && code < 0xe000))
			doubt();
		if (code < 0x80) {
			buf_ch(&b, (char)code);
		} else if (code < 0x800) {
			buf_ch(&b, (char)(0xc0 | code >> 6));
			buf_ch(&b, (char)(0x80 | (code & 0x3f)));
		} else {
			buf_ch(&b, (char)(0xe0 | code >> 12));
			buf_ch(&b, (char)(0x80 | (code >> 6 & 0x3f)));
			buf_ch(&b, (char)(0x80 | (code & 0x3f)));
		}
		r->at += 6;
	}
	r->at++;
	return v_text(b.len > 0 ? b.data : "", b.len);
}

static const struct value *
word(struct reader *r, const char *text, const struct value *v)
{
	size_t n = strlen(text);

	if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0)
		doubt();
	r->at += n;
	return v;
}

static const struct value *read_value(struct reader *);

static const struct value *
read_members(struct reader *r, enum kind kind, char last)
{
	struct list names = { 0 }, items = { 0 };
	struct value *v;
	size_t i;

	if (++r->depth > DEEPEST)
		doubt();
	if (!next(r, last)) {
		do {
			if (kind == V_OBJECT) {
				if (!next(r, '"'))
					doubt();
				list_add(&names, read_text(r));
				if (!next(r, ':'))
					doubt();
			}
			list_add(&items, read_value(r));
		} while (next(r, ','));
		if (!next(r, last))
			doubt();
	}
	r->depth--;
	v = v_many(kind, items.n);
	for (i = 0; i < items.n; i++)
		if (kind == V_OBJECT)
			v_set(v, names.v[i], items.v[i]);
		else
			v->item[v->n++] = items.v[i];
	return v;
}

static const struct value *
read_value(struct reader *r)
{
	blank(r);
	if (r->at == r->end)
		doubt();
	switch (*r->at) {
	case '{':
		r->at++;
		return read_members(r, V_OBJECT, '}');
	case '[':
		r->at++;
		return read_members(r, V_ARRAY, ']');
	case '"':
		r->at++;
		return read_text(r);
	case 'n':
		return word(r, "null", &v_null);
	case 't':
		return word(r, "true", &v_true);
	case 'f':
		return word(r, "false", &v_false);
	default:
		return read_number(r);
	}
}

const struct value *
v_read(const char *text, size_t n, size_t *at)
{
	struct reader r = { .at = text + *at, .end = text + n };
	const struct value *v;

	blank(&r);
	if (r.at == r.end)
		return NULL;
	v = read_value(&r);
	/* Nothing joins what would be another word with a blank between. */
	if (r.at < r.end && strchr(" \t\r\n{[\"", *r.at) == NULL)
		doubt();
	*at = (size_t)(r.at - text);
	return v;
}

static void
write_text(struct buf *b, const struct value *v)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *c, *s;

	buf_ch(b, '"');
	for (s = v->text; *s != 0; s++) {
		if ((c = strchr(from, *s)) != NULL) {
			buf_ch(b, '\\');
			buf_ch(b, to[c - from]);
		} else if ((unsigned char)*s < 0x20 || *s == 0x7f) {
			buf_fmt(b, "\\u%04x", (unsigned char)*s);
		} else {
			buf_ch(b, *s);
		}
	}
	buf_ch(b, '"');
}

static void
line(struct buf *b, int indent)
{
	int i;

	if (indent < 0)
		return;
	buf_ch(b, '\n');
	for (i = 0; i < indent; i++)
		buf_str(b, "  ");
}

void
v_write(struct buf *b, const struct value *v, int indent)
{
	static const char *words[] = { "null", "false", "true" };
	bool object = v->kind == V_OBJECT;
	int inner = indent < 0 ? indent : indent + 1;
	size_t i;

	switch (v->kind) {
	case V_NULL:
	case V_FALSE:
	case V_TRUE:
		buf_str(b, words[v->kind]);
		return;
	case V_NUMBER:
		if (v->text == NULL)
			doubt();
		buf_str(b, v->text);
		return;
	case V_TEXT:
		write_text(b, v);
		return;
	case V_ARRAY:
	case V_OBJECT:
		buf_ch(b, object ? '{' : '[');
		for (i = 0; i < v->n; i++) {
			if (i > 0)
				buf_ch(b, ',');
			line(b, inner);
			if (object) {
				write_text(b, v->name[i]);
				buf_str(b, indent < 0 ? ":" : ": ");
			}
			v_write(b, v->item[i], inner);
		}
		if (v->n > 0)
			line(b, indent);
		buf_ch(b, object ? '}' : ']');
		return;
	}
}
