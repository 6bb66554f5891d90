/*
 * jwt: signs and verifies access tokens.
 *
 * libjwt 1.10 is used only for base64, JSON and the signature. This file checks
 * everything for which libjwt is too lax:
 *
 * - the key: libjwt accepts any token if the key is empty;
 * - the algorithm: libjwt uses the one in the header, in any case;
 * - duplicate members: libjwt uses the last one;
 * - claims: its getters convert "99" and 9.5 to 0, and it checks none;
 * - unknown headers: it ignores "crit".
 */
#include "crypto/jwt.h"

#include <fcntl.h>
#include <jwt.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/str.h"

#define JWT_BYTES	2048	/* maximum bytes of a token */
#define JWT_SKEW	(5 * SECOND)	/* between clocks of this
					 * installation */
#define JWT_KEY_MIN	32
#define PEM_BYTES	8192
#define ISSUER		"earmark"	/* iss and aud */

/*
 * The cache has 4,096 sets of 4 tokens. It contains a keyed digest of each
 * token instead of the token, which needs 768 KiB instead of 8 MiB per worker
 * of a pool with 16,000 active users. A token may be in either of two sets.
 * With one set each, 23 % of the tokens of 10,000 users would be in sets that
 * are too full.
 */
#define CACHE_SETS	4096u
#define CACHE_WAYS	4u

struct entry {
	struct sip token;
	int64_t user, session, issued, expires;	/* user 0: free entry */
};

static struct {
	bool ready, signs;
	jwt_alg_t alg;
	const char *alg_name;
	int64_t ttl;			/* seconds */
	int check_len, sign_len;
	unsigned char check_key[PEM_BYTES], sign_key[PEM_BYTES];
	struct sip cache_key;
} state;

static struct entry cache[CACHE_SETS][CACHE_WAYS];

/*
 * Reads a PEM file into key and adds a NUL. Returns its length, or 0 after a
 * log entry.
 */
static int
pem_read(const char *file, bool private, unsigned char key[PEM_BYTES])
{
	struct stat st;
	ssize_t n;
	int fd;

	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		log_error("jwt_key", "%s cannot be read", file);
		if (fd >= 0)
			close(fd);
		return 0;
	}
	n = read(fd, key, PEM_BYTES - 1);
	close(fd);
	if (private && (st.st_mode & 07) != 0) {
		log_error("jwt_key", "%s is accessible by other users: "
		    "run chmod o-rwx", file);
		return 0;
	}
	if (n < JWT_KEY_MIN || n == PEM_BYTES - 1) {
		log_error("jwt_key", "%s is not a PEM key", file);
		return 0;
	}
	key[n] = '\0';
	return (int)n;
}

/* Returns the P-256 key in a PEM text, or NULL. */
static EVP_PKEY *
p256_parse(const unsigned char *pem, int n, bool private)
{
	char group[32];
	EVP_PKEY *key;
	BIO *bio;

	bio = BIO_new_mem_buf(pem, n);
	if (bio == NULL)
		BUG("out of memory");
	key = private ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) :
	    PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (key != NULL && EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
	    str_eq(group, "prime256v1"))
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static bool
es256_init(const struct conf *conf, bool sign)
{
	EVP_PKEY *public, *private = NULL;
	bool ok = false;

	state.check_len = pem_read(conf->jwt_public_key, false,
	    state.check_key);
	if (state.check_len == 0)
		return false;
	if (sign) {
		state.sign_len = pem_read(conf->jwt_private_key, true,
		    state.sign_key);
		if (state.sign_len == 0)
			return false;
	}
	public = p256_parse(state.check_key, state.check_len, false);
	if (sign)
		private = p256_parse(state.sign_key, state.sign_len, true);
	if (public == NULL || (sign && private == NULL))
		log_error("jwt_key", "ES256 requires PEM keys of curve P-256");
	else if (sign && EVP_PKEY_eq(public, private) != 1)
		log_error("jwt_key", "the private and public key do not "
		    "match");
	else
		ok = true;
	EVP_PKEY_free(public);
	EVP_PKEY_free(private);
	return ok;
}

static bool
hs256_init(const struct conf *conf, bool sign)
{
	static const struct hash none;

	if (hash_eq(&conf->key_jwt, &none, sizeof(none))) {
		log_error("jwt_key", "the key is empty");
		return false;
	}
	memcpy(state.check_key, conf->key_jwt.b, sizeof(conf->key_jwt.b));
	state.check_len = sizeof(conf->key_jwt.b);
	if (sign) {
		memcpy(state.sign_key, conf->key_jwt.b,
		    sizeof(conf->key_jwt.b));
		state.sign_len = sizeof(conf->key_jwt.b);
	}
	return true;
}

bool
jwt_init(const struct conf *conf, bool sign)
{
	memset(&state, 0, sizeof(state));
	memset(cache, 0, sizeof(cache));
	random_bytes(&state.cache_key, sizeof(state.cache_key));
	state.ttl = conf->access_ttl;
	state.signs = sign;
	if (conf->jwt_alg == 1) {
		state.alg = JWT_ALG_ES256;
		state.alg_name = "ES256";
		state.ready = es256_init(conf, sign);
	} else {
		state.alg = JWT_ALG_HS256;
		state.alg_name = "HS256";
		state.ready = hs256_init(conf, sign);
	}
	return state.ready;
}

char *
jwt_sign(struct arena *a, const struct claims *c)
{
	char *text, *out, sub[24];
	jwt_t *jwt;

	if (!state.ready || !state.signs || state.sign_len < JWT_KEY_MIN)
		BUG("jwt_sign without a key");
	snprintf(sub, sizeof(sub), "%lld", (long long)c->user);
	if (jwt_new(&jwt) != 0)
		BUG("jwt_new");
	if (jwt_add_grant(jwt, "iss", ISSUER) != 0 ||
	    jwt_add_grant(jwt, "aud", ISSUER) != 0 ||
	    jwt_add_grant(jwt, "use", "access") != 0 ||
	    jwt_add_grant(jwt, "sub", sub) != 0 ||
	    jwt_add_grant_int(jwt, "sid", (long)c->session) != 0 ||
	    jwt_add_grant_int(jwt, "iat", (long)(c->issued / SECOND)) != 0 ||
	    jwt_add_grant_int(jwt, "nbf", (long)(c->issued / SECOND)) != 0 ||
	    jwt_add_grant_int(jwt, "exp", (long)(c->expires / SECOND)) != 0 ||
	    (c->id != NULL && jwt_add_grant(jwt, "jti", c->id) != 0) ||
	    jwt_set_alg(jwt, state.alg, state.sign_key, state.sign_len) != 0)
		BUG("jwt claims");
	text = jwt_encode_str(jwt);
	if (text == NULL)
		BUG("jwt_encode_str");
	out = arena_str(a, text);
	free(text);
	jwt_free(jwt);
	return out;
}

/*
 * Checks that a token has three segments of base64url that are not empty. Sets
 * their lengths.
 */
static bool
shape_ok(const char *token, size_t n, size_t len[3])
{
	size_t i, seg = 0, at = 0;
	char c;

	if (n > JWT_BYTES)
		return false;
	for (i = 0; i <= n; i++) {
		c = i < n ? token[i] : '.';
		if (c == '.') {
			if (seg == 3 || i == at)
				return false;
			len[seg++] = i - at;
			at = i + 1;
		} else if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    (c >= '0' && c <= '9') || c == '-' || c == '_')) {
			return false;
		}
	}
	return seg == 3;
}

/*
 * Checks the exact length of the signature, and that the unused bits of its
 * last character are zero.
 */
static bool
signature_ok(const char *segment, size_t n)
{
	size_t want = state.alg == JWT_ALG_ES256 ? 64 : 32, len = 64;
	char b64[HASH_B64_LEN(64)];
	uint8_t sig[64];

	if (n != HASH_B64_LEN(want) - 1)
		return false;
	memcpy(b64, segment, n);
	b64[n] = '\0';
	return hash_unb64(b64, sig, &len) && len == want;
}

/* Counts the members of the outermost object in a valid JSON text. */
static int
member_count(const char *json, size_t n)
{
	bool quoted = false;
	int depth = 0, count = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (quoted) {
			if (json[i] == '\\')
				i++;
			else if (json[i] == '"')
				quoted = false;
		} else if (json[i] == '"') {
			quoted = true;
		} else if (json[i] == '{' || json[i] == '[') {
			depth++;
		} else if (json[i] == '}' || json[i] == ']') {
			depth--;
		} else if (json[i] == ':' && depth == 1) {
			count++;
		}
	}
	return count;
}

/*
 * Counts the members of a segment. Compares the signed text with the parsed
 * object; they differ if a member was given twice. Returns -1 if there are
 * duplicates, or if the segment is not base64url of a text. Frees kept.
 */
static int
segment_members(const char *segment, size_t n, char *kept)
{
	char b64[JWT_BYTES + 1], json[JWT_BYTES + 1];
	size_t len = JWT_BYTES;
	int count = -1;

	memcpy(b64, segment, n);
	b64[n] = '\0';
	if (kept != NULL && hash_unb64(b64, json, &len) &&
	    memchr(json, '\0', len) == NULL) {
		count = member_count(json, len);
		if (count != member_count(kept, strlen(kept)))
			count = -1;
	}
	free(kept);
	return count;
}

/*
 * Checks that the header contains only the configured algorithm and,
 * optionally, the type.
 */
static bool
header_ok(jwt_t *jwt, const char *segment, size_t n)
{
	const char *alg, *typ;
	int members;

	members = segment_members(segment, n, jwt_get_headers_json(jwt, NULL));
	alg = jwt_get_header(jwt, "alg");
	typ = jwt_get_header(jwt, "typ");
	return jwt_get_alg(jwt) == state.alg &&
	    alg != NULL && str_eq(alg, state.alg_name) &&
	    (typ == NULL || str_eq(typ, "JWT")) &&
	    members == (typ == NULL ? 1 : 2);
}

/* Checks that the JSON text of a claim is equal to want. */
static bool
claim_is(jwt_t *jwt, const char *name, const char *want)
{
	char *json = jwt_get_grants_json(jwt, name);
	bool ok = json != NULL && str_eq(json, want);

	free(json);
	return ok;
}

/*
 * Reads a claim that must be an integer from 1 to 2^53. "sub" is a string that
 * contains such an integer.
 */
static bool
claim_int(jwt_t *jwt, const char *name, bool quoted, int64_t *out)
{
	char *json = jwt_get_grants_json(jwt, name);
	size_t n = json == NULL ? 0 : strlen(json);
	char *text = json;
	bool ok = n > 0;

	if (ok && quoted) {
		ok = n > 2 && json[0] == '"' && json[n - 1] == '"';
		if (ok) {
			json[n - 1] = '\0';
			text = json + 1;
		}
	}
	ok = ok && str_int(text, out) && *out >= 1 &&
	    *out <= INT64_C(1) << 53;
	free(json);
	return ok;
}

static bool
claims_read(jwt_t *jwt, int64_t now, struct claims *c)
{
	int64_t iat, nbf, exp;

	if (!claim_is(jwt, "iss", "\"" ISSUER "\"") ||
	    !claim_is(jwt, "aud", "\"" ISSUER "\"") ||
	    !claim_is(jwt, "use", "\"access\""))
		return false;
	if (!claim_int(jwt, "sub", true, &c->user) ||
	    !claim_int(jwt, "sid", false, &c->session) ||
	    !claim_int(jwt, "iat", false, &iat) ||
	    !claim_int(jwt, "nbf", false, &nbf) ||
	    !claim_int(jwt, "exp", false, &exp))
		return false;
	/* Limit seconds to the year 9999, so milliseconds cannot overflow. */
	if (iat > INT64_C(253402300799) || exp > INT64_C(253402300799) ||
	    nbf > INT64_C(253402300799))
		return false;
	if (exp <= iat || exp - iat > state.ttl)
		return false;
	if (nbf * SECOND > now + JWT_SKEW)
		return false;
	c->issued = iat * SECOND;
	c->expires = exp * SECOND;
	return c->issued <= now + JWT_SKEW && now < c->expires;
}

static bool
token_decode(const char *token, const size_t len[3], int64_t now,
    struct claims *c)
{
	char text[JWT_BYTES + 1], *kept;
	size_t n = len[0] + len[1] + len[2] + 2;
	jwt_t *jwt = NULL;
	bool ok = false;

	/* With an empty key libjwt would accept any signature. */
	if (!state.ready || state.check_len < JWT_KEY_MIN)
		return false;
	if (!signature_ok(token + n - len[2], len[2]))
		return false;
	memcpy(text, token, n);
	text[n] = '\0';
	if (jwt_decode(&jwt, text, state.check_key, state.check_len) != 0 ||
	    jwt == NULL)
		return false;
	if (header_ok(jwt, token, len[0])) {
		kept = jwt_get_grants_json(jwt, NULL);
		ok = segment_members(token + len[0] + 1, len[1], kept) > 0 &&
		    claims_read(jwt, now, c);
	}
	jwt_free(jwt);
	return ok;
}

/*
 * If libjwt runs out of memory, it rejects valid tokens, and the user would
 * have to sign in again. Therefore a rejection is repeated once, and the
 * process ends if memory is still not available.
 */
static bool
token_good(const char *token, const size_t len[3], int64_t now,
    struct claims *c)
{
	void *volatile probe;

	if (token_decode(token, len, now, c) ||
	    token_decode(token, len, now, c))
		return true;
	probe = malloc(4 * JWT_BYTES);
	if (probe == NULL)
		BUG("out of memory (a token)");
	free(probe);
	return false;
}

/*
 * Returns place i of the 2 * CACHE_WAYS places of a token. The places of its
 * two sets alternate.
 */
static struct entry *
cache_place(const struct sip *token, unsigned i)
{
	return &cache[token->w[i % 2] % CACHE_SETS][i / 2];
}

static struct entry *
cache_find(const struct sip *token)
{
	struct entry *e;
	unsigned i;

	for (i = 0; i < 2 * CACHE_WAYS; i++) {
		e = cache_place(token, i);
		if (e->user != 0 &&
		    hash_eq(&e->token, token, sizeof(*token)))
			return e;
	}
	return NULL;
}

/*
 * Stores a token in the place whose token expires first. Free places have the
 * time 0. The first of them is in the set with more free places.
 */
static void
cache_add(const struct sip *token, const struct claims *c)
{
	struct entry *e, *to = cache_place(token, 0);
	unsigned i;

	for (i = 1; i < 2 * CACHE_WAYS; i++) {
		e = cache_place(token, i);
		if (e->expires < to->expires)
			to = e;
	}
	*to = (struct entry){ *token, c->user, c->session, c->issued,
	    c->expires };
}

bool
jwt_verify(const char *token, size_t n, int64_t now, struct claims *out)
{
	struct claims c = { 0 };
	struct entry *e;
	struct sip digest;
	size_t len[3];

	if (n > JWT_BYTES)
		return false;
	digest = hash_sip(&state.cache_key, token, n);
	e = cache_find(&digest);
	if (e != NULL) {
		*out = (struct claims){ e->user, e->session, e->issued,
		    e->expires, NULL };
		return now < out->expires && out->issued <= now + JWT_SKEW;
	}
	if (!shape_ok(token, n, len) || !token_good(token, len, now, &c))
		return false;
	cache_add(&digest, &c);
	*out = c;
	return true;
}
