#include "domain/money/redemption.h"

#include "base/int64.h"
#include "base/str.h"
#include "domain/money/bonus_reversal.h"
#include "domain/money/wallet.h"

#define BATCH	50			/* benefits that expire in one run */

enum rc
redemption_left(struct db *db, struct arena *a, int64_t user, int64_t now,
    size_t max, struct redemption **list, size_t *n)
{
	struct stmt *q = stmt_get(db, Q_REDEMPTION_LEFT);
	struct redemption *r;

	*list = arena_zalloc(a, max, sizeof(**list));
	*n = 0;
	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	stmt_int(q, ":limit", (int64_t)max);
	while (*n < max && stmt_row(q)) {
		r = &(*list)[(*n)++];
		r->id = stmt_col_int(q, 0);
		r->code = stmt_col_text(q, 1, a);
		r->kind = (enum promotion_kind)stmt_col_int(q, 2);
		r->value = stmt_col_int(q, 3);
		r->at = stmt_col_int(q, 4);
		r->expires_at = stmt_col_opt(q, 5);
		r->minutes = stmt_col_int(q, 6);
		r->max_rate = stmt_col_opt(q, 7);
		r->max_bonus = stmt_col_opt(q, 8);
		r->min_topup = stmt_col_int(q, 9);
		r->first_topup_only = stmt_col_int(q, 10) != 0;
	}
	return stmt_done(q);
}

/* Replaces a part of a promotion's reservation by its cost. */
static enum rc
spend(struct db *db, int64_t promotion, int64_t freed, int64_t cost)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_SPEND);

	stmt_int(q, ":id", promotion);
	stmt_int(q, ":freed", freed);
	stmt_int(q, ":cost", cost);
	return stmt_run(q);
}

/*
 * Ends a benefit: releases `freed` of its reservation. unspent: the part of its
 * cost that was taken back.
 */
static enum rc
release(struct db *db, int64_t id, int64_t promotion, int64_t freed,
    int64_t unspent)
{
	struct stmt *q = stmt_get(db, Q_REDEMPTION_RELEASE);
	enum rc rc;

	stmt_int(q, ":id", id);
	stmt_int(q, ":freed", freed);
	stmt_int(q, ":unspent", unspent);
	rc = stmt_run(q);
	return rc == RC_OK ? spend(db, promotion, freed, -unspent) : rc;
}

/* A benefit that a statement found; id 0: none. */
struct benefit {
	int64_t id, promotion, user, kind, at;
	const char *code;
	int64_t value;			/* percent */
	int64_t reserved, spent;
};

/* Releases the benefits that only the first top-up could have earned. */
static enum rc
release_missed(struct db *db, int64_t user)
{
	struct benefit b;
	struct stmt *q;
	enum rc rc;

	for (;;) {
		q = stmt_get(db, Q_REDEMPTION_TOPUP_MISSED);
		stmt_int(q, ":user", user);
		b.id = 0;
		if (stmt_row(q)) {
			b.id = stmt_col_int(q, 0);
			b.promotion = stmt_col_int(q, 1);
			b.reserved = stmt_col_int(q, 2);
		}
		rc = stmt_done(q);
		if (rc == RC_OK && b.id != 0)
			rc = release(db, b.id, b.promotion, b.reserved, 0);
		if (rc != RC_OK || b.id == 0)
			return rc;
	}
}

/* Returns amount * part / whole, rounded down; 0 <= part <= whole. */
static int64_t
share(int64_t amount, int64_t part, int64_t whole)
{
	__extension__ typedef __int128 wide;

	return (int64_t)((wide)amount * part / whole);
}

/*
 * Finds the benefit that a top-up earns: the one that expires first, or else one
 * that never expires. *any: the user has benefits that top-ups earn.
 */
static enum rc
find_benefit(struct db *db, struct arena *a, int64_t user, int64_t amount,
    int64_t now, struct benefit *b, bool *any)
{
	struct stmt *q = stmt_get(db, Q_REDEMPTION_TOPUP);
	bool expires = false;

	*any = false;
	stmt_int(q, ":user", user);
	stmt_int(q, ":amount", amount);
	stmt_int(q, ":now", now);
	while (!expires && stmt_row(q)) {
		*any = true;
		expires = stmt_col_int(q, 5) != 0 && stmt_col_int(q, 6) != 0;
		if (stmt_col_int(q, 5) == 0 || (b->id != 0 && !expires))
			continue;
		*b = (struct benefit){ .id = stmt_col_int(q, 0),
		    .promotion = stmt_col_int(q, 1),
		    .code = stmt_col_text(q, 2, a),
		    .value = stmt_col_int(q, 3),
		    .reserved = stmt_col_int(q, 4) };
	}
	return stmt_done(q);
}

enum rc
redemption_topup(struct db *db, struct arena *a, int64_t user, int64_t payment,
    int64_t amount, int64_t now, struct err *err)
{
	struct benefit b = { 0 };
	struct stmt *q;
	int64_t bonus;
	bool any;
	enum rc rc = find_benefit(db, a, user, amount, now, &b, &any);

	if (rc != RC_OK || !any)
		return rc;
	bonus = int64_min(share(amount, b.value, 100), b.reserved);
	if (bonus > 0) {
		q = stmt_get(db, Q_REDEMPTION_EARNED);
		stmt_int(q, ":id", b.id);
		stmt_int(q, ":bonus", bonus);
		stmt_int(q, ":payment", payment);
		rc = stmt_run(q);
		if (rc == RC_OK)
			rc = spend(db, b.promotion, b.reserved, bonus);
		if (rc == RC_OK)
			rc = wallet_bonus(db, user, bonus, b.promotion, b.code,
			    now, err);
	}
	return rc == RC_OK ? release_missed(db, user) : rc;
}

/* The bonus that a payment earned, and the state of its reversals. */
struct earned {
	int64_t id;			/* 0: none */
	struct bonus_grant grant;
	int64_t bonus, clawed_bonus, clawed_owed;
	int64_t amount, reversed;	/* of the payment */
};

static enum rc
load_earned(struct db *db, struct arena *a, int64_t user, int64_t payment,
    struct earned *e)
{
	struct stmt *q = stmt_get(db, Q_REDEMPTION_OF_PAYMENT);

	*e = (struct earned){ .grant = { .type = TRANSFER_BONUS,
	    .user = user } };
	stmt_int(q, ":payment", payment);
	if (stmt_row(q)) {
		e->id = stmt_col_int(q, 0);
		e->grant.reference = stmt_col_int(q, 1);
		e->grant.note = stmt_col_text(q, 2, a);
		e->bonus = stmt_col_int(q, 3);
		e->clawed_bonus = stmt_col_int(q, 4);
		e->clawed_owed = stmt_col_int(q, 5);
		e->amount = stmt_col_int(q, 6);
		e->reversed = stmt_col_int(q, 7);
	}
	return stmt_done(q);
}

static enum rc
store_clawed(struct db *db, int64_t id, int64_t bonus, int64_t owed)
{
	struct stmt *q = stmt_get(db, Q_REDEMPTION_CLAWED);

	stmt_int(q, ":id", id);
	stmt_int(q, ":bonus", bonus);
	stmt_int(q, ":owed", owed);
	return stmt_run(q);
}

enum rc
redemption_reversed(struct db *db, struct arena *a, int64_t user,
    int64_t payment, int64_t now, struct err *err)
{
	struct earned e;
	int64_t change, owed;
	enum rc rc;

	rc = load_earned(db, a, user, payment, &e);
	if (rc != RC_OK || e.id == 0)
		return rc;
	change = share(e.bonus, e.reversed, e.amount) - e.clawed_bonus -
	    e.clawed_owed;
	if (change > 0) {
		rc = bonus_reversal_take(db, &e.grant, change, now, &owed,
		    err);
		return rc == RC_OK ? store_clawed(db, e.id, change - owed,
		    owed) : rc;
	}
	if (change == 0)
		return RC_OK;
	/* The debt is returned before the bonus. */
	owed = int64_min(-change, e.clawed_owed);
	rc = bonus_reversal_return(db, &e.grant, -change - owed, owed, now,
	    err);
	return rc == RC_OK ? store_clawed(db, e.id, change + owed, -owed) : rc;
}

enum rc
redemption_forfeit(struct db *db, int64_t user)
{
	struct benefit b;
	struct stmt *q;
	enum rc rc;

	for (;;) {
		q = stmt_get(db, Q_REDEMPTION_FORFEIT);
		stmt_int(q, ":user", user);
		b.id = 0;
		if (stmt_row(q)) {
			b.id = stmt_col_int(q, 0);
			b.promotion = stmt_col_int(q, 1);
			b.reserved = stmt_col_int(q, 2);
		}
		rc = stmt_done(q);
		if (rc == RC_OK && b.id != 0)
			rc = release(db, b.id, b.promotion, b.reserved, 0);
		if (rc != RC_OK || b.id == 0)
			return rc;
	}
}

/* Finds up to `max` benefits that expired. */
static enum rc
find_expired(struct job_run *run, struct benefit *list, size_t max, size_t *n)
{
	struct stmt *q = stmt_get(run->db, Q_REDEMPTION_EXPIRED);

	*n = 0;
	stmt_int(q, ":now", run->now);
	stmt_int(q, ":limit", (int64_t)max);
	while (*n < max && stmt_row(q))
		list[(*n)++] = (struct benefit){ .id = stmt_col_int(q, 0),
		    .promotion = stmt_col_int(q, 1),
		    .user = stmt_col_int(q, 2), .kind = stmt_col_int(q, 3),
		    .code = stmt_col_text(q, 4, run->arena),
		    .at = stmt_col_int(q, 5), .reserved = stmt_col_int(q, 6),
		    .spent = stmt_col_int(q, 7) };
	return stmt_done(q);
}

enum rc
redemption_expire_pending(struct job_run *run)
{
	struct benefit b;
	size_t n;
	enum rc rc = find_expired(run, &b, 1, &n);

	run->work = rc == RC_OK && n > 0;
	return rc;
}

/*
 * Computes the unspent part of a bonus. Older bonus money is spent first, so
 * what was granted after this bonus is still there.
 */
static enum rc
unspent_bonus(struct db *db, const struct benefit *b, int64_t *left)
{
	struct stmt *q = stmt_get(db, Q_REDEMPTION_BONUS_SINCE);
	int64_t later = 0;
	enum rc rc;

	stmt_int(q, ":user", b->user);
	stmt_int(q, ":at", b->at);
	if (stmt_row(q))
		later = stmt_col_int(q, 0);
	rc = stmt_done(q);
	if (rc == RC_OK)
		rc = ledger_balance(db, LEDGER_ACCOUNT(b->user, LEDGER_BONUS),
		    left);
	*left = int64_min(*left - later, b->spent);
	if (*left < 0)
		*left = 0;
	return rc;
}

static enum rc
expire(struct job_run *run, const struct benefit *b, struct err *err)
{
	const struct bonus_grant grant = { .type = TRANSFER_BONUS,
		.reference = b->promotion, .note = b->code, .user = b->user };
	int64_t left = 0, owed;
	enum rc rc = RC_OK;

	if (b->kind == PROMOTION_BONUS)
		rc = unspent_bonus(run->db, b, &left);
	if (rc == RC_OK)
		rc = bonus_reversal_take(run->db, &grant, left, run->now,
		    &owed, err);
	if (rc == RC_OK)
		rc = release(run->db, b->id, b->promotion, b->reserved, left);
	run->done += rc == RC_OK;
	return rc;
}

enum rc
redemption_expire_run(struct job_run *run)
{
	struct benefit list[BATCH];
	struct err err;
	size_t n;
	enum rc rc = find_expired(run, list, BATCH, &n);

	err_init(&err, run->arena);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		rc = db_save(run->db);
		if (rc == RC_OK)
			rc = job_item_end(run, list[i].id,
			    expire(run, &list[i], &err));
	}
	run->more = n == BATCH && run->done > 0;
	return rc;
}
