#include "base/str.h"
#include "domain/messaging/notification.h"
#include "domain/messaging/push_device.h"
#include "fcgi/routes/messaging/notification_json.h"
#include "fcgi/routes/ops/export_routes.h"

#define PAGE	100
#define SHOWN	8			/* characters of an address */

enum rc
export_notifications(struct req *req, struct arena *a,
    struct export_place *p, bool *more)
{
	struct notification_page page = { .before = p->given ? p->id :
	    INT64_MAX, .limit = PAGE };
	enum rc rc = notification_list(req->db, a, req->actor.user, &page);

	for (size_t i = 0; rc == RC_OK && i < page.n; i++) {
		notification_render(&req->j, &page.v[i]);
		p->id = page.v[i].id;
	}
	*more = rc == RC_OK && page.more;
	return rc;
}

/* How it begins: enough to tell one's devices apart, and half at most. */
static const char *
shortened(struct arena *a, const char *token)
{
	size_t half = strlen(token) / 2;

	return arena_fmt(a, "%.*s...", (int)(half < SHOWN ? half : SHOWN),
	    token);
}

enum rc
export_push_devices(struct req *req, struct arena *a, struct export_place *p,
    bool *more)
{
	struct push_device v[PUSH_DEVICES];
	struct jout *j = &req->j;
	size_t i, n;
	enum rc rc = push_device_list(req->db, a, req->actor.user, v, &n);

	(void)p;
	*more = false;
	if (rc != RC_OK)
		return rc;
	jout_arr(j, "push_devices");
	for (i = 0; i < n; i++) {
		jout_obj(j, NULL);
		jout_str(j, "token", shortened(a, v[i].token));
		jout_str(j, "platform", push_platform_words[v[i].platform]);
		jout_str(j, "kind", push_kind_words[v[i].kind]);
		jout_time(j, "created_at", v[i].created_at);
		jout_time(j, "last_used_at", v[i].used_at);
		jout_obj_end(j);
	}
	jout_arr_end(j);
	return RC_OK;
}
