#include <stdarg.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Set by an allocation beyond a limit. Every program has one thread. */
static bool exceeded;

#define ALIGN	_Alignof(max_align_t)
#define BLOCK	(16 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t size, used;		/* of data */
	_Alignas(max_align_t) unsigned char data[];
};

void
arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

static struct arena_block *
block_new(size_t size)
{
	struct arena_block *b = malloc(sizeof(*b) + size);

	if (b == NULL)
		BUG("out of memory (%zu bytes)", size);
	b->next = NULL;
	b->size = size;
	b->used = 0;
	return b;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b;

	if (n > SIZE_MAX / 2 - a->used)
		BUG("an allocation of %zu bytes", n);
	a->used += n;
	if (a->used > a->limit)
		exceeded = true;
	n = (n + ALIGN - 1) & ~(ALIGN - 1);
	b = a->head;
#ifdef ARENA_DEBUG
	b = block_new(n);
	b->next = a->head;
	a->head = b;
#else
	if (b == NULL || b->size - b->used < n) {
		b = block_new(n > BLOCK ? n : BLOCK);
		/*
		 * A large block goes second in the list, so the rest of the
		 * head block stays in use.
		 */
		if (n > BLOCK / 4 && a->head != NULL) {
			b->next = a->head->next;
			a->head->next = b;
		} else {
			b->next = a->head;
			a->head = b;
		}
	}
#endif
	b->used += n;
	return b->data + b->used - n;
}

void
arena_reset(struct arena *a)
{
	struct arena_block *b, *keep = NULL;

	if (a->used > a->limit)
		exceeded = false;
	while ((b = a->head) != NULL) {
		a->head = b->next;
#ifndef ARENA_DEBUG
		if (keep == NULL && b->size == BLOCK) {
			keep = b;
			continue;
		}
#endif
		free(b);
	}
	if (keep != NULL) {
		keep->next = NULL;
		keep->used = 0;
	}
	a->head = keep;
	a->used = 0;
}

void
arena_free(struct arena *a)
{
	arena_reset(a);
	free(a->head);
	a->head = NULL;
}

bool
arena_exceeded(void)
{
	return exceeded;
}

bool
arena_exceeded_clear(void)
{
	bool was = exceeded;

	exceeded = false;
	return was;
}

void *
arena_zalloc(struct arena *a, size_t n, size_t size)
{
	size_t all;
	void *p;

	if (__builtin_mul_overflow(n, size, &all))
		BUG("%zu times %zu bytes", n, size);
	p = arena_alloc(a, all);
	memset(p, 0, all);
	return p;
}

char *
arena_strn(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
arena_str(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_strn(a, s, strlen(s));
}

char *
arena_vfmt(struct arena *a, const char *fmt, va_list ap)
{
	char small[256], *p;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n < 0)
		BUG("bad format '%s'", fmt);
	if ((size_t)n < sizeof(small)) {
		p = arena_strn(a, small, (size_t)n);
	} else {
		p = arena_alloc(a, (size_t)n + 1);
		vsnprintf(p, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	return p;
}

char *
arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vfmt(a, fmt, ap);
	va_end(ap);
	return p;
}
