#include "base/status_tree.h"

#include <stddef.h>

void
status_tree_init(struct status_tree *f, struct arena *a)
{
	f->arena = a;
	f->first = NULL;
	f->last = &f->first;
}

static struct status_node *
add_status_tree(struct status_tree *f, enum status_node_kind kind,
    const char *name)
{
	struct status_node *one = arena_new(f->arena, struct status_node);

	one->kind = kind;
	one->name = name;
	*f->last = one;
	f->last = &one->next;
	return one;
}

void
status_tree_number(struct status_tree *f, const char *name, int64_t n)
{
	add_status_tree(f, STATUS_TREE_NUMBER, name)->number = n;
}

void
status_tree_time(struct status_tree *f, const char *name, int64_t ms)
{
	add_status_tree(f, STATUS_TREE_TIME, name)->number = ms;
}

void
status_tree_truth(struct status_tree *f, const char *name, bool yes)
{
	add_status_tree(f, STATUS_TREE_TRUTH, name)->number = yes;
}

void
status_tree_text(struct status_tree *f, const char *name, const char *text)
{
	add_status_tree(f, STATUS_TREE_TEXT, name)->text = arena_str(f->arena,
	    text);
}

void
status_tree_begin(struct status_tree *f, enum status_node_kind kind,
    const char *name)
{
	add_status_tree(f, kind, name);
}

void
status_tree_end(struct status_tree *f)
{
	add_status_tree(f, STATUS_TREE_END, NULL);
}
