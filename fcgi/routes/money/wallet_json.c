#include "fcgi/routes/money/wallet_json.h"

struct lines_in {
	struct pages pages;
	int64_t from, to;
	int type;
};

static const struct field lines_fields[] = {
	PAGES_FIELDS(struct lines_in, pages),
	{ .name = "type", .type = F_ENUM, .words = line_type_words,
	    .off = offsetof(struct lines_in, type), .dflt = -1 },
	{ .name = "from", .type = F_TIME, .off = offsetof(struct lines_in,
	    from), .dflt = FIELD_NONE },
	{ .name = "to", .type = F_TIME, .off = offsetof(struct lines_in, to),
	    .dflt = INT64_MAX },
};
const struct field_table lines_in_table =
    FIELD_TABLE(lines_fields, struct lines_in);

enum rc
lines_render(struct req *req, enum page_tag list, int64_t user)
{
	const struct lines_in *in = req->query;
	struct cursor c = { .order = in->type + 1 };
	struct wallet_query query = { .user = user,
	    .type = in->type + 1, .from = in->from, .to = in->to,
	    .limit = in->pages.per_page };
	struct wallet_page page;
	int64_t version;
	enum rc rc;

	rc = cursor_read(req, list, in->pages.cursor, &c);
	if (rc == RC_OK)
		rc = wallet_version(req->db, query.user, &version);
	/* Lines are only ever added. */
	if (rc == RC_OK)
		rc = req_etag(req, 2, query.user, version);
	if (rc != RC_OK)
		return rc;
	query.given = c.given;
	query.before_at = c.key;
	query.before_id = c.id;
	query.offset = pages_offset(&in->pages, &c);
	rc = wallet_lines(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, NULL);
	jout_arr(&req->j, "transactions");
	for (size_t i = 0; i < page.n; i++) {
		line_render(&req->j, &page.lines[i]);
		c.key = page.lines[i].at;
		c.id = page.lines[i].id;
	}
	jout_arr_end(&req->j);
	jout_str(&req->j, "currency", req->conf->currency);
	pages_render(req, &in->pages, page.total, page.more,
	    page.more ? cursor_write(req, list, &c) : NULL);
	jout_obj_end(&req->j);
	return RC_OK;
}
