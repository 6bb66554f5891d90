#include "fcgi/catalog_page.h"

#include "base/hash.h"

struct editor
editor_of(const struct req *req)
{
	return (struct editor){
		.user = req->actor.user,
		.admin = (req->actor.roles & ROLE_ADMIN) != 0,
		.request_id = req->id,
		.now = req->now,
	};
}

void
tag_init(struct tag *tag, int64_t total, bool more)
{
	tag->h = HASH_FAST_SEED;
	tag_add(tag, total);
	tag_add(tag, more);
}

void
tag_add(struct tag *tag, int64_t n)
{
	tag->h = hash_fast(tag->h, &n, sizeof(n));
}

enum rc
tag_end(struct req *req, const struct tag *tag)
{
	return req_etag(req, 1, (int64_t)tag->h);
}

enum rc
offsets_span(struct req *req, enum page_tag tag, const struct offsets *o,
    int64_t order, struct span *span)
{
	struct cursor c = { .order = order };
	enum rc rc = cursor_read(req, tag, o->cursor, &c);

	*span = (struct span){ .limit = o->limit, .offset = o->offset,
	    .after = c.given, .key = c.key, .text = c.text, .id = c.id };
	return rc;
}

enum rc
studio_span(struct req *req, enum page_tag tag, const struct studio_query *s,
    int64_t order, struct span *span)
{
	struct offsets o = { .limit = s->limit,
	    .offset = (s->page - 1) * s->limit, .cursor = s->cursor };

	return offsets_span(req, tag, &o, order, span);
}

void
studio_begin(struct req *req)
{
	jout_obj(&req->j, NULL);
	jout_arr(&req->j, "items");
}

void
studio_end(struct req *req, enum page_tag tag, const struct studio_query *s,
    int64_t order, int64_t total, int64_t last)
{
	struct jout *j = &req->j;
	char *next = last == 0 ? NULL :
	    span_cursor(req, tag, order, 0, NULL, last);

	jout_arr_end(j);
	jout_int(j, "total_count", total);
	jout_int(j, "page", s->page);
	jout_int(j, "limit", s->limit);
	jout_str(j, "next_cursor", next);
	jout_obj_end(j);
	page_link(req, next);
}

enum rc
studio_id(struct req *req, struct uuid *id)
{
	return req_seg_uuid(req, 0, id) ? RC_OK :
	    err_field(&req->err, "id", "must be a UUID");
}

char *
span_cursor(struct req *req, enum page_tag tag, int64_t order, int64_t key,
    const char *text, int64_t id)
{
	return cursor_write(req, tag, &(struct cursor){ .order = order,
	    .key = key, .text = text, .id = id });
}
