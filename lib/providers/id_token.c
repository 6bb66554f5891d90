#include "providers/id_token.h"

#include "base/field.h"
#include "base/str.h"
#include "json/json_decode.h"

#define SKEW		MINUTE		/* between the clocks of the hosts */
#define AGE_MAX		DAY		/* of a token, by iat */
#define SUBJECT_MAX	255
#define SECONDS_MAX	INT64_C(253402300799)	/* the year 9999 */

struct header { const char *alg, *kid, *crit, *b64; };

static const struct field header_fields[] = {
	{ .name = "alg", .type = F_STR, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct header, alg), .max = 20 },
	{ .name = "kid", .type = F_STR, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct header, kid), .min = 1, .max = 255 },
	{ .name = "crit", .type = F_JSON,
	    .off = offsetof(struct header, crit) },
	{ .name = "b64", .type = F_JSON, .off = offsetof(struct header, b64) },
};
static const struct field_table header_table =
    FIELD_TABLE(header_fields, struct header);

struct claims {
	const char *iss, *sub, *aud, *azp, *nonce, *email, *email_verified;
	const char *hd;
	int64_t exp, iat, nbf;
};

#define TEXT(key, member, more, upper) \
	{ .name = key, .type = F_STR, .flags = (more) | FIELD_EXACT, \
	    .off = offsetof(struct claims, member), .max = upper }
#define JSON(key, member, more) \
	{ .name = key, .type = F_JSON, .flags = (more) | FIELD_EXACT, \
	    .off = offsetof(struct claims, member) }
#define DATE(key, member, more) \
	{ .name = key, .type = F_INT, .flags = (more), .dflt = 0, \
	    .off = offsetof(struct claims, member), .min = 1, \
	    .max = SECONDS_MAX }

static const struct field claim_fields[] = {
	TEXT("iss", iss, FIELD_REQUIRED, 500),
	{ .name = "sub", .type = F_STR, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct claims, sub), .min = 1, .max = SUBJECT_MAX },
	JSON("aud", aud, FIELD_REQUIRED),
	TEXT("azp", azp, 0, 500), TEXT("nonce", nonce, 0, 500),
	TEXT("email", email, 0, 500), JSON("email_verified", email_verified, 0),
	TEXT("hd", hd, 0, 500),
	DATE("exp", exp, FIELD_REQUIRED), DATE("iat", iat, FIELD_REQUIRED),
	DATE("nbf", nbf, 0),
};
static const struct field_table claim_table =
    FIELD_TABLE(claim_fields, struct claims);

struct audience { struct strv v; };

static const struct field audience_fields[] = {
	{ .name = "v", .type = F_STRV, .off = offsetof(struct audience, v),
	    .min = 1, .max = 20, .max2 = 500 },
};
static const struct field_table audience_table =
    FIELD_TABLE(audience_fields, struct audience);

enum rc
id_token_invalid(struct err *err, const char *why)
{
	return err_set(err, RC_AUTH, "id_token_invalid", "%s", why);
}

/* Decodes a part of the token into the arena; false: it is not base64url. */
static bool
decode(struct arena *a, const char *part, size_t n, const void **out,
    size_t *len)
{
	const char *text = arena_strn(a, part, n);
	uint8_t *bytes = arena_zalloc(a, n + 1, 1);

	*out = bytes;
	*len = n;
	return n > 0 && hash_unb64(text, bytes, len);
}

/* Reads an object; other errors than those of the token do not matter. */
static bool
read_json(struct arena *a, const struct field_table *t, void *obj,
    const char *text, size_t n)
{
	struct err err;

	err_init(&err, a);
	return json_decode(a, t, obj, text, n, &err) == RC_OK;
}

enum rc
id_token_parse(struct arena *a, const char *token, struct id_token *t,
    struct err *err)
{
	struct header *h = field_new(a, &header_table);
	const char *first = strchr(token, '.'), *second;
	const void *json, *payload, *signature;
	size_t n;

	memset(t, 0, sizeof(*t));
	second = first == NULL ? NULL : strchr(first + 1, '.');
	if (second == NULL || strlen(token) > ID_TOKEN_BYTES ||
	    !decode(a, token, (size_t)(first - token), &json, &n) ||
	    !decode(a, first + 1, (size_t)(second - first - 1), &payload,
	    &t->payload_len) || !decode(a, second + 1, strlen(second + 1),
	    &signature, &t->signature_len))
		return id_token_invalid(err, "The ID token is not a signed JWT");
	if (!read_json(a, &header_table, h, json, n))
		return id_token_invalid(err, "The header of the ID token is not "
		    "valid");
	if (h->crit != NULL || h->b64 != NULL)
		return id_token_invalid(err, "The ID token has an unknown "
		    "critical header");
	if (!str_eq(h->alg, "RS256") && !str_eq(h->alg, "ES256"))
		return id_token_invalid(err, "The ID token must be signed by "
		    "RS256 or ES256");
	t->type = str_eq(h->alg, "RS256") ? PUBLIC_KEY_RSA : PUBLIC_KEY_P256;
	t->kid = h->kid;
	t->text = token;
	t->signed_len = (size_t)(second - token);
	t->payload = payload;
	t->signature = signature;
	t->hash = hash_sha256(token, t->signed_len);
	return RC_OK;
}

static bool
contains(const struct strv *list, const char *text)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (str_eq(list->v[i], text))
			return true;
	return false;
}

/* Checks aud, a string or a list of strings, and azp. */
static bool
audience_ok(struct arena *a, const struct conf_oidc *p, const struct claims *c)
{
	struct audience *aud = field_new(a, &audience_table);
	const char *json = arena_fmt(a, c->aud[0] == '[' ? "{\"v\":%s}" :
	    "{\"v\":[%s]}", c->aud);
	size_t i;

	if (!read_json(a, &audience_table, aud, json, strlen(json)) ||
	    aud->v.n == 0)
		return false;
	for (i = 0; i < aud->v.n; i++)
		if (!contains(&p->audiences, aud->v.v[i]))
			return false;
	if (c->azp == NULL)
		return aud->v.n == 1;
	return contains(&p->audiences, c->azp) || contains(&p->parties, c->azp);
}

static bool
nonce_ok(const char *want, const char *claim)
{
	char hex[2 * sizeof(struct hash) + 1];
	struct hash hash;

	if (want == NULL || claim == NULL)
		return want == NULL && claim == NULL;
	hash = hash_sha256(want, strlen(want));
	hash_hex(hash.b, sizeof(hash.b), hex);
	return str_eq(claim, want) || str_eq(claim, hex);
}

static bool
domain_is(const char *email, const char *domain)
{
	const char *at = strrchr(email, '@');

	return at != NULL && str_eq_nocase(at + 1, domain);
}

/*
 * Returns the address if the provider has verified it. Apple sends
 * email_verified as a boolean or as a string.
 */
static const char *
verified_email(const struct conf_oidc *p, const struct claims *c)
{
	if (c->email == NULL || c->email_verified == NULL ||
	    (!str_eq(c->email_verified, "true") &&
	    !str_eq(c->email_verified, "\"true\"")))
		return NULL;
	switch (p->email) {
	case CONF_OIDC_VERIFIED:
		return c->email;
	case CONF_OIDC_GOOGLE:
		return domain_is(c->email, "gmail.com") ||
		    (c->hd != NULL && c->hd[0] != '\0') ? c->email : NULL;
	default:
		return NULL;
	}
}

static enum rc
check_times(const struct claims *c, int64_t now, struct err *err)
{
	if (c->exp * SECOND <= now)
		return err_set(err, RC_AUTH, "id_token_expired",
		    "The ID token has expired. Sign in with the provider "
		    "again");
	if (c->iat * SECOND > now + SKEW || c->nbf * SECOND > now + SKEW)
		return id_token_invalid(err, "The ID token is not valid yet. "
		    "Check the clock of the server");
	if (c->iat * SECOND < now - AGE_MAX || c->exp <= c->iat ||
	    c->exp * SECOND > now + ID_TOKEN_TTL)
		return id_token_invalid(err, "The ID token is too old, or valid "
		    "for too long");
	return RC_OK;
}

enum rc
id_token_verify(struct arena *a, const struct conf_oidc *p,
    const struct public_key *key, const char *nonce, int64_t now,
    struct id_token *t, struct err *err)
{
	struct claims *c = field_new(a, &claim_table);
	enum rc rc;

	if (key->type != t->type || !public_key_verify(key, t->text,
	    t->signed_len, t->signature, t->signature_len))
		return id_token_invalid(err, "The signature of the ID token is "
		    "wrong");
	if (!read_json(a, &claim_table, c, t->payload, t->payload_len))
		return id_token_invalid(err, "The claims of the ID token are "
		    "not valid");
	if (!contains(&p->issuers, c->iss))
		return id_token_invalid(err, "The ID token has another issuer");
	if (!audience_ok(a, p, c))
		return id_token_invalid(err, "The ID token was issued for "
		    "another client");
	rc = check_times(c, now, err);
	if (rc != RC_OK)
		return rc;
	if (!nonce_ok(nonce, c->nonce))
		return id_token_invalid(err, "The nonce of the ID token differs "
		    "from that of the request");
	t->subject = c->sub;
	t->email = verified_email(p, c);
	t->expires_at = c->exp * SECOND;
	return RC_OK;
}
