/*
 * export_routes: exports all data of the caller as one object, in batches
 * (fcgi/core/spool.h).
 */
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite_log.h"
#include "domain/ops/export.h"
#include "fcgi/core/routes.h"
#include "fcgi/core/spool.h"
#include "fcgi/routes/accounts/account_json.h"
#include "fcgi/routes/catalog/catalog_json.h"
#include "fcgi/routes/favorites/favorite_log_json.h"
#include "fcgi/routes/listeners/availability_json.h"
#include "fcgi/routes/listeners/listener_json.h"
#include "fcgi/routes/ops/export_routes.h"
#include "fcgi/routes/support/ticket_json.h"

/*
 * Maximum number of exported saves and unsaves, newest first.
 * /users/me/activity has all of them.
 */
#define ACTIVITY	1000
#define BATCH_MEMORY	((size_t)8 * 1024 * 1024) /* of export_routes_write() */

static void
render_favorites(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct export_favorite *f = &p->favorites[i];
		const struct favorite_event e = { .kind = f->kind, .entity_id =
		    f->entity_id, .entity = f->entity };

		json_write_obj(j, NULL);
		json_write_str(j, "kind", favorite_kind_names[f->kind - 1]);
		favorite_log_json_id(j, "id", &e);
		json_write_time(j, "created_at", f->created_at);
		json_write_bool(j, "notify_when_available", f->notify);
		json_write_str(j, "note", f->note);
		json_write_obj_end(j);
	}
}

static void
render_devices(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		json_write_obj(j, NULL);
		json_write_int(j, "id", p->devices[i].id);
		json_write_str(j, "user_agent", p->devices[i].user_agent);
		json_write_time(j, "created_at", p->devices[i].created_at);
		json_write_time(j, "last_used_at", p->devices[i].used_at);
		json_write_time(j, "revoked_at", p->devices[i].revoked_at);
		json_write_obj_end(j);
	}
}

static void
render_redemptions(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct export_redemption *r = &p->redemptions[i];

		json_write_obj(j, NULL);
		json_write_str(j, "code", r->code);
		json_write_str(j, "kind", promotion_kind_names[r->kind - 1]);
		json_write_int(j, "value", r->value);
		json_write_time(j, "redeemed_at", r->at);
		json_write_obj_end(j);
	}
}

static void
render_tickets(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		json_write_obj(j, NULL);
		ticket_json_members(j, &p->tickets[i], false);
		json_write_str(j, "body", p->tickets[i].body);
		json_write_obj_end(j);
	}
}

static void
render_replies(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		json_write_obj(j, NULL);
		json_write_int(j, "ticket_id", p->replies[i].ticket);
		ticket_json_reply_members(j, &p->replies[i].reply);
		json_write_obj_end(j);
	}
}

static void
render_feedback(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct feedback *f = &p->feedback[i];

		json_write_obj(j, NULL);
		json_write_int(j, "id", f->id);
		json_write_str(j, "kind", feedback_kind_names[f->kind - 1]);
		json_write_opt(j, "rating", f->rating == 0 ? INT64_MIN :
		    f->rating);
		json_write_str(j, "body", f->body);
		json_write_str(j, "app_version", f->app);
		json_write_time(j, "created_at", f->created_at);
		json_write_obj_end(j);
	}
}

static void
render_blocks(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		json_write_obj(j, NULL);
		json_write_int(j, "user_id", p->blocks[i].user);
		json_write_str(j, "username", p->blocks[i].username);
		json_write_time(j, "created_at", p->blocks[i].created_at);
		json_write_obj_end(j);
	}
}

static void
render_reports(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct report *r = &p->reports[i];

		json_write_obj(j, NULL);
		json_write_int(j, "report_id", r->id);
		json_write_int(j, "user_id", r->user);
		json_write_str(j, "reason", r->reason);
		json_write_str(j, "text", r->text);
		json_write_opt(j, "call_id", r->call);
		json_write_opt(j, "review_id", r->review);
		json_write_opt(j, "flyer_id", r->flyer);
		json_write_time(j, "created_at", r->created_at);
		json_write_obj_end(j);
	}
}

static void
render_flyers(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		catalog_json_flyer_render(j, p->conf, NULL, &p->flyers[i]);
}

static void
render_styles(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		catalog_json_style_render(j, NULL, &p->styles[i]);
}

static void
render_creatives(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		catalog_json_creative_render(j, NULL, &p->creatives[i]);
}

static void
render_documents(struct json_write *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		catalog_json_document_render(j, NULL, &p->documents[i]);
}

static enum rc
render_activity(struct req *req, struct arena *a, struct export_place *p,
    bool *more)
{
	struct json_write *j = &req->j;
	struct favorite_events ev;
	size_t i;
	enum rc rc;

	(void)p;
	*more = false;
	rc = favorite_log_activity(req->db, a, req->actor.user, INT64_MAX,
	    ACTIVITY, &ev);
	if (rc != RC_OK)
		return rc;
	json_write_arr(j, "activity");
	for (i = 0; i < ev.n; i++)
		favorite_log_json_render(j, &ev.items[i]);
	json_write_arr_end(j);
	return RC_OK;
}

/*
 * A part of the export. The rows of an array are read by `page` and written by
 * `render`, or both are done by `batch`.
 */
static const struct part {
	const char *key;		/* key of the array; NULL: no array */
	enum rc (*page)(struct db *, struct arena *, int64_t user,
	    struct export_page *);
	void (*render)(struct json_write *, const struct export_page *);
	bool shared;	/* unshared rows first, then shared ones */
	export_part *batch;
} parts[] = {
	{ NULL, NULL, NULL, false, export_account_settings },
	{ "identities", NULL, NULL, false, export_account_identities },
	{ "security_events", NULL, NULL, false, export_account_security },
	{ "favorites", export_favorites, render_favorites, false, NULL },
	{ "sessions", export_devices, render_devices, false, NULL },
	{ "redemptions", export_redemptions, render_redemptions, false, NULL },
	{ "tickets", export_tickets, render_tickets, false, NULL },
	{ "ticket_replies", export_replies, render_replies, false, NULL },
	{ "feedback", export_feedback, render_feedback, false, NULL },
	{ "blocks", export_blocks, render_blocks, false, NULL },
	{ "reports", export_reports, render_reports, false, NULL },
	{ "flyers", export_flyers, render_flyers, false, NULL },
	{ "styles", export_styles, render_styles, false, NULL },
	{ "creatives", export_creatives, render_creatives, true, NULL },
	{ "documents", export_documents, render_documents, true, NULL },
	{ NULL, NULL, NULL, false, export_wallet },
	{ "transactions", NULL, NULL, false, export_lines },
	{ "payments", NULL, NULL, false, export_payments },
	{ "paid_sessions", NULL, NULL, false, export_sessions },
	{ "calls", NULL, NULL, false, export_account_calls },
	{ "referrals", NULL, NULL, false, export_account_referrals },
	{ "notifications", NULL, NULL, false, export_notifications },
	{ NULL, NULL, NULL, false, export_push_devices },
	{ NULL, NULL, NULL, false, render_activity },
};

/* Progress of an export. */
struct export {
	bool head;			/* profile and listener were rendered */
	bool open;			/* the array of the part is open */
	size_t part;
	struct export_page page;	/* position if the part has `page` */
	struct export_place place;	/* position if the part has `batch` */
};

static void
begin_part(struct req *req, struct export *x)
{
	x->open = true;
	x->page = (struct export_page){ .bytes = SPOOL_BATCH,
	    .conf = req->conf };
	x->place = (struct export_place){ .given = false };
	if (parts[x->part].key != NULL)
		json_write_arr(&req->j, parts[x->part].key);
}

static void
end_part(struct req *req, struct export *x)
{
	if (parts[x->part].key != NULL)
		json_write_arr_end(&req->j);
	x->open = false;
	x->part++;
}

/* Renders one batch of the part. *more: another batch follows. */
static enum rc
part_batch(struct req *req, struct export *x, struct arena *a, bool *more)
{
	const struct part *part = &parts[x->part];
	struct export_page *p = &x->page;
	enum rc rc;

	if (part->batch != NULL) {
		rc = part->batch(req, a, &x->place, more);
		x->place.given = true;
		return rc;
	}
	rc = part->page(req->db, a, req->actor.user, p);
	if (rc != RC_OK)
		return rc;
	part->render(&req->j, p);
	*more = p->more || (part->shared && !p->shared);
	if (!p->more && *more)
		*p = (struct export_page){ .bytes = SPOOL_BATCH,
		    .shared = true };
	return RC_OK;
}

static enum rc
render_listener(struct req *req, struct arena *a)
{
	struct listener_availability *hours;
	struct listener_item own;
	enum rc rc;

	rc = listener_own(req->db, a, req->actor.user, req->now, &own,
	    &req->err);
	if (rc == RC_NOT_FOUND) {
		err_init(&req->err, &req->arena);
		json_write_null(&req->j, "listener");
		json_write_null(&req->j, "availability");
		return RC_OK;
	}
	hours = arena_alloc(a, sizeof(*hours));
	if (rc == RC_OK)
		rc = listener_availability_get(req->db, a, req->actor.user,
		    req->now, hours, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, "listener");
	listener_json_members(&req->j, req->conf, &own, LISTENER_JSON_OWN);
	json_write_obj_end(&req->j);
	availability_json_render(&req->j, "availability", hours);
	return RC_OK;
}

static enum rc
render_head(struct req *req, struct arena *a)
{
	struct account account;
	enum rc rc = account_get(req->db, a, req->actor.user, &account);

	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_time(&req->j, "exported_at", req->now);
	account_json_render(req, "profile", &account);
	return render_listener(req, a);
}

static enum rc
render_batch(struct req *req, void *state, struct arena *a, bool *more)
{
	struct export *x = state;
	bool again;
	enum rc rc;

	if (!x->head) {
		x->head = true;
		return render_head(req, a);
	}
	if (!x->open)
		begin_part(req, x);
	rc = part_batch(req, x, a, &again);
	if (rc != RC_OK || again)
		return rc;
	end_part(req, x);
	*more = x->part < NELEM(parts);
	if (!*more)
		json_write_obj_end(&req->j);
	return RC_OK;
}

static enum rc
export(struct req *req)
{
	return spool_start(req, render_batch,
	    arena_new(&req->arena, struct export));
}

enum rc
export_routes_write(struct req *req, FILE *f)
{
	struct export *x = arena_new(&req->arena, struct export);
	struct arena batch;
	bool more = true;
	enum rc rc = RC_OK;

	arena_init(&batch, BATCH_MEMORY);
	while (rc == RC_OK && more) {
		rc = render_batch(req, x, &batch, &more);
		arena_reset(&batch);
		if (rc == RC_OK && fwrite(req->out->data, 1, req->out->len, f) !=
		    req->out->len)
			rc = RC_FAULT;
		buf_clear(req->out);
	}
	arena_free(&batch);
	if (rc == RC_OK && (fputc('\n', f) == EOF || fflush(f) != 0))
		rc = RC_FAULT;
	return rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/me/export", .prefix = PREFIX_V1,
	    .role = ROLE_ANY, .tx = TX_READ, .handler = export },
};
const struct route_table export_routes = ROUTE_TABLE(routes);
