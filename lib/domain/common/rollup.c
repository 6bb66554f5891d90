#include "domain/common/rollup.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/common/kv_setting.h"

#define BATCH	500			/* facts counted by one transaction */
#define SPANS	3
#define GRACE	(10 * MINUTE)	/* an hour is closed this long after its end */
#define AHEAD	DAY	/* a clock that was this far ahead was wrong */
#define MONDAY	(4 * DAY)		/* the first Monday, 1970-01-05 */
#define KEPT	(31 * DAY) /* facts and active users are deleted after this */
#define PRUNED	100	/* rows of a table deleted by one transaction */

/*
 * Names in kv_setting: the id of the last counted fact, and the last sampled
 * minute of the supply.
 */
#define CURSOR	"rollup_fact"
#define SAMPLED	"supply_minute"

int64_t
rollup_span_length(enum rollup_span span)
{
	return span == ROLLUP_SPAN_HOUR ? HOUR : span == ROLLUP_SPAN_DAY ? DAY :
	    7 * DAY;
}

int64_t
rollup_span_start(enum rollup_span span, int64_t at)
{
	int64_t from = span == ROLLUP_SPAN_WEEK ? MONDAY : 0;

	return at - (at - from) % rollup_span_length(span);
}

enum rc
rollup_add(struct db *db, enum metric_id metric, const char *label, int64_t n,
    int64_t at)
{
	struct stmt *q = stmt_get(db, Q_ROLLUP_EVENT_ADD);

	stmt_int(q, ":metric", metric);
	stmt_int(q, ":at", at);
	stmt_text(q, ":label", label);
	stmt_int(q, ":n", n);
	return stmt_run(q);
}

/* ---- progress */

struct progress {
	int64_t last;			/* id of the last counted fact */
	int64_t newest;			/* id of the newest fact */
	int64_t open;
};

static enum rc
load_progress(struct db *db, struct progress *s)
{
	struct stmt *q;
	enum rc rc = kv_setting_get(db, CURSOR, 0, &s->last);

	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_ROLLUP_STATE);
	if (stmt_row(q)) {
		s->newest = stmt_col_int(q, 0);
		s->open = stmt_col_int(q, 1);
	}
	return stmt_done(q);
}

/* Opens hours from `open` on, for the facts after the last counted one. */
static enum rc
add_mark(struct job_run *r, struct progress *s, int64_t open)
{
	struct stmt *q = stmt_get(r->db, Q_ROLLUP_WATERMARK_ADD);

	s->open = open;
	r->done++;
	stmt_int(q, ":fact", s->last);
	stmt_int(q, ":open", open);
	stmt_int(q, ":now", r->now);
	return stmt_run(q);
}

static int64_t
closable_until(const struct job_run *r)
{
	return rollup_span_start(ROLLUP_SPAN_HOUR, r->now - GRACE);
}

static bool
clock_was_ahead(const struct job_run *r, const struct progress *s)
{
	return s->open - r->now > AHEAD;
}

/* ---- sums of a batch, added up in memory */

struct sum {
	enum metric_id metric;
	enum rollup_span span;
	int64_t start, n;
	const char *label;
};

struct sums {
	struct arena *arena;
	struct sum *sum;
	size_t n, max;
};

static void
add_sum(struct sums *all, const struct sum *one)
{
	size_t i;

	/* Facts are ordered by time, so an equal sum is near the end. */
	for (i = all->n; i > 0; i--) {
		struct sum *s = &all->sum[i - 1];

		if (s->start != one->start || s->metric != one->metric ||
		    s->span != one->span || !str_eq(s->label, one->label))
			continue;
		s->n += one->n;
		return;
	}
	if (all->n == all->max)
		BUG("more sums than facts");
	all->sum[all->n] = *one;
	all->sum[all->n++].label = arena_str(all->arena, one->label);
}

static enum rc
store_sums(struct db *db, const struct sums *all)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < all->n && rc == RC_OK; i++) {
		const struct sum *s = &all->sum[i];
		struct stmt *q = stmt_get(db, Q_ROLLUP_ADD);

		stmt_int(q, ":metric", s->metric);
		stmt_int(q, ":span", s->span);
		stmt_int(q, ":start", s->start);
		stmt_text(q, ":label", s->label);
		stmt_int(q, ":n", s->n);
		rc = stmt_run(q);
	}
	return rc;
}

/*
 * Stores that a user was active in an hour. Returns a bit for each span in
 * which the user was not active before.
 */
static enum rc
first_seen(struct db *db, int64_t user, int64_t hour, unsigned *spans)
{
	struct stmt *q = stmt_get(db, Q_ROLLUP_ACTIVE_USER);

	*spans = 0;
	stmt_int(q, ":user", user);
	stmt_int(q, ":hour", hour + HOUR);
	stmt_int(q, ":day", rollup_span_start(ROLLUP_SPAN_DAY, hour) + DAY);
	stmt_int(q, ":week", rollup_span_start(ROLLUP_SPAN_WEEK, hour) + 7 *
	    DAY);
	while (stmt_row(q))
		*spans |= 1u << stmt_col_int(q, 0);
	return stmt_done(q);
}

struct fact {
	struct sum sum;
	int64_t id, at;
	int64_t user;			/* 0: none */
};

static enum rc
count_fact(struct db *db, struct sums *all, const struct fact *f,
    int64_t open)
{
	int64_t hour = rollup_span_start(ROLLUP_SPAN_HOUR, f->at);
	unsigned spans = ~0u;
	struct sum one = f->sum;
	enum rc rc = RC_OK;

	if (hour < open)
		hour = open;
	if (hour < MONDAY)		/* the clock was not set */
		hour = MONDAY;
	if (f->user != 0)
		rc = first_seen(db, f->user, hour, &spans);
	for (one.span = ROLLUP_SPAN_HOUR; one.span <=
	    ROLLUP_SPAN_WEEK; one.span++) {
		one.start = rollup_span_start(one.span, hour);
		if ((spans & 1u << one.span) != 0)
			add_sum(all, &one);
	}
	return rc;
}

static enum rc
read_facts(struct job_run *r, int64_t after, struct fact *list, size_t *n)
{
	struct stmt *q = stmt_get(r->db, Q_ROLLUP_NEW);

	*n = 0;
	stmt_int(q, ":after", after);
	stmt_int(q, ":max", BATCH);
	while (*n < BATCH && stmt_row(q)) {
		struct fact *f = &list[(*n)++];

		f->id = stmt_col_int(q, 0);
		f->sum.metric = (enum metric_id)stmt_col_int(q, 1);
		f->at = stmt_col_int(q, 2);
		f->sum.label = stmt_col_text(q, 3, r->arena);
		f->sum.n = stmt_col_int(q, 4);
		f->user = stmt_col_int(q, 5);
	}
	return stmt_done(q);
}

static enum rc
count_facts(struct job_run *r, struct progress *s, bool *all_taken)
{
	struct fact *list = arena_zalloc(r->arena, BATCH, sizeof(*list));
	struct sums sums = { .arena = r->arena, .max = BATCH * SPANS };
	size_t n, i;
	enum rc rc = read_facts(r, s->last, list, &n);

	*all_taken = n < BATCH;
	if (rc != RC_OK || n == 0)
		return rc;
	sums.sum = arena_zalloc(r->arena, sums.max, sizeof(*sums.sum));
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = count_fact(r->db, &sums, &list[i], s->open);
	if (rc == RC_OK)
		rc = store_sums(r->db, &sums);
	if (rc != RC_OK)
		return rc;
	s->last = list[n - 1].id;
	r->done += (int64_t)n;
	r->more = !*all_taken;
	return kv_setting_put(r->db, CURSOR, s->last);
}

enum rc
rollup_pending(struct job_run *r)
{
	struct progress s = { 0 };
	enum rc rc = load_progress(r->db, &s);

	r->work = rc == RC_OK && (s.newest > s.last ||
	    closable_until(r) > s.open || clock_was_ahead(r, &s));
	return rc;
}

enum rc
rollup_run(struct job_run *r)
{
	struct progress s = { 0 };
	bool all = false;
	enum rc rc = load_progress(r->db, &s);

	if (rc == RC_OK && clock_was_ahead(r, &s)) {
		log_warn("rollup", "the clock was ahead by %" PRId64 " hours: "
		    "closed hours are open again", (s.open - r->now) / HOUR);
		rc = add_mark(r, &s, rollup_span_start(ROLLUP_SPAN_HOUR,
		    r->now));
	}
	if (rc == RC_OK)
		rc = count_facts(r, &s, &all);
	return rc == RC_OK && all && closable_until(r) > s.open ?
	    add_mark(r, &s, closable_until(r)) : rc;
}

/* ---- online listeners */

enum rc
rollup_supply_pending(struct job_run *r)
{
	struct stmt *q;
	int64_t last;
	enum rc rc = kv_setting_get(r->db, SAMPLED, 0, &last);

	/* If the clock was set back, the minute may be counted already. */
	if (rc != RC_OK || (r->now / MINUTE <= last &&
	    last - r->now / MINUTE <= AHEAD / MINUTE))
		return rc;
	q = stmt_get(r->db, Q_ROLLUP_SUPPLY_ANY);
	stmt_int(q, ":now", r->now);
	r->work = stmt_row(q);
	return stmt_done(q);
}

enum rc
rollup_supply_run(struct job_run *r)
{
	struct stmt *q = stmt_get(r->db, Q_ROLLUP_SUPPLY_SAMPLE);
	enum rc rc;

	stmt_int(q, ":now", r->now);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	r->done = 1;
	return kv_setting_put(r->db, SAMPLED, r->now / MINUTE);
}

/* ---- retention */

static enum rc
prune_facts(struct job_run *r, int64_t upto)
{
	struct stmt *q = stmt_get(r->db, Q_ROLLUP_PRUNE_END);
	int64_t end;
	enum rc rc;

	stmt_int(q, ":upto", upto);
	stmt_int(q, ":max", PRUNED);
	stmt_int(q, ":before", r->now - KEPT);
	end = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc != RC_OK || end == 0)
		return rc;
	q = stmt_get(r->db, Q_ROLLUP_PRUNE);
	stmt_int(q, ":end", end);
	rc = stmt_run(q);
	r->done += db_changes(r->db);
	r->more |= db_changes(r->db) >= PRUNED;
	return rc;
}

enum rc
rollup_prune(struct job_run *r)
{
	struct progress s = { 0 };
	struct stmt *q;
	enum rc rc = load_progress(r->db, &s);

	if (rc == RC_OK)
		rc = prune_facts(r, s.last);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(r->db, Q_ROLLUP_PRUNE_ACTIVE_USERS);
	stmt_int(q, ":before", (s.open < r->now ? s.open : r->now) -
	    KEPT);
	stmt_int(q, ":max", PRUNED);
	rc = stmt_run(q);
	r->done += db_changes(r->db);
	r->more |= db_changes(r->db) >= PRUNED;
	return rc;
}
