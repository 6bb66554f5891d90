#include "base/str.h"
#include "domain/calls/session.h"
#include "domain/money/promotion.h"
#include "domain/money/wallet.h"

static enum rc
add(struct db *db, const struct conf *conf, int64_t inviter, int64_t invited,
    int64_t payment, int64_t now)
{
	struct stmt *q = db_q(db, Q_REFERRAL_ADD);

	q_int(q, ":invited", invited);
	q_int(q, ":inviter", inviter);
	q_int(q, ":payment", payment);
	q_int(q, ":inviter_bonus", conf->referral_inviter);
	q_int(q, ":invited_bonus", conf->referral_invited);
	q_int(q, ":now", now);
	return q_run(q);
}

enum rc
referral_pay(struct db *db, const struct conf *conf, int64_t user,
    int64_t payment, int64_t now, struct err *err)
{
	int64_t inviter;
	struct stmt *q;
	enum rc rc;

	if (conf->referral_inviter == 0 && conf->referral_invited == 0)
		return RC_OK;
	q = db_q(db, Q_REFERRAL_DUE);
	q_int(q, ":user", user);
	inviter = q_row(q) ? q_col_int(q, 0) : 0;
	rc = q_done(q);
	if (rc != RC_OK || inviter == 0)
		return rc;
	rc = add(db, conf, inviter, user, payment, now);
	if (rc == RC_OK && conf->referral_inviter > 0)
		rc = wallet_referral(db, inviter, conf->referral_inviter,
		    payment, now, err);
	if (rc == RC_OK)
		rc = session_extended(db, inviter, now, err);
	if (rc == RC_OK && conf->referral_invited > 0)
		rc = wallet_referral(db, user, conf->referral_invited, payment,
		    now, err);
	return rc;
}

static enum rc
totals(struct db *db, struct arena *a, int64_t user, struct referral_page *page)
{
	struct stmt *q = db_q(db, Q_REFERRAL_TOTAL);

	q_int(q, ":user", user);
	if (q_row(q)) {
		page->code = q_col_text(q, 0, a);
		page->invited = q_col_int(q, 1);
		page->paid = q_col_int(q, 2);
		page->earned = q_col_int(q, 3);
	}
	return q_done(q);
}

enum rc
referral_list(struct db *db, struct arena *a, int64_t user, int64_t before,
    int64_t limit, int64_t offset, struct referral_page *page)
{
	struct referred *r;
	struct stmt *q;
	enum rc rc;

	*page = (struct referral_page){ .list =
	    arena_zalloc(a, (size_t)limit, sizeof(*page->list)) };
	rc = totals(db, a, user, page);
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_REFERRAL_LIST);
	q_int(q, ":user", user);
	q_int(q, ":before", before);
	q_int(q, ":limit", limit + 1);
	q_int(q, ":offset", offset);
	while (!page->more && q_row(q)) {
		page->more = (int64_t)page->n == limit;
		if (page->more)
			break;
		r = &page->list[page->n++];
		r->user = q_col_int(q, 0);
		r->username = q_col_text(q, 1, a);
		r->joined_at = q_col_int(q, 2);
		r->bonus = q_col_int(q, 3);
		r->paid_at = q_col_opt(q, 4);
	}
	return q_done(q);
}
