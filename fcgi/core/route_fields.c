/*
 * route_fields: prints the fields of all routes, for api/fields.txt.
 */
#include <inttypes.h>

#include "base/str.h"
#include "fcgi/core/route.h"

static const char *const types[] = {
	[F_STR] = "str", [F_INT] = "int", [F_FIXED] = "fixed",
	[F_BOOL] = "bool", [F_UUID] = "uuid", [F_TIME] = "time",
	[F_ENUM] = "enum", [F_ID] = "id", [F_STRV] = "strv",
	[F_INTV] = "intv", [F_OBJV] = "objv", [F_JSON] = "json",
};

static void
print_table(const struct route *r, const char *where,
    const struct field_table *t, FILE *out)
{
	const struct field *f;
	size_t i, k;

	if (t == NULL)
		return;
	for (i = 0; i < t->n; i++) {
		f = &t->fields[i];
		fprintf(out, "%s %s%s %s %s %s %s %" PRId64 " %" PRId64 " %d ",
		    r->method, route_path_prefix(r), r->path, where, f->name, types[f->type],
		    f->flags & FIELD_REQUIRED ? "required" : "optional",
		    f->min, f->max, f->scale);
		if (f->type != F_ENUM)
			fputc('-', out);
		for (k = 0; f->type == F_ENUM && f->words[k] != NULL; k++)
			fprintf(out, "%s%s", k == 0 ? "" : "|", f->words[k]);
		fputc('\n', out);
	}
}

void
route_print_fields(const struct route_table *const *tables, FILE *out)
{
	const struct route *r;
	size_t i;

	for (; *tables != NULL; tables++)
		for (i = 0; i < (*tables)->n; i++) {
			r = &(*tables)->routes[i];
			print_table(r, "query", r->query, out);
			print_table(r, "body", r->body, out);
		}
}
