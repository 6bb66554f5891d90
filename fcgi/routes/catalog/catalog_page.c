#include "fcgi/routes/catalog/catalog_page.h"

#include "base/hash.h"

struct editor
catalog_page_editor(const struct req *req)
{
	return (struct editor){
		.user = req->actor.user,
		.admin = (req->actor.roles & ROLE_ADMIN) != 0,
		.conf = req->conf,
		.request_id = req->id,
		.now = req->now,
	};
}

void
catalog_page_tag_init(struct tag *tag, int64_t total, bool more)
{
	tag->h = HASH_FAST_SEED;
	catalog_page_tag_add(tag, total);
	catalog_page_tag_add(tag, more);
}

void
catalog_page_tag_add(struct tag *tag, int64_t n)
{
	/* One step for eight bytes; the shift lets all bits of n count. */
	tag->h = (tag->h ^ (uint64_t)n) * HASH_FAST_PRIME;
	tag->h ^= tag->h >> 32;
}

enum rc
catalog_page_tag_end(struct req *req, const struct tag *tag)
{
	return req_etag(req, 1, (int64_t)tag->h);
}

enum rc
catalog_page_offsets_span(struct req *req, enum paging_tag tag,
    const struct offsets *o, int64_t order, struct span *span)
{
	struct cursor c = { .order = order };
	enum rc rc = paging_cursor_read(req, tag, o->cursor, &c);

	*span = (struct span){ .limit = o->limit, .offset = o->offset,
	    .after = c.given, .key = c.key, .text = c.text, .id = c.id,
	    .bytes = c.given ? PAGE_BYTES : 0 };
	return rc;
}

char *
catalog_page_span_cursor(struct req *req, enum paging_tag tag, int64_t order,
    int64_t key, const char *text, int64_t id)
{
	return paging_cursor_write(req, tag, &(struct cursor){ .order = order,
	    .key = key, .text = text, .id = id });
}

void
catalog_page_begin(struct req *req, void *list)
{
	(void)list;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "items");
}

void
catalog_page_end(struct req *req, int64_t total, int64_t page, int64_t limit,
    const char *next)
{
	struct json_write *j = &req->j;

	json_write_arr_end(j);
	json_write_int(j, "total_count", total);
	json_write_int(j, "page", page);
	json_write_int(j, "limit", limit);
	json_write_str(j, "next_cursor", next);
	json_write_obj_end(j);
	paging_link(req, next);
}
