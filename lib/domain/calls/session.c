#include "domain/calls/session.h"

#include "base/str.h"
#include "domain/common/id_page.h"
#include "domain/common/text_list.h"
#include "domain/money/ledger.h"

#define REFUNDS_MAX 100			/* listed for one session */

const char *const session_state_names[] = { "live", "ended", NULL };
const char *const session_cause_names[] = {
	"customer", "listener", "money", "ban", "deleted", "operator", "left",
	"lost_customer", "lost_listener", "outage", "failed", "max_minutes",
	"daily_spend", "blocked", NULL
};

/* Reads a row; all statements of sessions have the same columns. */
static void
session_row(struct stmt *q, struct arena *arena, struct session *s)
{
	memset(s, 0, sizeof(*s));
	s->id = stmt_col_int(q, 0);
	s->customer = stmt_col_int(q, 1);
	s->listener = stmt_col_int(q, 2);
	s->call = stmt_col_opt(q, 3);
	if (arena) {
		s->customer_name = stmt_col_text(q, 4, arena);
		s->listener_name = stmt_col_text(q, 5, arena);
	}
	s->state = (enum session_state)stmt_col_int(q, 6);
	s->tariff = (struct tariff){ .rate = stmt_col_int(q, 7),
	    .free_ms = stmt_col_int(q, 8), .per_second = stmt_col_int(q, 9) !=
	    0,
	    .commission = stmt_col_int(q, 10) };
	s->started_at = stmt_col_int(q, 11);
	s->leased_until = stmt_col_int(q, 12);
	s->leased_free = stmt_col_int(q, 13);
	s->held_wallet = stmt_col_int(q, 14);
	s->held_bonus = stmt_col_int(q, 15);
	s->lasts_until = stmt_col_int(q, 16);
	s->low_balance_notified = stmt_col_int(q, 17) != 0;
	s->ended_at = stmt_col_opt(q, 18);
	s->kind = (enum listener_kind)stmt_col_int(q, 31);
	if (arena)
		s->channel = stmt_col_text(q, 32, arena);
	s->waiting = stmt_col_int(q, 33) != 0;
	s->billed_from = stmt_col_int(q, 34);
	s->paused_ms = stmt_col_int(q, 35);
	s->gap_from = stmt_col_opt(q, 36);
	s->gap_until = stmt_col_opt(q, 37);
	s->gap_open = stmt_col_int(q, 38) != 0;
	s->waived = stmt_col_int(q, 39) != 0;
	s->reversed = stmt_col_int(q, 40);
	s->max_ms = stmt_col_opt(q, 41);
	s->spend_limit = stmt_col_opt(q, 42);
	if (s->state == SESSION_ENDED) {
		/* The stored amounts replace the computed ones. */
		s->bill = billing_bill(&s->tariff, s->ended_at -
		    s->billed_from - s->paused_ms, 0, 0);
		s->cause = (enum session_cause)stmt_col_int(q, 19);
		s->bill.minutes = stmt_col_int(q, 20);
		s->bill.free_minutes = stmt_col_int(q, 21);
		s->bill.cost = stmt_col_int(q, 22);
		s->cost_bonus = stmt_col_int(q, 23);
		s->bill.fee = stmt_col_int(q, 24);
		s->bill.earned = stmt_col_int(q, 25);
		s->bill.gross = s->bill.fee + s->bill.earned;
		s->balance = stmt_col_int(q, 26);
	}
	s->refunded = stmt_col_int(q, 27);
	s->rating = stmt_col_int(q, 28);
	if (arena)
		s->comment = stmt_col_text(q, 29, arena);
	s->reviewed_at = stmt_col_opt(q, 30);
}

static bool
is_party(const struct session *s, int64_t user)
{
	return user == 0 || user == s->customer || user == s->listener;
}

static enum rc
not_found(struct err *err)
{
	return err_set(err, RC_NOT_FOUND, NULL, "Session not found");
}

enum rc
session_core(struct db *db, int64_t id, int64_t user, struct session *s,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_SESSION_CORE);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", id);
	found = stmt_row(q);
	if (found)
		session_row(q, NULL, s);
	rc = stmt_done(q);
	if (rc == RC_OK && (!found || !is_party(s, user)))
		return not_found(err);
	return rc;
}

enum rc
session_of_channel(struct db *db, const char *channel, int64_t *id)
{
	struct stmt *q = stmt_get(db, Q_SESSION_OF_CHANNEL);

	stmt_text(q, ":channel", channel);
	*id = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

/* Reads the sessions of a list of ids, in its order. */
static enum rc
read_sessions(struct db *db, struct arena *arena, const int64_t *ids, size_t n,
    struct session *list, size_t *found)
{
	struct stmt *q = stmt_get(db, Q_SESSION_ITEMS);

	*found = 0;
	stmt_text(q, ":ids", id_page_json(arena, ids, n));
	while (*found < n && stmt_row(q))
		session_row(q, arena, &list[(*found)++]);
	return stmt_done(q);
}

enum rc
session_get(struct db *db, struct arena *arena, int64_t id, int64_t user,
    struct session *s, struct err *err)
{
	size_t n;
	enum rc rc = read_sessions(db, arena, &id, 1, s, &n);

	if (rc == RC_OK && (n == 0 || !is_party(s, user)))
		return not_found(err);
	return rc;
}

static enum stmt_id
list_statement(const struct session_query *query)
{
	if (query->state == SESSION_LIVE)
		return query->side == SESSION_SIDE_ALL ? Q_SESSION_IDS_LIVE :
		    Q_SESSION_IDS_USER_LIVE;
	switch (query->side) {
	case SESSION_SIDE_CUSTOMER:
		return Q_SESSION_IDS_CUSTOMER;
	case SESSION_SIDE_LISTENER:
		return Q_SESSION_IDS_LISTENER;
	case SESSION_SIDE_EITHER:
		return Q_SESSION_IDS_EITHER;
	case SESSION_SIDE_ALL:
		break;
	}
	return Q_SESSION_IDS_ALL;
}

struct totals {
	int64_t all[2], live[2];	/* as customer, as listener */
	int64_t ended, minutes, earned;
};

static enum rc
read_totals(struct db *db, int64_t user, struct totals *t)
{
	struct stmt *q = stmt_get(db, Q_SESSION_TOTAL);

	memset(t, 0, sizeof(*t));
	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		for (int i = 0; i < 2; i++) {
			t->all[i] = stmt_col_int(q, i);
			t->live[i] = stmt_col_int(q, 2 + i);
		}
		t->ended = stmt_col_int(q, 4);
		t->minutes = stmt_col_int(q, 5);
		t->earned = stmt_col_int(q, 6);
	}
	return stmt_done(q);
}

static int64_t
count_of_side(const struct totals *t, int side, int state)
{
	return state < 0 ? t->all[side] : state == SESSION_LIVE ?
	    t->live[side] : t->all[side] - t->live[side];
}

/* Counts the sessions of all users. */
static enum rc
count_all(struct db *db, int state, int64_t *n)
{
	struct stmt *q = stmt_get(db, Q_SESSION_COUNT);
	struct totals t = { .all = { 0 } };

	if (stmt_row(q)) {
		t.all[0] = stmt_col_int(q, 0);
		t.live[0] = stmt_col_int(q, 1);
	}
	*n = count_of_side(&t, 0, state);
	return stmt_done(q);
}

static enum rc
count_sessions(struct db *db, const struct session_query *query, int64_t *n)
{
	struct totals t;
	enum rc rc;

	if (query->side == SESSION_SIDE_ALL)
		return count_all(db, query->state, n);
	rc = read_totals(db, query->user, &t);
	*n = (query->side != SESSION_SIDE_LISTENER ?
	    count_of_side(&t, 0, query->state) : 0) +
	    (query->side != SESSION_SIDE_CUSTOMER ?
	    count_of_side(&t, 1, query->state) : 0);
	return rc;
}

enum rc
session_list(struct db *db, struct arena *arena,
    const struct session_query *query, struct session_page *page)
{
	struct stmt *q = stmt_get(db, list_statement(query));
	struct id_page ids;
	enum rc rc;

	memset(page, 0, sizeof(*page));
	if (query->side != SESSION_SIDE_ALL)
		stmt_int(q, ":user", query->user);
	if (query->state != SESSION_LIVE)
		stmt_int(q, ":state", query->state);
	else if (query->side != SESSION_SIDE_ALL) {
		stmt_int(q, ":customer", query->side != SESSION_SIDE_LISTENER);
		stmt_int(q, ":listener", query->side != SESSION_SIDE_CUSTOMER);
	}
	rc = id_page_before(q, arena, query->before, query->limit,
	    query->offset, &ids);
	page->more = ids.more;
	page->sessions = arena_zalloc(arena, ids.n, sizeof(*page->sessions));
	if (rc == RC_OK && ids.n > 0)
		rc = read_sessions(db, arena, ids.v, ids.n, page->sessions,
		    &page->n);
	return rc == RC_OK ? count_sessions(db, query, &page->total) : rc;
}

enum rc
session_earnings(struct db *db, int64_t listener, struct session_earnings *e)
{
	struct totals t;
	enum rc rc;

	memset(e, 0, sizeof(*e));
	rc = ledger_balance(db, LEDGER_ACCOUNT(listener, LEDGER_EARNINGS),
	    &e->balance);
	if (rc == RC_OK)
		rc = read_totals(db, listener, &t);
	if (rc != RC_OK)
		return rc;
	e->earned = t.earned;
	/* Earnings leave the account only by payouts and refunds. */
	e->paid_out = t.earned - e->balance;
	e->sessions = t.ended;
	e->minutes = t.minutes;
	return RC_OK;
}

enum rc
session_refunds(struct db *db, struct arena *arena, const struct session *s,
    struct session_refund **list, size_t *n)
{
	struct stmt *q;

	*n = 0;
	*list = NULL;
	if (s->refunded == 0)
		return RC_OK;
	*list = arena_zalloc(arena, REFUNDS_MAX, sizeof(**list));
	q = stmt_get(db, Q_SESSION_REFUNDS);
	stmt_int(q, ":customer", s->customer);
	stmt_int(q, ":id", s->id);
	while (*n < REFUNDS_MAX && stmt_row(q)) {
		struct session_refund *r = &(*list)[(*n)++];

		r->at = stmt_col_int(q, 0);
		r->amount = stmt_col_int(q, 1);
		r->reason = stmt_col_text(q, 2, arena);
	}
	return stmt_done(q);
}
