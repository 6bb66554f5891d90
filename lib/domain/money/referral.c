/* referral: bonuses for the first payment of an invited user. */
#include "base/str.h"
#include "domain/money/promotion.h"
#include "domain/money/wallet.h"

static enum rc
add_referral(struct db *db, const struct conf *conf, int64_t inviter,
    int64_t invited, int64_t payment, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_REFERRAL_ADD);

	stmt_int(q, ":invited", invited);
	stmt_int(q, ":inviter", inviter);
	stmt_int(q, ":payment", payment);
	stmt_int(q, ":inviter_bonus", conf->referral_inviter);
	stmt_int(q, ":invited_bonus", conf->referral_invited);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
promotion_referral_pay(struct db *db, const struct conf *conf, int64_t user,
    int64_t payment, int64_t now, struct err *err)
{
	int64_t inviter;
	struct stmt *q;
	enum rc rc;

	if (conf->referral_inviter == 0 && conf->referral_invited == 0)
		return RC_OK;
	q = stmt_get(db, Q_REFERRAL_DUE);
	stmt_int(q, ":user", user);
	inviter = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc != RC_OK || inviter == 0)
		return rc;
	rc = add_referral(db, conf, inviter, user, payment, now);
	if (rc == RC_OK && conf->referral_inviter > 0)
		rc = wallet_referral(db, inviter, conf->referral_inviter,
		    payment, now, err);
	if (rc == RC_OK)
		rc = wallet_credited(db, inviter, now, err);
	if (rc == RC_OK && conf->referral_invited > 0)
		rc = wallet_referral(db, user, conf->referral_invited, payment,
		    now, err);
	return rc;
}

static enum rc
referral_totals(struct db *db, struct arena *a, int64_t user,
    struct referral_page *page)
{
	struct stmt *q = stmt_get(db, Q_REFERRAL_TOTAL);

	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		page->code = stmt_col_text(q, 0, a);
		page->invited = stmt_col_int(q, 1);
		page->paid = stmt_col_int(q, 2);
		page->earned = stmt_col_int(q, 3);
	}
	return stmt_done(q);
}

enum rc
promotion_referral_list(struct db *db, struct arena *a, int64_t user,
    int64_t before, int64_t limit, int64_t offset, struct referral_page *page)
{
	struct referred *r;
	struct stmt *q;
	enum rc rc;

	*page = (struct referral_page){ .list =
	    arena_zalloc(a, (size_t)limit, sizeof(*page->list)) };
	rc = referral_totals(db, a, user, page);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_REFERRAL_LIST);
	stmt_int(q, ":user", user);
	stmt_int(q, ":before", before);
	stmt_int(q, ":limit", limit + 1);
	stmt_int(q, ":offset", offset);
	while (!page->more && stmt_row(q)) {
		page->more = (int64_t)page->n == limit;
		if (page->more)
			break;
		r = &page->list[page->n++];
		r->user = stmt_col_int(q, 0);
		r->username = stmt_col_text(q, 1, a);
		r->joined_at = stmt_col_int(q, 2);
		r->bonus = stmt_col_int(q, 3);
		r->paid_at = stmt_col_opt(q, 4);
	}
	return stmt_done(q);
}
