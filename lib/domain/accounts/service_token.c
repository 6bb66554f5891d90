#include "domain/accounts/service_token.h"

#include <inttypes.h>

#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "domain/accounts/account.h"
#include "domain/common/role.h"

#define LIST_MAX 1000

static enum rc
audit_service_token(struct db *db, struct arena *a, const struct audit_by *by,
    const char *action, int64_t user)
{
	return audit_add(db, by, action, arena_fmt(a, "user:%" PRId64, user),
	    NULL, NULL);
}

/* Finds the service account of a name; *id 0 if the name is free. */
static enum rc
find_owner(struct db *db, const char *name, int64_t *id, struct err *err)
{
	struct account_match m;
	char *text;
	enum rc rc;

	*id = 0;
	text = identifier_username(err->arena, name);
	if (!identifier_username_ok(text))
		return err_set(err, RC_BAD, NULL, "the name must be 3 to 30 of "
		    "a-z, 0-9, '_' and '.'");
	rc = account_find(db, err->arena, ID_USERNAME, text, &m);
	if (rc != RC_OK || m.owner.id == 0)
		return rc;
	if (!(m.owner.roles & role_bit("service")) ||
	    m.owner.status != USER_ACTIVE)
		return err_set(err, RC_CONFLICT, NULL, "'%s' is not a service "
		    "account", text);
	*id = m.owner.id;
	return RC_OK;
}

enum rc
service_token_add(struct db *db, const char *name, const struct audit_by *by,
    char text[SERVICE_TOKEN_TEXT], struct err *err)
{
	struct account_new new = { .roles = role_bit("service"),
		.status = USER_ACTIVE, .proved = true };
	struct hash hash;
	struct stmt *q;
	uint8_t b[32];
	int64_t user;
	enum rc rc = find_owner(db, name, &user, err);

	if (rc != RC_OK)
		return rc;
	if (user == 0) {
		new.username = identifier_username(err->arena, name);
		rc = account_add(db, &new, by->now, err);
		user = new.id;
	}
	if (rc != RC_OK)
		return rc;
	random_bytes(b, sizeof(b));
	memcpy(text, SERVICE_TOKEN_PREFIX, 4);
	hash_b64(b, sizeof(b), text + 4);
	hash = hash_sha256(text, strlen(text));
	q = stmt_get(db, Q_SERVICE_TOKEN_ADD);
	stmt_int(q, ":user", user);
	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	stmt_int(q, ":now", by->now);
	rc = stmt_run(q);
	if (rc == RC_CONFLICT)
		return err_set(err, rc, NULL, "'%s' has a token already. "
		    "Revoke it first", name);
	return rc == RC_OK ? audit_service_token(db, err->arena, by,
	    "token.add", user) : rc;
}

enum rc
service_token_revoke_user(struct db *db, int64_t user, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_SERVICE_TOKEN_REVOKE);

	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	db_wake_add(db, WAKEUP_REALTIME);
	return stmt_run(q);
}

enum rc
service_token_revoke(struct db *db, const char *name,
    const struct audit_by *by, struct err *err)
{
	int64_t user;
	enum rc rc = find_owner(db, name, &user, err);

	if (rc != RC_OK)
		return rc;
	rc = service_token_revoke_user(db, user, by->now);
	if (rc == RC_OK && db_changes(db) == 0)
		return err_set(err, RC_NOT_FOUND, NULL, "'%s' has no token",
		    name);
	return rc == RC_OK ? audit_service_token(db, err->arena, by,
	    "token.revoke", user) : rc;
}

enum rc
service_token_list(struct db *db, struct arena *a, struct service_token **list,
    size_t *n)
{
	struct stmt *q = stmt_get(db, Q_SERVICE_TOKEN_LIST);
	struct service_token *t = arena_zalloc(a, LIST_MAX, sizeof(*t));

	*list = t;
	*n = 0;
	while (*n < LIST_MAX && stmt_row(q)) {
		t->name = stmt_col_text(q, 0, a);
		t->created_at = stmt_col_int(q, 1);
		t->revoked_at = stmt_col_opt(q, 2);
		t++;
		++*n;
	}
	return stmt_done(q);
}
