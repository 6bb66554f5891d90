#include "providers/fcm_token.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "providers/message_internal.h"
#include "providers/provider_internal.h"

#define SCOPE		"https://www.googleapis.com/auth/firebase.messaging"
#define KEY_BYTES	16384		/* maximum size of the key file */
/*
 * A token is renewed after this part of its lifetime. It thus bridges an outage
 * of the URL for the rest.
 */
#define RENEW_PART	4
/* Pauses after failures in ms. They double up to one of the maximums. */
#define PAUSE		500
#define PAUSE_MAX	(30 * SECOND)
#define PAUSE_NEEDED	SECOND		/* maximum while messages wait */

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
static char access_token[4096];		/* "": none */
/* By clock_mono(). Messages that wait need a token at needed_at. */
static int64_t good_until, renew_at, needed_at;
static int failures;			/* in a row */

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

bool
fcm_token_valid(void)
{
	return clock_mono() < good_until;
}

const char *
fcm_token(void)
{
	return access_token;
}

const char *
fcm_token_project(void)
{
	return account.project;
}

bool
fcm_token_request(struct arena *a, const struct conf *c, bool needed,
    struct http_request *r)
{
	char *signed_text;

	if (clock_mono() < (needed ? needed_at : renew_at))
		return false;
	signed_text = make_assertion(a, clock_now());
	if (signed_text == NULL) {
		fcm_token_response(a, &(struct http_answer){ .error =
		    "the request cannot be signed" });
		return false;
	}
	*r = (struct http_request){ .method = "POST", .url = c->fcm_token_url,
		.ca_file = c->fcm_ca_file,
		.content_type = "application/x-www-form-urlencoded",
		.timeout_ms = MESSAGE_TIMEOUT_RING };
	r->body = arena_fmt(a, "grant_type=%s&assertion=%s", http_escape(a,
	    "urn:ietf:params:oauth:grant-type:jwt-bearer"), signed_text);
	r->body_len = strlen(r->body);
	return true;
}

/* Determines when the next request is due after a failure. */
static void
set_pause(int64_t now, int64_t after)
{
	int64_t pause = PAUSE << (failures < 6 ? failures : 6);
	int64_t needed = pause < PAUSE_NEEDED ? pause : PAUSE_NEEDED;

	failures++;
	if (after > PAUSE_MAX)
		after = PAUSE_MAX;
	if (pause > PAUSE_MAX)
		pause = PAUSE_MAX;
	renew_at = now + 1000 * (pause > after ? pause : after);
	needed_at = now + 1000 * (needed > after ? needed : after);
}

void
fcm_token_response(struct arena *a, const struct http_answer *answer)
{
	struct granted *g = field_new(a, &granted_table);
	int64_t now = clock_mono();

	if (answer->status != 200 ||
	    !provider_json_read(a, &granted_table, g, answer->body)) {
		log_warn("fcm_token", "no access token: %s",
		    answer->status == 0 ? answer->error :
		    arena_fmt(a, "status %d", answer->status));
		set_pause(now, answer->retry_after * SECOND);
		return;
	}
	snprintf(access_token, sizeof(access_token), "%s", g->token);
	good_until = now + g->seconds * SECOND * 1000;
	renew_at = now + g->seconds * SECOND * 1000 / RENEW_PART;
	needed_at = good_until;
	failures = 0;
}

void
fcm_token_rejected(const char *token)
{
	/* Another response may have replaced the token already. */
	if (str_eq(token, access_token) && fcm_token_valid())
		good_until = renew_at = needed_at = 0;
}
