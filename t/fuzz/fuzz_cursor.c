/*
 * Fuzzes cursors. An input that begins with 'S' contains the bytes of a
 * cursor. They get a valid checksum and are encoded, so that the code after
 * the check is reached. Other inputs are text that a client may send.
 */
#include "fuzz.h"

#include "base/hash.h"
#include "fcgi/core/paging.h"

#define ORDER 2

static const struct conf conf = { .key_cursor = { { 1, 2, 3 } } };

static char *
forge(struct arena *a, const uint8_t *p, size_t n)
{
	uint8_t *b = arena_alloc(a, n + 8);
	uint64_t check = hash_fast(HASH_FAST_SEED, conf.key_cursor.b,
	    sizeof(conf.key_cursor.b));
	char *out = arena_alloc(a, HASH_B64_LEN(n + 8));

	if (n > 0)
		memcpy(b, p, n);
	check = hash_fast(check, b, n);
	memcpy(b + n, &check, 8);
	hash_b64(b, n + 8, out);
	return out;
}

/* Checks that a decoded cursor is encoded as a cursor of the same position. */
static void
must_come_back(struct req *req, const struct cursor *c)
{
	struct cursor again = { .order = ORDER };
	char *text = paging_cursor_write(req, PAGING_FLYERS, c);

	MUST(paging_cursor_read(req, PAGING_FLYERS, text, &again) == RC_OK);
	MUST(again.given && again.key == c->key && again.id == c->id);
	MUST((again.text == NULL) == (c->text == NULL));
	if (c->text != NULL) {
		MUST(strlen(c->text) <= PAGING_CURSOR_TEXT);
		MUST(str_eq(again.text, c->text));
	}
	/* The cursor is valid only for this list and sort order. */
	again.order = ORDER + 1;
	MUST(paging_cursor_read(req, PAGING_FLYERS, text, &again) ==
	    RC_INVALID);
	again.order = ORDER;
	MUST(paging_cursor_read(req, PAGING_STYLES, text, &again) ==
	    RC_INVALID);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct cursor c = { .order = ORDER };
	static struct req req;
	const char *text;
	enum rc rc;

	req_init(&req, NULL, &conf);
	if (n > 0 && data[0] == 'S')
		text = forge(&req.arena, data + 1, n - 1);
	else
		text = arena_strn(&req.arena, (const char *)data, n);
	rc = paging_cursor_read(&req, PAGING_FLYERS, text, &c);
	MUST(rc == RC_OK || rc == RC_INVALID);
	MUST(c.given == (rc == RC_OK));
	MUST(c.order == ORDER);
	if (rc == RC_INVALID)
		MUST(str_eq(req.err.fields->name, "cursor") &&
		    c.key == 0 && c.id == 0 && c.text == NULL);
	else
		must_come_back(&req, &c);
	req_reset(&req);
	return 0;
}
