/*
 * arena: memory of one request, freed all at once.
 *
 * Allocate freely, free never: arena_reset() after the answer gives all back.
 * An allocation never returns NULL; running out of memory or passing the
 * arena's limit ends the process (every input is bounded long before that).
 * Memory is aligned for any type. Built with -DARENA_DEBUG every allocation is
 * its own malloc, so the sanitizers and valgrind see each overrun.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head;	/* the block in use; kept by reset */
	size_t used;			/* bytes handed out since reset */
	size_t limit;			/* most bytes between two resets */
};

/* Prepare an arena of at most limit bytes; nothing is allocated yet. */
void	 arena_init(struct arena *, size_t limit);
/* Forget all allocations, keep one block for the next request. */
void	 arena_reset(struct arena *);
/* Give everything back; the arena may be used again after arena_init(). */
void	 arena_free(struct arena *);

/* n bytes, not cleared. n may be 0. */
void	*arena_alloc(struct arena *, size_t n);
/* n * size bytes, cleared; overflow of the product ends the process. */
void	*arena_zalloc(struct arena *, size_t n, size_t size);
/* A copy of a string (NULL gives NULL), of n bytes with a NUL behind. */
char	*arena_str(struct arena *, const char *);
char	*arena_strn(struct arena *, const char *, size_t n);
/* Formatted text. */
char	*arena_fmt(struct arena *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
char	*arena_vfmt(struct arena *, const char *fmt, va_list)
	    __attribute__((format(printf, 2, 0)));

#define arena_new(a, type) ((type *)arena_zalloc((a), 1, sizeof(type)))

#endif
