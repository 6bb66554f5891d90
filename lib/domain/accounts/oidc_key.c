#include "domain/accounts/oidc_key.h"

#include "base/wakeup.h"

#define SOON	2			/* s; a request takes about as long */

/* A row of oidc_provider. */
struct state {
	bool found, wanted;
	int64_t tried_at, fetched_at, fresh_until;
	const char *error;
};

static struct stmt *
provider_stmt(struct db *db, enum stmt_id id, const struct conf_oidc *p)
{
	struct stmt *q = stmt_get(db, id);

	stmt_text(q, ":name", p->name);
	stmt_text(q, ":url", p->jwks_url);
	return q;
}

static const void *
copy_blob(struct stmt *q, int col, struct arena *a, size_t *n)
{
	const void *bytes = stmt_col_blob(q, col, n);
	void *copy = arena_zalloc(a, *n + 1, 1);

	if (bytes != NULL)
		memcpy(copy, bytes, *n);
	return copy;
}

enum rc
oidc_key_find(struct db *db, struct arena *a, const struct conf_oidc *p,
    struct oidc_key *k, bool *found)
{
	struct stmt *q = provider_stmt(db, Q_OIDC_KEY_FIND, p);

	stmt_text(q, ":kid", k->kid);
	stmt_int(q, ":type", k->type);
	*found = stmt_row(q);
	if (*found) {
		k->first = copy_blob(q, 0, a, &k->first_len);
		k->second = copy_blob(q, 1, a, &k->second_len);
	}
	return stmt_done(q);
}

static enum rc
state_get(struct db *db, struct arena *a, const struct conf_oidc *p,
    struct state *s)
{
	struct stmt *q = provider_stmt(db, Q_OIDC_KEY_PROVIDER, p);

	memset(s, 0, sizeof(*s));
	if (stmt_row(q)) {
		s->found = true;
		s->tried_at = stmt_col_int(q, 0);
		s->fetched_at = stmt_col_int(q, 1);
		s->fresh_until = stmt_col_int(q, 2);
		s->wanted = stmt_col_int(q, 3) != 0;
		s->error = stmt_col_text(q, 4, a);
	}
	return stmt_done(q);
}

/* Returns whether a request to the provider is under way, unless it died. */
static bool
is_fetching(const struct state *s, int64_t now)
{
	return s->error == NULL && s->fetched_at < s->tried_at &&
	    s->tried_at > now - OIDC_KEY_PAUSE;
}

enum rc
oidc_key_want(struct db *db, struct arena *a, const struct conf_oidc *p,
    int64_t now, struct err *err)
{
	struct state s;
	int64_t wait;
	enum rc rc;

	rc = state_get(db, a, p, &s);
	if (rc != RC_OK)
		return rc;
	if (s.error == NULL && s.fetched_at > now - OIDC_KEY_PAUSE)
		return err_set(err, RC_AUTH, "id_token_invalid",
		    "The provider has no key with the kid of the ID token");
	/* Keys that were never fetched are due without a mark. */
	if (s.found && !s.wanted && !is_fetching(&s, now)) {
		rc = stmt_run(provider_stmt(db, Q_OIDC_KEY_WANT, p));
		if (rc != RC_OK)
			return rc;
	}
	db_wake_add(db, WAKEUP_JOBS);
	wait = (s.tried_at + OIDC_KEY_PAUSE - now) / SECOND + 1;
	err_set(err, RC_PENDING, "provider_keys_pending", "The keys of the "
	    "provider are being fetched. Repeat the request");
	err->retry_after = is_fetching(&s, now) || wait < SOON ? SOON : (int)wait;
	return RC_PENDING;
}

enum rc
oidc_key_due(struct db *db, struct arena *a, const struct conf_oidc *p,
    int64_t now, bool *due)
{
	struct state s;
	enum rc rc;

	*due = false;
	if (p->audiences.n == 0)
		return RC_OK;
	rc = state_get(db, a, p, &s);
	*due = (s.wanted || s.fresh_until <= now) &&
	    s.tried_at <= now - OIDC_KEY_PAUSE;
	return rc;
}

enum rc
oidc_key_begin(struct db *db, const struct conf_oidc *p, int64_t now)
{
	struct stmt *q;
	enum rc rc = stmt_run(provider_stmt(db, Q_OIDC_KEY_FORGET, p));

	if (rc != RC_OK)
		return rc;
	q = provider_stmt(db, Q_OIDC_KEY_BEGIN, p);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

static enum rc
add_key(struct db *db, const struct conf_oidc *p, const struct oidc_key *k)
{
	struct stmt *q = stmt_get(db, Q_OIDC_KEY_ADD);

	stmt_text(q, ":name", p->name);
	stmt_text(q, ":kid", k->kid);
	stmt_int(q, ":type", k->type);
	stmt_blob(q, ":first", k->first, k->first_len);
	stmt_blob(q, ":second", k->second, k->second_len);
	return stmt_run(q);
}

enum rc
oidc_key_store(struct db *db, const struct conf_oidc *p,
    const struct oidc_key *v, size_t n, int max_age, int64_t now)
{
	int64_t fresh = max_age * SECOND;
	struct stmt *q;
	enum rc rc;
	size_t i;

	if (fresh < OIDC_KEY_FRESH_MIN)
		fresh = OIDC_KEY_FRESH_MIN;
	q = stmt_get(db, Q_OIDC_KEY_DROP);
	stmt_text(q, ":name", p->name);
	rc = stmt_run(q);
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = add_key(db, p, &v[i]);
	if (rc != RC_OK)
		return rc;
	q = provider_stmt(db, Q_OIDC_KEY_FETCHED, p);
	stmt_int(q, ":now", now);
	stmt_int(q, ":until", now + fresh);
	return stmt_run(q);
}

enum rc
oidc_key_failed(struct db *db, const struct conf_oidc *p, const char *error)
{
	struct stmt *q = provider_stmt(db, Q_OIDC_KEY_FAILED, p);

	stmt_text(q, ":error", error);
	return stmt_run(q);
}
