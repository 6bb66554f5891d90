/*
 * admin_webhooks_routes: what payment providers said, for administrators.
 */
#include "domain/money/payment.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"

struct list_in {
	struct pages pages;
	int64_t payment_id;
	int provider;
};
static const struct field list_fields[] = {
	PAGES_FIELDS(struct list_in, pages),
	{ .name = "provider", .type = F_ENUM, .words = provider_words + 1,
	    .off = offsetof(struct list_in, provider), .dflt = -1 },
	{ .name = "payment_id", .type = F_INT,
	    .off = offsetof(struct list_in, payment_id), .min = 1,
	    .max = FIELD_INT_MAX },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_in);

static void
render(struct jout *j, const struct payment_said *s)
{
	jout_obj(j, NULL);
	jout_int(j, "id", s->id);
	jout_str(j, "provider", provider_words[s->provider]);
	jout_str(j, "event_id", s->event_id);
	jout_str(j, "type", s->type);
	jout_opt(j, "payment_id", s->payment);
	jout_str(j, "outcome", payment_outcome_words[s->outcome]);
	jout_str(j, "detail", s->detail);
	jout_time(j, "received_at", s->received_at);
	jout_obj_end(j);
}

static enum rc
list(struct req *req, const void *arg)
{
	const struct list_in *in = req->query;
	struct payment_said_query query = { .payment = in->payment_id,
	    .provider = in->provider + 1,
	    .limit = in->pages.per_page };
	struct cursor c = { .order = in->provider + 1 };
	struct payment_said_page page;
	struct jout *j = &req->j;
	enum rc rc;

	(void)arg;
	rc = cursor_read(req, PAGE_ADMIN_WEBHOOKS, in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	query.before = c.given ? c.id : INT64_MAX;
	query.offset = pages_offset(&in->pages, &c);
	rc = payment_said_list(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	jout_obj(j, NULL);
	jout_arr(j, "webhooks");
	for (size_t i = 0; i < page.n; i++) {
		render(j, &page.said[i]);
		c.id = page.said[i].id;
	}
	jout_arr_end(j);
	pages_render(req, &in->pages, page.total, page.more, page.more ?
	    cursor_write(req, PAGE_ADMIN_WEBHOOKS, &c) : NULL);
	jout_obj_end(j);
	return RC_OK;
}

static const struct route routes[] = {
	{ "GET", "/admin/webhooks", PREFIX_APP, ROLE_ADMIN, TX_READ,
	    ROUTE_NO_STORE, &list_table, NULL, list, NULL, NULL },
};

const struct route_table admin_webhooks_routes = ROUTE_TABLE(routes);
