#include "domain/money/referral.h"

const char *const referral_state_names[] = {
	"joined", "waiting", "paid", "reversed", NULL
};

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

static void
referred_row(struct stmt *q, struct arena *a, struct referred *r)
{
	bool begun = stmt_col_int(q, 3) != 0;
	bool clawed = stmt_col_int(q, 6) != 0;

	r->user = stmt_col_int(q, 0);
	r->username = stmt_col_text(q, 1, a);
	r->joined_at = stmt_col_int(q, 2);
	r->bonus = clawed ? 0 : stmt_col_int(q, 4);
	r->paid_at = clawed ? INT64_MIN : stmt_col_opt(q, 5);
	r->state = clawed ? REFERRAL_REVERSED : r->paid_at != INT64_MIN ?
	    REFERRAL_PAID : begun ? REFERRAL_WAITING : REFERRAL_JOINED;
}

enum rc
referral_list(struct db *db, struct arena *a, int64_t user, int64_t before,
    int64_t limit, int64_t offset, struct referral_page *page)
{
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
		if (!page->more)
			referred_row(q, a, &page->list[page->n++]);
	}
	return stmt_done(q);
}
