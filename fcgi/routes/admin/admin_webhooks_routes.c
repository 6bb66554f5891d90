/*
 * admin_webhooks_routes: lists the webhooks of payment providers.
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
	PAGING_FIELDS(struct list_in, pages),
	{ .name = "provider", .type = F_ENUM, .words = provider_names + 1,
	    .off = offsetof(struct list_in, provider), .dflt = -1 },
	{ .name = "payment_id", .type = F_INT,
	    .off = offsetof(struct list_in, payment_id), .min = 1,
	    .max = FIELD_INT_MAX },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_in);

static void
render_admin_webhook(struct json_write *j, const struct payment_notice *s)
{
	json_write_obj(j, NULL);
	json_write_int(j, "id", s->id);
	json_write_str(j, "provider", provider_names[s->provider]);
	json_write_str(j, "event_id", s->event_id);
	json_write_str(j, "type", s->type);
	json_write_opt(j, "payment_id", s->payment);
	json_write_str(j, "outcome", payment_outcome_names[s->outcome]);
	json_write_str(j, "detail", s->detail);
	json_write_time(j, "received_at", s->received_at);
	json_write_obj_end(j);
}

static enum rc
list_admin_webhooks(struct req *req)
{
	const struct list_in *in = req->query;
	struct payment_notice_query query = { .payment = in->payment_id,
	    .provider = in->provider + 1,
	    .limit = in->pages.per_page };
	struct paging_list list = { .tag = PAGING_ADMIN_WEBHOOKS,
	    .pages = &in->pages, .cursor.order = in->provider + 1 };
	struct payment_notice_page page;
	struct json_write *j = &req->j;
	enum rc rc;

	rc = paging_list_begin(req, &list);
	if (rc != RC_OK)
		return rc;
	query.before = list.before;
	query.offset = list.offset;
	rc = payment_notice_list(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	paging_list_open(req, "webhooks");
	for (size_t i = 0; i < page.n; i++) {
		render_admin_webhook(j, &page.notices[i]);
		list.cursor.id = page.notices[i].id;
	}
	return paging_list_end(req, &list, page.total, page.more);
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/webhooks", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &list_table, .handler = list_admin_webhooks },
};

const struct route_table admin_webhooks_routes = ROUTE_TABLE(routes);
