#include "base/hash.h"
#include "base/str.h"
#include "fcgi/core/paging.h"

/* Layout of a cursor: tag, order, key, id, check, text. */
#define HEAD	(1 + 1 + 8 + 8)
#define CHECK	8

static uint64_t
cursor_check(const struct req *req, const uint8_t *p, size_t n)
{
	const struct hash *key = &req->conf->key_cursor;

	/*
	 * The check detects damaged and outdated cursors. It is not a security
	 * measure: a forged cursor only selects a position in a list that the
	 * user may read.
	 */
	return hash_fast(hash_fast(HASH_FAST_SEED, key->b, sizeof(key->b)), p,
	    n);
}

char *
paging_cursor_write(struct req *req, enum paging_tag tag,
    const struct cursor *c)
{
	uint8_t b[HEAD + PAGING_CURSOR_TEXT + CHECK];
	size_t n = c->text == NULL ? 0 : strnlen(c->text, PAGING_CURSOR_TEXT);
	uint64_t check;
	char *out;

	b[0] = (uint8_t)tag;
	b[1] = (uint8_t)((uint8_t)(c->order << 1) | (c->text != NULL));
	memcpy(b + 2, &c->key, 8);
	memcpy(b + 10, &c->id, 8);
	if (n > 0)
		memcpy(b + HEAD, c->text, n);
	n += HEAD;
	check = cursor_check(req, b, n);
	memcpy(b + n, &check, CHECK);
	out = arena_alloc(&req->arena, HASH_B64_LEN(n + CHECK));
	hash_b64(b, n + CHECK, out);
	return out;
}

enum rc
paging_cursor_read(struct req *req, enum paging_tag tag, const char *text,
    struct cursor *c)
{
	uint8_t b[HEAD + PAGING_CURSOR_TEXT + CHECK];
	int64_t order = c->order;
	size_t n = sizeof(b);
	uint64_t check;

	*c = (struct cursor){ .order = order };
	if (text == NULL)
		return RC_OK;
	if (!hash_unb64(text, b, &n) || n < HEAD + CHECK)
		goto bad;
	n -= CHECK;
	check = cursor_check(req, b, n);
	if (memcmp(b + n, &check, CHECK) != 0 || b[0] != (uint8_t)tag ||
	    (b[1] & 0xfe) != (uint8_t)(order << 1))
		goto bad;
	memcpy(&c->key, b + 2, 8);
	memcpy(&c->id, b + 10, 8);
	if (b[1] & 1)
		c->text = arena_strn(&req->arena, (char *)b + HEAD, n - HEAD);
	c->given = true;
	return RC_OK;
bad:
	return err_field(&req->err, "cursor",
	    "is not a cursor of this list");
}

/* Returns whether a query parameter selects the position in a list. */
static bool
is_position(const char *s, size_t n)
{
	return (n == 4 && memcmp(s, "page", 4) == 0) ||
	    (n == 6 && memcmp(s, "offset", 6) == 0) ||
	    (n == 6 && memcmp(s, "cursor", 6) == 0);
}

/*
 * Returns whether text is visible ASCII that needs no escape within <> in a
 * Link header.
 */
static bool
is_header_text(const char *s, size_t n)
{
	for (; n > 0; n--, s++)
		if (*s <= 0x20 || *s >= 0x7f || *s == '<' || *s == '>' ||
		    *s == '"')
			return false;
	return true;
}

/* Copies a text without its end and returns the place after it. */
static char *
put_text(char *to, const char *s)
{
	size_t n = strlen(s);

	memcpy(to, s, n);
	return to + n;
}

char *
paging_url(struct req *req, const char *name, const char *value)
{
	const char *s = req->query_text, *base = req->conf->base_url;
	size_t n, size = strlen(base) + strlen(req->path) + strlen(s) +
	    strlen(name) + strlen(value) + 8;
	char *url = arena_alloc(&req->arena, size), *o = url;

	o = put_text(put_text(put_text(o, base), req->path), "?");
	for (; *s != '\0'; s += n + (s[n] == '&')) {
		n = strcspn(s, "&");
		if (n == 0 || is_position(s, strcspn(s, "&=")))
			continue;
		/* Skip characters that could end the header. */
		if (!is_header_text(s, n))
			continue;
		memcpy(o, s, n);
		o += n;
		*o++ = '&';
	}
	o = put_text(put_text(put_text(o, name), "="), value);
	*o = '\0';
	return url;
}

void
paging_link(struct req *req, const char *next_cursor)
{
	if (next_cursor != NULL)
		req->link_next = paging_url(req, "cursor", next_cursor);
}

static const struct field paged_fields[] = {
	PAGING_FIELDS(struct paged, pages),
};
const struct field_table paged_table = FIELD_TABLE(paged_fields, struct paged);

int64_t
paging_offset(const struct pages *p, const struct cursor *c)
{
	return c->given ? 0 : (p->page - 1) * p->per_page;
}

void
paging_render(struct req *req, const struct pages *p, int64_t total, bool more,
    const char *next_cursor)
{
	struct json_write *j = &req->j;

	json_write_int(j, "total_count", total);
	if (p->cursor != NULL)
		json_write_null(j, "page");
	else
		json_write_int(j, "page", p->page);
	json_write_int(j, "per_page", p->per_page);
	json_write_bool(j, "has_next", more);
	json_write_bool(j, "has_previous", p->cursor != NULL || p->page > 1);
	json_write_str(j, "next_cursor", more ? next_cursor : NULL);
	paging_link(req, more ? next_cursor : NULL);
}

enum rc
paging_list_begin(struct req *req, struct paging_list *l)
{
	enum rc rc = paging_cursor_read(req, l->tag, l->pages->cursor,
	    &l->cursor);

	l->before = l->cursor.given ? l->cursor.id : INT64_MAX;
	l->offset = paging_offset(l->pages, &l->cursor);
	return rc;
}

void
paging_list_open(struct req *req, const char *name)
{
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, name);
}

enum rc
paging_list_end(struct req *req, const struct paging_list *l, int64_t total,
    bool more)
{
	json_write_arr_end(&req->j);
	paging_render(req, l->pages, total, more, more ?
	    paging_cursor_write(req, l->tag, &l->cursor) : NULL);
	json_write_obj_end(&req->j);
	return RC_OK;
}
