/*
 * jq: what jq says to a filter, without the time that jq takes to start.
 *
 * jq 1.6 compiles its whole library at each start, 20 ms of CPU, and the shell
 * tests start it some thousand times. This one knows the part of the language
 * that they use most. Whatever it does not know for certain it doubts(): the
 * same arguments and the same input go to the jq of the system. So it never
 * refuses anything by itself; t/06-static-jq.t compares what both say.
 *
 * Memory is never freed.
 */
#ifndef T_JQ_H
#define T_JQ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* In the order in which jq sorts them. */
enum kind { V_NULL, V_FALSE, V_TRUE, V_NUMBER, V_TEXT, V_ARRAY, V_OBJECT };

struct value {
	enum kind kind;
	double number;
	const char *text;		/* UTF-8, NUL behind it, none in it;
					 * a number's, or NULL: not sure */
	size_t n;			/* bytes of a text, or members */
	const struct value **item;
	const struct value **name;	/* an object's, as they came */
};

/* All that a filter gives for one input. */
struct list {
	size_t n, room;
	const struct value **v;
};

enum op {
	N_DOT, N_ALL, N_LITERAL, N_JOIN, N_VAR, N_INDEX, N_SLICE, N_EACH,
	N_ARRAY, N_OBJECT, N_PIPE, N_COMMA, N_ELSE, N_AND, N_OR,
	N_EQ, N_NE, N_LT, N_LE, N_GT, N_GE, N_ADD, N_SUB, N_MUL, N_DIV, N_MOD,
	N_CALL, N_IF, N_AS
};

struct node {
	enum op op;
	const struct node *a, *b, *c;
	const struct value *value;	/* N_LITERAL */
	const char *name;		/* N_VAR, N_AS, N_CALL */
	size_t n;			/* parts of N_JOIN, N_OBJECT, N_CALL */
	const struct node **key;	/* N_OBJECT */
	const struct node **part;
};

struct env {
	const char *name;
	const struct value *value;
	const struct env *next;
};

extern struct arena mem;
extern const struct value v_null, v_false, v_true;

/* Let jq do it. */
_Noreturn void	 doubt(void);

/* value.c */
void		 list_add(struct list *, const struct value *);
const struct value *v_bool(bool);
const struct value *v_number(double);
const struct value *v_text(const char *, size_t n);
/* An object or array with room for n. */
struct value	*v_many(enum kind, size_t n);
/* Set a member; what has that name is replaced in its place. */
void		 v_set(struct value *, const struct value *name,
		    const struct value *);
const struct value *v_get(const struct value *, const char *name);
int		 v_cmp(const struct value *, const struct value *);
bool		 v_truth(const struct value *);
/* The next of n bytes of JSON texts; NULL at their end. */
const struct value *v_read(const char *text, size_t n, size_t *at);
/* indent < 0: on one line. */
void		 v_write(struct buf *, const struct value *, int indent);

/* lang.c: a filter's text. */
const struct node *lang(const char *);

/* run.c */
struct list	 run(const struct node *, const struct value *,
		    const struct env *);
/* call.c: the functions of the library. */
struct list	 call(const struct node *, const struct value *,
		    const struct env *);

#endif
