/*
 * ledger_walk: errors of a verification, and checks against other tables.
 */
#include "domain/money/ledger_walk.h"

#include <stdarg.h>

#include "base/str.h"

bool
ledger_walk_error(struct ledger_walk *w, const char *fmt, ...)
{
	va_list ap;

	if (w->p->wrong == NULL) {
		va_start(ap, fmt);
		w->p->wrong = arena_vfmt(w->arena, fmt, ap);
		va_end(ap);
	}
	return false;
}

const char *
ledger_walk_name(struct ledger_walk *w, int64_t account)
{
	return account < 16 ? ledger_kind_names[account & 15] :
	    arena_fmt(w->arena, "%s of user %lld",
	    ledger_kind_names[account & 15], (long long)(account >> 4));
}

struct ledger_walk_account *
ledger_walk_find(const struct ledger_walk *w, int64_t account)
{
	size_t lo = 0, hi = w->naccounts, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (w->accounts[mid].account < account)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < w->naccounts && w->accounts[lo].account == account ?
	    &w->accounts[lo] : NULL;
}

enum rc
ledger_walk_held(struct ledger_walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_SESSIONS);
	struct ledger_walk_account *p;

	for (size_t i = 0; i < w->naccounts; i++)
		w->accounts[i].used = false;
	while (stmt_row(q)) {
		p = ledger_walk_find(w, LEDGER_ACCOUNT(stmt_col_int(q, 1),
		    LEDGER_HELD));
		if (p == NULL ? stmt_col_int(q, 2) != 0 : p->used ||
		    p->sum != stmt_col_int(q, 2))
			ledger_walk_error(w,
			    "session %lld: %lld is held for it, not %lld",
			    (long long)stmt_col_int(q, 0),
			    (long long)(p == NULL ? 0 : p->sum),
			    (long long)stmt_col_int(q, 2));
		if (p != NULL)
			p->used = true;
	}
	for (size_t i = 0; i < w->naccounts; i++) {
		p = &w->accounts[i];
		if ((p->account & 15) == LEDGER_HELD && p->sum != 0 &&
		    !p->used)
			ledger_walk_error(w,
			    "%lld is held of user %lld, who has no live "
			    "session", (long long)p->sum,
			    (long long)(p->account >> 4));
	}
	return stmt_done(q);
}

enum rc
ledger_walk_closed(struct ledger_walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_CLOSED);

	if (stmt_row(q))
		ledger_walk_error(w, "%lld of %s has no owner: the account is deleted",
		    (long long)stmt_col_int(q, 1),
		    ledger_walk_name(w, stmt_col_int(q, 0)));
	return stmt_done(q);
}

enum rc
ledger_walk_payments(struct ledger_walk *w)
{
	struct stmt *paid = stmt_get(w->db, Q_LEDGER_VERIFY_PAID);
	struct stmt *topup = stmt_get(w->db, Q_LEDGER_VERIFY_TOPUPS);
	bool more = stmt_row(topup);
	int64_t payment, n = 0;
	enum rc rc, rc2;

	while (w->p->wrong == NULL && stmt_row(paid)) {
		payment = stmt_col_int(paid, 0);
		if (!more || stmt_col_int(topup, 0) != payment) {
			ledger_walk_error(w, "payment %lld: credited without a top-up",
			    (long long)payment);
			break;
		}
		n++;
		more = stmt_row(topup);
		if (more && stmt_col_int(topup, 0) == payment)
			ledger_walk_error(w,
			    "payment %lld: transfer %lld is a second top-up",
			    (long long)payment,
			    (long long)stmt_col_int(topup, 1));
	}
	if (more || n != w->topups)
		ledger_walk_error(w, "%lld top-ups, %lld credited payments",
		    (long long)w->topups, (long long)n);
	rc = stmt_done(paid);
	rc2 = stmt_done(topup);
	return rc != RC_OK ? rc : rc2;
}
