#include "domain/accounts/session_cookie.h"

#include "base/random.h"

#define CSRF_PURPOSE	"csrf"

/* Decodes the text of a cookie. Returns false if it is malformed. */
static bool
cookie_decode(const char *text, uint8_t bytes[SESSION_COOKIE_BYTES])
{
	size_t n = SESSION_COOKIE_BYTES;

	return hash_unb64(text, bytes, &n) && n == SESSION_COOKIE_BYTES;
}

enum rc
session_cookie_issue(struct db *db, int64_t session, bool staff,
    char text[SESSION_COOKIE_TEXT])
{
	struct stmt *q = stmt_get(db, Q_SESSION_COOKIE_SET);
	uint8_t bytes[SESSION_COOKIE_BYTES];
	struct hash hash;
	enum rc rc;

	random_bytes(bytes, sizeof(bytes));
	hash_b64(bytes, sizeof(bytes), text);
	hash = hash_sha256(bytes, sizeof(bytes));
	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	stmt_int(q, ":staff", staff);
	stmt_int(q, ":id", session);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_SESSION_COOKIE_DROP_TOKENS);
	stmt_int(q, ":id", session);
	return stmt_run(q);
}

enum rc
session_cookie_find(struct db *db, const struct conf *conf, const char *text,
    bool staff, int64_t now, struct session_cookie *out)
{
	int64_t ttl = staff ? SESSION_COOKIE_STAFF : conf->refresh_ttl * SECOND;
	uint8_t bytes[SESSION_COOKIE_BYTES];
	struct hash hash;
	struct stmt *q;
	int64_t since;
	enum rc rc;

	*out = (struct session_cookie){ .renew_at = INT64_MIN };
	if (!cookie_decode(text, bytes))
		return RC_NOT_FOUND;
	hash = hash_sha256(bytes, sizeof(bytes));
	q = stmt_get(db, Q_SESSION_COOKIE_FIND);
	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	stmt_int(q, ":staff", staff);
	if (stmt_row(q)) {
		out->who.session = stmt_col_int(q, 0);
		out->who.user = stmt_col_int(q, 1);
		since = stmt_col_int(q, 2);
		out->expires_at = since + ttl;
		if (!staff)
			out->renew_at = since + (ttl / 2 < SESSION_COOKIE_RENEW
			    ? ttl / 2 : SESSION_COOKIE_RENEW);
	}
	rc = stmt_done(q);
	return rc == RC_OK && out->expires_at <= now ? RC_NOT_FOUND : rc;
}

enum rc
session_cookie_renew(struct db *db, int64_t session, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_SESSION_COOKIE_RENEW);

	stmt_int(q, ":id", session);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

bool
session_cookie_csrf(const char *text, char csrf[SESSION_COOKIE_TEXT])
{
	uint8_t bytes[sizeof(CSRF_PURPOSE) + SESSION_COOKIE_BYTES];
	struct hash hash;

	memcpy(bytes, CSRF_PURPOSE, sizeof(CSRF_PURPOSE));
	if (!cookie_decode(text, bytes + sizeof(CSRF_PURPOSE)))
		return false;
	hash = hash_sha256(bytes, sizeof(bytes));
	hash_b64(hash.b, sizeof(hash.b), csrf);
	return true;
}
