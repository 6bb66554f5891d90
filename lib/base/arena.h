/*
 * arena: memory of one request, freed all at once.
 *
 * Callers allocate and never free: arena_reset() after the response frees
 * everything. An allocation never returns NULL. Memory is aligned for any
 * type. If the program is built with -DARENA_DEBUG, each allocation is a
 * separate malloc(), so sanitizers and valgrind detect each overrun.
 *
 * An allocation that exceeds the limit of an arena still succeeds, so callers
 * do not have to check. It sets a mark of the process:
 *
 * - While the mark is set, stmt_row() of lib/db returns no row and stmt_done()
 *   returns RC_FAULT. Rows are the only unbounded input; a request body and its
 *   parameters are bounded. Work that reads stored data thus ends at the next
 *   row. An arena exceeds its limit by at most one row and its copies.
 * - The program that runs the work clears the mark before it and checks the
 *   mark afterwards (for requests: fcgi/core/guard.c, fcgi/core/commit.c and
 *   fcgi/core/spool.c). If the mark is set, the work fails with RC_FAULT,
 *   independently of its result, and its savepoint is rolled back.
 * - Beginning a transaction, and resetting an arena that exceeded its limit,
 *   clear the mark. Other programs have to do nothing.
 *
 * If malloc() returns NULL, the process ends.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head;	/* the block in use; kept by reset */
	size_t used;			/* bytes handed out since reset */
	size_t limit;			/* maximum of used; see above */
};

/* Initializes an arena of at most limit bytes. Allocates nothing yet. */
void	 arena_init(struct arena *, size_t limit);
/* Frees all allocations, and keeps one block for the next request. */
void	 arena_reset(struct arena *);
/* Frees all memory. The arena can be used again after arena_init(). */
void	 arena_free(struct arena *);

/* Returns whether an arena exceeded its limit since the mark was cleared. */
bool	 arena_exceeded(void);
/* Clears the mark and returns what it was. */
bool	 arena_exceeded_clear(void);

/* Returns n bytes that are not cleared. n may be 0. */
void	*arena_alloc(struct arena *, size_t n);
/*
 * Returns n * size cleared bytes. An overflow of the product ends the process.
 */
void	*arena_zalloc(struct arena *, size_t n, size_t size);
/*
 * Returns a copy of a string, with a NUL after its last byte. arena_str(NULL)
 * returns NULL.
 */
char	*arena_str(struct arena *, const char *);
char	*arena_strn(struct arena *, const char *, size_t n);
/* Returns formatted text. */
char	*arena_fmt(struct arena *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
char	*arena_vfmt(struct arena *, const char *fmt, va_list)
	    __attribute__((format(printf, 2, 0)));

#define arena_new(a, type) ((type *)arena_zalloc((a), 1, sizeof(type)))

#endif
