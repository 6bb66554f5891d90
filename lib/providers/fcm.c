/*
 * fcm: sends push messages by Firebase Cloud Messaging, HTTP v1, with the access
 * token of fcm_token.h.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "providers/fcm_token.h"
#include "providers/message_internal.h"
#include "providers/provider_internal.h"
#include "providers/push_payload.h"

#define QUOTA_FAILURE	"type.googleapis.com/google.rpc.QuotaFailure"
#define FCM_ERROR	"type.googleapis.com/google.firebase.fcm.v1.FcmError"

struct refusal { const char *error; };
static const struct field refusal_fields[] = {
	{ .name = "error", .type = F_JSON, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct refusal, error) },
};
static const struct field_table refusal_table =
    FIELD_TABLE(refusal_fields, struct refusal);
struct detail { const char *type, *code, *violations; };
static const struct field detail_fields[] = {
	{ .name = "@type", .type = F_STR, .off = offsetof(struct detail,
	    type) },
	{ .name = "errorCode", .type = F_STR, .off = offsetof(struct detail,
	    code) },
	{ .name = "violations", .type = F_JSON, .off = offsetof(struct detail,
	    violations) },
};
static const struct field_table detail_table =
    FIELD_TABLE(detail_fields, struct detail);
struct error { const char *status, *message; struct objv details; };
static const struct field error_fields[] = {
	{ .name = "status", .type = F_STR, .off = offsetof(struct error,
	    status) },
	{ .name = "message", .type = F_STR, .flags = FIELD_CTL,
	    .off = offsetof(struct error, message) },
	{ .name = "details", .type = F_OBJV, .max = 50, .sub = &detail_table,
	    .off = offsetof(struct error, details) },
};
static const struct field_table error_table =
    FIELD_TABLE(error_fields, struct error);

/* What the body of an error says. */
struct reason {
	const char *code;		/* "": none */
	const char *text;
	bool device;			/* a limit of one device is exceeded */
};

static void
read_reason(struct arena *a, const char *body, struct reason *to)
{
	struct refusal *top = field_new(a, &refusal_table);
	struct error *e = field_new(a, &error_table);
	const struct detail *d;
	size_t i;

	*to = (struct reason){ .code = "", .text = "" };
	if (!provider_json_read(a, &refusal_table, top, body) ||
	    !provider_json_read(a, &error_table, e, top->error))
		return;
	if (e->message != NULL)
		to->text = e->message;
	for (d = e->details.v, i = 0; i < e->details.n; i++) {
		if (d[i].type == NULL)
			continue;
		if (d[i].code != NULL && str_eq(d[i].type, FCM_ERROR))
			to->code = d[i].code;
		if (d[i].violations != NULL &&
		    str_eq(d[i].type, QUOTA_FAILURE))
			to->device = strcasestr(d[i].violations, "device") !=
			    NULL;
	}
}

/*
 * A 429 is retried when Retry-After says so. Without this header, Google
 * documents a delay of 60 s, except for the limit of one device: then it asks
 * only for delays that double, so a ring is retried while the phone can ring.
 */
static void
set_delay(struct message_result *result, const struct reason *reason)
{
	if (reason->device)
		result->suspect = false;
	else if (result->after == 0)
		result->after = MINUTE;
}

/*
 * Whether FCM accepted a message of a form since this process started: by the
 * kind of the address, and for an alert or for data only.
 */
static bool accepted[2][2];

static bool *
accepted_form(const struct message *m)
{
	return &accepted[m->fid][m->title != NULL];
}

/*
 * FCM returns the same error for an invalid token and for an invalid message to
 * an Apple device. The token is invalid only if the form of the message is
 * accepted for others.
 */
static bool
invalid_token(const struct message *m, const char *code, const char *text)
{
	return str_eq(code, "INVALID_ARGUMENT") && *accepted_form(m) &&
	    strstr(text, "registration token") != NULL;
}

static struct message_result
interpret_response(struct arena *a, const struct message *m,
    const struct http_answer *answer)
{
	struct message_result result = message_judge(a, answer);
	struct reason reason;
	const char *code;

	if (result.status == MESSAGE_SENT)
		*accepted_form(m) = true;
	/* One device or all of them: message_send decides. */
	if (result.down && answer->status != 401) {
		result.down = false;
		result.suspect = true;
	}
	if (result.status == MESSAGE_SENT || answer->status == 0)
		return result;
	read_reason(a, answer->body, &reason);
	code = reason.code;
	if (code[0] != '\0')
		result.why = arena_fmt(a, "%d %s", answer->status, code);
	if (str_eq(code, "UNREGISTERED") ||
	    str_eq(code, "SENDER_ID_MISMATCH") ||
	    invalid_token(m, code, reason.text))
		result.status = MESSAGE_DROP;
	else if (str_eq(code, "THIRD_PARTY_AUTH_ERROR"))
		result.status = MESSAGE_DEAD;
	else if (answer->status == 403) {
		/* FCM rejects the account, not this message. */
		result.status = MESSAGE_RETRY;
		result.down = true;
	}
	else if (answer->status == 429)
		set_delay(&result, &reason);
	return result;
}

static bool
begin_fcm(struct sending *s, const struct conf *c,
    struct message_result *result)
{
	struct arena *a = s->arena;
	struct buf body;
	bool ok;

	s->ask = (struct http_request){ .method = "POST",
		.bearer = arena_str(a, fcm_token()),
		.ca_file = c->fcm_ca_file,
		.content_type = "application/json;charset=utf-8",
		.timeout_ms = s->m->rings ? MESSAGE_TIMEOUT_RING :
		    MESSAGE_TIMEOUT };
	s->ask.url = arena_fmt(a, "%s/v1/projects/%s/messages:send",
	    c->fcm_url, http_escape(a, fcm_token_project()));
	buf_init(&body, 64 * 1024);
	ok = push_payload_fcm(a, &body, s->m);
	s->ask.body = arena_strn(a, body.data, body.len);
	s->ask.body_len = body.len;
	buf_free(&body);
	if (!ok)
		*result = message_dead("the data are too large");
	return ok;
}

static struct message_result
evaluate_fcm(struct sending *s)
{
	struct message_result result = interpret_response(s->arena, s->m,
	    &s->answer);

	if (s->answer.status != 401 || result.status != MESSAGE_RETRY)
		return result;
	fcm_token_rejected(s->ask.bearer);
	result.again = true;
	return result;
}

const struct message_driver fcm_driver = {
	.max_requests = 32, .max_urgent = 64, .begin = begin_fcm,
	.judge = evaluate_fcm, .ready = fcm_token_valid,
	.prepare = fcm_token_request, .prepared = fcm_token_response,
};
