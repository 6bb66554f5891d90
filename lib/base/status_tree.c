#include "base/status_tree.h"

#include <stddef.h>

void
facts_init(struct facts *f, struct arena *a)
{
	f->arena = a;
	f->first = NULL;
	f->last = &f->first;
}

static struct fact *
add(struct facts *f, enum fact_kind kind, const char *name)
{
	struct fact *one = arena_new(f->arena, struct fact);

	one->kind = kind;
	one->name = name;
	*f->last = one;
	f->last = &one->next;
	return one;
}

void
fact_number(struct facts *f, const char *name, int64_t n)
{
	add(f, FACT_NUMBER, name)->number = n;
}

void
fact_time(struct facts *f, const char *name, int64_t ms)
{
	add(f, FACT_TIME, name)->number = ms;
}

void
fact_truth(struct facts *f, const char *name, bool yes)
{
	add(f, FACT_TRUTH, name)->number = yes;
}

void
fact_text(struct facts *f, const char *name, const char *text)
{
	add(f, FACT_TEXT, name)->text = arena_str(f->arena, text);
}

void
fact_begin(struct facts *f, enum fact_kind kind, const char *name)
{
	add(f, kind, name);
}

void
fact_end(struct facts *f)
{
	add(f, FACT_END, NULL);
}
