#include "fcgi/export_told.h"

#include "base/str.h"
#include "dom/notification.h"
#include "dom/push_device.h"
#include "fcgi/notification_json.h"

#define PAGE	100
#define SHOWN	8			/* characters of an address */

/* All of them, each page in memory of its own. */
static enum rc
notifications(struct req *req)
{
	struct notification_page page = { .before = INT64_MAX, .limit = PAGE };
	struct arena a;
	enum rc rc;

	arena_init(&a, req->arena.limit);
	jout_arr(&req->j, "notifications");
	do {
		rc = notification_list(req->db, &a, req->actor.user, &page);
		for (size_t i = 0; rc == RC_OK && i < page.n; i++) {
			notification_render(&req->j, &page.v[i]);
			page.before = page.v[i].id;
		}
		arena_reset(&a);
	} while (rc == RC_OK && page.more);
	jout_arr_end(&req->j);
	arena_free(&a);
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

static enum rc
devices(struct req *req)
{
	struct push_device v[PUSH_DEVICES];
	struct jout *j = &req->j;
	size_t i, n;
	enum rc rc = push_device_list(req->db, &req->arena, req->actor.user, v,
	    &n);

	jout_arr(j, "push_devices");
	for (i = 0; rc == RC_OK && i < n; i++) {
		jout_obj(j, NULL);
		jout_str(j, "token", shortened(&req->arena, v[i].token));
		jout_str(j, "platform", push_platform_words[v[i].platform]);
		jout_str(j, "kind", push_kind_words[v[i].kind]);
		jout_time(j, "created_at", v[i].created_at);
		jout_time(j, "last_used_at", v[i].used_at);
		jout_obj_end(j);
	}
	jout_arr_end(j);
	return rc;
}

enum rc
export_told(struct req *req)
{
	enum rc rc = notifications(req);

	return rc == RC_OK ? devices(req) : rc;
}
