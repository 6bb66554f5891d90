#include "fcgi/core/page_batches.h"

/* A page that is read in batches. */
struct batches {
	const struct page_batches *type;
	void *list;
	bool tagged;			/* the ETag is complete */
	bool begun;			/* begin() was called */
};

/* Renders the rows that were read, and the end of the page after the last. */
static void
render(struct req *req, struct batches *b, bool last)
{
	if (!b->begun)
		b->type->begin(req, b->list);
	b->begun = true;
	b->type->rows(req, b->list);
	if (last)
		b->type->end(req, b->list);
}

static enum rc
add_batch(struct req *req, void *state, struct arena *a, bool *more)
{
	struct batches *b = state;
	bool cut;
	enum rc rc = b->type->read(req, b->list, a, SPOOL_BATCH, &cut);

	if (rc != RC_OK)
		return rc;
	if (b->tagged) {
		render(req, b, !cut);
		*more = cut;
		return RC_OK;
	}
	b->type->tag(req, b->list);
	if (cut)
		return RC_OK;
	rc = b->type->tag_end(req, b->list);
	b->type->rewind(b->list);
	b->tagged = true;
	return rc;
}

enum rc
page_batches(struct req *req, const struct page_batches *type, void *list,
    bool by_cursor)
{
	struct batches *b = arena_new(&req->arena, struct batches);
	bool cut;
	enum rc rc = type->read(req, list, &req->arena, PAGE_BYTES, &cut);

	if (rc != RC_OK)
		return rc;
	*b = (struct batches){ .type = type, .list = list,
	    .tagged = type->tag == NULL };
	if (cut && !by_cursor) {
		if (b->tagged)
			render(req, b, false);
		else
			type->tag(req, list);
		return spool_start(req, add_batch, b);
	}
	if (!b->tagged) {
		type->tag(req, list);
		rc = type->tag_end(req, list);
	}
	if (rc == RC_OK)
		render(req, b, true);
	return rc;
}
