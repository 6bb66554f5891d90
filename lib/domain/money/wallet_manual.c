/* wallet_manual: adjustments and payouts by administrators. */
#include "domain/money/wallet.h"
#include "domain/money/wallet_close.h"

/*
 * Reads the state of a wallet for the audit log, as JSON in the arena. Returns
 * RC_NOT_FOUND if the user does not exist.
 */
static enum rc
wallet_state(struct db *db, struct arena *arena, int64_t user, int64_t amount,
    const char *reason, const char **json, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_WALLET_AUDIT);
	bool found;
	enum rc rc;

	*json = NULL;
	stmt_int(q, ":user", user);
	stmt_text(q, ":reason", reason);
	if (amount != 0)
		stmt_int(q, ":amount", amount);
	found = stmt_row(q);
	if (found)
		*json = stmt_col_text(q, 0, arena);
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	if (!found)
		return err_set(err, RC_NOT_FOUND, NULL, "User not found");
	return *json != NULL ? RC_OK : RC_FAULT;
}

/* Posts an adjustment or a payout, with its audit row. */
static enum rc
post_manual(struct db *db, struct arena *arena, struct transfer *t,
    int64_t user, enum ledger_kind account, int64_t amount,
    const struct audit_by *by, struct err *err)
{
	bool adjustment = t->type == TRANSFER_ADJUSTMENT;
	const char *before, *after;
	enum rc rc;

	rc = wallet_state(db, arena, user, 0, NULL, &before, err);
	if (rc == RC_OK)
		rc = wallet_post(db, t, err);
	if (rc == RC_PAYMENT)
		return err_set(err, RC_CONFLICT, "insufficient_balance",
		    "The amount exceeds the %s%s", account == LEDGER_EARNINGS ?
		    "" : "balance of the ", ledger_kind_names[account]);
	if (rc == RC_OK && account == LEDGER_WALLET && amount > 0)
		rc = wallet_settle(db, user, by->now, err);
	if (rc == RC_OK)
		rc = wallet_close_sync(db, user, by->now, err);
	if (rc == RC_OK)
		rc = wallet_state(db, arena, user, amount, t->note, &after,
		    err);
	if (rc != RC_OK)
		return rc;
	return audit_add(db, by, adjustment ? "wallet.adjust" : "wallet.payout",
	    arena_fmt(arena, "user:%lld", (long long)user), before, after);
}

/* Adds an adjustment of earnings to the sum that a listener has earned. */
static enum rc
count_earned(struct db *db, int64_t user, int64_t amount)
{
	struct stmt *q = stmt_get(db, Q_WALLET_EARNED);

	stmt_int(q, ":user", user);
	stmt_int(q, ":amount", amount);
	return stmt_run(q);
}

/* Returns RC_CONFLICT account_deleted if a user cannot receive money. */
static enum rc
check_open(struct db *db, int64_t user, enum ledger_kind account,
    struct err *err)
{
	bool closed = false;
	enum rc rc = account == LEDGER_EARNINGS ? RC_OK :
	    wallet_close_deleted(db, user, &closed);

	return rc == RC_OK && closed ? err_set(err, RC_CONFLICT,
	    "account_deleted", "The account is deleted") : rc;
}

enum rc
wallet_adjust(struct db *db, struct arena *arena, int64_t user,
    enum ledger_kind account, int64_t amount, const char *reason,
    const struct audit_by *by, struct err *err)
{
	struct transfer t;
	enum rc rc;

	if (amount == 0)
		return err_field(err, "amount", "must not be 0");
	rc = check_open(db, user, account, err);
	if (rc != RC_OK)
		return rc;
	ledger_transfer_init(&t, TRANSFER_ADJUSTMENT, INT64_MIN, by->now);
	t.note = reason;
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_ADJUSTMENT), -amount);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, account), amount);
	rc = post_manual(db, arena, &t, user, account, amount, by, err);
	if (rc == RC_OK && account == LEDGER_EARNINGS)
		rc = count_earned(db, user, amount);
	return rc == RC_OK && amount > 0 && account != LEDGER_EARNINGS ?
	    wallet_credited(db, user, by->now, err) : rc;
}

enum rc
wallet_payout(struct db *db, struct arena *arena, int64_t user,
    int64_t amount, const char *note, const struct audit_by *by,
    struct err *err)
{
	struct transfer t;

	if (amount <= 0)
		return err_field(err, "amount", "must be more than 0");
	/* A payout never makes earnings negative: see ledger_sign_ok(). */
	ledger_transfer_init(&t, TRANSFER_PAYOUT, INT64_MIN, by->now);
	t.note = note;
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_EARNINGS), -amount);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_PAYOUT), amount);
	return post_manual(db, arena, &t, user, LEDGER_EARNINGS, amount, by,
	    err);
}
