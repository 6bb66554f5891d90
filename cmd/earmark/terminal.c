#include "cmd/earmark/terminal.h"

#include <unistd.h>

#include "base/str.h"
#include "base/write_all.h"

struct terminal {
	int fd;
	unsigned char last;		/* last byte written */
};

static bool
is_control(unsigned char last, unsigned char c)
{
	if (c < ' ')
		return c != '\n' && c != '\t';
	/* U+0080 to U+009F are also control characters. */
	return c == 0x7f || (last == 0xc2 && c >= 0x80 && c < 0xa0);
}

/* Writes to the stream with control characters replaced. Returns 0 on error. */
static ssize_t
write_plain(void *cookie, const char *text, size_t n)
{
	struct terminal *t = cookie;
	char out[1024];
	size_t at, len = 0;

	for (at = 0; at < n; at++) {
		out[len++] = is_control(t->last, (unsigned char)text[at]) ?
		    '?' : text[at];
		t->last = (unsigned char)text[at];
		if (len < sizeof(out) && at + 1 < n)
			continue;
		if (!write_all(t->fd, out, len))
			return 0;
		len = 0;
	}
	return (ssize_t)n;
}

static void
protect_stream(FILE **f, struct terminal *t, int mode)
{
	const cookie_io_functions_t calls = { .write = write_plain };
	FILE *plain;

	if (!isatty(t->fd))
		return;
	plain = fopencookie(t, "w", calls);
	if (plain == NULL)
		return;
	setvbuf(plain, NULL, mode, 0);
	*f = plain;
}

void
terminal_protect(void)
{
	static struct terminal out = { .fd = STDOUT_FILENO };
	static struct terminal err = { .fd = STDERR_FILENO };

	protect_stream(&stdout, &out, _IOLBF);
	protect_stream(&stderr, &err, _IONBF);
}
