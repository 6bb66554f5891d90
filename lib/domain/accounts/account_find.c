/*
 * account_find: reads accounts. It is separate from account.c because deleting
 * an account links the code of calls and money.
 */
#include "domain/accounts/account.h"
#include "domain/common/text_list.h"

/* Reads a row; all statements of accounts have the same columns. */
static void
account_row(struct stmt *q, struct arena *a, struct account *to)
{
	to->id = stmt_col_int(q, 0);
	to->uuid = stmt_col_uuid(q, 1);
	to->status = (int)stmt_col_int(q, 2);
	to->roles = (unsigned)stmt_col_int(q, 3);
	to->banned_until = stmt_col_opt(q, 4);
	to->version = stmt_col_int(q, 5);
	to->username = stmt_col_text(q, 6, a);
	to->sex = stmt_col_text(q, 7, a);
	to->bio = stmt_col_text(q, 8, a);
	to->interests = text_list_split(a, stmt_col_peek(q, 9));
	to->image = stmt_col_text(q, 10, a);
	to->preferred_language = stmt_col_text(q, 11, a);
	to->country = stmt_col_text(q, 12, a);
	to->email = stmt_col_text(q, 13, a);
	to->phone = stmt_col_text(q, 14, a);
	to->email_ok = stmt_col_int(q, 15) != 0;
	to->phone_ok = stmt_col_int(q, 16) != 0;
	to->password = stmt_col_text(q, 17, a);
	to->referral_code = stmt_col_text(q, 18, a);
	to->created_at = stmt_col_int(q, 19);
}

enum rc
account_get(struct db *db, struct arena *a, int64_t id, struct account *to)
{
	struct stmt *q = stmt_get(db, Q_ACCOUNT_GET);
	enum rc rc;

	memset(to, 0, sizeof(*to));
	stmt_int(q, ":id", id);
	if (stmt_row(q))
		account_row(q, a, to);
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	return to->id == 0 ? RC_NOT_FOUND : RC_OK;
}

static enum rc
find_one(struct db *db, struct arena *a, enum stmt_id id, const char *text,
    struct account *to)
{
	struct stmt *q = stmt_get(db, id);

	stmt_text(q, ":text", text);
	if (stmt_row(q))
		account_row(q, a, to);
	return stmt_done(q);
}

enum rc
account_find(struct db *db, struct arena *a, enum identifier kind,
    const char *text, struct account_match *to)
{
	bool email = kind == ID_EMAIL;
	enum rc rc;

	memset(to, 0, sizeof(*to));
	if (kind == ID_NONE)
		return RC_OK;
	if (kind == ID_USERNAME)
		return find_one(db, a, Q_ACCOUNT_BY_USERNAME, text,
		    &to->owner);
	rc = find_one(db, a, email ? Q_ACCOUNT_BY_EMAIL : Q_ACCOUNT_BY_PHONE,
	    text, &to->owner);
	if (rc == RC_OK)
		rc = find_one(db, a, email ? Q_ACCOUNT_PENDING_EMAIL :
		    Q_ACCOUNT_PENDING_PHONE, text, &to->pending);
	return rc;
}

enum rc
account_find_newest(struct db *db, struct arena *a, enum identifier kind,
    const char *text, struct account_match *to)
{
	enum rc rc;

	rc = account_find(db, a, kind, text, to);
	if (rc != RC_OK || (kind != ID_EMAIL && kind != ID_PHONE))
		return rc;
	rc = find_one(db, a, kind == ID_EMAIL ? Q_ACCOUNT_FIRST_EMAIL :
	    Q_ACCOUNT_FIRST_PHONE, text, &to->first);
	if (rc == RC_OK)
		rc = find_one(db, a, kind == ID_EMAIL ? Q_ACCOUNT_LAST_EMAIL :
		    Q_ACCOUNT_LAST_PHONE, text, &to->last);
	if (rc != RC_OK || kind != ID_EMAIL)
		return rc;
	memset(&to->pending, 0, sizeof(to->pending));
	return find_one(db, a, Q_ACCOUNT_NEWEST_PENDING, text, &to->pending);
}

enum rc
account_owner(struct db *db, struct arena *a, enum outbox_channel channel,
    const char *address, struct account *to)
{
	memset(to, 0, sizeof(*to));
	return find_one(db, a, channel == OUTBOX_SMS ? Q_ACCOUNT_BY_PHONE :
	    Q_ACCOUNT_BY_EMAIL, address, to);
}

enum rc
account_pending_count(struct db *db, enum outbox_channel channel,
    const char *address, int64_t *n)
{
	struct stmt *q = stmt_get(db, channel == OUTBOX_SMS ?
	    Q_ACCOUNT_PENDING_PHONES : Q_ACCOUNT_PENDING_EMAILS);

	stmt_text(q, ":text", address);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

bool
account_active(const struct account *acc, int64_t now)
{
	return actor_active(acc->status, acc->banned_until, now);
}
