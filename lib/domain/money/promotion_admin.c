/* promotion_admin: adds, changes and lists promotions for administrators. */
#include "base/field.h"
#include "base/int64.h"
#include "base/str.h"
#include "domain/common/counter.h"
#include "domain/money/promotion_row.h"

#define MINUTES_MAX	10000
#define PERCENT_MAX	1000
#define BUDGET_TIMES	100	/* redemptions that the default budget pays */

static enum rc
get_promotion(struct db *db, struct arena *a, int64_t id, struct promotion *p,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_GET);

	stmt_int(q, ":id", id);
	return promotion_row_one(q, a, p, err);
}

/* Reads the state of a promotion for the audit log, as JSON. */
static enum rc
promotion_state(struct db *db, struct arena *a, int64_t id, const char **json)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_STATE);

	stmt_int(q, ":id", id);
	*json = stmt_row(q) ? stmt_col_text(q, 0, a) : NULL;
	return stmt_done(q);
}

static enum rc
record_promotion(struct db *db, struct arena *a, int64_t id, const char *action,
    const char *before, const struct audit_by *by)
{
	const char *after;
	enum rc rc;

	rc = promotion_state(db, a, id, &after);
	if (rc != RC_OK)
		return rc;
	return audit_add(db, by, action, arena_fmt(a, "promotion:%lld",
	    (long long)id), before, after);
}

/* Checks the members that belong to one kind. */
static void
check_kind(const struct promotion *p, struct err *err)
{
	bool minutes = p->kind == PROMOTION_MINUTES;
	bool topup = p->kind == PROMOTION_TOPUP_PERCENT;

	if (minutes && p->value > MINUTES_MAX)
		err_field(err, "value", "must be at most 10000 minutes");
	if (topup && p->value > PERCENT_MAX)
		err_field(err, "value", "must be at most 1000 percent");
	if (minutes && p->max_rate == INT64_MIN)
		err_field(err, "max_rate", "is required for free minutes");
	if (!minutes && p->max_rate != INT64_MIN)
		err_field(err, "max_rate", "applies to free minutes only");
	if (topup && p->max_bonus == INT64_MIN)
		err_field(err, "max_bonus", "is required for topup_percent");
	if (!topup && p->max_bonus != INT64_MIN)
		err_field(err, "max_bonus", "applies to topup_percent only");
	if (!topup && p->min_topup != 0)
		err_field(err, "min_topup", "applies to topup_percent only");
	if (!topup && p->first_topup_only)
		err_field(err, "first_topup_only",
		    "applies to topup_percent only");
}

/* Sets the default budget, and checks that it pays for one redemption. */
static void
check_budget(struct promotion *p, struct err *err)
{
	int64_t cost = promotion_cost(p);

	if (p->budget == INT64_MIN)
		p->budget = int64_min(cost * BUDGET_TIMES,
		    PROMOTION_BUDGET_MAX);
	if (p->budget < cost)
		err_field(err, "budget",
		    "must be at least the cost of one redemption");
}

static enum rc
insert_promotion(struct db *db, const struct promotion *p,
    const struct audit_by *by)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_ADD);

	stmt_text(q, ":code", p->code);
	stmt_int(q, ":kind", p->kind);
	stmt_int(q, ":value", p->value);
	stmt_opt(q, ":max_rate", p->max_rate);
	stmt_opt(q, ":max_bonus", p->max_bonus);
	stmt_int(q, ":min_topup", p->min_topup);
	stmt_int(q, ":first_topup_only", p->first_topup_only);
	stmt_int(q, ":audience", p->audience);
	stmt_int(q, ":listed", p->listed);
	stmt_int(q, ":active", p->active);
	stmt_int(q, ":per_user", p->per_user);
	stmt_opt(q, ":total", p->total);
	stmt_int(q, ":budget", p->budget);
	stmt_opt(q, ":valid_days", p->valid_days);
	stmt_opt(q, ":starts_at", p->starts_at);
	stmt_opt(q, ":ends_at", p->ends_at);
	stmt_text(q, ":note", p->note);
	stmt_opt(q, ":by", by->actor > 0 ? by->actor : INT64_MIN);
	stmt_int(q, ":now", by->now);
	return stmt_run(q);
}

/* Stores the list of a promotion. */
static enum rc
add_users(struct db *db, struct arena *a, int64_t id, const int64_t *users,
    size_t n, struct err *err)
{
	struct stmt *q;
	enum rc rc;

	for (size_t i = 0; i < n; i++) {
		q = stmt_get(db, Q_PROMOTION_USER_ADD);
		stmt_int(q, ":promotion", id);
		stmt_int(q, ":user", users[i]);
		rc = stmt_run(q);
		if (rc == RC_CONFLICT)
			return err_field(err, "users", arena_fmt(a,
			    "contains %lld twice", (long long)users[i]));
		if (rc != RC_OK)
			return rc;
		if (db_changes(db) == 0)
			return err_field(err, "users", arena_fmt(a,
			    "%lld does not exist", (long long)users[i]));
	}
	return RC_OK;
}

enum rc
promotion_add(struct db *db, struct arena *a, struct promotion *p,
    const int64_t *users, size_t nusers, const struct audit_by *by,
    struct err *err)
{
	const char *code = promotion_row_code(a, p->code);
	enum rc rc;

	if (code == NULL)
		err_field(err, "code", "must be 3 to 32 letters, digits, '-' "
		    "and '_'");
	check_kind(p, err);
	if ((p->audience == PROMOTION_LIST) != (nusers > 0))
		err_field(err, "users", nusers > 0 ?
		    "applies to the audience list only" :
		    "is required for the audience list");
	if (p->ends_at != INT64_MIN && (p->ends_at <= by->now ||
	    p->ends_at <= p->starts_at))
		err_field(err, "ends_at", "must be in the future and after "
		    "starts_at");
	if (err->rc == RC_OK)
		check_budget(p, err);
	if (err->rc != RC_OK)
		return err->rc;
	p->code = code;
	rc = insert_promotion(db, p, by);
	if (rc == RC_CONFLICT)
		return err_set(err, RC_CONFLICT, "code_taken",
		    "A promotion with this code already exists");
	if (rc != RC_OK)
		return rc;
	p->id = db_last_id(db);
	p->redeemed = p->reserved = p->spent = 0;
	p->created_at = by->now;
	rc = add_users(db, a, p->id, users, nusers, err);
	return rc == RC_OK ? record_promotion(db, a, p->id, "promotion.add",
	    NULL, by) : rc;
}

/* Returns a field's new value: given, cleared (INT64_MIN), or unchanged. */
static int64_t
merge_field(int64_t given, int64_t old)
{
	return given == FIELD_NONE ? old :
	    given == FIELD_CLEARED ? INT64_MIN : given;
}

enum rc
promotion_change(struct db *db, struct arena *a, int64_t id,
    const struct promotion_patch *patch, const struct audit_by *by,
    struct promotion *p, struct err *err)
{
	const char *before;
	struct stmt *q;
	enum rc rc;

	rc = get_promotion(db, a, id, p, err);
	if (rc == RC_OK)
		rc = promotion_state(db, a, id, &before);
	if (rc != RC_OK)
		return rc;
	p->active = patch->active >= 0 ? patch->active > 0 : p->active;
	p->listed = patch->listed >= 0 ? patch->listed > 0 : p->listed;
	p->ends_at = merge_field(patch->ends_at, p->ends_at);
	p->total = merge_field(patch->total, p->total);
	p->budget = merge_field(patch->budget, p->budget);
	if (p->ends_at != INT64_MIN && p->ends_at <= p->starts_at)
		err_field(err, "ends_at", "must be after starts_at");
	if (p->total != INT64_MIN && p->total < p->redeemed)
		err_field(err, "total", "must not be below the number of "
		    "redemptions");
	if (p->budget < p->spent + p->reserved)
		err_field(err, "budget", "must not be below what is spent and "
		    "reserved");
	if (err->rc != RC_OK)
		return err->rc;
	q = stmt_get(db, Q_PROMOTION_CHANGE);
	stmt_int(q, ":id", id);
	stmt_int(q, ":active", p->active);
	stmt_int(q, ":listed", p->listed);
	stmt_opt(q, ":total", p->total);
	stmt_opt(q, ":ends_at", p->ends_at);
	stmt_int(q, ":budget", p->budget);
	rc = stmt_run(q);
	return rc == RC_OK ?
	    record_promotion(db, a, id, "promotion.change", before, by) : rc;
}

enum rc
promotion_list(struct db *db, struct arena *a, int64_t before, int64_t limit,
    int64_t offset, struct promotion_page *page)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_LIST);
	enum rc rc;

	*page = (struct promotion_page){ .promotions =
	    arena_zalloc(a, (size_t)limit, sizeof(*page->promotions)) };
	stmt_int(q, ":before", before);
	stmt_int(q, ":limit", limit + 1);
	stmt_int(q, ":offset", offset);
	while (!page->more && stmt_row(q)) {
		page->more = (int64_t)page->n == limit;
		if (!page->more)
			promotion_row(q, a, &page->promotions[page->n++]);
	}
	rc = stmt_done(q);
	return rc == RC_OK ? counter_get(db, "promotion", &page->total) : rc;
}
