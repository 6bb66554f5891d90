/*
 * reports_routes: reports of the caller about other users.
 */
#include "domain/support/report.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/calls/id_field.h"

struct report_in {
	const char *reason, *text;
	int64_t user_id, call_id, review_id, flyer_id;
};
static const struct field report_fields[] = {
	ID_FIELD(struct report_in, user_id, FIELD_REQUIRED, 0),
	{ .name = "reason", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct report_in, reason), .min = 1,
	    .max = REPORT_REASON },
	ID_FIELD(struct report_in, call_id, 0, FIELD_NONE),
	ID_FIELD(struct report_in, review_id, 0, FIELD_NONE),
	ID_FIELD(struct report_in, flyer_id, 0, FIELD_NONE),
	{ .name = "text", .type = F_STR, .flags = FIELD_TRIM | FIELD_CTL,
	    .off = offsetof(struct report_in, text), .min = 1,
	    .max = REPORT_TEXT },
};
static const struct field_table report_table =
    FIELD_TABLE(report_fields, struct report_in);

static enum rc
add_report(struct req *req)
{
	const struct report_in *in = req->body;
	struct report r = { .user = in->user_id, .reason = in->reason,
		.text = in->text, .call = in->call_id,
		.review = in->review_id, .flyer = in->flyer_id };
	struct json_write *j = &req->j;
	bool again;
	enum rc rc;

	rc = report_add(req->db, &req->arena, req->conf, req->actor.user,
	    req->now, &r, &again, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_int(j, "report_id", r.id);
	json_write_int(j, "user_id", r.user);
	json_write_str(j, "reason", r.reason);
	json_write_time(j, "created_at", r.created_at);
	json_write_obj_end(j);
	return again ? RC_OK : RC_CREATED;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/support/reports", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_IDEMPOTENT,
	    .body = &report_table, .handler = add_report },
};

const struct route_table reports_routes = ROUTE_TABLE(routes);
