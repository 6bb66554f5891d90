/*
 * Fuzzes request bodies: json_validate(), then json_decode() with a table of
 * all types. The resulting error is written with json_write, and
 * json_validate() must accept it.
 */
#include "fuzz.h"

#include "base/arena.h"
#include "json/json_decode.h"
#include "json/json_validate.h"
#include "json/json_write.h"

struct item {
	const char *s;
	int64_t i;
};

static const struct field item_fields[] = {
	{ "s", NULL, F_STR, FIELD_REQUIRED, offsetof(struct item, s),
	  .max = 3 },
	{ "i", NULL, F_INT, 0, offsetof(struct item, i), .dflt = 1 },
};
static const struct field_table item_table =
    FIELD_TABLE(item_fields, struct item);

struct thing {
	const char *s, *c, *id, *j;
	int64_t i, p, f, r, t;
	int b, e;
	struct uuid u;
	struct strv sv;
	struct intv iv;
	struct objv o;
};

static const char *const words[] = { "x", "y", NULL };

#define AT(m) .off = offsetof(struct thing, m)

static const struct field fields[] = {
	{ "s", NULL, F_STR, FIELD_TRIM, AT(s), .min = 1, .max = 4 },
	{ "c", NULL, F_STR, FIELD_CLEAR | FIELD_CTL, AT(c) },
	{ "id", "ID", F_ID, 0, AT(id), .max = 20 },
	{ "j", NULL, F_JSON, 0, AT(j) },
	{ "i", NULL, F_INT, 0, AT(i), .dflt = FIELD_NONE },
	{ "p", "page", F_INT, FIELD_CLAMP, AT(p), .min = 1, .max = 9,
	  .dflt = 5 },
	{ "f", NULL, F_FIXED, FIELD_CLEAR, AT(f), .dflt = FIELD_NONE,
	  .scale = 2 },
	{ "r", NULL, F_FIXED, FIELD_ROUND, AT(r), .min = -90000000,
	  .max = 90000000, .dflt = FIELD_NONE, .scale = 6 },
	{ "t", NULL, F_TIME, FIELD_CLEAR, AT(t), .dflt = FIELD_NONE },
	{ "b", NULL, F_BOOL, 0, AT(b), .dflt = -1 },
	{ "e", NULL, F_ENUM, 0, AT(e), .dflt = -1, .words = words },
	{ "u", NULL, F_UUID, FIELD_CLEAR, AT(u) },
	{ "sv", NULL, F_STRV, FIELD_CLEAR, AT(sv), .max = 3, .max2 = 3 },
	{ "iv", NULL, F_INTV, 0, AT(iv), .max = 3 },
	{ "o", NULL, F_OBJV, 0, AT(o), .max = 3, .sub = &item_table },
};
static const struct field_table table = FIELD_TABLE(fields, struct thing);

static void
must_be_text(const char *s, int64_t max)
{
	int64_t n = s == NULL ? 0 : str_utf8(s, strlen(s));

	MUST(n >= 0 && n <= max);
}

static void
must_be_within_bounds(const struct thing *t)
{
	const struct item *items = t->o.v;
	size_t i;

	must_be_text(t->s, 4);
	must_be_text(t->c, JSON_BYTES);
	must_be_text(t->id, 20);
	MUST(t->j == NULL || json_validate(t->j, strlen(t->j)) == NULL);
	MUST(t->p >= 1 && t->p <= 9);
	MUST(t->r == FIELD_NONE || (t->r >= -90000000 && t->r <= 90000000));
	MUST(t->b >= -1 && t->b <= 1);
	MUST(t->e >= -1 && t->e <= 1);
	MUST(t->sv.n <= 3 && t->iv.n <= 3 && t->o.n <= 3);
	for (i = 0; i < t->sv.n; i++)
		must_be_text(t->sv.v[i], 3);
	for (i = 0; i < t->o.n; i++) {
		MUST(items[i].s != NULL);
		must_be_text(items[i].s, 3);
	}
}

/* Checks that the error and the input itself are written as valid JSON. */
static void
must_render(const struct err *err, const char *text, size_t n)
{
	const struct err_field *f;
	struct json_write j;
	struct buf b;

	buf_init(&b, 16 << 20);
	json_write_init(&j, &b);
	json_write_obj(&j, NULL);
	for (f = err->fields; f != NULL; f = f->next)
		json_write_str(&j, f->name, f->why);
	json_write_str(&j, "message", err->message);
	if (memchr(text, '\0', n) == NULL)
		json_write_strn(&j, "text", text, n);
	json_write_obj_end(&j);
	MUST(!b.full);
	if (b.len <= JSON_BYTES)
		MUST(json_validate(b.data, b.len) == NULL);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data;
	bool object, json;
	struct arena a;
	struct err err;
	enum rc rc;
	void *thing;
	size_t i;

	if (n > JSON_BYTES)
		return 0;
	json = json_validate(text, n) == NULL;
	for (i = 0; i < n && strchr(" \t\r\n", text[i]) != NULL; i++)
		;
	object = i < n && text[i] == '{';
	arena_init(&a, 64 << 20);
	err_init(&err, &a);
	thing = field_new(&a, &table);
	rc = json_decode(&a, &table, thing, text, n, &err);
	MUST(rc == RC_OK || rc == RC_BAD || rc == RC_INVALID);
	MUST(rc == err.rc);
	MUST((rc != RC_BAD) == (json && object));
	MUST((rc == RC_INVALID) == (err.fields != NULL));
	must_be_named_once(&err);
	if (rc == RC_OK)
		must_be_within_bounds(thing);
	must_render(&err, text, n);
	arena_free(&a);
	return 0;
}
