#include <inttypes.h>

#include "base/buf.h"
#include "base/str.h"
#include "fcgi/core/access_target.h"
#include "fcgi/core/route.h"

struct target {
	char *out;
	size_t n;
};

/* Appends "name=value", or nothing if the text would become too long. */
static void
append(struct target *t, const char *name, size_t name_len, const char *value)
{
	size_t value_len = strlen(value),
	    n = (t->n > 0) + name_len + 1 + value_len;
	char *p = t->out + t->n;

	if (n >= ACCESS_TARGET_MAX - t->n)
		return;
	if (t->n > 0)
		*p++ = ' ';
	memcpy(p, name, name_len);
	p[name_len] = '=';
	memcpy(p + name_len + 1, value, value_len + 1);
	t->n += n;
}

static bool
is_identifier(const char *value)
{
	struct uuid uuid;
	int64_t id;

	return str_int(value, &id) || uuid_parse(value, &uuid);
}

static void
append_path(struct target *t, const struct req *req)
{
	const char *s = strchr(req->route->path, '{');
	size_t i, n;

	for (i = 0; s != NULL && i < REQ_PATH_ARGS; i++) {
		n = strcspn(++s, "}");
		if (req->path_arg[i] != NULL &&
		    (is_identifier(req->path_arg[i]) ||
		    str_eq(req->path_arg[i], "me")))
			append(t, s, n, req->path_arg[i]);
		s = strchr(s + n, '{');
	}
}

/* Returns the text of a member that was given, or NULL. */
static const char *
member_text(const struct field *f, const void *obj, char text[UUID_TEXT])
{
	const void *at = (const char *)obj + f->off;
	int64_t number;

	switch (f->type) {
	case F_INT:
		memcpy(&number, at, sizeof(number));
		if (number == f->dflt || number == FIELD_CLEARED)
			return NULL;
		snprintf(text, UUID_TEXT, "%" PRId64, number);
		return text;
	case F_UUID:
		if (uuid_nil(at))
			return NULL;
		uuid_text(at, text);
		return text;
	case F_ID:
		return *(const char *const *)at;
	default:
		return NULL;
	}
}

static void
append_body(struct target *t, const struct req *req)
{
	const struct field_table *table = req->route->body;
	char text[UUID_TEXT];
	const char *value;
	size_t i, n;

	if (table == NULL || req->body == NULL)
		return;
	for (i = 0; i < table->n; i++) {
		n = strlen(table->fields[i].name);
		if (!str_eq(table->fields[i].name, "id") &&
		    (n < 3 || !str_eq(table->fields[i].name + n - 3, "_id")))
			continue;
		value = member_text(&table->fields[i], req->body, text);
		if (value != NULL && is_identifier(value))
			append(t, table->fields[i].name, n, value);
	}
}

void
access_target(const struct req *req, char out[ACCESS_TARGET_MAX])
{
	struct target t = { out, 0 };

	out[0] = '\0';
	append_path(&t, req);
	append_body(&t, req);
}
