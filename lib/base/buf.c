#include "base/buf.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/str.h"

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->full = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_free(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

bool
buf_reserve(struct buf *b, size_t n)
{
	size_t cap;
	char *p;

	if (n < b->cap - b->len)
		return true;
	if (n > b->max - b->len) {
		b->full = true;
		return false;
	}
	cap = b->cap == 0 ? 256 : b->cap;
	while (cap - b->len <= n)
		cap *= 2;
	if (cap - 1 > b->max)
		cap = b->max + 1;
	p = realloc(b->data, cap);
	if (p == NULL)
		BUG("out of memory (%zu bytes)", cap);
	b->data = p;
	b->cap = cap;
	return true;
}

void
buf_int(struct buf *b, int64_t v)
{
	char text[DECIMAL_MAX];

	buf_add(b, text, (size_t)(decimal_write(text, v) - text));
}

void
buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		BUG("bad format '%s'", fmt);
	if (buf_reserve(b, (size_t)n)) {
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(b, fmt, ap);
	va_end(ap);
}
