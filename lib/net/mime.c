#include "net/mime.h"

#include <openssl/evp.h>

#include "base/str.h"

#define LINE	76			/* characters, without CR LF */
#define WORD	45			/* bytes, 60 characters in base64 */
#define HEAD	"=?UTF-8?B?"
#define TAIL	"?" "="

static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return true;
}

/* Returns the largest length up to n bytes that does not split a character. */
static size_t
whole_characters(const char *s, size_t n)
{
	if (strnlen(s, n + 1) <= n)
		return strlen(s);
	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Writes encoded words. */
static void
write_words(struct buf *b, const char *text, size_t used)
{
	unsigned char out[WORD / 3 * 4 + 1], in[WORD];
	size_t max = (LINE - used - strlen(HEAD TAIL)) / 4 * 3, n, i;

	for (; *text != '\0'; max = WORD) {
		n = whole_characters(text, max < WORD ? max : WORD);
		for (i = 0; i < n; i++)
			in[i] = (unsigned char)text[i] < ' ' ? ' ' :
			    (unsigned char)text[i];
		EVP_EncodeBlock(out, in, (int)n);
		text += n;
		buf_fmt(b, HEAD "%s" TAIL "%s", out,
		    *text == '\0' ? "" : "\r\n ");
	}
}

void
mime_header(struct buf *b, const char *text, size_t used)
{
	if (is_plain(text) && strstr(text, "=?") == NULL &&
	    used + strlen(text) <= LINE)
		buf_add(b, text, strlen(text));
	else
		write_words(b, text, used);
}

void
mime_phrase(struct buf *b, const char *name, size_t used)
{
	if (!is_plain(name) || strstr(name, "=?") != NULL ||
	    used + 2 * strlen(name) + 2 > LINE) {
		write_words(b, name, used);
		return;
	}
	buf_ch(b, '"');
	for (; *name != '\0'; name++)
		buf_fmt(b, "%s%c", strchr("\"\\", *name) != NULL ? "\\" : "",
		    *name);
	buf_ch(b, '"');
}

/*
 * Returns whether the character must be written as =XX. A space may not end a
 * line.
 */
static bool
needs_escape(const char *s)
{
	if (*s == ' ' || *s == '\t')
		return s[1] == '\0' || s[1] == '\n' || s[1] == '\r';
	return *s == '=' || *s < ' ' || *s > '~';
}

void
mime_text(struct buf *b, const char *s)
{
	size_t at = 0, n;

	for (; *s != '\0'; s++) {
		if (*s == '\r')
			continue;
		if (*s == '\n') {
			buf_lit(b, "\r\n");
			at = 0;
			continue;
		}
		n = needs_escape(s) ? 3 : 1;
		if (at + n > LINE - 1) {
			buf_lit(b, "=\r\n");
			at = 0;
		}
		if (n == 3)
			buf_fmt(b, "=%02X", (unsigned char)*s);
		else
			buf_ch(b, *s);
		at += n;
	}
	buf_lit(b, "\r\n");
}
