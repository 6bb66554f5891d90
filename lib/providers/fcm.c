/*
 * fcm: sends push messages by Firebase Cloud Messaging, HTTP v1. It requests an
 * access token with the key of the service account (RFC 7523). The token stays
 * in memory, because one process sends all messages.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "providers/message_internal.h"
#include "providers/provider_internal.h"
#include "providers/push_payload.h"

#define SCOPE		"https://www.googleapis.com/auth/firebase.messaging"
#define EARLY		(5 * MINUTE)
#define EARLY_TIMEOUT	1000		/* ms */
#define EARLY_PAUSE	(30 * SECOND)	/* between requests before expiry */
#define KEY_BYTES	16384		/* maximum size of the key file */
#define FCM_ERROR	"type.googleapis.com/google.firebase.fcm.v1.FcmError"

struct account { const char *project, *email, *key, *key_id, *token_uri; };
#define NEEDED(k, member) \
	{ .name = k, .type = F_STR, .flags = FIELD_REQUIRED | FIELD_CTL, \
	    .min = 1, .off = offsetof(struct account, member), .max = 8000 }
static const struct field account_fields[] = {
	NEEDED("project_id", project), NEEDED("client_email", email),
	NEEDED("private_key", key), NEEDED("private_key_id", key_id),
	NEEDED("token_uri", token_uri),
};
static const struct field_table account_table =
    FIELD_TABLE(account_fields, struct account);

static struct account account;
static EVP_PKEY *signer;
static char access_token[4096];
static int64_t good_until;

bool
fcm_start(const struct conf *c, const char **why)
{
	static struct arena arena;
	char text[KEY_BYTES];
	BIO *bio;

	if (!secret_file_text("delivery.fcm_key_file", c->fcm_key_file, text,
	    sizeof(text), why))
		return false;
	arena_free(&arena);
	arena_init(&arena, 256 * 1024);
	if (!provider_json_read(&arena, &account_table, &account, text))
		return secret_file_wrong(why,
		    "delivery.fcm_key_file: %s is not a key "
		    "of a service account", c->fcm_key_file);
	explicit_bzero(text, sizeof(text));
	EVP_PKEY_free(signer);
	bio = BIO_new_mem_buf(account.key, -1);
	signer = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return signer != NULL || secret_file_wrong(why,
	    "delivery.fcm_key_file: the private key of %s cannot be read",
	    c->fcm_key_file);
}

static char *
base64url(struct arena *a, const void *p, size_t n)
{
	char *out = arena_alloc(a, HASH_B64_LEN(n));

	hash_b64(p, n, out);
	return out;
}

/* Returns the signed JWT, or NULL if it could not be signed. */
static char *
make_assertion(struct arena *a, int64_t now)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sign[1024];
	size_t len = sizeof(sign);
	struct buf b;
	struct json_write j;
	char *text;
	bool ok;

	buf_init(&b, 8192);
	json_write_init(&j, &b);
	json_write_obj(&j, NULL);
	json_write_str(&j, "alg", "RS256");
	json_write_str(&j, "typ", "JWT");
	json_write_str(&j, "kid", account.key_id);
	json_write_obj_end(&j);
	text = base64url(a, b.data, b.len);
	buf_clear(&b);
	json_write_init(&j, &b);
	json_write_obj(&j, NULL);
	json_write_str(&j, "iss", account.email);
	json_write_str(&j, "scope", SCOPE);
	/*
	 * The audience is the URL of the key file, even if fcm_token_url
	 * differs.
	 */
	json_write_str(&j, "aud", account.token_uri);
	json_write_int(&j, "iat", now / SECOND);
	json_write_int(&j, "exp", now / SECOND + 3600);
	json_write_obj_end(&j);
	text = arena_fmt(a, "%s.%s", text, base64url(a, b.data, b.len));
	buf_free(&b);
	ok = ctx != NULL &&
	    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, signer) == 1 &&
	    EVP_DigestSign(ctx, sign, &len, (const unsigned char *)text,
	    strlen(text)) == 1;
	EVP_MD_CTX_free(ctx);
	return ok ? arena_fmt(a, "%s.%s", text, base64url(a, sign, len)) : NULL;
}

struct granted { const char *token; int64_t seconds; };
static const struct field granted_fields[] = {
	{ .name = "access_token", .type = F_STR, .flags = FIELD_REQUIRED,
	    .min = 1, .max = sizeof(access_token) - 1,
	    .off = offsetof(struct granted, token) },
	{ .name = "expires_in", .type = F_INT, .min = 1, .max = 86400,
	    .dflt = 3600, .off = offsetof(struct granted, seconds) },
};
static const struct field_table granted_table =
    FIELD_TABLE(granted_fields, struct granted);

/* Requests an access token. Returns false, and sets *result, if that failed. */
static bool
request_token(struct arena *a, const struct conf *c, int64_t now,
    int64_t timeout_ms, struct message_result *result)
{
	struct http_request r = { .method = "POST", .url = c->fcm_token_url,
		.ca_file = c->fcm_ca_file,
		.content_type = "application/x-www-form-urlencoded",
		.timeout_ms = timeout_ms };
	struct granted *g = field_new(a, &granted_table);
	char *signed_text = make_assertion(a, now);
	struct http_answer answer;

	*result = (struct message_result){ .status = MESSAGE_RETRY,
		.down = true, .why = "no access token" };
	if (signed_text == NULL)
		return false;
	r.body = arena_fmt(a, "grant_type=%s&assertion=%s", http_escape(a,
	    "urn:ietf:params:oauth:grant-type:jwt-bearer"), signed_text);
	r.body_len = strlen(r.body);
	http_ask(a, &r, &answer);
	if (answer.status != 200 ||
	    !provider_json_read(a, &granted_table, g, answer.body)) {
		result->after = answer.retry_after * SECOND;
		if (answer.status == 0)
			result->why = answer.error;
		return false;
	}
	snprintf(access_token, sizeof(access_token), "%s", g->token);
	good_until = now + g->seconds * SECOND;
	return true;
}

/*
 * Requests an access token, unless the present one is valid for EARLY. After a
 * failure, the next request is sent 500 ms later; until then returns the same
 * failure, so messages of one batch do not repeat it. All messages wait for the
 * request. While the old token is valid, the request therefore has a short
 * timeout and is sent rarely, and a failure has no effect.
 */
static bool
get_token(struct arena *a, const struct conf *c, int64_t now,
    struct message_result *result)
{
	static struct message_result last;
	static int64_t again_at, early_at;	/* by clock_mono() */
	bool valid = now < good_until;

	if (now < good_until - EARLY)
		return true;
	if (clock_mono() < (valid ? early_at : again_at)) {
		*result = last;
		return valid;
	}
	if (request_token(a, c, now, valid ? EARLY_TIMEOUT : MESSAGE_TIMEOUT,
	    result))
		return true;
	last = *result;
	last.why = "no access token";
	again_at = clock_mono() + SECOND * 1000 / 2;
	early_at = clock_mono() + EARLY_PAUSE * 1000;
	return valid;
}

struct refusal { const char *error; };
static const struct field refusal_fields[] = {
	{ .name = "error", .type = F_JSON, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct refusal, error) },
};
static const struct field_table refusal_table =
    FIELD_TABLE(refusal_fields, struct refusal);
struct detail { const char *type, *code; };
static const struct field detail_fields[] = {
	{ .name = "@type", .type = F_STR, .off = offsetof(struct detail,
	    type) },
	{ .name = "errorCode", .type = F_STR, .off = offsetof(struct detail,
	    code) },
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

/*
 * Returns the error code of FCM, or "" if the response has none. *text is its
 * message.
 */
static const char *
error_code(struct arena *a, const char *body, const char **text)
{
	struct refusal *top = field_new(a, &refusal_table);
	struct error *e = field_new(a, &error_table);
	const struct detail *d;
	size_t i;

	*text = "";
	if (!provider_json_read(a, &refusal_table, top, body) ||
	    !provider_json_read(a, &error_table, e, top->error))
		return "";
	if (e->message != NULL)
		*text = e->message;
	for (d = e->details.v, i = 0; i < e->details.n; i++)
		if (d[i].type != NULL && d[i].code != NULL &&
		    str_eq(d[i].type, FCM_ERROR))
			return d[i].code;
	return "";
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
	const char *text, *code;

	if (result.status == MESSAGE_SENT)
		*accepted_form(m) = true;
	/* One device or all of them: message_send decides. */
	if (result.down && answer->status != 401) {
		result.down = false;
		result.suspect = true;
	}
	if (result.status == MESSAGE_SENT || answer->status == 0)
		return result;
	code = error_code(a, answer->body, &text);
	if (code[0] != '\0')
		result.why = arena_fmt(a, "%d %s", answer->status, code);
	if (str_eq(code, "UNREGISTERED") ||
	    str_eq(code, "SENDER_ID_MISMATCH") ||
	    invalid_token(m, code, text))
		result.status = MESSAGE_DROP;
	else if (str_eq(code, "THIRD_PARTY_AUTH_ERROR"))
		result.status = MESSAGE_DEAD;
	else if (answer->status == 403) {
		/* FCM rejects the account, not this message. */
		result.status = MESSAGE_RETRY;
		result.down = true;
	}
	else if (answer->status == 429 && result.after < MINUTE)
		result.after = MINUTE;
	return result;
}

static bool
begin_fcm(struct sending *s, const struct conf *c,
    struct message_result *result)
{
	struct arena *a = s->arena;
	struct buf body;
	bool ok;

	if (!get_token(a, c, s->m->now, result))
		return false;
	s->ask = (struct http_request){ .method = "POST",
		.bearer = arena_str(a, access_token),
		.ca_file = c->fcm_ca_file,
		.content_type = "application/json;charset=utf-8",
		.timeout_ms = s->m->rings ? MESSAGE_TIMEOUT_RING :
		    MESSAGE_TIMEOUT };
	s->ask.url = arena_fmt(a, "%s/v1/projects/%s/messages:send",
	    c->fcm_url, http_escape(a, account.project));
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
	/* Another response may have replaced the token already. */
	if (str_eq(s->ask.bearer, access_token))
		good_until = 0;
	result.again = true;
	return result;
}

const struct message_driver fcm_driver = {
	.max_requests = 32, .max_urgent = 64, .begin = begin_fcm,
	.judge = evaluate_fcm,
};
