#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

#define LINES	(64 * 1024)	/* bytes; a full buffer is written */
#define VALUE	512

static const char *program = "earmark";
static enum log_level least = LOG_INFO, present;
static struct buf lines = { .max = 1 << 20 };

void
log_init(const char *name, enum log_level level)
{
	program = name;
	least = level;
}

void
log_flush(void)
{
	size_t at = 0;

	while (at < lines.len) {
		ssize_t n = write(STDERR_FILENO, lines.data + at,
		    lines.len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;	/* the error cannot be logged */
		at += (size_t)n;
	}
	buf_clear(&lines);
}

/* Returns whether JSON text contains a character of ASCII without an escape. */
static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c < 0x7f;
}

/*
 * Appends escaped JSON text. Control characters and invalid UTF-8 become '?'.
 */
static void
add_escaped(const char *s, size_t n)
{
	bool utf8 = str_utf8(s, n) >= 0;
	size_t i, from = 0;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (is_plain(c) || (utf8 && c >= 0x80))
			continue;
		buf_add(&lines, s + from, i - from);
		from = i + 1;
		if (c == '"' || c == '\\') {
			buf_ch(&lines, '\\');
			buf_ch(&lines, (char)c);
		} else {
			buf_ch(&lines, c == '\n' ? ' ' : '?');
		}
	}
	buf_add(&lines, s + from, n - from);
}

/* Appends a text as JSON text. Most texts need no escapes. */
static void
add_text(const char *s)
{
	size_t n = strnlen(s, VALUE), plain = 0;

	while (plain < n && is_plain((unsigned char)s[plain]))
		plain++;
	buf_add(&lines, s, plain);
	if (plain < n)
		add_escaped(s + plain, n - plain);
}

bool
log_begin(enum log_level level, const char *event)
{
	static const char *const words[] = { "debug", "info", "warn", "error" };
	static int64_t second = -1;
	static char at[CLOCK_TEXT];
	int64_t now;

	if (level < least)
		return false;
	present = level;
	now = clock_now();
	if (now / SECOND != second) {
		second = now / SECOND;
		clock_text(now, at);
	}
	buf_lit(&lines, "{\"at\":\"");
	buf_add(&lines, at, CLOCK_TEXT - 2);
	buf_ch(&lines, '.');
	buf_ch(&lines, (char)('0' + now % 1000 / 100));
	buf_ch(&lines, (char)('0' + now % 100 / 10));
	buf_ch(&lines, (char)('0' + now % 10));
	buf_lit(&lines, "Z\",\"level\":\"");
	buf_str(&lines, words[level]);
	buf_lit(&lines, "\",\"program\":\"");
	buf_str(&lines, program);
	buf_lit(&lines, "\",\"event\":\"");
	buf_str(&lines, event);
	buf_ch(&lines, '"');
	return true;
}

void
log_str(const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_lit(&lines, ",\"");
	buf_str(&lines, name);
	buf_lit(&lines, "\":\"");
	add_text(value);
	buf_ch(&lines, '"');
}

void
log_int(const char *name, int64_t value)
{
	buf_lit(&lines, ",\"");
	buf_str(&lines, name);
	buf_lit(&lines, "\":");
	buf_int(&lines, value);
}

void
log_end(void)
{
	buf_lit(&lines, "}\n");
	if (present >= LOG_ERROR || lines.len > LINES)
		log_flush();
}

void
log_line(enum log_level level, const char *event, const char *fmt, ...)
{
	char text[VALUE];
	va_list ap;

	if (!log_begin(level, event))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_str("message", text);
	log_end();
}
