#include "domain/listeners/user_block.h"

static enum rc
check_account(struct db *db, int64_t user, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_USER_BLOCK_ACCOUNT);
	bool found;
	enum rc rc;

	stmt_int(q, ":user", user);
	found = stmt_row(q);
	rc = stmt_done(q);
	return rc != RC_OK || found ? rc :
	    err_set(err, RC_NOT_FOUND, NULL, "User not found");
}

static enum rc
count_blocks(struct db *db, int64_t user, int64_t *n)
{
	struct stmt *q = stmt_get(db, Q_USER_BLOCK_COUNT);

	stmt_int(q, ":user", user);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

/* Reads the time of a block. *found: the user is blocked. */
static enum rc
get_block(struct db *db, int64_t user, int64_t blocked, int64_t *at,
    bool *found)
{
	struct stmt *q = stmt_get(db, Q_USER_BLOCK_GET);

	stmt_int(q, ":user", user);
	stmt_int(q, ":blocked", blocked);
	*found = stmt_row(q);
	if (*found)
		*at = stmt_col_int(q, 0);
	return stmt_done(q);
}

enum rc
user_block_add(struct db *db, const struct conf *conf, int64_t user,
    int64_t blocked, int64_t now, int64_t *at, struct err *err)
{
	struct stmt *q;
	bool found;
	int64_t n;
	enum rc rc;

	if (user == blocked)
		return err_set(err, RC_BAD, "cannot_block_self",
		    "You cannot block your own account");
	rc = get_block(db, user, blocked, at, &found);
	if (rc != RC_OK || found)
		return rc;
	rc = check_account(db, blocked, err);
	if (rc == RC_OK)
		rc = count_blocks(db, user, &n);
	if (rc != RC_OK)
		return rc;
	if (n >= conf->quota_blocks) {
		err->limit = conf->quota_blocks;
		err->used = n;
		return err_set(err, RC_CONFLICT, "quota_exceeded",
		    "You have blocked the maximum number of users");
	}
	*at = now;
	q = stmt_get(db, Q_USER_BLOCK_ADD);
	stmt_int(q, ":user", user);
	stmt_int(q, ":blocked", blocked);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
user_block_remove(struct db *db, int64_t user, int64_t blocked)
{
	struct stmt *q = stmt_get(db, Q_USER_BLOCK_REMOVE);

	stmt_int(q, ":user", user);
	stmt_int(q, ":blocked", blocked);
	return stmt_run(q);
}

enum rc
user_block_between(struct db *db, int64_t one, int64_t other, bool *blocked)
{
	struct stmt *q = stmt_get(db, Q_USER_BLOCK_BETWEEN);

	stmt_int(q, ":one", one);
	stmt_int(q, ":other", other);
	*blocked = stmt_row(q) && stmt_col_int(q, 0) != 0;
	return stmt_done(q);
}

enum rc
user_block_carry_over(struct db *db, int64_t former, int64_t user,
    int64_t deleted_at, int64_t now, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_USER_BLOCK_CARRY_OVER);

	(void)deleted_at;
	(void)now;
	(void)err;
	stmt_int(q, ":former", former);
	stmt_int(q, ":user", user);
	return stmt_run(q);
}

enum rc
user_block_list(struct db *db, struct arena *arena, int64_t user,
    struct user_block_page *page)
{
	size_t max = (size_t)page->limit;
	struct stmt *q = stmt_get(db, Q_USER_BLOCK_LIST);
	enum rc rc;

	page->v = arena_zalloc(arena, max, sizeof(*page->v));
	page->n = 0;
	stmt_int(q, ":user", user);
	stmt_int(q, ":at", page->after ? page->at : INT64_MAX);
	stmt_int(q, ":id", page->after ? page->id : INT64_MAX);
	stmt_int(q, ":limit", page->limit + 1);
	stmt_int(q, ":offset", page->offset);
	for (page->more = false; stmt_row(q); page->n++) {
		page->more = page->n == max;
		if (page->more)
			break;
		page->v[page->n] = (struct user_block){
		    .user = stmt_col_int(q, 0),
		    .username = stmt_col_text(q, 1, arena),
		    .image = stmt_col_text(q, 2, arena),
		    .created_at = stmt_col_int(q, 3) };
	}
	rc = stmt_done(q);
	return rc == RC_OK ? count_blocks(db, user, &page->total) : rc;
}
