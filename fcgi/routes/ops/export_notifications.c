#include "base/str.h"
#include "domain/messaging/notification.h"
#include "domain/messaging/push_device.h"
#include "fcgi/routes/messaging/notification_json.h"
#include "fcgi/routes/ops/export_routes.h"

#define PAGE	100
#define SHOWN	8			/* characters of a token */

enum rc
export_notifications(struct req *req, struct arena *a,
    struct export_place *p, bool *more)
{
	struct notification_page page = { .before = p->given ? p->id :
	    INT64_MAX, .limit = PAGE };
	enum rc rc = notification_list(req->db, a, req->actor.user, &page);

	for (size_t i = 0; rc == RC_OK && i < page.n; i++) {
		notification_json_render(&req->j, &page.v[i]);
		p->id = page.v[i].id;
	}
	*more = rc == RC_OK && page.more;
	return rc;
}

/*
 * Returns the beginning of a push token, at most half of it. It is enough to
 * distinguish devices.
 */
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
	struct json_write *j = &req->j;
	size_t i, n;
	enum rc rc = push_device_list(req->db, a, req->actor.user, v, &n);

	(void)p;
	*more = false;
	if (rc != RC_OK)
		return rc;
	json_write_arr(j, "push_devices");
	for (i = 0; i < n; i++) {
		json_write_obj(j, NULL);
		json_write_str(j, "token", shortened(a, v[i].token));
		json_write_str(j, "platform",
		    push_platform_names[v[i].platform]);
		json_write_str(j, "kind", push_kind_names[v[i].kind]);
		json_write_str(j, "channel", push_channel_names[v[i].channel]);
		json_write_str(j, "environment",
		    push_environment_names[v[i].environment]);
		json_write_time(j, "created_at", v[i].created_at);
		json_write_time(j, "last_used_at", v[i].used_at);
		json_write_obj_end(j);
	}
	json_write_arr_end(j);
	return RC_OK;
}
