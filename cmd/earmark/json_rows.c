#include "cmd/earmark/json_rows.h"

#include <errno.h>

#include "base/str.h"
#include "json/json_decode.h"

void
json_rows_init(struct json_rows *r, FILE *f)
{
	int c;

	*r = (struct json_rows){ .f = f, .first = true, .next = 1 };
	buf_init(&r->text, JSON_BYTES + 1);
	while ((c = getc_unlocked(f)) == ' ' || c == '\t' || c == '\r' ||
	    c == '\n')
		r->next += c == '\n';
	r->array = c == '[';
	if (!r->array && c != EOF)
		ungetc(c, f);
}

void
json_rows_free(struct json_rows *r)
{
	buf_free(&r->text);
}

static bool
broken(struct json_rows *r, const char *why)
{
	r->broken = true;
	r->why = ferror(r->f) ? strerror(errno) : why;
	return false;
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Returns the next byte that is not white space, or EOF. */
static int
next_nonblank(struct json_rows *r)
{
	int c;

	while (is_blank(c = getc_unlocked(r->f)))
		r->next += c == '\n';
	return c;
}

static bool
next_line(struct json_rows *r)
{
	bool empty = true;
	int c;

	do {
		buf_clear(&r->text);
		r->line = r->next;
		while ((c = getc_unlocked(r->f)) != EOF && c != '\n') {
			empty = empty && is_blank(c);
			buf_ch(&r->text, (char)c);
		}
		r->next += c == '\n';
	} while (empty && c != EOF);
	if (ferror(r->f))
		return broken(r, NULL);
	return !empty;
}

/*
 * Reads a row up to the comma or bracket that follows it. That byte is not
 * consumed.
 */
static bool
read_element(struct json_rows *r, int c)
{
	bool quoted = false, escaped = false;
	int depth = 0;

	r->line = r->next;
	for (; c != EOF; c = getc_unlocked(r->f)) {
		if (quoted) {
			quoted = escaped || c != '"';
			escaped = c == '\\' && !escaped;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (depth == 0 && (c == ',' || c == ']')) {
			ungetc(c, r->f);
			return true;
		} else if (c == '}' || c == ']') {
			depth--;
		}
		r->next += c == '\n';
		buf_ch(&r->text, (char)c);
	}
	return broken(r, "ends within the array");
}

static bool
next_element(struct json_rows *r)
{
	int c = next_nonblank(r);

	buf_clear(&r->text);
	r->line = r->next;
	if (c == ']') {
		c = next_nonblank(r);
		r->line = r->next;
		return c == EOF && !ferror(r->f) ? false :
		    broken(r, "continues after the array");
	}
	/*
	 * Before each row except the first, c is the comma after the previous
	 * row.
	 */
	if (!r->first)
		c = next_nonblank(r);
	r->first = false;
	return read_element(r, c);
}

bool
json_rows_next(struct json_rows *r)
{
	if (r->broken)
		return false;
	return r->array ? next_element(r) : next_line(r);
}
