#include "providers/apns_token.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/shared_map.h"
#include "base/str.h"
#include "crypto/secret_file.h"
#include "json/json_write.h"

#define KEY_BYTES	8192		/* maximum size of the key file */
#define TOKEN_BYTES	512		/* maximum size of a token */
#define ID_LEN		10		/* of a key and of a team */
#define TOKEN_MAX_AGE	(45 * MINUTE)
#define TOKEN_MIN_AGE	(20 * MINUTE)
#define TOKEN_SKEW	(5 * MINUTE)	/* of the clock, which may go back */
#define SIGN_BYTES	32		/* of each of the two numbers */

/* In run_dir, shared by all processes of the installation. */
struct shared_token {
	struct hash account;		/* of key, key ID and team */
	int64_t issued_at;		/* 0: there is no token */
	char token[TOKEN_BYTES];
};

static EVP_PKEY *signer;
static struct hash account;
static struct shared_token *shared;
static int shared_lock;

static bool
is_id(const char *id)
{
	static const char ok[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return strlen(id) == ID_LEN && strspn(id, ok) == ID_LEN;
}

/* Returns the P-256 key in a PEM text, or NULL. */
static EVP_PKEY *
parse_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	char group[32];

	BIO_free(bio);
	if (key != NULL && EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
	    str_eq(group, "prime256v1"))
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

bool
apns_token_start(const struct conf *c, const char **why)
{
	char text[KEY_BYTES];
	struct hashing *h;

	if (!is_id(c->apns_key_id))
		return secret_file_wrong(why, "delivery.apns_key_id must have "
		    "10 capital letters or digits");
	if (!is_id(c->apns_team_id))
		return secret_file_wrong(why, "delivery.apns_team_id must have "
		    "10 capital letters or digits");
	if (!secret_file_text("delivery.apns_key_file", c->apns_key_file, text,
	    sizeof(text), why))
		return false;
	EVP_PKEY_free(signer);
	signer = parse_key(text);
	h = hash_begin();
	hash_more(h, text, strlen(text));
	hash_more(h, c->apns_key_id, ID_LEN);
	hash_more(h, c->apns_team_id, ID_LEN);
	account = hash_end(h);
	explicit_bzero(text, sizeof(text));
	return signer != NULL || secret_file_wrong(why,
	    "delivery.apns_key_file: %s is not a private key of curve P-256",
	    c->apns_key_file);
}

/* Returns base64url of a JSON object of two members. number replaces a NULL. */
static char *
segment(struct arena *a, const char *name, const char *value, const char *other,
    const char *text, int64_t number)
{
	struct json_write j;
	struct buf b;
	char *out;

	buf_init(&b, 256);
	json_write_init(&j, &b);
	json_write_obj(&j, NULL);
	json_write_str(&j, name, value);
	if (text != NULL)
		json_write_str(&j, other, text);
	else
		json_write_int(&j, other, number);
	json_write_obj_end(&j);
	out = arena_alloc(a, HASH_B64_LEN(b.len));
	hash_b64(b.data, b.len, out);
	buf_free(&b);
	return out;
}

/*
 * Converts a signature from DER to two numbers of 32 bytes, as JWT requires
 * (RFC 7518 3.4).
 */
static bool
convert_signature(const unsigned char *der, size_t len,
    unsigned char out[2 * SIGN_BYTES])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	bool ok = sig != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, SIGN_BYTES) ==
	    SIGN_BYTES &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + SIGN_BYTES,
	    SIGN_BYTES) == SIGN_BYTES;

	ECDSA_SIG_free(sig);
	return ok;
}

/* Returns a new token, or NULL if it could not be signed. */
static const char *
make_token(struct arena *a, const struct conf *c, int64_t now)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char der[256], raw[2 * SIGN_BYTES];
	size_t len = sizeof(der);
	char *text, *sign = arena_alloc(a, HASH_B64_LEN(sizeof(raw)));
	bool ok;

	text = arena_fmt(a, "%s.%s",
	    segment(a, "alg", "ES256", "kid", c->apns_key_id, 0),
	    segment(a, "iss", c->apns_team_id, "iat", NULL, now / SECOND));
	ok = ctx != NULL &&
	    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, signer) == 1 &&
	    EVP_DigestSign(ctx, der, &len, (const unsigned char *)text,
	    strlen(text)) == 1 && convert_signature(der, len, raw);
	EVP_MD_CTX_free(ctx);
	if (!ok)
		return NULL;
	hash_b64(raw, sizeof(raw), sign);
	return arena_fmt(a, "%s.%s", text, sign);
}

/* Opens the shared token. The map is readable by its group, a token is not. */
static bool
open_shared(const struct conf *c)
{
	if (shared == NULL)
		shared = shared_map_open(c->run_dir, "apns-token",
		    "apns-token 1", sizeof(*shared), &shared_lock);
	if (shared == NULL)
		return false;
	if (fchmod(shared_lock, 0600) == 0)
		return true;
	log_warn("apns", "the file of the token cannot be protected");
	return false;
}

static bool
usable(int64_t now, int64_t max_age)
{
	return hash_eq(&shared->account, &account, sizeof(account)) &&
	    now - shared->issued_at < max_age &&
	    shared->issued_at - now < TOKEN_SKEW;
}

/* Makes a token. Call it with the lock. */
static bool
renew(struct arena *a, const struct conf *c, int64_t now)
{
	const char *token = make_token(a, c, now);

	if (token == NULL || strlen(token) >= TOKEN_BYTES)
		return false;
	/* A process that ends here leaves an unusable token, not a wrong one. */
	shared->issued_at = 0;
	snprintf(shared->token, sizeof(shared->token), "%s", token);
	shared->account = account;
	shared->issued_at = now;
	return true;
}

const char *
apns_token_get(struct arena *a, const struct conf *c, int64_t now)
{
	const char *token = NULL;

	if (!open_shared(c))
		return NULL;
	shared_map_lock(shared_lock);
	if (usable(now, TOKEN_MAX_AGE) || renew(a, c, now))
		token = arena_strn(a, shared->token,
		    strnlen(shared->token, TOKEN_BYTES - 1));
	shared_map_unlock(shared_lock);
	return token;
}

bool
apns_token_expired(struct arena *a, const struct conf *c, const char *token,
    int64_t now)
{
	bool other;

	if (!open_shared(c))
		return false;
	shared_map_lock(shared_lock);
	other = strncmp(shared->token, token, TOKEN_BYTES) != 0 ||
	    (!usable(now, TOKEN_MIN_AGE) && renew(a, c, now));
	shared_map_unlock(shared_lock);
	return other;
}
