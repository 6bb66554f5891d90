#include <stdarg.h>

#include "cmd/earmark/report.h"
#include "json/json_write.h"

static const char *const level_names[] = { "ok", "warn", "bad" };

void
report(struct checkup *v, const char *name, enum level level, const char *fmt,
    ...)
{
	struct finding *f = arena_new(&v->cli->arena, struct finding);
	va_list ap;

	va_start(ap, fmt);
	f->name = name;
	f->level = level;
	f->text = arena_vfmt(&v->cli->arena, fmt, ap);
	va_end(ap);
	*v->last = f;
	v->last = &f->next;
	v->bad |= level == BAD;
}

static void
print_json(const struct checkup *v)
{
	const struct finding *f;
	struct buf out;
	struct json_write j;

	buf_init(&out, 1 << 20);
	json_write_init(&j, &out);
	json_write_obj(&j, NULL);
	json_write_bool(&j, "ok", !v->bad);
	json_write_arr(&j, "checks");
	for (f = v->first; f != NULL; f = f->next) {
		json_write_obj(&j, NULL);
		json_write_str(&j, "name", f->name);
		json_write_str(&j, "status", level_names[f->level]);
		json_write_str(&j, "message", f->text);
		json_write_obj_end(&j);
	}
	json_write_arr_end(&j);
	json_write_obj_end(&j);
	puts(out.data);
	buf_free(&out);
}

void
report_print(const struct checkup *v, bool json)
{
	const struct finding *f;

	if (json) {
		print_json(v);
		return;
	}
	for (f = v->first; f != NULL; f = f->next)
		printf("%-4s  %-15s %s\n", level_names[f->level], f->name,
		    f->text);
}
