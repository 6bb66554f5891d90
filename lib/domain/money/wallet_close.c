#include "domain/money/wallet_close.h"

#include "domain/common/audit.h"
#include "domain/money/payment.h"
#include "domain/money/wallet.h"
#include "json/json_build.h"

#define BATCH	50			/* accounts in one transaction */

enum rc
wallet_close_check(struct db *db, struct arena *a, int64_t user,
    struct err *err)
{
	struct err_money *money = arena_new(a, struct err_money);
	enum rc rc = payment_count_pending(db, user, &money->pending_payments);
	struct wallet w;

	if (rc != RC_OK)
		return rc;
	rc = wallet_get(db, user, &w);
	if (rc != RC_OK || (w.balance == 0 && w.earnings <= 0))
		return rc;
	money->balance = w.balance;
	money->bonus = w.bonus;
	money->earnings = w.earnings;
	money->owed = w.owed;
	err->money = money;
	return err_set(err, RC_CONFLICT, "account_has_money",
	    "The account has money. To give up balance and bonus, send "
	    "\"forfeit\": true. Earnings stay payable for 24 months");
}

/* Moves wallet and bonus of a user to the operator. */
static enum rc
forfeit(struct db *db, int64_t user, const int64_t has[LEDGER_KINDS],
    int64_t now, struct err *err)
{
	struct transfer t;

	if (has[LEDGER_WALLET] + has[LEDGER_BONUS] == 0)
		return RC_OK;
	ledger_transfer_init(&t, TRANSFER_ADJUSTMENT, INT64_MIN, now);
	t.note = "given up with the account";
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_WALLET),
	    -has[LEDGER_WALLET]);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_BONUS),
	    -has[LEDGER_BONUS]);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_ADJUSTMENT),
	    has[LEDGER_WALLET] + has[LEDGER_BONUS]);
	return wallet_post(db, &t, err);
}

/* Sets the end of the time in which earnings are payable; 0: none are. */
static enum rc
set_payable(struct db *db, int64_t user, bool payable, int64_t now)
{
	struct stmt *q = stmt_get(db, payable ? Q_WALLET_CLOSE_PAYABLE :
	    Q_WALLET_CLOSE_PAID);

	stmt_int(q, ":user", user);
	if (payable)
		stmt_int(q, ":expires", now + WALLET_CLOSE_PAYABLE);
	return stmt_run(q);
}

/* Gives up the balance of a closed wallet and updates its row. */
static enum rc
settle(struct db *db, int64_t user, int64_t now, struct err *err)
{
	int64_t has[LEDGER_KINDS];
	enum rc rc = ledger_user(db, user, has);

	if (rc == RC_OK)
		rc = forfeit(db, user, has, now, err);
	return rc == RC_OK ? set_payable(db, user, has[LEDGER_EARNINGS] > 0,
	    now) : rc;
}

enum rc
wallet_close(struct db *db, int64_t user, const char *payout_contact,
    int64_t now, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_WALLET_CLOSE_ADD);
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_text(q, ":contact", payout_contact);
	stmt_int(q, ":now", now);
	stmt_int(q, ":expires", now + WALLET_CLOSE_PAYABLE);
	rc = stmt_run(q);
	/* If there are no earnings, this deletes the contact. */
	return rc == RC_OK ? settle(db, user, now, err) : rc;
}

enum rc
wallet_close_get(struct db *db, struct arena *a, int64_t user,
    struct wallet_close_state *s)
{
	struct stmt *q = stmt_get(db, Q_WALLET_CLOSE_GET);

	*s = (struct wallet_close_state){ .expires_at = INT64_MIN };
	stmt_int(q, ":user", user);
	s->closed = stmt_row(q);
	if (s->closed) {
		s->payout_contact = stmt_col_text(q, 0, a);
		s->expires_at = stmt_col_opt(q, 1);
	}
	return stmt_done(q);
}

enum rc
wallet_close_deleted(struct db *db, int64_t user, bool *closed)
{
	struct stmt *q = stmt_get(db, Q_WALLET_CLOSE_GET);

	stmt_int(q, ":user", user);
	*closed = stmt_row(q);
	return stmt_done(q);
}

enum rc
wallet_close_sync(struct db *db, int64_t user, int64_t now, struct err *err)
{
	bool closed;
	enum rc rc = wallet_close_deleted(db, user, &closed);

	return rc == RC_OK && closed ? settle(db, user, now, err) : rc;
}

/* ---- job */

struct found {
	int64_t users[BATCH];
	bool unsettled[BATCH];
	size_t n;
};

/* Reads closed wallets that need work: at most `max`. */
static enum rc
find_due(struct job_run *run, size_t max, struct found *f)
{
	struct stmt *q = stmt_get(run->db, Q_WALLET_CLOSE_DUE);

	f->n = 0;
	stmt_int(q, ":now", run->now);
	stmt_int(q, ":max", (int64_t)max);
	while (f->n < max && stmt_row(q)) {
		f->users[f->n] = stmt_col_int(q, 0);
		f->unsettled[f->n++] = stmt_col_int(q, 1) != 0;
	}
	return stmt_done(q);
}

enum rc
wallet_close_pending(struct job_run *run)
{
	struct found f;
	enum rc rc = find_due(run, 1, &f);

	run->work = rc == RC_OK && f.n > 0;
	return rc;
}

/* Takes earnings that were not claimed in time; audited. */
static enum rc
expire(struct job_run *run, int64_t user, struct err *err)
{
	const struct audit_by by = { .now = run->now };
	int64_t has[LEDGER_KINDS];
	struct transfer t;
	enum rc rc = ledger_user(run->db, user, has);

	if (rc != RC_OK || has[LEDGER_EARNINGS] <= 0)
		return rc;
	ledger_transfer_init(&t, TRANSFER_ADJUSTMENT, INT64_MIN, run->now);
	t.note = "not claimed in time";
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_EARNINGS),
	    -has[LEDGER_EARNINGS]);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_ADJUSTMENT),
	    has[LEDGER_EARNINGS]);
	rc = wallet_post(run->db, &t, err);
	return rc == RC_OK ? audit_add(run->db, &by, "wallet.expire",
	    arena_fmt(run->arena, "user:%lld", (long long)user),
	    json_build_object(run->arena,
	    JSON_OBJECT(JSON_INT("earnings", has[LEDGER_EARNINGS]))),
	    json_build_object(run->arena,
	    JSON_OBJECT(JSON_INT("earnings", 0)))) : rc;
}

static enum rc
close_wallet(struct job_run *run, int64_t user, bool unsettled,
    struct err *err)
{
	enum rc rc = unsettled ? RC_OK : expire(run, user, err);

	if (rc == RC_OK)
		rc = settle(run->db, user, run->now, err);
	run->done += rc == RC_OK;
	return rc;
}

enum rc
wallet_close_run(struct job_run *run)
{
	struct found f;
	struct err err;
	enum rc rc;

	err_init(&err, run->arena);
	rc = find_due(run, BATCH, &f);
	for (size_t i = 0; rc == RC_OK && i < f.n; i++) {
		rc = db_save(run->db);
		if (rc == RC_OK)
			rc = job_item_end(run, f.users[i], close_wallet(run,
			    f.users[i], f.unsettled[i], &err));
	}
	run->more = f.n == BATCH && run->done > 0;
	return rc;
}
