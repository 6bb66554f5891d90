/*
 * agora_routes: issues tokens for the media network of Agora, and receives its
 * webhooks.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/int64.h"
#include "domain/calls/call_credential.h"
#include "fcgi/core/routes.h"
#include "json/json_decode.h"
#include "providers/agora.h"
#include "providers/media_credentials.h"

static const char *const role_of[] = { "publisher", "subscriber", NULL };

struct token_in {
	const char *channel_name;
	int64_t uid;
	int role;
};
static const struct field token_fields[] = {
	{ .name = "channel_name", .type = F_STR,
	    .off = offsetof(struct token_in, channel_name), .min = 1,
	    .max = CHANNEL_MAX },
	{ .name = "uid", .type = F_INT, .off = offsetof(struct token_in, uid),
	    .min = 0, .max = FIELD_INT_MAX },
	{ .name = "role", .type = F_ENUM, .words = role_of,
	    .off = offsetof(struct token_in, role), .dflt = -1 },
};
static const struct field_table token_table =
    FIELD_TABLE(token_fields, struct token_in);

/* Merges the query into the body, whose members take precedence. */
static enum rc
token_arguments(struct req *req, struct token_in *in)
{
	const struct token_in *query = req->query, *body = req->body;

	*in = body != NULL ? *body : *query;
	if (in->channel_name == NULL)
		in->channel_name = query->channel_name;
	if (in->uid == 0)
		in->uid = query->uid;
	if (in->role < 0)
		in->role = query->role;
	return in->channel_name != NULL ? RC_OK : err_field(&req->err,
	    "channel_name", "is required");
}

/* Returns the accepted call of a channel. */
static enum rc
accepted_call(struct req *req, const char *channel, struct call *c)
{
	enum rc rc;

	rc = call_of_channel(req->db, &req->arena, channel, req->actor.user,
	    req->now, c, &req->err);
	if (rc != RC_OK || c->state == CALL_ACCEPTED)
		return rc;
	req->err.state = call_state_names[c->state];
	return err_set(&req->err, RC_CONFLICT, "call_state", "The call is %s",
	    req->err.state);
}

/* Decides on a token for a session without a call. */
static enum rc
session_credential(struct req *req, int64_t id, struct media_access *to)
{
	struct session s;
	int64_t max_ms;
	enum rc rc;

	rc = session_core(req->db, id, req->actor.user, &s, &req->err);
	if (rc == RC_OK)
		rc = session_max(req->db, &s, &max_ms);
	if (rc == RC_OK) {
		to->video = s.kind == LISTENER_VIDEO;
		to->until = int64_min(session_base(&s) + max_ms,
		    req->now + req->conf->token_ttl * SECOND);
	}
	return rc != RC_NOT_FOUND ? rc : err_set(&req->err, RC_FORBIDDEN,
	    NULL, "Not a party of a live call");
}

/* Finds the live session of a channel, and what a token allows. */
static enum rc
find_channel(struct req *req, int64_t *session, struct media_access *to)
{
	struct call c;
	enum rc rc = session_of_channel(req->db, to->channel, session);

	if (rc != RC_OK)
		return rc;
	if (*session != 0)
		return session_credential(req, *session, to);
	rc = accepted_call(req, to->channel, &c);
	if (rc == RC_OK)
		rc = call_credential_issue(req->db, req->conf, &c, req->now,
		    &to->until);
	*session = c.session;
	to->video = c.kind == LISTENER_VIDEO;
	return rc;
}

static enum rc
issue_token(struct req *req)
{
	struct media_access to = { .user = req->actor.user, .now = req->now };
	struct json_write *j = &req->j;
	int64_t expires, session;
	struct token_in in;
	struct session s;
	char *text;
	enum rc rc;

	if (!media_credentials_agora_on(req->conf))
		return err_set(&req->err, RC_UNAVAILABLE,
		    "agora_not_configured", "Agora is not configured");
	rc = token_arguments(req, &in);
	if (rc != RC_OK)
		return rc;
	if (in.uid != 0 && in.uid != req->actor.user)
		return err_set(&req->err, RC_FORBIDDEN, NULL,
		    "The uid must be your user id");
	to.channel = in.channel_name;
	rc = find_channel(req, &session, &to);
	if (rc == RC_OK)
		rc = session_touch(req->db, session, req->actor.user,
		    req->actor.session, SESSION_PROOF_CREDENTIAL, to.until,
		    req->now, &s, &req->err);
	if (rc != RC_OK)
		return rc;
	text = media_credentials_agora_token(&req->arena, req->conf, &to,
	    in.role != 1, &expires);
	json_write_obj(j, NULL);
	json_write_str(j, "token", text);
	json_write_str(j, "app_id", req->conf->agora_app_id);
	json_write_str(j, "channel", in.channel_name);
	json_write_int(j, "uid", req->actor.user);
	json_write_time(j, "expires_at", expires * SECOND);
	json_write_obj_end(j);
	return RC_OK;
}

/* Webhooks */

struct payload {
	const char *channel, *uid;
	int64_t client_seq, ts, reason;
};
static const struct field payload_fields[] = {
	{ .name = "channelName", .type = F_STR,
	    .off = offsetof(struct payload, channel), .max = 200 },
	{ .name = "uid", .type = F_ID, .off = offsetof(struct payload, uid),
	    .max = 300 },
	{ .name = "clientSeq", .type = F_INT,
	    .off = offsetof(struct payload, client_seq) },
	{ .name = "ts", .type = F_INT, .off = offsetof(struct payload, ts) },
	{ .name = "reason", .type = F_INT,
	    .off = offsetof(struct payload, reason) },
};
static const struct field_table payload_table =
    FIELD_TABLE(payload_fields, struct payload);

struct notice {
	const char *id;
	int64_t product, type;
	const char *payload;
};
static const struct field notice_fields[] = {
	{ .name = "noticeId", .type = F_STR, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct notice, id), .min = 1, .max = 200 },
	{ .name = "productId", .type = F_INT,
	    .off = offsetof(struct notice, product) },
	{ .name = "eventType", .type = F_INT, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct notice, type) },
	{ .name = "payload", .type = F_JSON,
	    .off = offsetof(struct notice, payload) },
};
static const struct field_table notice_table =
    FIELD_TABLE(notice_fields, struct notice);

/*
 * Returns the meaning of a notification of the product RTC: a user joined or
 * left, or the channel was closed. Returns 0 for other notifications.
 */
static enum media_what
media_event_of(const struct notice *n)
{
	if (n->product != 1)
		return 0;
	switch (n->type) {
	case 103: case 105: case 107:
		return MEDIA_JOINED;
	case 104: case 106: case 108:
		return MEDIA_LEFT;
	case 102:
		return MEDIA_DESTROYED;
	default:
		return 0;
	}
}

static enum rc
take_notice(struct req *req, const struct notice *n)
{
	struct media_notice m = { .id = n->id, .what = media_event_of(n) };
	struct payload p = { 0 };
	enum rc rc;

	if (m.what == 0 || n->payload == NULL)
		return RC_OK;
	field_init(&payload_table, &p);
	rc = json_decode(&req->arena, &payload_table, &p, n->payload,
	    strlen(n->payload), &req->err);
	if (rc != RC_OK)
		return err_set(&req->err, RC_BAD, "webhook_invalid",
		    "This is not a notification of Agora");
	if (p.channel == NULL || p.ts <= 0 || p.ts > req->now / SECOND + 300 ||
	    (m.what != MEDIA_DESTROYED && (p.uid == NULL ||
	    !str_int(p.uid, &m.user) || m.user <= 0)))
		return RC_OK;
	m.channel = p.channel;
	m.client_seq = p.client_seq;
	/*
	 * The clock of Agora may be ahead. Times in the future are not billed.
	 */
	m.at = p.ts * SECOND < req->now ? p.ts * SECOND : req->now;
	m.reason = p.reason;
	return call_media(req->db, &req->arena, &m, req->now, &req->err);
}

static enum rc
receive_webhook(struct req *req)
{
	const char *secret = media_credentials_callback_secret();
	struct notice n = { 0 };
	enum rc rc;

	if (secret == NULL)
		return err_set(&req->err, RC_UNAVAILABLE,
		    "agora_not_configured", "Agora is not configured");
	if (!agora_signed(secret, req->agora_signature, req->raw,
	    req->raw_len))
		return err_set(&req->err, RC_BAD, "webhook_signature_invalid",
		    "The signature is invalid");
	field_init(&notice_table, &n);
	rc = json_decode(&req->arena, &notice_table, &n, req->raw, req->raw_len,
	    &req->err);
	if (rc != RC_OK)
		return err_set(&req->err, RC_BAD, "webhook_invalid",
		    "This is not a notification of Agora");
	rc = take_notice(req, &n);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_bool(&req->j, "received", true);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/agora/token", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_FORM | ROUTE_BODY_OPT | ROUTE_NO_STORE,
	    .query = &token_table, .body = &token_table,
	    .handler = issue_token },
	{ .method = "POST", .path = "/agora/callback", .prefix = PREFIX_APP,
	    .role = ROLE_OPEN, .tx = TX_WRITE, .flags = ROUTE_RAW,
	    .handler = receive_webhook },
};

const struct route_table agora_routes = ROUTE_TABLE(routes);
