/*
 * status_tree: the status of a program as an ordered list of named values,
 * objects and lists of objects. It can be printed for people or written as
 * JSON.
 */
#ifndef BASE_STATUS_TREE_H
#define BASE_STATUS_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum status_node_kind {
	STATUS_TREE_NUMBER, STATUS_TREE_TEXT, STATUS_TREE_TIME,
	STATUS_TREE_TRUTH,
	STATUS_TREE_OBJECT, STATUS_TREE_LIST,		/* begin */
	STATUS_TREE_END			/* of the innermost object or list */
};

struct status_node {
	enum status_node_kind kind;
	const char *name;		/* NULL: an object in a list */
	int64_t number;			/* INT64_MIN: unknown */
	const char *text;		/* NULL: unknown */
	struct status_node *next;
};

struct status_tree {
	struct arena *arena;
	struct status_node *first, **last;
};

void	status_tree_init(struct status_tree *, struct arena *);
void	status_tree_number(struct status_tree *, const char *name, int64_t);
void	status_tree_time(struct status_tree *, const char *name, int64_t ms);
void	status_tree_truth(struct status_tree *, const char *name, bool);
/* Adds a text, which is copied. */
void	status_tree_text(struct status_tree *, const char *name, const char *);
void	status_tree_begin(struct status_tree *, enum status_node_kind,
	    const char *name);
void	status_tree_end(struct status_tree *);

#endif
