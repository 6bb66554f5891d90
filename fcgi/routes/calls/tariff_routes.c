/*
 * tariff_routes: the price of a call, before the caller starts it.
 */
#include "fcgi/core/routes.h"
#include "fcgi/routes/calls/id_field.h"
#include "fcgi/routes/calls/tariff_json.h"

struct tariff_query {
	int64_t callee_id;
	int kind;
};
static const struct field tariff_fields[] = {
	ID_FIELD(struct tariff_query, callee_id, FIELD_REQUIRED, 0),
	{ .name = "kind", .type = F_ENUM, .words = listener_kind_names,
	    .off = offsetof(struct tariff_query, kind),
	    .dflt = LISTENER_AUDIO },
};
static const struct field_table tariff_table =
    FIELD_TABLE(tariff_fields, struct tariff_query);

static enum rc
show_tariff(struct req *req)
{
	const struct tariff_query *in = req->query;
	const struct session_request r = { .customer = req->actor.user,
		.listener = in->callee_id, .call = INT64_MIN,
		.terms = { .kind = (enum listener_kind)in->kind,
		    .expected_rate = INT64_MIN } };
	struct session_offer offer;
	enum rc rc = session_preview(req->db, req->conf, &r, req->now, &offer,
	    &req->err);

	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_str(&req->j, "kind", listener_kind_names[offer.kind]);
	tariff_json_write(req, &offer);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/call/tariff", .prefix = PREFIX_APP,
	    .role = ROLE_CUSTOMER, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &tariff_table, .handler = show_tariff },
};

const struct route_table tariff_routes = ROUTE_TABLE(routes);
