#include "domain/money/promotion_minutes.h"

#include "base/int64.h"

enum rc
promotion_minutes(struct db *db, int64_t user, int64_t rate, int64_t *n)
{
	struct stmt *q;

	*n = 0;
	if (rate == 0)
		return RC_OK;
	q = stmt_get(db, Q_PROMOTION_MINUTES_LEFT);
	stmt_int(q, ":user", user);
	stmt_int(q, ":rate", rate);
	if (stmt_row(q))
		*n = stmt_col_int(q, 0);
	return stmt_done(q);
}

/* Free minutes of one redemption. */
struct part {
	int64_t redemption, promotion;
	int64_t minutes;
	int64_t max_rate;
	int64_t reserved;		/* of a hold */
};

/* Finds the redemption whose minutes are used next; minutes 0: none. */
static enum rc
next_redemption(struct db *db, int64_t user, int64_t rate, struct part *p)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_MINUTES_NEXT);

	*p = (struct part){ .minutes = 0 };
	stmt_int(q, ":user", user);
	stmt_int(q, ":rate", rate);
	if (stmt_row(q)) {
		p->redemption = stmt_col_int(q, 0);
		p->minutes = stmt_col_int(q, 1);
	}
	return stmt_done(q);
}

static enum rc
hold_part(struct db *db, int64_t session, int64_t redemption, int64_t n)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_MINUTES_HOLD);
	enum rc rc;

	stmt_int(q, ":session", session);
	stmt_int(q, ":redemption", redemption);
	stmt_int(q, ":n", n);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_PROMOTION_MINUTES_TAKE);
	stmt_int(q, ":redemption", redemption);
	stmt_int(q, ":n", n);
	return stmt_run(q);
}

enum rc
promotion_minutes_hold(struct db *db, int64_t user, int64_t session,
    int64_t rate, int64_t n)
{
	struct part p;
	int64_t taken;
	enum rc rc = RC_OK;

	for (; rc == RC_OK && n > 0; n -= taken) {
		rc = next_redemption(db, user, rate, &p);
		if (rc == RC_OK && p.minutes == 0)
			return RC_FAULT;
		taken = int64_min(n, p.minutes);
		if (rc == RC_OK)
			rc = hold_part(db, session, p.redemption, taken);
	}
	return rc;
}

/* Finds a part that a session holds; minutes 0: none is left. */
static enum rc
next_hold(struct db *db, int64_t session, struct part *p)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_MINUTES_HELD);

	*p = (struct part){ .minutes = 0 };
	stmt_int(q, ":session", session);
	if (stmt_row(q))
		*p = (struct part){ stmt_col_int(q, 0), stmt_col_int(q, 1),
		    stmt_col_int(q, 2), stmt_col_int(q, 3),
		    stmt_col_int(q, 4) };
	return stmt_done(q);
}

/* Ends one hold: `used` of its minutes cost `cost`, the rest is returned. */
static enum rc
settle_part(struct db *db, int64_t session, const struct part *p,
    int64_t used, int64_t cost)
{
	int64_t back = p->minutes - used;
	struct stmt *q = stmt_get(db, Q_PROMOTION_MINUTES_DROP);
	enum rc rc;

	stmt_int(q, ":session", session);
	stmt_int(q, ":redemption", p->redemption);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_PROMOTION_MINUTES_RETURN);
	stmt_int(q, ":redemption", p->redemption);
	stmt_int(q, ":back", back);
	stmt_int(q, ":freed", p->reserved - back * p->max_rate);
	stmt_int(q, ":cost", cost);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_PROMOTION_SPEND);
	stmt_int(q, ":id", p->promotion);
	stmt_int(q, ":freed", p->reserved - back * p->max_rate);
	stmt_int(q, ":cost", cost);
	return stmt_run(q);
}

enum rc
promotion_minutes_settle(struct db *db, int64_t session, int64_t used,
    int64_t cost)
{
	int64_t n, share;
	struct part p;
	enum rc rc;

	for (;;) {
		rc = next_hold(db, session, &p);
		if (rc != RC_OK || p.minutes == 0)
			break;
		n = int64_min(used, p.minutes);
		/* The share is rounded down; the last one is the rest. */
		share = n == 0 ? 0 : cost / used * n + cost % used * n / used;
		rc = settle_part(db, session, &p, n, share);
		if (rc != RC_OK)
			break;
		used -= n;
		cost -= share;
	}
	return rc == RC_OK && used > 0 ? RC_FAULT : rc;
}
