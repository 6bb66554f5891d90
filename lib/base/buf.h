/*
 * buf: a byte buffer that grows up to a maximum size.
 *
 * data[len] is always NUL after the first addition, and len < cap.
 *
 * An addition that exceeds the maximum is dropped and sets `full`. The owner
 * checks `full` once, at the end. buf_clear() keeps the memory for the next
 * use. If realloc() fails, the process ends.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *data;
	size_t len, cap, max;
	bool full;
};

/* Initializes an empty buffer of at most max bytes. Allocates nothing yet. */
void	buf_init(struct buf *, size_t max);
void	buf_clear(struct buf *);
void	buf_free(struct buf *);
/*
 * Reserves n bytes at data + len. Returns false and sets full if that would
 * exceed the maximum size.
 */
bool	buf_reserve(struct buf *, size_t n);

/* Inline, so that the compiler copies short literals without a call. */
static inline void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n >= b->cap - b->len && !buf_reserve(b, n))
		return;
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

static inline void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline void
buf_ch(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

/* Appends a decimal number. */
void	buf_int(struct buf *, int64_t);
void	buf_fmt(struct buf *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	buf_vfmt(struct buf *, const char *fmt, va_list)
	    __attribute__((format(printf, 2, 0)));

#define buf_lit(b, s) buf_add((b), "" s, sizeof(s) - 1)

#endif
