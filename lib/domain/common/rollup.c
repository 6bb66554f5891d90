#include "domain/common/rollup.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/common/kv_setting.h"

#define BATCH	4000			/* facts counted in one transaction */
#define SPANS	3
#define GRACE	(10 * MINUTE)		/* an hour is open behind its end */
#define AHEAD	DAY			/* a clock was wrong that was so far */
#define MONDAY	(4 * DAY)		/* the first one, 1970-01-05 */
#define KEPT	(31 * DAY)		/* facts, and who was active */
#define PRUNED	100			/* rows of one kind in one transaction */

/* The settings: the last fact that was counted, the last minute looked at. */
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
rollup_add(struct db *db, enum metric_id metric, const char *word, int64_t n,
    int64_t at)
{
	struct stmt *q = stmt_get(db, Q_ROLLUP_EVENT_ADD);

	stmt_int(q, ":metric", metric);
	stmt_int(q, ":at", at);
	stmt_text(q, ":word", word);
	stmt_int(q, ":n", n);
	return stmt_run(q);
}

/* ---- where the count stands */

struct stand {
	int64_t last;			/* fact that was counted */
	int64_t newest;			/* fact there is */
	int64_t open;
};

static enum rc
where(struct db *db, struct stand *s)
{
	struct stmt *q;
	enum rc rc = kv_setting_get(db, CURSOR, 0, &s->last);

	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_ROLLUP_STAND);
	if (stmt_row(q)) {
		s->newest = stmt_col_int(q, 0);
		s->open = stmt_col_int(q, 1);
	}
	return stmt_done(q);
}

/* Hours are open from there on, for the facts behind the last counted one. */
static enum rc
mark(struct job_run *r, struct stand *s, int64_t open)
{
	struct stmt *q = stmt_get(r->db, Q_ROLLUP_MARK);

	s->open = open;
	r->done++;
	stmt_int(q, ":fact", s->last);
	stmt_int(q, ":open", open);
	stmt_int(q, ":now", r->now);
	return stmt_run(q);
}

static int64_t
closable(const struct job_run *r)
{
	return rollup_span_start(ROLLUP_SPAN_HOUR, r->now - GRACE);
}

static bool
was_ahead(const struct job_run *r, const struct stand *s)
{
	return s->open - r->now > AHEAD;
}

/* ---- one batch, summed up before it is written */

struct sum {
	enum metric_id metric;
	enum rollup_span span;
	int64_t start, n;
	const char *word;
};

struct sums {
	struct arena *arena;
	struct sum *sum;
	size_t n, max;
};

static void
add_rollup(struct sums *all, const struct sum *one)
{
	size_t i;

	/* Facts come in the order of time: the same is near the end. */
	for (i = all->n; i > 0; i--) {
		struct sum *s = &all->sum[i - 1];

		if (s->start != one->start || s->metric != one->metric ||
		    s->span != one->span || !str_eq(s->word, one->word))
			continue;
		s->n += one->n;
		return;
	}
	if (all->n == all->max)
		BUG("more sums than facts");
	all->sum[all->n] = *one;
	all->sum[all->n++].word = arena_str(all->arena, one->word);
}

static enum rc
store_rollup(struct db *db, const struct sums *all)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < all->n && rc == RC_OK; i++) {
		const struct sum *s = &all->sum[i];
		struct stmt *q = stmt_get(db, Q_ROLLUP_ADD);

		stmt_int(q, ":metric", s->metric);
		stmt_int(q, ":span", s->span);
		stmt_int(q, ":start", s->start);
		stmt_text(q, ":word", s->word);
		stmt_int(q, ":n", s->n);
		rc = stmt_run(q);
	}
	return rc;
}

/* In which spans of that hour was this user not seen before? A bit each. */
static enum rc
first_seen(struct db *db, int64_t user, int64_t hour, unsigned *spans)
{
	struct stmt *q = stmt_get(db, Q_ROLLUP_SEEN);

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

struct status_node {
	struct sum sum;
	int64_t id, at;
	int64_t user;			/* 0: none */
};

static enum rc
count_rollup(struct db *db, struct sums *all, const struct status_node *f,
    int64_t open)
{
	int64_t hour = rollup_span_start(ROLLUP_SPAN_HOUR, f->at);
	unsigned spans = ~0u;
	struct sum one = f->sum;
	enum rc rc = RC_OK;

	if (hour < open)
		hour = open;
	if (hour < MONDAY)		/* a clock that nobody has set */
		hour = MONDAY;
	if (f->user != 0)
		rc = first_seen(db, f->user, hour, &spans);
	for (one.span = ROLLUP_SPAN_HOUR; one.span <=
	    ROLLUP_SPAN_WEEK; one.span++) {
		one.start = rollup_span_start(one.span, hour);
		if ((spans & 1u << one.span) != 0)
			add_rollup(all, &one);
	}
	return rc;
}

static enum rc
fresh(struct job_run *r, int64_t after, struct status_node *list, size_t *n)
{
	struct stmt *q = stmt_get(r->db, Q_ROLLUP_FRESH);

	*n = 0;
	stmt_int(q, ":after", after);
	stmt_int(q, ":max", BATCH);
	while (*n < BATCH && stmt_row(q)) {
		struct status_node *f = &list[(*n)++];

		f->id = stmt_col_int(q, 0);
		f->sum.metric = (enum metric_id)stmt_col_int(q, 1);
		f->at = stmt_col_int(q, 2);
		f->sum.word = stmt_col_text(q, 3, r->arena);
		f->sum.n = stmt_col_int(q, 4);
		f->user = stmt_col_int(q, 5);
	}
	return stmt_done(q);
}

static enum rc
take_rollup(struct job_run *r, struct stand *s, bool *all_taken)
{
	struct status_node *list = arena_zalloc(r->arena, BATCH, sizeof(*list));
	struct sums sums = { .arena = r->arena, .max = BATCH * SPANS };
	size_t n, i;
	enum rc rc = fresh(r, s->last, list, &n);

	*all_taken = n < BATCH;
	if (rc != RC_OK || n == 0)
		return rc;
	sums.sum = arena_zalloc(r->arena, sums.max, sizeof(*sums.sum));
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = count_rollup(r->db, &sums, &list[i], s->open);
	if (rc == RC_OK)
		rc = store_rollup(r->db, &sums);
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
	struct stand s = { 0 };
	enum rc rc = where(r->db, &s);

	r->work = rc == RC_OK && (s.newest > s.last ||
	    closable(r) > s.open || was_ahead(r, &s));
	return rc;
}

enum rc
rollup_run(struct job_run *r)
{
	struct stand s = { 0 };
	bool all = false;
	enum rc rc = where(r->db, &s);

	if (rc == RC_OK && was_ahead(r, &s)) {
		log_warn("rollup", "the clock was ahead by %" PRId64 " hours: "
		    "hours are open again", (s.open - r->now) / HOUR);
		rc = mark(r, &s, rollup_span_start(ROLLUP_SPAN_HOUR, r->now));
	}
	if (rc == RC_OK)
		rc = take_rollup(r, &s, &all);
	return rc == RC_OK && all && closable(r) > s.open ?
	    mark(r, &s, closable(r)) : rc;
}

/* ---- who is online */

enum rc
rollup_supply_pending(struct job_run *r)
{
	struct stmt *q;
	int64_t last;
	enum rc rc = kv_setting_get(r->db, SAMPLED, 0, &last);

	/* A minute that comes again, by the clock, was counted. */
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

/* ---- what has had its time */

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
	struct stand s = { 0 };
	struct stmt *q;
	enum rc rc = where(r->db, &s);

	if (rc == RC_OK)
		rc = prune_facts(r, s.last);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(r->db, Q_ROLLUP_PRUNE_ACTIVE);
	stmt_int(q, ":before", (s.open < r->now ? s.open : r->now) -
	    KEPT);
	stmt_int(q, ":max", PRUNED);
	rc = stmt_run(q);
	r->done += db_changes(r->db);
	r->more |= db_changes(r->db) >= PRUNED;
	return rc;
}
