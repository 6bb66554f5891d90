#include "domain/calls/call_event.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "domain/calls/call_credential.h"
#include "domain/common/outbox.h"

/* Calls without video. */
#define KIND	"audio"

/* Returns the picture of the caller as a JSON string, or "null". */
static const char *
image_json(struct arena *arena, const struct conf *conf, const char *image)
{
	return image == NULL || image[0] == '\0' ? "null" :
	    arena_fmt(arena, "\"%s/media/%s\"", conf->base_url, image);
}

enum rc
call_event_incoming(struct db *db, struct arena *arena,
    const struct conf *conf, const struct call *c, const char *image,
    int64_t rate, int64_t now)
{
	char deadline[CLOCK_TEXT];
	const char *data;
	enum rc rc;

	data = arena_fmt(arena, "\"call_id\":%" PRId64 ",\"caller_id\":%" PRId64
	    ",\"caller_username\":\"%s\",\"caller_image_url\":%s"
	    ",\"kind\":\"" KIND "\",\"channel\":\"%s\""
	    ",\"rate_per_minute\":%" PRId64, c->id, c->caller, c->caller_name,
	    image_json(arena, conf, image), c->channel, rate);
	clock_text(c->ring_until, deadline);
	rc = event_add_media(db, c->callee, EVENT_CALL_INCOMING, now,
	    arena_fmt(arena, "{%s,\"deadline\":\"%s\",\"ring_expires_at\":\"%s"
	    "\"}", data, deadline, deadline), c->channel, 0);
	return rc != RC_OK ? rc : outbox_add(db, OUTBOX_PUSH, c->callee, NULL,
	    "call_incoming", NULL, "Incoming call",
	    arena_fmt(arena, "%s is calling", c->caller_name),
	    arena_fmt(arena, "{\"type\":\"call.incoming\",%s,\"deadline\":%"
	    PRId64 ",\"collapse\":\"call-%" PRId64 "\"}", data,
	    c->ring_until / SECOND, c->id), now, c->ring_until - now);
}

enum rc
call_event_accepted(struct db *db, struct arena *arena, const struct call *c,
    int64_t now)
{
	const char *ids = arena_fmt(arena, "{\"call_id\":%" PRId64
	    ",\"session_id\":%" PRId64, c->id, c->session);
	enum rc rc;

	rc = event_add_media(db, c->caller, EVENT_CALL_ACCEPTED, now,
	    arena_fmt(arena, "%s,\"answered_on\":null,\"reason\":null}", ids),
	    c->channel, c->caller_device);
	/* call_event_read() adds the reason, which differs between devices. */
	if (rc == RC_OK)
		rc = event_add_media(db, c->callee, EVENT_CALL_ACCEPTED, now,
		    arena_fmt(arena, c->callee_device == 0 ?
		    "%s,\"answered_on\":null}" : "%s,\"answered_on\":%" PRId64
		    "}", ids, c->callee_device), NULL, c->callee_device);
	return rc != RC_OK ? rc : call_finish_push(db, c->id, c->callee,
	    "answered_elsewhere", c->callee_device, c->ring_until, now);
}

enum rc
call_event_credential(struct db *db, struct arena *arena,
    const struct call *c, int64_t now)
{
	const char *data = arena_fmt(arena, "{\"call_id\":%" PRId64
	    ",\"session_id\":%" PRId64 "}", c->id, c->session);
	enum rc rc = event_add_media(db, c->caller, EVENT_CALL_CREDENTIAL, now,
	    data, c->channel, c->caller_device);

	return rc != RC_OK ? rc : event_add_media(db, c->callee,
	    EVENT_CALL_CREDENTIAL, now, data, c->channel, c->callee_device);
}

/* Adds the member "reason" to the data, a JSON object with members. */
static const char *
add_reason(struct arena *arena, const char *data, bool elsewhere)
{
	return arena_fmt(arena, "%.*s,\"reason\":%s}", (int)strlen(data) - 1,
	    data, elsewhere ? "\"answered_elsewhere\"" : "null");
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
			v->data = add_reason(arena, e->data,
			    device != e->device);
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
	if (rc == RC_OK)
		v->until = call_credential_until(&c, user, device, now);
	v->rtc = v->until > 0;
	return rc;
}
