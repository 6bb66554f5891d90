#include "domain/money/referral.h"

#include "base/clock.h"
#include "base/str.h"
#include "domain/money/bonus_reversal.h"
#include "domain/money/wallet.h"

#define BATCH	50			/* referrals of one run */
#define MONTH	(30 * DAY)

enum rc
referral_topup(struct db *db, const struct conf *conf, int64_t user,
    int64_t payment, int64_t now)
{
	struct stmt *q;
	bool first;
	enum rc rc;

	if (conf->referral_inviter == 0 && conf->referral_invited == 0)
		return RC_OK;
	q = stmt_get(db, Q_REFERRAL_FIRST_PAYMENT);
	stmt_int(q, ":user", user);
	first = stmt_row(q) && stmt_col_int(q, 0) != 0;
	rc = stmt_done(q);
	if (rc != RC_OK || !first)
		return rc;
	q = stmt_get(db, Q_REFERRAL_BEGIN);
	stmt_int(q, ":user", user);
	stmt_int(q, ":payment", payment);
	stmt_int(q, ":now", now);
	stmt_int(q, ":due_at", now + conf->referral_hold_days * DAY);
	return stmt_run(q);
}

/* A referral, and what decides whether it is paid. */
struct referral {
	int64_t invited, inviter, payment, topup_at, commission;
	int64_t inviter_bonus, invited_bonus;
	int64_t paid_at, clawed_at;	/* INT64_MIN: not yet */
	int64_t inviter_owed, invited_owed;
	bool active;			/* both accounts */
	bool reversed;			/* a payment that counts */
	int64_t due_at;
};

static enum rc
load_referral(struct db *db, int64_t invited, struct referral *r, bool *found)
{
	struct stmt *q = stmt_get(db, Q_REFERRAL_GET);

	stmt_int(q, ":invited", invited);
	*found = stmt_row(q);
	if (*found)
		*r = (struct referral){ .invited = stmt_col_int(q, 0),
		    .inviter = stmt_col_int(q, 1),
		    .payment = stmt_col_int(q, 2),
		    .topup_at = stmt_col_int(q, 3),
		    .commission = stmt_col_int(q, 4),
		    .due_at = stmt_col_opt(q, 5),
		    .inviter_bonus = stmt_col_int(q, 6),
		    .invited_bonus = stmt_col_int(q, 7),
		    .paid_at = stmt_col_opt(q, 8),
		    .clawed_at = stmt_col_opt(q, 9),
		    .inviter_owed = stmt_col_int(q, 10),
		    .invited_owed = stmt_col_int(q, 11),
		    .active = stmt_col_int(q, 12) != 0,
		    .reversed = stmt_col_int(q, 13) != 0 };
	return stmt_done(q);
}

/* Sets when the job looks at a referral again; INT64_MIN: after a change. */
static enum rc
set_due(struct db *db, int64_t invited, int64_t due_at)
{
	struct stmt *q = stmt_get(db, Q_REFERRAL_DUE);

	stmt_int(q, ":invited", invited);
	stmt_opt(q, ":due_at", due_at);
	return stmt_run(q);
}

/* Returns the grant of a bonus of the referral. */
static struct bonus_grant
bonus_of(const struct referral *r, int64_t user)
{
	return (struct bonus_grant){ .type = TRANSFER_REFERRAL,
	    .reference = r->payment, .user = user };
}

static enum rc
take_back(struct db *db, struct referral *r, int64_t now, struct err *err)
{
	const struct bonus_grant inviter = bonus_of(r, r->inviter);
	const struct bonus_grant invited = bonus_of(r, r->invited);
	enum rc rc;

	rc = bonus_reversal_take(db, &inviter, r->inviter_bonus, now,
	    &r->inviter_owed, err);
	if (rc == RC_OK)
		rc = bonus_reversal_take(db, &invited, r->invited_bonus, now,
		    &r->invited_owed, err);
	r->clawed_at = now;
	return rc;
}

static enum rc
give_back(struct db *db, struct referral *r, int64_t now, struct err *err)
{
	const struct bonus_grant inviter = bonus_of(r, r->inviter);
	const struct bonus_grant invited = bonus_of(r, r->invited);
	enum rc rc;

	rc = bonus_reversal_return(db, &inviter, r->inviter_bonus -
	    r->inviter_owed, r->inviter_owed, now, err);
	if (rc == RC_OK)
		rc = bonus_reversal_return(db, &invited, r->invited_bonus -
		    r->invited_owed, r->invited_owed, now, err);
	r->clawed_at = INT64_MIN;
	r->inviter_owed = r->invited_owed = 0;
	return rc;
}

static enum rc
store_clawed(struct db *db, const struct referral *r)
{
	struct stmt *q = stmt_get(db, Q_REFERRAL_CLAWED);

	stmt_int(q, ":invited", r->invited);
	stmt_opt(q, ":clawed_at", r->clawed_at);
	stmt_int(q, ":inviter_owed", r->inviter_owed);
	stmt_int(q, ":invited_owed", r->invited_owed);
	return stmt_run(q);
}

enum rc
referral_reversed(struct db *db, int64_t user, int64_t now, struct err *err)
{
	struct referral r;
	bool found;
	enum rc rc = load_referral(db, user, &r, &found);

	if (rc != RC_OK || !found)
		return rc;
	if (r.paid_at == INT64_MIN)
		return r.reversed || r.due_at != INT64_MIN ? RC_OK :
		    set_due(db, user, now);
	if (r.reversed == (r.clawed_at != INT64_MIN))
		return RC_OK;
	rc = r.reversed ? take_back(db, &r, now, err) :
	    give_back(db, &r, now, err);
	if (rc == RC_OK)
		rc = store_clawed(db, &r);
	if (rc == RC_OK && !r.reversed)
		rc = wallet_credited(db, r.inviter, now, err);
	return rc;
}

/*
 * Counts the users that an inviter was paid for in the last 30 days. *oldest:
 * the time of the first of them.
 */
static enum rc
count_month(struct db *db, int64_t inviter, int64_t now, int64_t *n,
    int64_t *oldest)
{
	struct stmt *q = stmt_get(db, Q_REFERRAL_MONTH);

	*n = 0;
	*oldest = now;
	stmt_int(q, ":inviter", inviter);
	stmt_int(q, ":since", now - MONTH);
	if (stmt_row(q)) {
		*n = stmt_col_int(q, 0);
		*oldest = stmt_col_int(q, 1);
	}
	return stmt_done(q);
}

/* Returns the commission that both bonuses need. */
static int64_t
needed(const struct conf *conf)
{
	return conf->referral_min_commission > 0 ?
	    conf->referral_min_commission :
	    conf->referral_inviter + conf->referral_invited;
}

/* Returns whether the state of a referral permits its payment. */
static bool
earned(const struct conf *conf, const struct referral *r)
{
	return conf->referral_inviter + conf->referral_invited > 0 &&
	    r->active && !r->reversed && r->commission >= needed(conf);
}

static enum rc
pay(struct job_run *run, struct referral *r, struct err *err)
{
	const struct conf *conf = run->conf;
	struct stmt *q = stmt_get(run->db, Q_REFERRAL_PAID);
	enum rc rc;

	stmt_int(q, ":invited", r->invited);
	stmt_int(q, ":min_commission", needed(conf));
	stmt_int(q, ":inviter_bonus", conf->referral_inviter);
	stmt_int(q, ":invited_bonus", conf->referral_invited);
	stmt_int(q, ":now", run->now);
	rc = stmt_run(q);
	if (rc == RC_OK && conf->referral_inviter > 0)
		rc = wallet_referral(run->db, r->inviter,
		    conf->referral_inviter, r->payment, run->now, err);
	if (rc == RC_OK && conf->referral_invited > 0)
		rc = wallet_referral(run->db, r->invited,
		    conf->referral_invited, r->payment, run->now, err);
	if (rc == RC_OK)
		rc = wallet_credited(run->db, r->inviter, run->now, err);
	return rc == RC_OK ?
	    wallet_credited(run->db, r->invited, run->now, err) : rc;
}

/*
 * Pays a referral that is due, or sets when it is due again. Takes back one that
 * was paid, if the commission decreased since.
 */
static enum rc
decide(struct job_run *run, int64_t invited, struct err *err)
{
	const struct conf *conf = run->conf;
	int64_t held_until, n, oldest;
	struct referral r;
	bool found;
	enum rc rc = load_referral(run->db, invited, &r, &found);

	if (rc != RC_OK || !found)
		return rc;
	run->done++;
	if (r.paid_at != INT64_MIN) {
		rc = set_due(run->db, invited, INT64_MIN);
		return rc == RC_OK ? referral_reversed(run->db, invited,
		    run->now, err) : rc;
	}
	held_until = r.topup_at + conf->referral_hold_days * DAY;
	if (held_until > run->now)
		return set_due(run->db, invited, held_until);
	if (!earned(conf, &r))
		return set_due(run->db, invited, INT64_MIN);
	rc = count_month(run->db, r.inviter, run->now, &n, &oldest);
	if (rc == RC_OK && n >= conf->referral_per_month)
		return set_due(run->db, invited, oldest + MONTH + 1);
	return rc == RC_OK ? pay(run, &r, err) : rc;
}

enum rc
referral_pay_pending(struct job_run *run)
{
	return job_due_pending(run, Q_REFERRAL_ANY_DUE, run->now);
}

enum rc
referral_pay_run(struct job_run *run)
{
	return job_each(run, Q_REFERRAL_ANY_DUE, run->now, BATCH, decide);
}
