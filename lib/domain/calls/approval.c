#include "domain/calls/approval.h"

#include "base/str.h"
#include "domain/money/wallet.h"
#include "json/json_build.h"

const char *const approval_kind_names[] = {
	"wallet_adjust", "session_refund", "payment_refund", NULL
};
const char *const approval_state_names[] = {
	"pending", "approved", "rejected", NULL
};

/* ---- requests */

/*
 * Checks a request, replaces what it leaves to the default, and computes the
 * amount that counts toward the limit.
 */
static enum rc
plan(struct db *db, struct arena *a, struct approval_request *r,
    int64_t *value, struct err *err)
{
	struct session_refund_request refund = { .amount = r->amount,
	    .earnings = r->earnings, .charge_listener = r->charge_listener };
	struct session s;
	enum rc rc = RC_OK;

	switch (r->kind) {
	case APPROVAL_ADJUST:
		*value = r->amount < 0 ? -r->amount : r->amount;
		break;
	case APPROVAL_SESSION_REFUND:
		rc = session_refund_plan(db, r->target, &refund, &s, err);
		*value = refund.amount > refund.earnings ? refund.amount :
		    refund.earnings;
		r->amount = refund.amount;
		r->earnings = refund.earnings;
		r->charge_listener = false;
		break;
	case APPROVAL_PAYMENT_REFUND:
		rc = payment_refund_check(db, a, r->target, &r->amount,
		    r->even_if_spent, err);
		*value = r->amount;
		break;
	}
	return rc;
}

static enum rc
run(struct db *db, struct arena *a, const struct approval_request *r,
    const struct audit_by *by, struct approval_result *out, struct err *err)
{
	const struct session_refund_request refund = { .amount = r->amount,
	    .earnings = r->earnings, .charge_listener = r->charge_listener,
	    .reason = r->reason };

	switch (r->kind) {
	case APPROVAL_ADJUST:
		return wallet_adjust(db, a, r->target,
		    (enum ledger_kind)r->account, r->amount, r->reason, by,
		    err);
	case APPROVAL_SESSION_REFUND:
		return session_refund(db, a, r->target, &refund, by,
		    &out->session, err);
	case APPROVAL_PAYMENT_REFUND:
		break;
	}
	return payment_refund(db, a, r->target, r->amount, r->reason,
	    r->even_if_spent, by, &out->reversal, err);
}

/* Reads what an administrator moved in the last 24 hours. */
static enum rc
spent(struct db *db, const struct audit_by *by, int64_t *sum)
{
	struct stmt *q = stmt_get(db, Q_APPROVAL_SPENT);

	stmt_int(q, ":actor", by->actor);
	stmt_int(q, ":since", by->now - DAY);
	*sum = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

static enum rc
add_spending(struct db *db, const struct audit_by *by, int64_t value)
{
	struct stmt *q = stmt_get(db, Q_APPROVAL_SPENDING_DROP);
	enum rc rc;

	stmt_int(q, ":actor", by->actor);
	stmt_int(q, ":since", by->now - DAY);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_APPROVAL_SPENDING_ADD);
	stmt_int(q, ":actor", by->actor);
	stmt_int(q, ":now", by->now);
	stmt_int(q, ":amount", value);
	return stmt_run(q);
}

/* Writes an audit row with the stored request. */
static enum rc
audit_approval(struct db *db, struct arena *a, int64_t id, const char *action,
    const char *before, const struct audit_by *by)
{
	struct stmt *q = stmt_get(db, Q_APPROVAL_AUDIT);
	const char *json;
	enum rc rc;

	stmt_int(q, ":id", id);
	json = stmt_row(q) ? stmt_col_text(q, 0, a) : NULL;
	rc = stmt_done(q);
	return rc == RC_OK ? audit_add(db, by, action, arena_fmt(a,
	    "approval:%lld", (long long)id), before, json) : rc;
}

static enum rc
store(struct db *db, struct arena *a, const struct approval_request *r,
    const struct audit_by *by, int64_t *id)
{
	struct stmt *q = stmt_get(db, Q_APPROVAL_ADD);
	enum rc rc;

	stmt_int(q, ":kind", r->kind);
	stmt_int(q, ":target", r->target);
	stmt_opt(q, ":account", r->kind == APPROVAL_ADJUST ? r->account :
	    INT64_MIN);
	stmt_int(q, ":amount", r->amount);
	stmt_int(q, ":earnings", r->earnings > 0 ? r->earnings : 0);
	stmt_int(q, ":even_if_spent", r->even_if_spent);
	stmt_text(q, ":reason", r->reason);
	stmt_int(q, ":by", by->actor);
	stmt_int(q, ":now", by->now);
	rc = stmt_run(q);
	*id = db_last_id(db);
	return rc == RC_OK ? audit_approval(db, a, *id, "approval.request",
	    NULL, by) : rc;
}

enum rc
approval_submit(struct db *db, struct arena *a, const struct conf *conf,
    const struct approval_request *request, const struct audit_by *by,
    struct approval_result *out, struct err *err)
{
	struct approval_request r = *request;
	int64_t value = 0, sum;
	enum rc rc;

	out->approval = 0;
	if (conf->approval_limit == 0 || by->actor == 0)
		return run(db, a, &r, by, out, err);
	rc = plan(db, a, &r, &value, err);
	if (rc == RC_OK)
		rc = spent(db, by, &sum);
	if (rc != RC_OK)
		return rc;
	if (value > conf->approval_limit - sum)
		return store(db, a, &r, by, &out->approval);
	rc = run(db, a, &r, by, out, err);
	return rc == RC_OK && value > 0 ? add_spending(db, by, value) : rc;
}

/* ---- decisions */

static void
approval_row(struct stmt *q, struct arena *a, struct approval *p)
{
	*p = (struct approval){ .id = stmt_col_int(q, 0),
	    .request.kind = (enum approval_kind)stmt_col_int(q, 1),
	    .state = (enum approval_state)stmt_col_int(q, 2),
	    .request.target = stmt_col_int(q, 3),
	    .request.account = (int)stmt_col_int(q, 4),
	    .request.amount = stmt_col_int(q, 5),
	    .request.earnings = stmt_col_int(q, 6),
	    .request.even_if_spent = stmt_col_int(q, 7) != 0,
	    .request.reason = stmt_col_text(q, 8, a),
	    .requested_by = stmt_col_int(q, 9),
	    .requested_at = stmt_col_int(q, 10),
	    .decided_by = stmt_col_opt(q, 11),
	    .decided_at = stmt_col_opt(q, 12),
	    .note = stmt_col_text(q, 13, a) };
}

/* Reads a request. Returns RC_CONFLICT if it is decided and must not be. */
static enum rc
load(struct db *db, struct arena *a, int64_t id, bool pending,
    struct approval *p, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_APPROVAL_GET);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", id);
	found = stmt_row(q);
	if (found)
		approval_row(q, a, p);
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	if (!found)
		return err_set(err, RC_NOT_FOUND, NULL, "Approval not found");
	if (pending && p->state != APPROVAL_PENDING)
		return err_set(err, RC_CONFLICT, "approval_decided",
		    "The request is %s already",
		    approval_state_names[p->state]);
	return RC_OK;
}

/* Checks that the request does not move money of the approver. */
static enum rc
check_wallet(struct db *db, const struct approval_request *r, int64_t actor,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_APPROVAL_PARTY);
	bool party;
	enum rc rc;

	stmt_int(q, ":kind", r->kind);
	stmt_int(q, ":target", r->target);
	stmt_int(q, ":actor", actor);
	party = stmt_row(q);
	rc = stmt_done(q);
	return rc == RC_OK && party ? err_set(err, RC_FORBIDDEN, "own_wallet",
	    "Another administrator must decide about your own money") : rc;
}

/* Checks how long the approver has had the role, and from whom. */
static enum rc
check_role(struct db *db, const struct audit_by *by, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_APPROVAL_ROLE);
	int64_t since = by->now;
	bool operator = false;
	enum rc rc;

	stmt_int(q, ":user", by->actor);
	if (stmt_row(q)) {
		since = stmt_col_int(q, 0);
		operator = stmt_col_int(q, 1) != 0;
	}
	rc = stmt_done(q);
	if (rc != RC_OK || operator || by->now - since >= APPROVAL_ROLE_AGE)
		return rc;
	return err_set(err, RC_FORBIDDEN, "role_too_new",
	    "You have been an administrator for less than 7 days");
}

static enum rc
check_approver(struct db *db, const struct approval *p,
    const struct audit_by *by, struct err *err)
{
	enum rc rc;

	if (by->actor == 0)
		return RC_OK;
	if (p->requested_by == by->actor)
		return err_set(err, RC_FORBIDDEN, "own_request",
		    "Another administrator must approve your request");
	rc = check_wallet(db, &p->request, by->actor, err);
	return rc == RC_OK ? check_role(db, by, err) : rc;
}

static enum rc
decide(struct db *db, struct arena *a, const struct approval *before,
    enum approval_state state, const char *note, const struct audit_by *by,
    struct approval *p, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_APPROVAL_DECIDE);
	enum rc rc;

	stmt_int(q, ":id", before->id);
	stmt_int(q, ":state", state);
	stmt_opt(q, ":by", by->actor == 0 ? INT64_MIN : by->actor);
	stmt_int(q, ":now", by->now);
	stmt_text(q, ":note", note);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = audit_approval(db, a, before->id,
		    state == APPROVAL_APPROVED ? "approval.approve" :
		    "approval.reject", json_build_object(a,
		    JSON_OBJECT(JSON_STR("state", "pending"))), by);
	return rc == RC_OK ? load(db, a, before->id, false, p, err) : rc;
}

enum rc
approval_approve(struct db *db, struct arena *a, int64_t id, const char *note,
    const struct audit_by *by, struct approval *p, struct err *err)
{
	struct approval_result result;
	struct approval before;
	enum rc rc = load(db, a, id, true, &before, err);

	if (rc == RC_OK)
		rc = check_approver(db, &before, by, err);
	if (rc == RC_OK)
		rc = decide(db, a, &before, APPROVAL_APPROVED, note, by, p,
		    err);
	return rc == RC_OK ? run(db, a, &before.request, by, &result, err) :
	    rc;
}

enum rc
approval_reject(struct db *db, struct arena *a, int64_t id, const char *note,
    const struct audit_by *by, struct approval *p, struct err *err)
{
	struct approval before;
	enum rc rc = load(db, a, id, true, &before, err);

	return rc == RC_OK ? decide(db, a, &before, APPROVAL_REJECTED, note,
	    by, p, err) : rc;
}

/* ---- lists */

static enum rc
count_approvals(struct db *db, int state, int64_t *n)
{
	struct stmt *q = stmt_get(db, Q_APPROVAL_COUNT);

	stmt_int(q, ":state", state);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
approval_list(struct db *db, struct arena *a,
    const struct approval_query *query, struct approval_page *page)
{
	struct stmt *q = stmt_get(db, query->state < 0 ? Q_APPROVAL_LIST :
	    Q_APPROVAL_LIST_STATE);
	size_t max = (size_t)query->limit;
	enum rc rc;

	*page = (struct approval_page){ .n = 0 };
	if (query->state >= 0)
		stmt_int(q, ":state", query->state);
	stmt_int(q, ":before", query->before);
	stmt_int(q, ":limit", query->limit + 1);
	stmt_int(q, ":offset", query->offset);
	page->approvals = arena_zalloc(a, max, sizeof(*page->approvals));
	while (!page->more && stmt_row(q)) {
		page->more = page->n == max;
		if (!page->more)
			approval_row(q, a, &page->approvals[page->n++]);
	}
	rc = stmt_done(q);
	return rc == RC_OK ? count_approvals(db, query->state, &page->total) :
	    rc;
}
