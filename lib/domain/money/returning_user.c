#include "domain/money/returning_user.h"

#include "base/str.h"
#include "domain/common/throttle.h"
#include "domain/money/ledger.h"
#include "domain/money/wallet.h"

/* Returns the keyed hash of an address, without case. */
static struct hash
address_hash(struct arena *a, const struct conf *conf, const char *address)
{
	char *lower = arena_str(a, address), *c;

	for (c = lower; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return throttle_key(conf, "former_address", lower);
}

enum rc
returning_user_keep(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, const char *address, int64_t now)
{
	struct hash hash;
	struct stmt *q;

	if (address == NULL || conf->return_days == 0)
		return RC_OK;
	hash = address_hash(a, conf, address);
	q = stmt_get(db, Q_RETURNING_USER_KEEP);
	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/* The account that had an address; id 0: none. */
struct former {
	int64_t id;
	int64_t until;			/* when it gave up the address */
	bool deleted;
};

static enum rc
find_former(struct db *db, const struct hash *hash, int64_t since,
    struct former *f)
{
	struct stmt *q = stmt_get(db, Q_RETURNING_USER_FIND);

	*f = (struct former){ 0 };
	stmt_blob(q, ":hash", hash->b, sizeof(hash->b));
	stmt_int(q, ":since", since);
	if (stmt_row(q))
		*f = (struct former){ stmt_col_int(q, 0), stmt_col_int(q, 1),
		    stmt_col_int(q, 2) != 0 };
	return stmt_done(q);
}

/* Moves the debt of a deleted account, and pays it from the wallet. */
static enum rc
move_debt(struct db *db, int64_t former, int64_t user, int64_t now,
    struct err *err)
{
	struct transfer t;
	int64_t owed;
	enum rc rc;

	rc = ledger_balance(db, LEDGER_ACCOUNT(former, LEDGER_OWED), &owed);
	if (rc != RC_OK || owed == 0)
		return rc;
	ledger_transfer_init(&t, TRANSFER_SETTLEMENT, INT64_MIN, now);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(former, LEDGER_OWED), -owed);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_OWED), owed);
	rc = wallet_post(db, &t, err);
	return rc == RC_OK ? wallet_settle(db, user, now, err) : rc;
}

enum rc
returning_user_payer(struct db *db, int64_t user, int64_t since,
    int64_t *payer)
{
	struct stmt *q = stmt_get(db, Q_RETURNING_USER_PAYER);

	*payer = user;
	stmt_int(q, ":user", user);
	stmt_int(q, ":since", since);
	if (stmt_row(q))
		*payer = stmt_col_int(q, 0);
	return stmt_done(q);
}

static struct {
	returning_user_watcher *call;
} watchers[RETURNING_USER_WATCHERS];

void
returning_user_watch(returning_user_watcher *f)
{
	for (size_t i = 0; i < NELEM(watchers); i++) {
		if (watchers[i].call == NULL || watchers[i].call == f) {
			watchers[i].call = f;
			return;
		}
	}
	BUG("more than %d functions watch returning users",
	    RETURNING_USER_WATCHERS);
}

/* Carries over the redemptions, and the rows of other subjects. */
static enum rc
carry_over(struct db *db, const struct former *f, int64_t user, int64_t now,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_RETURNING_USER_REDEMPTIONS);
	enum rc rc;

	stmt_int(q, ":former", f->id);
	stmt_int(q, ":user", user);
	rc = stmt_run(q);
	for (size_t i = 0; i < NELEM(watchers) && watchers[i].call != NULL &&
	    rc == RC_OK; i++)
		rc = watchers[i].call(db, f->id, user, f->until, now, err);
	return rc;
}

enum rc
returning_user_link(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, const char *address, int64_t now, struct err *err)
{
	struct former f;
	struct hash hash;
	struct stmt *q;
	enum rc rc;

	if (address == NULL)
		return RC_OK;
	hash = address_hash(a, conf, address);
	rc = find_former(db, &hash, now - conf->return_days * DAY, &f);
	if (rc != RC_OK || f.id == 0 || f.id == user)
		return rc;
	q = stmt_get(db, Q_RETURNING_USER_LINK);
	stmt_int(q, ":user", user);
	stmt_int(q, ":former", f.id);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_OK && db_changes(db) == 1)
		rc = carry_over(db, &f, user, now, err);
	/* An earlier link may be older than the deletion. */
	return rc == RC_OK && f.deleted && f.until > now - RETURNING_USER_DEBT ?
	    move_debt(db, f.id, user, now, err) : rc;
}

enum rc
returning_user_forget(struct db *db, struct arena *a, const struct conf *conf,
    const char *address, const struct audit_by *by, struct err *err)
{
	struct hash hash = address_hash(a, conf, address);
	struct stmt *q = stmt_get(db, Q_RETURNING_USER_FORGET);
	int64_t user;
	enum rc rc;

	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	user = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc == RC_OK && user == 0)
		return err_set(err, RC_NOT_FOUND, NULL,
		    "No deleted account had this address");
	/* The audit must not contain the address. */
	return rc == RC_OK ? audit_add(db, by, "user.forget_address",
	    arena_fmt(a, "user:%lld", (long long)user), NULL, NULL) : rc;
}
