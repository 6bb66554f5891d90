/*
 * tables: the readers can parse all field tables of the routes, for any value
 * that a client sends.
 */
#include "unit.h"

#include "fcgi/core/form.h"
#include "fcgi/core/routes.h"
#include "json/json_decode.h"

#define GROUPS(X) \
	X(admin_accounts) X(admin_analytics) X(admin_logs) X(admin_payments) X(admin_wallets) X(auth) X(destinations) \
	X(admin_outbox) X(admin_calls) X(admin_auth_sessions) X(admin_webhooks) \
	X(admin_status) X(admin_tickets) X(support) X(faq) \
	X(auth_sessions) X(export) X(listener_favorites) X(flyer_favorites) \
	X(destination_favorites) X(studio_favorites) X(flyers) \
	X(payment_webhooks) X(listeners) X(favorites_sync) X(checkout) \
	X(payments) X(presence) X(studio) X(system) X(openapi) \
	X(payment_create) X(user) \
	X(wallet) X(admin_sessions) X(listener_stats) X(sessions) \
	X(admin_promotions) X(events) X(notifications) X(promotions) X(realtime) \
	X(agora) X(calls) X(call_presence) X(blocks) X(reports) \
	X(admin_approvals) X(admin_moderation) X(admin_staff) \
	X(admin_templates) X(auth_mfa) X(contact) X(link) X(push_devices) \
	X(settings) X(tariff) X(unsubscribe) X(user_mfa) X(identities) \
	X(availability) X(popular)

#define ADDRESS(name) &name##_routes,
static const struct route_table *const groups[] = { GROUPS(ADDRESS) };
#define WORD(name) " " #name "_routes "
static const char words[] = GROUPS(WORD);

static struct arena arena;

typedef void visitor(const struct route *, const struct field_table *);

static void
each_table(visitor *visit, bool queries, bool bodies)
{
	const struct route *r;
	size_t i, k;

	for (i = 0; i < NELEM(groups); i++)
		for (k = 0; k < groups[i]->n; k++) {
			r = &groups[i]->routes[k];
			if (queries && r->query != NULL)
				visit(r, r->query);
			if (bodies && r->body != NULL)
				visit(r, r->body);
			arena_reset(&arena);
		}
}

/* Each group of fcgi/core/routes.h is in the list of this test. */
static void
no_group_is_left_out(void **state)
{
	const char *src = getenv("EARMARK_SRC");
	char path[4096], line[512], *word, *save, want[64];
	FILE *in;

	(void)state;
	if (src == NULL)
		skip();
	snprintf(path, sizeof(path), "%s/fcgi/core/routes.h", src);
	in = fopen(path, "r");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in) != NULL)
		for (word = strtok_r(line, " ,;\t\n", &save); word != NULL;
		    word = strtok_r(NULL, " ,;\t\n", &save)) {
			size_t n = strlen(word);

			if (n < 7 || !str_eq(word + n - 7, "_routes"))
				continue;
			snprintf(want, sizeof(want), " %s ", word);
			if (strstr(words, want) == NULL)
				fail_msg("%s is not in this test", word);
		}
	fclose(in);
}

static size_t
size_of(enum field_type type)
{
	switch (type) {
	case F_STR:
	case F_ID:
	case F_JSON:
		return sizeof(const char *);
	case F_INT:
	case F_FIXED:
	case F_TIME:
		return sizeof(int64_t);
	case F_BOOL:
	case F_ENUM:
		return sizeof(int);
	case F_UUID:
		return sizeof(struct uuid);
	case F_STRV:
		return sizeof(struct strv);
	case F_INTV:
		return sizeof(struct intv);
	case F_OBJ:
		return sizeof(void *);
	case F_OBJV:
		return sizeof(struct objv);
	}
	fail_msg("type %d", (int)type);
	return 0;
}

static bool
can_be_cleared(enum field_type type)
{
	return type == F_STR || type == F_INT || type == F_FIXED ||
	    type == F_TIME || type == F_UUID || type == F_STRV;
}

static bool
same_name(const struct field *f, const struct field *g)
{
	return str_eq(f->name, g->name) ||
	    (f->alias != NULL && str_eq(f->alias, g->name)) ||
	    (g->alias != NULL && str_eq(f->name, g->alias)) ||
	    (f->alias != NULL && g->alias != NULL &&
	    str_eq(f->alias, g->alias));
}

#define BAD(why) fail_msg("%s %s: %s: " why, r->method, r->path, f->name)

static void
check_field(const struct route *r, const struct field_table *t,
    const struct field *f)
{
	const struct field *g;
	int64_t words_n = 0;

	if (f->off + size_of(f->type) > t->size)
		BAD("is outside of its struct");
	for (g = t->fields; g < f; g++) {
		if (same_name(f, g))
			BAD("has the name of another field");
		if (f->off < g->off + size_of(g->type) &&
		    g->off < f->off + size_of(f->type))
			BAD("has the offset of another field");
	}
	if (f->type == F_ENUM) {
		if (f->words == NULL || f->words[0] == NULL)
			BAD("has no values");
		while (f->words[words_n] != NULL)
			words_n++;
		if (f->dflt < -1 || f->dflt >= words_n)
			BAD("has a default that is not a value");
	}
	if (f->type == F_BOOL && (f->dflt < -1 || f->dflt > 1))
		BAD("has a default that is not a boolean");
	if ((f->flags & FIELD_CLEAR) && !can_be_cleared(f->type))
		BAD("cannot be cleared");
	if (f->type == F_OBJV && (f->sub == NULL || f->max < 1))
		BAD("is a list without a table or a maximum");
	if (f->type == F_OBJ && f->sub == NULL)
		BAD("is an object without a table");
	if ((f->type == F_STRV || f->type == F_INTV) && f->max < 1)
		BAD("is a list without a maximum");
	if (f->type == F_FIXED && (f->scale < 0 || f->scale > 18))
		BAD("has an invalid scale");
}

static void
check_table(const struct route *r, const struct field_table *t)
{
	const struct field *f;

	for (f = t->fields; f < t->fields + t->n; f++) {
		check_field(r, t, f);
		if (f->type == F_OBJ || f->type == F_OBJV)
			check_table(r, f->sub);
	}
}

static void
tables_are_sound(void **state)
{
	(void)state;
	each_table(check_table, true, true);
}

static void
check_query(const struct route *r, const struct field_table *t)
{
	const struct field *f;

	for (f = t->fields; f < t->fields + t->n; f++)
		if (f->type == F_OBJ || f->type == F_OBJV ||
		    f->type == F_JSON)
			BAD("cannot come from a query");
}

static void
queries_are_of_types_that_text_has(void **state)
{
	(void)state;
	each_table(check_query, true, false);
}

/*
 * Each value is accepted or rejected for each field, and never ends the
 * process.
 */
static const char *const values[] = { "null", "true", "0", "-1", "1.5", "1e3",
	"9223372036854775807", "-9223372036854775808", "1e400", "\"\"",
	"\"x\"", "\" \"", "\"\\n\"", "\"\\ud83d\\ude00\"", "[]", "[null]",
	"[1,2,3]", "[\"\"]", "[\"a\",\"b\"]", "[[]]", "[{}]", "[{\"a\":1}]",
	"{}", "{\"a\":{}}", "\"2024-06-23T10:12:07Z\"", "\"2024-06-23\"",
	"\"0190f5fe-7c00-7a00-8000-0000000000ab\"",
	"\"ffffffff-ffff-ffff-ffff-ffffffffffff\"",
	"\"00000000-0000-0000-0000-000000000000\"" };

static void
try_body(const struct route *r, const struct field_table *t, const char *body)
{
	void *obj = field_new(&arena, t);
	struct err err;
	enum rc rc;

	err_init(&err, &arena);
	rc = json_decode(&arena, t, obj, body, strlen(body), &err);
	if (rc != RC_OK && rc != RC_INVALID)
		fail_msg("%s %s: %s", r->method, r->path, body);
}

static void
try_values(const struct route *r, const struct field_table *t)
{
	const struct field *f;
	size_t i;

	try_body(r, t, "{}");
	for (f = t->fields; f < t->fields + t->n; f++)
		for (i = 0; i < NELEM(values); i++) {
			try_body(r, t, arena_fmt(&arena, "{\"%s\":%s}",
			    f->name, values[i]));
			if (f->alias != NULL)
				try_body(r, t, arena_fmt(&arena,
				    "{\"%s\":%s}", f->alias, values[i]));
		}
}

static void
any_value_is_taken_or_refused(void **state)
{
	(void)state;
	each_table(try_values, false, true);
}

static void
try_query(const struct route *r, const struct field_table *t)
{
	static const char *const texts[] = { "", "0", "-1", "1", "x", "%20",
		"%zz", "%00", "%ff", "1,2", ",", "true", "1.5", "null",
		"99999999999999999999", "2024-06-23T10:12:07Z",
		"0190f5fe-7c00-7a00-8000-0000000000ab", "%f0%9f%98%80" };
	const struct field *f;
	struct err err;
	enum rc rc;
	size_t i;

	for (f = t->fields; f < t->fields + t->n; f++)
		for (i = 0; i < NELEM(texts); i++) {
			err_init(&err, &arena);
			rc = form_read(&arena, t, field_new(&arena, t),
			    arena_fmt(&arena, "%s=%s", f->name, texts[i]),
			    &err);
			if (rc != RC_OK && rc != RC_INVALID)
				fail_msg("%s %s?%s=%s", r->method, r->path,
				    f->name, texts[i]);
		}
}

static void
any_parameter_is_taken_or_refused(void **state)
{
	(void)state;
	each_table(try_query, true, false);
}

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 64 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_group_is_left_out),
		cmocka_unit_test(tables_are_sound),
		cmocka_unit_test(queries_are_of_types_that_text_has),
		cmocka_unit_test(any_value_is_taken_or_refused),
		cmocka_unit_test(any_parameter_is_taken_or_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
