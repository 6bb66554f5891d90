/*
 * status_tree: what a program says of itself, as a list in order, for people and as
 * JSON alike: values by name, objects and lists of objects around them.
 */
#ifndef BASE_STATUS_TREE_H
#define BASE_STATUS_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum fact_kind {
	FACT_NUMBER, FACT_TEXT, FACT_TIME, FACT_TRUTH,
	FACT_OBJECT, FACT_LIST,		/* begin */
	FACT_END			/* of the innermost of these */
};

struct fact {
	enum fact_kind kind;
	const char *name;		/* NULL: an object of a list */
	int64_t number;			/* INT64_MIN: there is none */
	const char *text;		/* NULL: there is none */
	struct fact *next;
};

struct facts {
	struct arena *arena;
	struct fact *first, **last;
};

void	facts_init(struct facts *, struct arena *);
void	fact_number(struct facts *, const char *name, int64_t);
void	fact_time(struct facts *, const char *name, int64_t ms);
void	fact_truth(struct facts *, const char *name, bool);
void	fact_text(struct facts *, const char *name, const char *); /* copied */
void	fact_begin(struct facts *, enum fact_kind, const char *name);
void	fact_end(struct facts *);

#endif
