#include "domain/ops/analytics.h"

#include "base/clock.h"
#include "base/str.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite.h"

#define FIRST	(4 * DAY)		/* Monday, 1970-01-05, UTC */

const char *const metric_names[] = {
	"registrations", "active_users", "calls", "minutes", "revenue",
	"topups", "refunds", "favorites", "supply", "demand",
	"promotions", NULL
};
const char *const span_names[] = { "hour", "day", "week", NULL };

static const char *const ends[] = {
	"ended", "rejected", "cancelled", "missed", NULL
};
static const char *const refunded[] = { "session", "payment", NULL };
static const char *const benefits[] = {
	"bonus", "minutes", "referral", NULL
};
/* The shares are the languages that occur. */
static const char *const languages[] = { NULL };

static const struct {
	enum metric_unit unit;
	const char *const *names;	/* of its shares; NULL: no shares */
	bool overlap;			/* shares overlap; "" is the total */
	bool distinct;			/* buckets overlap */
} metrics[ROLLUP_METRICS] = {
	[METRIC_REGISTRATIONS] = { UNIT_COUNT, NULL, false, false },
	[METRIC_ACTIVE] = { UNIT_COUNT, NULL, false, true },
	[METRIC_CALLS] = { UNIT_COUNT, ends, false, false },
	[METRIC_MINUTES] = { UNIT_MINUTES, NULL, false, false },
	[METRIC_REVENUE] = { UNIT_MONEY, NULL, false, false },
	[METRIC_TOPUPS] = { UNIT_MONEY, NULL, false, false },
	[METRIC_REFUNDS] = { UNIT_MONEY, refunded, false, false },
	[METRIC_FAVORITES] = { UNIT_COUNT, favorite_kind_names, false, false },
	[METRIC_SUPPLY] = { UNIT_MINUTES, languages, true, false },
	[METRIC_DEMAND] = { UNIT_COUNT, languages, false, false },
	[METRIC_PROMOTIONS] = { UNIT_MONEY, benefits, false, false },
};

enum metric_unit
analytics_metric_unit(enum metric_id metric)
{
	return metrics[metric].unit;
}

bool
analytics_metric_divided(enum metric_id metric)
{
	return metrics[metric].names != NULL;
}

enum rc
analytics_range(struct analytics_query *q, int64_t now, struct err *err)
{
	static const int64_t usual[] = {
		[ROLLUP_SPAN_HOUR] = 48, [ROLLUP_SPAN_DAY] = 30,
		    [ROLLUP_SPAN_WEEK] = 26
	};
	int64_t length = rollup_span_length(q->bucket);

	if (q->to == INT64_MIN)
		q->to = now + 1;
	if (q->to <= FIRST)
		return err_field(err, "to", "must be after 1970-01-05");
	q->to = rollup_span_start(q->bucket, q->to - 1) + length;
	if (q->from == INT64_MIN)
		q->from = q->to - usual[q->bucket] * length;
	q->from = rollup_span_start(q->bucket, q->from < FIRST ? FIRST :
	    q->from);
	if (q->from >= q->to)
		return err_field(err, "from", "must be before to");
	if ((q->to - q->from) / length > ANALYTICS_POINTS)
		return err_field(err, "from", "must be at most 10000 buckets "
		    "before to");
	return RC_OK;
}

static void
init_share(struct analytics_share *s, const char *label)
{
	size_t n = strnlen(label, sizeof(s->label) - 1);

	memcpy(s->label, label, n);
	s->label[n] = '\0';
	s->n = 0;
}

/*
 * Begins an empty point with the shares that are always present, and returns
 * their number.
 */
static size_t
begin_point(struct analytics_point *p, enum metric_id metric, int64_t at)
{
	const char *const *names = metrics[metric].names;

	p->at = at;
	p->value = 0;
	for (p->n = 0; names != NULL && names[p->n] != NULL; p->n++)
		init_share(&p->by[p->n], names[p->n]);
	return p->n;
}

/*
 * Adds a row to a point. Rows have distinct names, so only the first `known`
 * shares are searched.
 */
static void
add_share(struct analytics_point *p, enum metric_id metric, size_t known,
    const char *label, int64_t n)
{
	size_t i;

	if (label[0] == '\0' || !metrics[metric].overlap)
		p->value += n;
	if (label[0] == '\0')
		return;
	for (i = 0; i < known && !str_eq(p->by[i].label, label); i++)
		;
	if (i == known)
		i = p->n;
	if (i == ANALYTICS_SHARES)
		return;
	if (i == p->n)
		init_share(&p->by[p->n++], label);
	p->by[i].n += n;
}

enum rc
analytics_read(struct db *db, const struct analytics_query *in,
    analytics_visit *visit, void *arg, int64_t *total)
{
	struct stmt *q = stmt_get(db, Q_ANALYTICS_READ);
	int64_t length = rollup_span_length(in->bucket), sum = 0;
	struct analytics_point p;
	size_t known;

	stmt_int(q, ":metric", in->metric);
	stmt_int(q, ":span", in->bucket);
	stmt_int(q, ":from", in->from);
	stmt_int(q, ":to", in->to);
	known = begin_point(&p, in->metric, in->from);
	while (stmt_row(q)) {
		for (; p.at < stmt_col_int(q, 0);
		    (void)begin_point(&p, in->metric, p.at + length)) {
			visit(arg, &p);
			sum += p.value;
		}
		add_share(&p, in->metric, known, stmt_col_peek(q, 1),
		    stmt_col_int(q, 2));
	}
	for (; p.at < in->to; (void)begin_point(&p, in->metric,
	    p.at + length)) {
		visit(arg, &p);
		sum += p.value;
	}
	*total = metrics[in->metric].distinct ? INT64_MIN : sum;
	return stmt_done(q);
}
