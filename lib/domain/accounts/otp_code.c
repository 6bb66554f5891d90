#include "domain/accounts/otp_code.h"

#include "base/clock.h"
#include "base/str.h"
#include "domain/accounts/otp_limits.h"

/* Derives the key of one kind of row, so that equal texts have other hashes. */
static struct hash
derive(const struct conf *conf, const char *kind, enum otp_purpose purpose)
{
	char text[40];

	snprintf(text, sizeof(text), "%s %s", kind, otp_purposes[purpose]);
	return hash_derive(&conf->key_otp, text);
}

struct hash
otp_code_request_key(const struct conf *conf, enum otp_purpose purpose,
    const char *identifier)
{
	struct hash key = derive(conf, "request", purpose);

	return hash_hmac(key.b, sizeof(key.b), identifier, strlen(identifier));
}

struct hash
otp_code_address_key(const struct conf *conf, const char *address)
{
	struct hash key = hash_derive(&conf->key_otp, "address");
	char text[IDENTIFIER_MAX + 1];

	snprintf(text, sizeof(text), "%s", address);
	str_lower(text);
	return hash_hmac(key.b, sizeof(key.b), text, strlen(text));
}

/* Writes the bytes of an id, the lowest first. */
static void
id_bytes(int64_t id, uint8_t out[8])
{
	int i;

	for (i = 0; i < 8; i++)
		out[i] = (uint8_t)((uint64_t)id >> (8 * i));
}

struct hash
otp_code_key(const struct conf *conf, enum otp_purpose purpose, int64_t user,
    const char *address)
{
	struct hash key = derive(conf, "code", purpose);
	struct hash to = otp_code_address_key(conf, user == 0 ? "" : address);
	uint8_t text[sizeof(to.b) + 8];

	memcpy(text, to.b, sizeof(to.b));
	id_bytes(user, text + sizeof(to.b));
	return hash_hmac(key.b, sizeof(key.b), text, sizeof(text));
}

void
otp_code_owner(int64_t user, const struct hash *sent,
    char out[OTP_CODE_OWNER])
{
	char address[HASH_B64_LEN(sizeof(sent->b))];

	if (user != OTP_OPEN) {
		snprintf(out, OTP_CODE_OWNER, "%lld", (long long)user);
		return;
	}
	hash_b64(sent->b, sizeof(sent->b), address);
	snprintf(out, OTP_CODE_OWNER, "open %s", address);
}

struct hash
otp_code_hash(const struct conf *conf, const struct hash *key, int64_t user,
    const char *digits)
{
	uint8_t text[sizeof(key->b) + 8 + OTP_DIGITS];

	memcpy(text, key->b, sizeof(key->b));
	id_bytes(user, text + sizeof(key->b));
	memcpy(text + sizeof(key->b) + 8, digits, OTP_DIGITS);
	return hash_hmac(conf->key_otp.b, sizeof(conf->key_otp.b), text,
	    sizeof(text));
}

/* Copies a column of 32 bytes. Returns false if it is null. */
static bool
hash_col(struct stmt *q, int column, struct hash *out)
{
	size_t n;
	const void *bytes = stmt_col_blob(q, column, &n);

	if (bytes == NULL || n != sizeof(out->b))
		return false;
	memcpy(out->b, bytes, n);
	return true;
}

static void
code_row(struct stmt *q, struct otp_code *c)
{
	memset(c, 0, sizeof(*c));
	hash_col(q, 0, &c->key);
	c->user = stmt_col_int(q, 10) != 0 ? OTP_OPEN : stmt_col_int(q, 1);
	hash_col(q, 2, &c->hash);
	hash_col(q, 3, &c->sent);
	c->has_network = hash_col(q, 4, &c->network.net) &&
	    hash_col(q, 5, &c->network.site);
	c->tries_left = stmt_col_int(q, 6);
	c->used = stmt_col_opt(q, 7) != INT64_MIN;
	c->created_at = stmt_col_int(q, 8);
	c->expires_at = stmt_col_int(q, 9);
}

enum rc
otp_code_get(struct db *db, const struct hash *key, struct otp_code *c)
{
	struct stmt *q = stmt_get(db, Q_OTP_GET);

	memset(c, 0, sizeof(*c));
	stmt_blob(q, ":key", key->b, sizeof(key->b));
	if (stmt_row(q))
		code_row(q, c);
	return stmt_done(q);
}

enum rc
otp_code_newest(struct db *db, enum otp_purpose purpose,
    const struct hash *sent, struct otp_code *c, size_t max, size_t *n)
{
	struct stmt *q = stmt_get(db, Q_OTP_NEWEST);

	*n = 0;
	stmt_blob(q, ":sent", sent->b, sizeof(sent->b));
	stmt_int(q, ":purpose", purpose);
	stmt_int(q, ":limit", (int64_t)max);
	while (*n < max && stmt_row(q))
		code_row(q, &c[(*n)++]);
	return stmt_done(q);
}

static void
put_network(struct stmt *q, const char *name, const struct hash *key)
{
	if (key != NULL)
		stmt_blob(q, name, key->b, sizeof(key->b));
	else
		stmt_null(q, name);
}

enum rc
otp_code_put(struct db *db, const struct conf *conf, enum otp_purpose purpose,
    const struct otp_code *c, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_OTP_PUT);

	stmt_blob(q, ":key", c->key.b, sizeof(c->key.b));
	if (c->user > 0)
		stmt_int(q, ":user", c->user);
	else
		stmt_null(q, ":user");
	stmt_int(q, ":open", c->user == OTP_OPEN);
	stmt_int(q, ":purpose", purpose);
	stmt_blob(q, ":sent", c->sent.b, sizeof(c->sent.b));
	put_network(q, ":network", c->has_network ? &c->network.net : NULL);
	put_network(q, ":site", c->has_network ? &c->network.site : NULL);
	stmt_blob(q, ":hash", c->hash.b, sizeof(c->hash.b));
	stmt_int(q, ":tries", conf->otp_max_attempts);
	stmt_int(q, ":now", now);
	stmt_int(q, ":expires", now + conf->otp_ttl * SECOND);
	return stmt_run(q);
}

enum rc
otp_code_miss(struct db *db, const struct hash *key)
{
	struct stmt *q = stmt_get(db, Q_OTP_MISS);

	stmt_blob(q, ":key", key->b, sizeof(key->b));
	return stmt_run(q);
}

enum rc
otp_code_spend(struct db *db, const struct hash *key, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_OTP_USED);

	stmt_blob(q, ":key", key->b, sizeof(key->b));
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
otp_code_request_get(struct db *db, const struct hash *key,
    struct otp_code_request_row *r)
{
	struct stmt *q = stmt_get(db, Q_OTP_REQUEST_GET);

	memset(r, 0, sizeof(*r));
	stmt_blob(q, ":key", key->b, sizeof(key->b));
	if (stmt_row(q)) {
		r->found = true;
		hash_col(q, 0, &r->code);
		r->created_at = stmt_col_int(q, 1);
		r->expires_at = stmt_col_int(q, 2);
		r->id = stmt_col_int(q, 3);
	}
	return stmt_done(q);
}

enum rc
otp_code_request_put(struct db *db, const struct conf *conf,
    const struct hash *key, const struct hash *code, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_OTP_REQUEST_PUT);
	enum rc rc;

	stmt_blob(q, ":key", key->b, sizeof(key->b));
	stmt_blob(q, ":code", code->b, sizeof(code->b));
	stmt_int(q, ":now", now);
	stmt_int(q, ":expires", now + conf->otp_ttl * SECOND);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_OTP_REQUEST_TRIM);
	stmt_int(q, ":max", OTP_REQUEST_MAX);
	return stmt_run(q);
}
