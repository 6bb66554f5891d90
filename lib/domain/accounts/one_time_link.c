#include "domain/accounts/one_time_link.h"

#include "base/secret_token.h"
#include "base/str.h"

static void
link_row(struct stmt *q, struct one_time_link *to)
{
	to->id = stmt_col_int(q, 0);
	to->kind = (enum one_time_link_kind)stmt_col_int(q, 1);
	/* Null reads as 0. */
	to->user = stmt_col_int(q, 2);
	to->roles = (unsigned)stmt_col_int(q, 3);
	to->created_by = stmt_col_int(q, 4);
	to->created_at = stmt_col_int(q, 5);
	to->expires_at = stmt_col_int(q, 6);
}

enum rc
one_time_link_add(struct db *db, struct arena *a, struct one_time_link *link,
    const char **token)
{
	struct stmt *q = stmt_get(db, Q_ONE_TIME_LINK_ADD);
	char *text = arena_alloc(a, SECRET_TOKEN_TEXT);
	struct hash hash = secret_token_make(text);
	enum rc rc;

	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	stmt_int(q, ":kind", link->kind);
	stmt_id(q, ":user", link->user);
	stmt_int(q, ":roles", link->roles);
	stmt_id(q, ":by", link->created_by);
	stmt_int(q, ":now", link->created_at);
	stmt_int(q, ":expires", link->expires_at);
	rc = stmt_run(q);
	link->id = db_last_id(db);
	*token = text;
	return rc;
}

enum rc
one_time_link_find(struct db *db, const char *token, int64_t now,
    struct one_time_link *link, struct err *err)
{
	struct hash hash;
	struct stmt *q;
	enum rc rc = RC_OK;

	memset(link, 0, sizeof(*link));
	if (secret_token_hash(token, &hash)) {
		q = stmt_get(db, Q_ONE_TIME_LINK_FIND);
		stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
		stmt_int(q, ":now", now);
		if (stmt_row(q))
			link_row(q, link);
		rc = stmt_done(q);
	}
	if (rc == RC_OK && link->id == 0)
		return err_set(err, RC_NOT_FOUND, "link_invalid",
		    "The link has expired or was used. Ask for a new one");
	return rc;
}

enum rc
one_time_link_drop(struct db *db, int64_t id)
{
	struct stmt *q = stmt_get(db, Q_ONE_TIME_LINK_DROP);
	enum rc rc;

	stmt_int(q, ":id", id);
	rc = stmt_run(q);
	return rc == RC_OK && db_changes(db) == 0 ? RC_NOT_FOUND : rc;
}

enum rc
one_time_link_list(struct db *db, struct arena *a,
    enum one_time_link_kind kind, int64_t now, size_t max,
    struct one_time_link **links, size_t *n)
{
	struct stmt *q = stmt_get(db, Q_ONE_TIME_LINK_LIST);

	*links = arena_zalloc(a, max, sizeof(**links));
	*n = 0;
	stmt_int(q, ":kind", kind);
	stmt_int(q, ":now", now);
	stmt_int(q, ":limit", (int64_t)max);
	while (*n < max && stmt_row(q))
		link_row(q, &(*links)[(*n)++]);
	return stmt_done(q);
}

const char *
one_time_link_url(struct arena *a, const char *base_url,
    enum one_time_link_kind kind, const char *token)
{
	/* Browsers do not send the part after '#', so no log contains it. */
	return arena_fmt(a, "%s/console/#/%s/%s", base_url,
	    kind == ONE_TIME_LINK_STAFF ? "invitation" : "sign-in", token);
}
