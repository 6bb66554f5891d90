#include "fcgi/routes/money/wallet_json.h"

struct lines_in {
	struct pages pages;
	int64_t from, to;
	int type;
};

static const struct field lines_fields[] = {
	PAGING_FIELDS(struct lines_in, pages),
	{ .name = "type", .type = F_ENUM, .words = wallet_entry_type_names,
	    .off = offsetof(struct lines_in, type), .dflt = -1 },
	{ .name = "from", .type = F_TIME, .off = offsetof(struct lines_in,
	    from), .dflt = FIELD_NONE },
	{ .name = "to", .type = F_TIME, .off = offsetof(struct lines_in, to),
	    .dflt = INT64_MAX },
};
const struct field_table wallet_entries_in_table =
    FIELD_TABLE(lines_fields, struct lines_in);

enum rc
wallet_json_entries(struct req *req, enum paging_tag list, int64_t user)
{
	const struct lines_in *in = req->query;
	struct cursor c = { .order = in->type + 1 };
	struct wallet_query query = { .user = user,
	    .type = in->type + 1, .from = in->from, .to = in->to,
	    .limit = in->pages.per_page };
	struct wallet_page page;
	int64_t version;
	enum rc rc;

	rc = paging_cursor_read(req, list, in->pages.cursor, &c);
	if (rc == RC_OK)
		rc = wallet_version(req->db, query.user, &version);
	/* Entries are never changed or deleted. */
	if (rc == RC_OK)
		rc = req_etag(req, 2, query.user, version);
	if (rc != RC_OK)
		return rc;
	query.given = c.given;
	query.before_at = c.key;
	query.before_id = c.id;
	query.offset = paging_offset(&in->pages, &c);
	rc = wallet_entries(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "transactions");
	for (size_t i = 0; i < page.n; i++) {
		wallet_json_entry(&req->j, &page.entries[i]);
		c.key = page.entries[i].at;
		c.id = page.entries[i].id;
	}
	json_write_arr_end(&req->j);
	json_write_str(&req->j, "currency", req->conf->currency);
	paging_render(req, &in->pages, page.total, page.more,
	    page.more ? paging_cursor_write(req, list, &c) : NULL);
	json_write_obj_end(&req->j);
	return RC_OK;
}
