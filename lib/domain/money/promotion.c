#include "domain/money/promotion.h"

#include "base/field.h"
#include "base/str.h"
#include "domain/common/counter.h"
#include "domain/common/event.h"
#include "domain/money/wallet.h"

#define CODE_MIN	3
#define CODE_MAX	32
#define MINUTES_MAX	10000

const char *const promotion_kind_names[] = { "bonus", "minutes", NULL };

/* Returns a code in capitals, in the arena; NULL if it is invalid. */
static const char *
normalize_code(struct arena *a, const char *text)
{
	char *code = arena_str(a, text), *c;

	for (c = code; *c != '\0'; c++) {
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
		else if (!(*c >= 'A' && *c <= 'Z') &&
		    !(*c >= '0' && *c <= '9') && *c != '-' && *c != '_')
			return NULL;
	}
	return c - code < CODE_MIN || c - code > CODE_MAX ? NULL : code;
}

static void
promotion_row(struct stmt *q, struct arena *a, struct promotion *p)
{
	p->id = stmt_col_int(q, 0);
	p->code = stmt_col_text(q, 1, a);
	p->kind = (enum promotion_kind)stmt_col_int(q, 2);
	p->value = stmt_col_int(q, 3);
	p->active = stmt_col_int(q, 4) != 0;
	p->per_user = stmt_col_int(q, 5);
	p->total = stmt_col_opt(q, 6);
	p->redeemed = stmt_col_int(q, 7);
	p->starts_at = stmt_col_opt(q, 8);
	p->ends_at = stmt_col_opt(q, 9);
	p->note = stmt_col_text(q, 10, a);
	p->created_at = stmt_col_int(q, 11);
}

/* Reads the one row of a bound statement; RC_NOT_FOUND if it has no row. */
static enum rc
promotion_one(struct stmt *q, struct arena *a, struct promotion *p,
    struct err *err)
{
	bool found = stmt_row(q);
	enum rc rc;

	if (found)
		promotion_row(q, a, p);
	rc = stmt_done(q);
	if (rc == RC_OK && !found)
		return err_set(err, RC_NOT_FOUND, "promotion_not_found",
		    "Promotion not found");
	return rc;
}

static enum rc
get_promotion(struct db *db, struct arena *a, int64_t id, struct promotion *p,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_GET);

	stmt_int(q, ":id", id);
	return promotion_one(q, a, p, err);
}

static enum rc
find_promotion(struct db *db, struct arena *a, const char *text,
    struct promotion *p, struct err *err)
{
	const char *code = normalize_code(a, text);
	struct stmt *q;
	enum rc rc;

	q = stmt_get(db, Q_PROMOTION_BY_CODE);
	stmt_text(q, ":code", code);	/* NULL matches no row */
	rc = promotion_one(q, a, p, err);
	if (rc == RC_OK && !p->active)
		return err_set(err, RC_NOT_FOUND, "promotion_not_found",
		    "Promotion not found");
	return rc;
}

/*
 * Checks that a user may redeem a promotion now. *n: the number of earlier
 * redemptions by the user.
 */
static enum rc
check_promotion(struct db *db, const struct promotion *p, int64_t user,
    int64_t now, int64_t *n, struct err *err)
{
	struct stmt *q;
	enum rc rc;

	if (p->starts_at != INT64_MIN && now < p->starts_at)
		return err_set(err, RC_CONFLICT, "promotion_not_started",
		    "This promotion has not begun yet");
	if (p->ends_at != INT64_MIN && now >= p->ends_at)
		return err_set(err, RC_CONFLICT, "promotion_ended",
		    "This promotion has ended");
	q = stmt_get(db, Q_PROMOTION_TIMES);
	stmt_int(q, ":promotion", p->id);
	stmt_int(q, ":user", user);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	/* Check this before the total: it is the more specific error. */
	if (*n >= p->per_user)
		return err_set(err, RC_CONFLICT, "promotion_already_redeemed",
		    "You have redeemed this promotion already");
	if (p->total != INT64_MIN && p->redeemed >= p->total)
		return err_set(err, RC_CONFLICT, "promotion_used_up",
		    "This promotion is used up");
	return RC_OK;
}

static enum rc
count_redemption(struct db *db, struct promotion *p, int64_t user, int64_t n,
    int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_COUNT);
	enum rc rc;

	stmt_int(q, ":id", p->id);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	p->redeemed++;
	q = stmt_get(db, Q_PROMOTION_REDEEMED);
	stmt_int(q, ":promotion", p->id);
	stmt_int(q, ":user", user);
	stmt_int(q, ":n", n);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/* Adds free minutes. Sends wallet.changed, as no transfer does it here. */
static enum rc
give_minutes(struct db *db, int64_t user, int64_t n, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_MINUTES);
	struct wallet w;
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":n", n);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = wallet_get(db, user, &w);
	if (rc != RC_OK)
		return rc;
	return event_add_object(db, user, EVENT_WALLET_CHANGED, now,
	    JSON_OBJECT(JSON_STR("account", "wallet"),
	    JSON_INT("balance", w.balance), JSON_STR("type",
	    wallet_entry_type_names[WALLET_ENTRY_BONUS - 1]),
	    JSON_INT("amount", 0)));
}

enum rc
promotion_redeem(struct db *db, struct arena *a, int64_t user,
    const char *code, int64_t now, struct promotion *p, struct err *err)
{
	int64_t n = 0;
	enum rc rc;

	rc = find_promotion(db, a, code, p, err);
	if (rc == RC_OK)
		rc = check_promotion(db, p, user, now, &n, err);
	if (rc == RC_OK)
		rc = count_redemption(db, p, user, n + 1, now);
	if (rc != RC_OK)
		return rc;
	rc = p->kind == PROMOTION_MINUTES ?
	    give_minutes(db, user, p->value, now) :
	    wallet_bonus(db, user, p->value, p->id, p->code, now, err);
	return rc == RC_OK ? wallet_credited(db, user, now, err) : rc;
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

enum rc
promotion_add(struct db *db, struct arena *a, struct promotion *p,
    const struct audit_by *by, struct err *err)
{
	const char *code = normalize_code(a, p->code);
	struct stmt *q;
	enum rc rc;

	if (code == NULL)
		err_field(err, "code", "must be 3 to 32 letters, digits, '-' "
		    "and '_'");
	if (p->kind == PROMOTION_MINUTES && p->value > MINUTES_MAX)
		err_field(err, "value", "must be at most 10000 minutes");
	if (p->ends_at != INT64_MIN && (p->ends_at <= by->now ||
	    p->ends_at <= p->starts_at))
		err_field(err, "ends_at", "must be in the future and after "
		    "starts_at");
	if (err->rc != RC_OK)
		return err->rc;
	p->code = code;
	q = stmt_get(db, Q_PROMOTION_ADD);
	stmt_text(q, ":code", code);
	stmt_int(q, ":kind", p->kind);
	stmt_int(q, ":value", p->value);
	stmt_int(q, ":active", p->active);
	stmt_int(q, ":per_user", p->per_user);
	stmt_opt(q, ":total", p->total);
	stmt_opt(q, ":starts_at", p->starts_at);
	stmt_opt(q, ":ends_at", p->ends_at);
	stmt_text(q, ":note", p->note);
	stmt_opt(q, ":by", by->actor > 0 ? by->actor : INT64_MIN);
	stmt_int(q, ":now", by->now);
	rc = stmt_run(q);
	if (rc == RC_CONFLICT)
		return err_set(err, RC_CONFLICT, "code_taken",
		    "A promotion with this code already exists");
	if (rc != RC_OK)
		return rc;
	p->id = db_last_id(db);
	p->redeemed = 0;
	p->created_at = by->now;
	return record_promotion(db, a, p->id, "promotion.add", NULL, by);
}

/* Returns a field's new value: given, cleared (INT64_MIN), or unchanged. */
static int64_t
merge_field(int64_t given, int64_t old)
{
	return given == FIELD_NONE ? old :
	    given == FIELD_CLEARED ? INT64_MIN : given;
}

enum rc
promotion_change(struct db *db, struct arena *a, int64_t id, int active,
    int64_t ends_at, int64_t total, const struct audit_by *by,
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
	p->active = active >= 0 ? active > 0 : p->active;
	p->ends_at = merge_field(ends_at, p->ends_at);
	p->total = merge_field(total, p->total);
	if (p->ends_at != INT64_MIN && p->ends_at <= p->starts_at)
		err_field(err, "ends_at", "must be after starts_at");
	if (p->total != INT64_MIN && p->total < p->redeemed)
		err_field(err, "total", "must not be below the number of "
		    "redemptions");
	if (err->rc != RC_OK)
		return err->rc;
	q = stmt_get(db, Q_PROMOTION_CHANGE);
	stmt_int(q, ":id", id);
	stmt_int(q, ":active", p->active);
	stmt_opt(q, ":total", p->total);
	stmt_opt(q, ":ends_at", p->ends_at);
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
