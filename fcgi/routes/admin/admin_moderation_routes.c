/*
 * admin_moderation_routes: the rate changes of a listener.
 */
#include "domain/listeners/listener.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"

/* Writes an object with the rate of each kind, or null if none is offered. */
static void
render_rates(struct json_write *j, const char *name,
    const struct listener_rates *rates)
{
	if (listener_rate_main(rates) == INT64_MIN) {
		json_write_null(j, name);
		return;
	}
	json_write_obj(j, name);
	for (int kind = 0; kind < LISTENER_KINDS; kind++)
		if (rates->v[kind] != INT64_MIN)
			json_write_int(j, listener_kind_names[kind],
			    rates->v[kind]);
	json_write_obj_end(j);
}

static enum rc
list_rates(struct req *req)
{
	const struct paged *in = req->query;
	struct cursor c = { .order = 0 };
	struct listener_rate_page page = { .limit = in->pages.per_page };
	struct listener_item item;
	struct json_write *j = &req->j;
	int64_t id;
	enum rc rc;

	rc = req_path_id(req, &id, "Listener not found");
	if (rc == RC_OK)
		rc = listener_own(req->db, &req->arena, id, req->now, &item,
		    &req->err);
	if (rc == RC_OK)
		rc = paging_cursor_read(req, PAGING_ADMIN_RATES,
		    in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	page.before = c.given ? c.id : INT64_MAX;
	page.offset = paging_offset(&in->pages, &c);
	rc = listener_rate_list(req->db, &req->arena, id, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "rates");
	for (size_t i = 0; i < page.n; i++) {
		const struct listener_rate_change *change = &page.v[i];

		json_write_obj(j, NULL);
		json_write_int(j, "id", change->id);
		json_write_str(j, "cause", change->registration ?
		    "registration" : "change");
		render_rates(j, "before", &change->before);
		render_rates(j, "after", &change->after);
		json_write_time(j, "changed_at", change->at);
		json_write_obj_end(j);
		c.id = change->id;
	}
	json_write_arr_end(j);
	json_write_str(j, "currency", req->conf->currency);
	paging_render(req, &in->pages, page.total, page.more, page.more ?
	    paging_cursor_write(req, PAGING_ADMIN_RATES, &c) : NULL);
	json_write_obj_end(j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/listeners/{id}/rates",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_READ,
	    .flags = ROUTE_NO_STORE, .query = &paged_table,
	    .handler = list_rates },
};

const struct route_table admin_moderation_routes = ROUTE_TABLE(routes);
