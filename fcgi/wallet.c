/*
 * wallet: what the caller has, and how it came about.
 */
#include "fcgi/groups.h"
#include "fcgi/page.h"
#include "fcgi/wallet_json.h"

static enum rc
balance(struct req *req, const void *arg)
{
	bool listener = (req->actor.roles & ROLE_LISTENER) != 0;
	int64_t user = req->actor.user;
	struct wallet w;
	enum rc rc;

	(void)arg;
	rc = wallet_get(req->db, user, &w);
	if (rc == RC_OK)
		rc = req_etag(req, 8, user, w.wallet, w.bonus, w.held, w.owed,
		    w.free_minutes, w.earnings, (int64_t)listener);
	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, NULL);
	wallet_members(&req->j, req->conf, &w, listener);
	jout_obj_end(&req->j);
	return RC_OK;
}

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
static const struct field_table lines_table =
    FIELD_TABLE(lines_fields, struct lines_in);

static enum rc
transactions(struct req *req, const void *arg)
{
	const struct lines_in *in = req->query;
	struct cursor c = { .order = in->type + 1 };
	struct wallet_query query = { .user = req->actor.user,
	    .type = in->type + 1, .from = in->from, .to = in->to,
	    .limit = in->pages.per_page };
	struct wallet_page page;
	int64_t version;
	enum rc rc;

	(void)arg;
	rc = cursor_read(req, PAGE_TRANSACTIONS, in->pages.cursor, &c);
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
	if (!c.given)
		query.offset = (in->pages.page - 1) * in->pages.per_page;
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
	    page.more ? cursor_write(req, PAGE_TRANSACTIONS, &c) : NULL);
	jout_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ "GET", "/user/balance", PREFIX_APP, ROLE_ANY, TX_READ, 0, NULL,
	    NULL, balance, NULL, NULL },
	{ "GET", "/user/transactions", PREFIX_APP, ROLE_ANY, TX_READ, 0,
	    &lines_table, NULL, transactions, NULL, NULL },
};

const struct route_table wallet_routes = ROUTE_TABLE(routes);
