/*
 * apns: sends push messages by Apple's service (HTTP/2, token-based). Sources:
 * developer.apple.com, "Sending notification requests to APNs" and "Handling
 * notification responses from APNs".
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "net/url_policy.h"
#include "providers/apns_token.h"
#include "providers/message_internal.h"
#include "providers/provider_internal.h"
#include "providers/push_payload.h"

/* Delay in ms after an error of the configuration or of the token. */
#define ACCOUNT_DELAY	MINUTE

/*
 * What is known about one environment. Times are by clock_mono(); 0: never.
 */
struct environment {
	bool accepted[2];	/* a message, by the topic: alert, voip */
	int64_t response_at;	/* the last response of any kind */
	int64_t broken_at;	/* a connection failed, and there was no
				 * response since then */
	int64_t renewed_at;	/* connections made before are not used */
};
static struct environment environments[2];	/* production, sandbox */

enum action {
	ACTION_DEAD,		/* an error of the message or this program */
	ACTION_TOKEN,		/* the device token is invalid, if others are
				 * accepted for the topic */
	ACTION_GONE,		/* the device token is no longer valid */
	ACTION_ACCOUNT,		/* an error of the configuration */
	ACTION_EXPIRED,		/* renew the provider token */
	ACTION_DEVICE,		/* too many messages to the device */
	ACTION_AGAIN,		/* retry with a new connection */
	ACTION_BUSY		/* Apple has a problem */
};

static const struct { const char *reason; enum action action; } reasons[] = {
	{ "BadDeviceToken", ACTION_TOKEN },
	{ "DeviceTokenNotForTopic", ACTION_TOKEN },
	{ "BadTopic", ACTION_ACCOUNT },
	{ "MissingTopic", ACTION_ACCOUNT },
	{ "TopicDisallowed", ACTION_ACCOUNT },
	{ "IdleTimeout", ACTION_AGAIN },
	{ "ExpiredProviderToken", ACTION_EXPIRED },
	{ "TooManyProviderTokenUpdates", ACTION_ACCOUNT },
	{ "TooManyRequests", ACTION_DEVICE },
	{ "Unregistered", ACTION_GONE },
	{ "ExpiredToken", ACTION_GONE },
};

struct rejection { const char *reason; int64_t timestamp; };
static const struct field rejection_fields[] = {
	{ .name = "reason", .type = F_STR, .max = 100, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct rejection, reason) },
	{ .name = "timestamp", .type = F_INT, .max = FIELD_INT_MAX,
	    .off = offsetof(struct rejection, timestamp) },
};
static const struct field_table rejection_table =
    FIELD_TABLE(rejection_fields, struct rejection);

bool
apns_start(const struct conf *c, const char **why)
{
	static const char ok[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789.-";

	if (c->apns_topic[0] == '\0' ||
	    strspn(c->apns_topic, ok) != strlen(c->apns_topic))
		return secret_file_wrong(why,
		    "delivery.apns_topic must be the bundle ID of the app");
	return url_policy_ok("delivery.apns_url", c->apns_url, URL_BASE, why) &&
	    url_policy_ok("delivery.apns_sandbox_url", c->apns_sandbox_url,
	    URL_BASE, why) && apns_token_start(c, why);
}

static const char *
push_type(const struct message *m)
{
	return m->voip ? "voip" : m->title != NULL ? "alert" : "background";
}

/* Returns the headers, NULL at the end. */
static const char *const *
make_headers(struct arena *a, const struct conf *c, const struct message *m,
    const char *token)
{
	const char **h = arena_zalloc(a, 8, sizeof(*h)), **next = h;
	const char *type = push_type(m), *collapse;

	*next++ = arena_fmt(a, "authorization: bearer %s", token);
	*next++ = arena_fmt(a, "apns-topic: %s%s", c->apns_topic,
	    m->voip ? ".voip" : "");
	*next++ = arena_fmt(a, "apns-push-type: %s", type);
	*next++ = arena_fmt(a, "apns-priority: %s",
	    str_eq(type, "background") ? "5" : "10");
	/* Rounded down, so Apple stores no ring beyond its deadline. */
	*next++ = arena_fmt(a, "apns-expiration: %lld",
	    (long long)(m->expires_at / SECOND));
	collapse = m->voip ? NULL : push_payload_collapse(a, m);
	if (collapse != NULL)
		*next++ = arena_fmt(a, "apns-collapse-id: %s", collapse);
	return h;
}

static bool
begin_apns(struct sending *s, const struct conf *c,
    struct message_result *result)
{
	const struct message *m = s->m;
	const struct environment *e = &environments[m->sandbox];
	struct arena *a = s->arena;
	const char *token = apns_token_get(a, c, m->now);
	struct buf body;
	bool ok;

	if (token == NULL) {
		*result = (struct message_result){ .status = MESSAGE_RETRY,
			.down = true, .why = "no provider token" };
		return false;
	}
	s->conf = c;
	s->ask = (struct http_request){ .method = "POST", .http2 = true,
		.fresh = e->broken_at != 0 || s->again,
		.ca_file = c->apns_ca_file, .content_type = "application/json",
		.timeout_ms = m->rings ? MESSAGE_TIMEOUT_RING :
		    MESSAGE_TIMEOUT };
	if (e->renewed_at != 0)
		s->ask.max_age = 1 + (long)((clock_mono() - e->renewed_at) /
		    (1000 * SECOND));
	s->ask.url = arena_fmt(a, "%s/3/device/%s", m->sandbox ?
	    c->apns_sandbox_url : c->apns_url, http_escape(a, m->to));
	s->ask.headers = make_headers(a, c, m, token);
	s->token = token;
	buf_init(&body, 64 * 1024);
	ok = push_payload_apns(a, &body, m);
	s->ask.body = arena_strn(a, body.data, body.len);
	s->ask.body_len = body.len;
	buf_free(&body);
	if (!ok)
		*result = message_dead("the data are too large");
	return ok;
}

/*
 * Updates what is known about connections. A request that got no response
 * concerns only its device if others got one meanwhile.
 */
static void
note_response(struct environment *e, const struct sending *s)
{
	int64_t now = clock_mono();

	if (s->answer.status != 0) {
		e->response_at = now;
		if (e->broken_at < s->began)
			e->broken_at = 0;
	} else if (e->response_at < s->began) {
		e->broken_at = e->renewed_at = now;
	}
}

static enum action
find_action(int status, const char *reason)
{
	size_t i;

	for (i = 0; i < NELEM(reasons); i++)
		if (str_eq(reasons[i].reason, reason))
			return reasons[i].action;
	/* A reason that is not known here. */
	return status == 403 ? ACTION_ACCOUNT : status == 410 ? ACTION_GONE :
	    status == 429 ? ACTION_DEVICE : status >= 500 ? ACTION_BUSY :
	    ACTION_DEAD;
}

/* Applies the action for a rejected message. */
static void
act(struct sending *s, struct environment *e, enum action action,
    int64_t timestamp, struct message_result *r)
{
	r->status = MESSAGE_RETRY;
	r->down = false;
	switch (action) {
	case ACTION_DEAD:
		r->status = MESSAGE_DEAD;
		break;
	case ACTION_TOKEN:
		r->status = e->accepted[s->m->voip] ? MESSAGE_DROP :
		    MESSAGE_DEAD;
		break;
	case ACTION_GONE:
		r->status = MESSAGE_DROP;
		r->before = timestamp;
		break;
	case ACTION_EXPIRED:
		r->again = apns_token_expired(s->arena, s->conf, s->token,
		    s->m->now);
		/* FALLTHROUGH */
	case ACTION_ACCOUNT:
		/* A key may be for one environment only. */
		r->down = !s->m->sandbox;
		r->after = ACCOUNT_DELAY;
		break;
	case ACTION_DEVICE:
		if (r->after == 0 && !s->m->rings)
			r->after = MINUTE;
		break;
	case ACTION_AGAIN:
		r->again = true;
		break;
	case ACTION_BUSY:
		r->suspect = true;
		break;
	}
}

static struct message_result
evaluate_apns(struct sending *s)
{
	struct environment *e = &environments[s->m->sandbox];
	struct message_result r = message_judge(s->arena, &s->answer);
	struct rejection *no = field_new(s->arena, &rejection_table);
	int status = s->answer.status;

	note_response(e, s);
	if (r.status == MESSAGE_SENT)
		e->accepted[s->m->voip] = true;
	if (status == 0) {
		r.down = false;
		r.suspect = true;
	}
	if (r.status == MESSAGE_SENT || status == 0)
		return r;
	if (!provider_json_read(s->arena, &rejection_table, no, s->answer.body))
		no->reason = "";
	r.why = arena_fmt(s->arena, "%d %s", status, no->reason);
	act(s, e, find_action(status, no->reason), no->timestamp, &r);
	return r;
}

const struct message_driver apns_driver = {
	.max_requests = 32, .max_urgent = 64, .max_hosts = 4,
	.begin = begin_apns, .judge = evaluate_apns,
};
