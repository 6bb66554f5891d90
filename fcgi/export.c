/*
 * export: everything about oneself, as one object.
 */
#include "base/str.h"
#include "dom/account.h"
#include "dom/export.h"
#include "dom/favorite_feed.h"
#include "fcgi/account_json.h"
#include "fcgi/card.h"
#include "fcgi/catalog_json.h"
#include "fcgi/event_json.h"
#include "fcgi/export_money.h"
#include "fcgi/export_told.h"
#include "fcgi/groups.h"
#include "fcgi/ticket_json.h"

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

static const struct part {
	const char *key;
	enum rc (*page)(struct db *, struct arena *, int64_t user,
	    struct export_page *);
	void (*render)(struct jout *, const struct export_page *);
	bool shared;			/* walk the unshared, then the shared */
} parts[] = {
	{ "favorites", export_favorites, render_favorites, false },
	{ "sessions", export_devices, render_devices, false },
	{ "redemptions", export_redemptions, render_redemptions, false },
	{ "tickets", export_tickets, render_tickets, false },
	{ "ticket_replies", export_replies, render_replies, false },
	{ "feedback", export_feedback, render_feedback, false },
	{ "flyers", export_flyers, render_flyers, false },
	{ "styles", export_styles, render_styles, false },
	{ "creatives", export_creatives, render_creatives, true },
	{ "documents", export_documents, render_documents, true },
};

/* All pages of one part, each in memory of its own. */
static enum rc
walk(struct req *req, const struct part *part, bool shared)
{
	struct export_page *p = arena_new(&req->arena, struct export_page);
	struct arena a;
	enum rc rc;

	p->shared = shared;
	arena_init(&a, req->arena.limit);
	do {
		rc = part->page(req->db, &a, req->actor.user, p);
		if (rc == RC_OK)
			part->render(&req->j, p);
		arena_reset(&a);
	} while (rc == RC_OK && p->n == EXPORT_PAGE);
	arena_free(&a);
	return rc;
}

static enum rc
render_parts(struct req *req)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; i < NELEM(parts) && rc == RC_OK; i++) {
		jout_arr(&req->j, parts[i].key);
		rc = walk(req, &parts[i], false);
		if (rc == RC_OK && parts[i].shared)
			rc = walk(req, &parts[i], true);
		jout_arr_end(&req->j);
	}
	return rc;
}

static enum rc
render_listener(struct req *req)
{
	struct listener_item own;
	enum rc rc;

	rc = listener_own(req->db, &req->arena, req->actor.user, req->now,
	    &own, &req->err);
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
render_activity(struct req *req)
{
	struct jout *j = &req->j;
	struct fav_events ev;
	size_t i;
	enum rc rc;

	rc = favorite_activity(req->db, &req->arena, req->actor.user,
	    INT64_MAX, ACTIVITY, &ev);
	if (rc != RC_OK)
		return rc;
	jout_arr(j, "activity");
	for (i = 0; i < ev.n; i++)
		event_render(j, &ev.items[i]);
	jout_arr_end(j);
	return RC_OK;
}

static enum rc
export(struct req *req, const void *arg)
{
	struct account account;
	enum rc rc;

	(void)arg;
	rc = account_get(req->db, &req->arena, req->actor.user, &account);
	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, NULL);
	jout_time(&req->j, "exported_at", req->now);
	account_render(req, "profile", &account);
	rc = render_listener(req);
	if (rc == RC_OK)
		rc = render_parts(req);
	if (rc == RC_OK)
		rc = export_money(req);
	if (rc == RC_OK)
		rc = export_told(req);
	if (rc == RC_OK)
		rc = render_activity(req);
	jout_obj_end(&req->j);
	return rc;
}

static const struct route routes[] = {
	{ "GET", "/me/export", PREFIX_V1, ROLE_ANY, TX_READ, 0, NULL, NULL,
	    export, NULL, NULL },
};
const struct route_table export_routes = ROUTE_TABLE(routes);
