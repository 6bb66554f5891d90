#include "domain/accounts/session_cookie.h"

#include "domain/accounts/auth_session.h"

#define CSRF_PURPOSE	"csrf"

enum rc
session_cookie_issue(struct db *db, int64_t session, bool staff,
    char text[SESSION_COOKIE_TEXT])
{
	struct stmt *q = stmt_get(db, Q_SESSION_COOKIE_SET);
	struct hash hash = secret_token_make(text);
	enum rc rc;

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
	struct hash hash;
	struct stmt *q;
	int64_t since, ends;
	enum rc rc;

	*out = (struct session_cookie){ .renew_at = INT64_MIN };
	if (!secret_token_hash(text, &hash))
		return RC_NOT_FOUND;
	q = stmt_get(db, Q_SESSION_COOKIE_FIND);
	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	stmt_int(q, ":staff", staff);
	if (stmt_row(q)) {
		out->who.session = stmt_col_int(q, 0);
		out->who.user = stmt_col_int(q, 1);
		since = stmt_col_int(q, 2);
		ends = auth_session_end(conf, stmt_col_int(q, 3));
		out->expires_at = since + ttl < ends ? since + ttl : ends;
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
	uint8_t bytes[sizeof(CSRF_PURPOSE) + SECRET_TOKEN_BYTES];
	size_t n = SECRET_TOKEN_BYTES;
	struct hash hash;

	memcpy(bytes, CSRF_PURPOSE, sizeof(CSRF_PURPOSE));
	if (!hash_unb64(text, bytes + sizeof(CSRF_PURPOSE), &n) ||
	    n != SECRET_TOKEN_BYTES)
		return false;
	hash = hash_sha256(bytes, sizeof(bytes));
	hash_b64(hash.b, sizeof(hash.b), csrf);
	return true;
}
