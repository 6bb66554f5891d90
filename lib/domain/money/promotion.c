#include "domain/money/promotion.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/refusal.h"
#include "base/str.h"
#include "domain/common/event.h"
#include "domain/common/throttle.h"
#include "domain/money/promotion_row.h"
#include "domain/money/wallet.h"

#define CODE_MIN	3
#define CODE_MAX	32
#define COLUMNS		22		/* of promotion_get */
#define LISTED_MAX	1000		/* listed promotions that are checked */

const char *const promotion_kind_names[] = {
	"bonus", "minutes", "topup_percent", NULL
};
const char *const promotion_audience_names[] = { "all", "new", "list", NULL };

const char *
promotion_row_code(struct arena *a, const char *text)
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

void
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
	p->max_rate = stmt_col_opt(q, 12);
	p->max_bonus = stmt_col_opt(q, 13);
	p->min_topup = stmt_col_int(q, 14);
	p->first_topup_only = stmt_col_int(q, 15) != 0;
	p->audience = (enum promotion_audience)stmt_col_int(q, 16);
	p->listed = stmt_col_int(q, 17) != 0;
	p->budget = stmt_col_int(q, 18);
	p->reserved = stmt_col_int(q, 19);
	p->spent = stmt_col_int(q, 20);
	p->valid_days = stmt_col_opt(q, 21);
}

static enum rc
not_found(struct err *err)
{
	return err_set(err, RC_NOT_FOUND, "promotion_not_found",
	    "Promotion not found");
}

enum rc
promotion_row_one(struct stmt *q, struct arena *a, struct promotion *p,
    struct err *err)
{
	bool found = stmt_row(q);
	enum rc rc;

	if (found)
		promotion_row(q, a, p);
	rc = stmt_done(q);
	return rc == RC_OK && !found ? not_found(err) : rc;
}

int64_t
promotion_cost(const struct promotion *p)
{
	switch (p->kind) {
	case PROMOTION_BONUS:
		break;
	case PROMOTION_MINUTES:
		return p->value * p->max_rate;
	case PROMOTION_TOPUP_PERCENT:
		return p->max_bonus;
	}
	return p->value;
}

static enum rc
find_promotion(struct db *db, struct arena *a, const char *text,
    struct promotion *p, struct err *err)
{
	const char *code = promotion_row_code(a, text);
	struct stmt *q;
	enum rc rc;

	q = stmt_get(db, Q_PROMOTION_BY_CODE);
	stmt_text(q, ":code", code);	/* NULL matches no row */
	rc = promotion_row_one(q, a, p, err);
	return rc == RC_OK && !p->active ? not_found(err) : rc;
}

/* What decides whether a user may redeem a promotion. */
struct caller {
	int64_t times, former_times;	/* redemptions */
	int64_t topups;			/* credited payments */
	bool returning, on_list;
};

/* Reads a caller from five columns of the current row. */
static void
caller_row(struct stmt *q, int col, struct caller *c)
{
	*c = (struct caller){ stmt_col_int(q, col), stmt_col_int(q, col + 1),
	    stmt_col_int(q, col + 2), stmt_col_int(q, col + 3) != 0,
	    stmt_col_int(q, col + 4) != 0 };
}

static enum rc
load_caller(struct db *db, const struct promotion *p, int64_t user,
    struct caller *c)
{
	struct stmt *q = stmt_get(db, Q_PROMOTION_CALLER);

	stmt_int(q, ":promotion", p->id);
	stmt_int(q, ":user", user);
	*c = (struct caller){ 0 };
	if (stmt_row(q))
		caller_row(q, 0, c);
	return stmt_done(q);
}

/* Checks the audience, and that a first top-up is still possible. */
static enum rc
check_audience(const struct promotion *p, const struct caller *c,
    struct err *err)
{
	if (p->audience == PROMOTION_LIST && !c->on_list)
		return err_set(err, RC_CONFLICT, "promotion_not_eligible",
		    "This promotion is for other customers");
	if (p->audience == PROMOTION_NEW && (c->topups > 0 || c->returning))
		return err_set(err, RC_CONFLICT, "promotion_not_eligible",
		    "This promotion is for new customers");
	if (p->first_topup_only && (c->topups > 0 || c->returning))
		return err_set(err, RC_CONFLICT, "promotion_not_eligible",
		    "This promotion is for the first top-up");
	return RC_OK;
}

/* Checks that a user may redeem a promotion now. */
static enum rc
check_promotion(const struct promotion *p, const struct caller *c, int64_t now,
    struct err *err)
{
	enum rc rc;

	if (p->starts_at != INT64_MIN && now < p->starts_at)
		return err_set(err, RC_CONFLICT, "promotion_not_started",
		    "This promotion has not begun yet");
	if (p->ends_at != INT64_MIN && now >= p->ends_at)
		return err_set(err, RC_CONFLICT, "promotion_ended",
		    "This promotion has ended");
	/* Check this before the total: it is the more specific error. */
	if (c->times + c->former_times >= p->per_user)
		return err_set(err, RC_CONFLICT, "promotion_already_redeemed",
		    "You have redeemed this promotion already");
	rc = check_audience(p, c, err);
	if (rc != RC_OK)
		return rc;
	if (p->total != INT64_MIN && p->redeemed >= p->total)
		return err_set(err, RC_CONFLICT, "promotion_used_up",
		    "This promotion is used up");
	if (promotion_cost(p) > p->budget - p->reserved - p->spent)
		return err_set(err, RC_CONFLICT, "promotion_exhausted",
		    "The budget of this promotion is exhausted");
	return RC_OK;
}

/* Counts a redemption and stores what was granted. */
static enum rc
grant(struct db *db, struct promotion *p, int64_t user, int64_t n,
    int64_t expires_at, int64_t now)
{
	int64_t cost = promotion_cost(p);
	int64_t spent = p->kind == PROMOTION_BONUS ? cost : 0;
	struct stmt *q = stmt_get(db, Q_PROMOTION_COUNT);
	enum rc rc;

	stmt_int(q, ":id", p->id);
	stmt_int(q, ":reserved", cost - spent);
	stmt_int(q, ":spent", spent);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	p->redeemed++;
	p->reserved += cost - spent;
	p->spent += spent;
	q = stmt_get(db, Q_REDEMPTION_ADD);
	stmt_int(q, ":promotion", p->id);
	stmt_int(q, ":user", user);
	stmt_int(q, ":n", n);
	stmt_int(q, ":now", now);
	stmt_opt(q, ":expires_at", expires_at);
	stmt_int(q, ":reserved", cost - spent);
	stmt_int(q, ":spent", spent);
	stmt_int(q, ":minutes", p->kind == PROMOTION_MINUTES ? p->value : 0);
	stmt_opt(q, ":max_rate", p->max_rate);
	return stmt_run(q);
}

/* Sends wallet.changed for a benefit that is not a transfer. */
static enum rc
notify_granted(struct db *db, int64_t user, int64_t now)
{
	struct wallet w;
	enum rc rc = wallet_get(db, user, &w);

	return rc == RC_OK ? event_add_object(db, user, EVENT_WALLET_CHANGED,
	    now, JSON_OBJECT(JSON_STR("account", "wallet"),
	    JSON_INT("balance", w.balance), JSON_STR("type",
	    wallet_entry_type_names[WALLET_ENTRY_BONUS - 1]),
	    JSON_INT("amount", 0))) : rc;
}

enum rc
promotion_redeem(struct db *db, struct arena *a, int64_t user,
    const char *code, int64_t now, struct promotion *p, int64_t *expires_at,
    struct err *err)
{
	struct caller c;
	enum rc rc;

	*expires_at = INT64_MIN;
	rc = find_promotion(db, a, code, p, err);
	if (rc == RC_OK)
		rc = load_caller(db, p, user, &c);
	if (rc == RC_OK)
		rc = check_promotion(p, &c, now, err);
	if (rc != RC_OK)
		return rc;
	if (p->valid_days != INT64_MIN)
		*expires_at = now + p->valid_days * DAY;
	rc = grant(db, p, user, c.times + 1, *expires_at, now);
	if (rc != RC_OK)
		return rc;
	rc = p->kind == PROMOTION_BONUS ?
	    wallet_bonus(db, user, p->value, p->id, p->code, now, err) :
	    notify_granted(db, user, now);
	return rc == RC_OK ? wallet_credited(db, user, now, err) : rc;
}

enum rc
promotion_redeem_typed(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, const char *code, int64_t now, struct promotion *p,
    int64_t *expires_at, struct err *err)
{
	struct hash key = throttle_key(conf, "promotion", arena_fmt(a,
	    "%" PRId64, user));
	int64_t n, wait;
	enum rc rc = throttle_get(db, "promotion", &key, now, &n, &wait), kept;

	if (rc == RC_OK && n >= PROMOTION_GUESSES) {
		refusal_count(REFUSED_GUESS);
		err_set(err, RC_LIMITED, NULL, NULL);
		err->retry_after = throttle_seconds(wait);
		return RC_LIMITED;
	}
	if (rc == RC_OK)
		rc = promotion_redeem(db, a, user, code, now, p, expires_at,
		    err);
	if (rc != RC_NOT_FOUND)
		return rc;
	kept = throttle_add(db, "promotion", &key, HOUR, now);
	return kept == RC_OK ? rc : kept;
}

enum rc
promotion_available(struct db *db, struct arena *a, int64_t user, int64_t now,
    size_t max, struct promotion **list, size_t *n)
{
	struct promotion *all = arena_zalloc(a, max, sizeof(*all));
	struct stmt *q = stmt_get(db, Q_PROMOTION_LISTED);
	struct caller c;
	struct err none;

	*list = all;
	*n = 0;
	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	stmt_int(q, ":limit", LISTED_MAX);
	while (*n < max && stmt_row(q)) {
		promotion_row(q, a, &all[*n]);
		caller_row(q, COLUMNS, &c);
		err_init(&none, a);
		*n += check_promotion(&all[*n], &c, now, &none) == RC_OK;
	}
	return stmt_done(q);
}
