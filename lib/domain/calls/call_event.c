#include "domain/calls/call_event.h"

#include <inttypes.h>

#include "base/clock.h"
#include "domain/calls/call_credential.h"
#include "domain/common/outbox.h"
#include "domain/messaging/text.h"
#include "json/json_build.h"

/* Returns the address of the caller's picture, or NULL. */
static const char *
image_url(struct arena *arena, const struct conf *conf, const char *image)
{
	return image == NULL || image[0] == '\0' ? NULL :
	    arena_fmt(arena, "%s/media/%s", conf->base_url, image);
}

enum rc
call_event_incoming(struct db *db, struct arena *arena,
    const struct conf *conf, const struct call *c, int64_t now)
{
	const char *data = json_build_object(arena, JSON_OBJECT(
	    JSON_INT("call_id", c->id), JSON_INT("caller_id", c->caller),
	    JSON_STR("caller_username", c->caller_name),
	    JSON_STR("caller_image_url", image_url(arena, conf,
	    c->caller_image)),
	    JSON_STR("kind", listener_kind_names[c->offer.kind]),
	    JSON_STR("channel", c->channel),
	    JSON_INT("rate_per_minute", c->offer.tariff.rate)));
	const char *language;
	struct text text;
	enum rc rc;

	rc = text_language_of(db, arena, c->callee, false, &language);
	if (rc != RC_OK)
		return rc;
	text_make(arena, language, c->offer.kind == LISTENER_VIDEO ?
	    "call_incoming_video" : "call_incoming", TEMPLATE_PUSH,
	    TEXT_VARS({ "name", c->caller_name }), &text);
	rc = event_add_media(db, c->callee, EVENT_CALL_INCOMING, now,
	    JSON_OBJECT(JSON_REST(data), JSON_TIME("deadline", c->ring_until),
	    JSON_TIME("ring_expires_at", c->ring_until)), c->channel, 0);
	return rc != RC_OK ? rc : outbox_add(db, OUTBOX_PUSH, c->callee, NULL,
	    "call_incoming", NULL, text.title, text.body,
	    json_build_object(arena, JSON_OBJECT(
	    JSON_STR("type", "call.incoming"), JSON_REST(data),
	    JSON_INT("deadline", c->ring_until / SECOND),
	    JSON_STR("collapse", arena_fmt(arena, "call-%" PRId64, c->id)))),
	    now, c->ring_until - now);
}

enum rc
call_event_accepted(struct db *db, const struct call *c, int64_t now)
{
	int64_t device = c->callee_device != 0 ? c->callee_device : INT64_MIN;
	enum rc rc;

	rc = event_add_media(db, c->caller, EVENT_CALL_ACCEPTED, now,
	    JSON_OBJECT(JSON_INT("call_id", c->id),
	    JSON_INT("session_id", c->session),
	    JSON_INT("answered_on", INT64_MIN), JSON_STR("reason", NULL)),
	    c->channel, c->caller_device);
	/* call_event_read() adds the reason, which differs between devices. */
	if (rc == RC_OK)
		rc = event_add_media(db, c->callee, EVENT_CALL_ACCEPTED, now,
		    JSON_OBJECT(JSON_INT("call_id", c->id),
		    JSON_INT("session_id", c->session),
		    JSON_INT("answered_on", device)), NULL, c->callee_device);
	return rc != RC_OK ? rc : call_finish_push(db, c->id, c->callee,
	    "answered_elsewhere", c->callee_device, c->ring_until, now);
}

enum rc
call_event_credential(struct db *db, const struct call *c, int64_t now)
{
	const struct json_member *data = JSON_OBJECT(
	    JSON_INT("call_id", c->id != 0 ? c->id : INT64_MIN),
	    JSON_INT("session_id", c->session));
	enum rc rc = event_add_media(db, c->caller, EVENT_CALL_CREDENTIAL, now,
	    data, c->channel, c->caller_device);

	return rc != RC_OK ? rc : event_add_media(db, c->callee,
	    EVENT_CALL_CREDENTIAL, now, data, c->channel, c->callee_device);
}

enum rc
call_event_read(struct db *db, struct arena *arena, const struct event *e,
    int64_t user, int64_t device, int64_t now, struct call_event_view *v)
{
	struct err err;
	struct call c;
	enum rc rc;

	*v = (struct call_event_view){ .data = e->data };
	if (e->channel == NULL) {
		if (e->type == EVENT_CALL_ACCEPTED && e->device != 0)
			v->data = json_build_object(arena, JSON_OBJECT(
			    JSON_REST(e->data), JSON_STR("reason",
			    device == e->device ? NULL :
			    "answered_elsewhere")));
		return RC_OK;
	}
	if (e->type == EVENT_CALL_INCOMING) {
		v->rtc = true;
		return RC_OK;
	}
	err_init(&err, arena);
	rc = call_of_channel(db, arena, e->channel, user, now, &c, &err);
	if (rc == RC_FORBIDDEN)
		return RC_OK;
	if (rc == RC_OK) {
		v->kind = c.kind;
		v->until = call_credential_until(&c, user, device, now);
	}
	v->rtc = v->until > 0;
	return rc;
}
