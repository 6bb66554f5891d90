/*
 * Everything about the caller, as one object, in batches (fcgi/core/spool.h).
 */
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/favorites/favorite_log.h"
#include "domain/ops/export.h"
#include "fcgi/core/routes.h"
#include "fcgi/core/spool.h"
#include "fcgi/routes/accounts/account_json.h"
#include "fcgi/routes/catalog/catalog_json.h"
#include "fcgi/routes/favorites/favorite_log_json.h"
#include "fcgi/routes/listeners/listener_json.h"
#include "fcgi/routes/ops/export_routes.h"
#include "fcgi/routes/support/ticket_json.h"

/* The newest so many saves and unsaves; /users/me/activity has them all. */
#define ACTIVITY	1000

static void
render_favorites(struct jout *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct export_favorite *f = &p->favorites[i];
		const struct fav_event e = { .kind = f->kind, .entity_id =
		    f->entity_id, .entity = f->entity };

		jout_obj(j, NULL);
		jout_str(j, "kind", fav_kind_words[f->kind - 1]);
		event_id(j, "id", &e);
		jout_time(j, "created_at", f->created_at);
		jout_bool(j, "notify_when_available", f->notify);
		jout_str(j, "note", f->note);
		jout_obj_end(j);
	}
}

static void
render_devices(struct jout *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		jout_obj(j, NULL);
		jout_int(j, "id", p->devices[i].id);
		jout_str(j, "user_agent", p->devices[i].user_agent);
		jout_time(j, "created_at", p->devices[i].created_at);
		jout_time(j, "last_used_at", p->devices[i].used_at);
		jout_time(j, "revoked_at", p->devices[i].revoked_at);
		jout_obj_end(j);
	}
}

static void
render_redemptions(struct jout *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct export_redemption *r = &p->redemptions[i];

		jout_obj(j, NULL);
		jout_str(j, "code", r->code);
		jout_str(j, "kind", promotion_kind_words[r->kind - 1]);
		jout_int(j, "value", r->value);
		jout_time(j, "redeemed_at", r->at);
		jout_obj_end(j);
	}
}

static void
render_tickets(struct jout *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		jout_obj(j, NULL);
		ticket_members(j, &p->tickets[i], false);
		jout_str(j, "body", p->tickets[i].body);
		jout_obj_end(j);
	}
}

static void
render_replies(struct jout *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		jout_obj(j, NULL);
		jout_int(j, "ticket_id", p->replies[i].ticket);
		reply_members(j, &p->replies[i].reply);
		jout_obj_end(j);
	}
}

static void
render_feedback(struct jout *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct feedback *f = &p->feedback[i];

		jout_obj(j, NULL);
		jout_int(j, "id", f->id);
		jout_str(j, "kind", feedback_kind_words[f->kind - 1]);
		jout_opt(j, "rating", f->rating == 0 ? INT64_MIN : f->rating);
		jout_str(j, "body", f->body);
		jout_str(j, "app_version", f->app);
		jout_time(j, "created_at", f->created_at);
		jout_obj_end(j);
	}
}

static void
render_flyers(struct jout *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		flyer_render(j, NULL, &p->flyers[i]);
}

static void
render_styles(struct jout *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		style_render(j, NULL, &p->styles[i]);
}

static void
render_creatives(struct jout *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		creative_render(j, NULL, &p->creatives[i]);
}

static void
render_documents(struct jout *j, const struct export_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		document_render(j, NULL, &p->documents[i]);
}

static enum rc
render_activity(struct req *req, struct arena *a, struct export_place *p,
    bool *more)
{
	struct jout *j = &req->j;
	struct fav_events ev;
	size_t i;
	enum rc rc;

	(void)p;
	*more = false;
	rc = favorite_activity(req->db, a, req->actor.user, INT64_MAX,
	    ACTIVITY, &ev);
	if (rc != RC_OK)
		return rc;
	jout_arr(j, "activity");
	for (i = 0; i < ev.n; i++)
		event_render(j, &ev.items[i]);
	jout_arr_end(j);
	return RC_OK;
}

/* An array of rows by `page` and `render`, or what `batch` renders. */
static const struct part {
	const char *key;		/* of the array; NULL: no array */
	enum rc (*page)(struct db *, struct arena *, int64_t user,
	    struct export_page *);
	void (*render)(struct jout *, const struct export_page *);
	bool shared;			/* walk the unshared, then the shared */
	export_part *batch;
} parts[] = {
	{ "favorites", export_favorites, render_favorites, false, NULL },
	{ "sessions", export_devices, render_devices, false, NULL },
	{ "redemptions", export_redemptions, render_redemptions, false, NULL },
	{ "tickets", export_tickets, render_tickets, false, NULL },
	{ "ticket_replies", export_replies, render_replies, false, NULL },
	{ "feedback", export_feedback, render_feedback, false, NULL },
	{ "flyers", export_flyers, render_flyers, false, NULL },
	{ "styles", export_styles, render_styles, false, NULL },
	{ "creatives", export_creatives, render_creatives, true, NULL },
	{ "documents", export_documents, render_documents, true, NULL },
	{ NULL, NULL, NULL, false, export_wallet },
	{ "transactions", NULL, NULL, false, export_lines },
	{ "payments", NULL, NULL, false, export_payments },
	{ "paid_sessions", NULL, NULL, false, export_sessions },
	{ "notifications", NULL, NULL, false, export_notifications },
	{ NULL, NULL, NULL, false, export_push_devices },
	{ NULL, NULL, NULL, false, render_activity },
};

/* How far an export is. */
struct export {
	bool head;			/* profile and listener are rendered */
	bool open;			/* the part's array is open */
	size_t part;
	struct export_page page;	/* the place in a part with `page` */
	struct export_place place;	/* in a part with `batch` */
};

static void
begin_part(struct req *req, struct export *x)
{
	x->open = true;
	x->page = (struct export_page){ .bytes = SPOOL_BATCH };
	x->place = (struct export_place){ .given = false };
	if (parts[x->part].key != NULL)
		jout_arr(&req->j, parts[x->part].key);
}

static void
end_part(struct req *req, struct export *x)
{
	if (parts[x->part].key != NULL)
		jout_arr_end(&req->j);
	x->open = false;
	x->part++;
}

/* One batch of the part; *more: it has another. */
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
	struct listener_item own;
	enum rc rc;

	rc = listener_own(req->db, a, req->actor.user, req->now, &own,
	    &req->err);
	if (rc == RC_NOT_FOUND) {
		err_init(&req->err, &req->arena);
		jout_null(&req->j, "listener");
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, "listener");
	listener_members(&req->j, req->conf, &own, VIEW_OWN);
	jout_obj_end(&req->j);
	return RC_OK;
}

static enum rc
render_head(struct req *req, struct arena *a)
{
	struct account account;
	enum rc rc = account_get(req->db, a, req->actor.user, &account);

	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, NULL);
	jout_time(&req->j, "exported_at", req->now);
	account_render(req, "profile", &account);
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
		jout_obj_end(&req->j);
	return RC_OK;
}

static enum rc
export(struct req *req, const void *arg)
{
	(void)arg;
	return spool_start(req, render_batch,
	    arena_new(&req->arena, struct export));
}

static const struct route routes[] = {
	{ "GET", "/me/export", PREFIX_V1, ROLE_ANY, TX_READ, 0, NULL, NULL,
	    export, NULL, NULL },
};
const struct route_table export_routes = ROUTE_TABLE(routes);
