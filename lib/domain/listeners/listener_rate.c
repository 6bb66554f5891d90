#include "domain/listeners/listener_rate.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/int64.h"
#include "base/money.h"
#include "domain/messaging/notification.h"
#include "json/json_build.h"

#define BATCH		100	/* notified listeners in one transaction */
#define NOTICE_TTL	DAY

const char *const listener_kind_names[] = { "audio", "video", NULL };

void
listener_rate_init(struct listener_rates *rates)
{
	for (int kind = 0; kind < LISTENER_KINDS; kind++)
		rates->v[kind] = INT64_MIN;
}

int64_t
listener_rate_main(const struct listener_rates *rates)
{
	int64_t lowest = rates->v[LISTENER_AUDIO];

	if (lowest != INT64_MIN)
		return lowest;
	for (int kind = 0; kind < LISTENER_KINDS; kind++)
		if (rates->v[kind] != INT64_MIN)
			lowest = lowest == INT64_MIN ? rates->v[kind] :
			    int64_min(lowest, rates->v[kind]);
	return lowest;
}

int64_t
listener_rate_shown(const struct conf *conf, int64_t rate)
{
	return conf->max_rate > 0 ? int64_min(rate, conf->max_rate) : rate;
}

static void
read_rates(struct stmt *q, int col, struct listener_rates *rates)
{
	for (int kind = 0; kind < LISTENER_KINDS; kind++)
		rates->v[kind] = stmt_col_opt(q, col + kind);
}

enum rc
listener_rate_get(struct db *db, int64_t listener,
    struct listener_rates *rates, bool *found)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_RATE_GET);

	listener_rate_init(rates);
	stmt_int(q, ":user", listener);
	*found = stmt_row(q);
	if (*found)
		read_rates(q, 0, rates);
	return stmt_done(q);
}

static enum rc
not_found(struct err *err)
{
	return err_set(err, RC_NOT_FOUND, NULL, "Listener not found");
}

enum rc
listener_rate(struct db *db, const struct conf *conf, int64_t listener,
    enum listener_kind kind, int64_t *rate, struct err *err)
{
	struct listener_rates rates;
	bool found;
	enum rc rc = listener_rate_get(db, listener, &rates, &found);

	if (rc != RC_OK)
		return rc;
	if (!found)
		return not_found(err);
	if (rates.v[kind] == INT64_MIN)
		return err_set(err, RC_CONFLICT, "kind_not_offered",
		    "This listener does not offer %s calls",
		    listener_kind_names[kind]);
	*rate = listener_rate_shown(conf, rates.v[kind]);
	return RC_OK;
}

/* ---- changes */

static enum rc
check_bounds(struct arena *arena, const struct conf *conf, const char *field,
    int64_t rate, struct err *err)
{
	if (rate == INT64_MIN)
		return RC_OK;
	if (rate < conf->min_rate)
		return err_field(err, field, arena_fmt(arena,
		    "must be at least %" PRId64, conf->min_rate));
	if (conf->max_rate > 0 && rate > conf->max_rate)
		return err_field(err, field, arena_fmt(arena,
		    "must be at most %" PRId64, conf->max_rate));
	return RC_OK;
}

enum rc
listener_rate_check(struct arena *arena, const struct conf *conf,
    const struct listener_rate_input *in, struct err *err)
{
	enum rc rc = check_bounds(arena, conf, "rate_per_minute", in->rate,
	    err);

	for (int kind = 0; kind < LISTENER_KINDS; kind++)
		if (check_bounds(arena, conf, arena_fmt(arena, "rates.%s",
		    listener_kind_names[kind]), in->rates.v[kind], err) !=
		    RC_OK)
			rc = RC_INVALID;
	return rc;
}

/* Returns the bits of the kinds that have a rate. */
static unsigned
offered(const struct listener_rates *rates)
{
	unsigned kinds = 0;

	for (int kind = 0; kind < LISTENER_KINDS; kind++)
		if (rates->v[kind] != INT64_MIN)
			kinds |= 1U << kind;
	return kinds;
}

enum rc
listener_rate_apply(const struct listener_rates *old,
    const struct listener_rate_input *in, struct listener_rates *new,
    struct err *err)
{
	unsigned kinds = in->kinds, named = offered(&in->rates);
	int64_t fallback = in->rate;

	if (kinds == 0)
		kinds = named != 0 ? named : offered(old);
	if (kinds == 0)
		kinds = 1U << LISTENER_AUDIO;
	if ((named & ~kinds) != 0)
		return err_field(err, "rates", "must only name offered kinds");
	if (fallback == INT64_MIN)
		fallback = listener_rate_main(old);
	listener_rate_init(new);
	for (int kind = 0; kind < LISTENER_KINDS; kind++) {
		bool first = (kinds & ((1U << kind) - 1)) == 0;

		if ((kinds & 1U << kind) == 0)
			continue;
		new->v[kind] = in->rates.v[kind];
		if (new->v[kind] == INT64_MIN && first)
			new->v[kind] = in->rate;
		if (new->v[kind] == INT64_MIN)
			new->v[kind] = old->v[kind];
		if (new->v[kind] == INT64_MIN)
			new->v[kind] = fallback;
	}
	if (in->rate != INT64_MIN && in->rate != listener_rate_main(new))
		return err_field(err, "rate_per_minute",
		    "differs from the rate in rates");
	return RC_OK;
}

static void
bind_rates(struct stmt *q, const struct listener_rates *rates)
{
	stmt_opt(q, ":audio", rates->v[LISTENER_AUDIO]);
	stmt_opt(q, ":video", rates->v[LISTENER_VIDEO]);
}

static enum rc
store_rates(struct db *db, int64_t listener, const struct listener_rates *old,
    const struct listener_rates *new, bool registration, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_RATE_SET);
	enum rc rc;

	stmt_int(q, ":user", listener);
	bind_rates(q, new);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_LISTENER_RATE_LOG);
	stmt_int(q, ":user", listener);
	stmt_int(q, ":now", now);
	stmt_int(q, ":registration", registration);
	stmt_opt(q, ":audio_before", old->v[LISTENER_AUDIO]);
	stmt_opt(q, ":video_before", old->v[LISTENER_VIDEO]);
	bind_rates(q, new);
	return stmt_run(q);
}

enum rc
listener_rate_register(struct db *db, int64_t listener,
    const struct listener_rates *rates, int64_t now)
{
	struct listener_rates none;

	listener_rate_init(&none);
	return store_rates(db, listener, &none, rates, true, now);
}

/* Returns the rates as JSON in arena memory. */
static enum rc
audit_rates(struct db *db, struct arena *arena, int64_t listener,
    const char **json)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_RATE_AUDIT);

	stmt_int(q, ":user", listener);
	*json = stmt_row(q) ? stmt_col_text(q, 0, arena) : NULL;
	return stmt_done(q);
}

static enum rc
check_limit(struct db *db, const struct conf *conf, int64_t listener,
    int64_t now, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_RATE_LIMIT);
	bool limited;
	int64_t wait = 0;
	enum rc rc;

	stmt_int(q, ":user", listener);
	stmt_int(q, ":since", now - DAY);
	stmt_int(q, ":offset", conf->rate_changes - 1);
	limited = stmt_row(q);
	if (limited)
		wait = int64_min(stmt_col_int(q, 0) + DAY - now, DAY);
	rc = stmt_done(q);
	if (rc != RC_OK || !limited)
		return rc;
	err->retry_after = (int)((wait + SECOND - 1) / SECOND);
	return err_set(err, RC_LIMITED, "rate_change_limited",
	    "You may change your rates %" PRId64 " times in 24 hours",
	    conf->rate_changes);
}

enum rc
listener_rate_set(struct db *db, struct arena *arena,
    const struct conf *conf, int64_t listener,
    const struct listener_rate_input *in, const struct audit_by *by,
    struct err *err)
{
	const char *before = NULL, *after = NULL;
	struct listener_rates old, new = { { 0 } };
	bool found;
	enum rc rc;

	rc = listener_rate_get(db, listener, &old, &found);
	if (rc == RC_OK && !found)
		return not_found(err);
	if (rc == RC_OK)
		rc = listener_rate_apply(&old, in, &new, err);
	if (rc != RC_OK || memcmp(&old, &new, sizeof(old)) == 0)
		return rc;
	rc = check_limit(db, conf, listener, by->now, err);
	if (rc == RC_OK)
		rc = audit_rates(db, arena, listener, &before);
	if (rc == RC_OK)
		rc = store_rates(db, listener, &old, &new, false, by->now);
	if (rc == RC_OK)
		rc = audit_rates(db, arena, listener, &after);
	return rc != RC_OK ? rc : audit_add(db, by, "listener.rates",
	    arena_fmt(arena, "listener:%" PRId64, listener), before, after);
}

static enum rc
count_changes(struct db *db, int64_t listener, int64_t *n)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_RATE_COUNT);

	stmt_int(q, ":user", listener);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
listener_rate_list(struct db *db, struct arena *arena, int64_t listener,
    struct listener_rate_page *page)
{
	size_t max = (size_t)page->limit;
	struct stmt *q = stmt_get(db, Q_LISTENER_RATE_LIST);
	enum rc rc;

	page->v = arena_zalloc(arena, max, sizeof(*page->v));
	page->n = 0;
	page->more = false;
	stmt_int(q, ":user", listener);
	stmt_int(q, ":before", page->before);
	stmt_int(q, ":limit", page->limit + 1);
	stmt_int(q, ":offset", page->offset);
	while (!page->more && stmt_row(q)) {
		struct listener_rate_change *c = &page->v[page->n];

		page->more = page->n == max;
		if (page->more)
			break;
		page->n++;
		c->id = stmt_col_int(q, 0);
		c->at = stmt_col_int(q, 1);
		c->registration = stmt_col_int(q, 2) != 0;
		read_rates(q, 3, &c->before);
		read_rates(q, 3 + LISTENER_KINDS, &c->after);
	}
	rc = stmt_done(q);
	return rc == RC_OK ? count_changes(db, listener, &page->total) : rc;
}

/* ---- the job */

static enum rc
list_high(struct job_run *run, int64_t limit, int64_t *users, int64_t *n)
{
	struct stmt *q;

	*n = 0;
	if (run->conf->max_rate == 0)
		return RC_OK;
	q = stmt_get(run->db, Q_LISTENER_RATE_HIGH);
	stmt_int(q, ":max", run->conf->max_rate);
	stmt_int(q, ":limit", limit);
	while (*n < limit && stmt_row(q))
		users[(*n)++] = stmt_col_int(q, 0);
	return stmt_done(q);
}

static enum rc
notify_high(struct job_run *run, int64_t listener)
{
	const struct conf *conf = run->conf;
	struct notice n = { .kind = NOTICE_MESSAGES,
		.template = "rate_above_maximum",
		.channels = CHANNEL_IN_APP | CHANNEL_PUSH, .ttl = NOTICE_TTL };
	struct stmt *q;
	bool known;
	enum rc rc;

	n.vars = TEXT_VARS({ "amount", text_amount(run->arena,
	    conf->max_rate) });
	n.data = json_build_object(run->arena, JSON_OBJECT(
	    JSON_STR("type", "rate.above_maximum"),
	    JSON_INT("max_rate", conf->max_rate)));
	rc = notification_send(run->db, run->arena, listener, &n, run->now,
	    &known);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(run->db, Q_LISTENER_RATE_NOTIFIED);
	stmt_int(q, ":user", listener);
	stmt_int(q, ":max", conf->max_rate);
	return stmt_run(q);
}

enum rc
listener_rate_pending(struct job_run *run)
{
	int64_t user, n;
	enum rc rc = list_high(run, 1, &user, &n);

	run->work = n > 0;
	return rc;
}

enum rc
listener_rate_run(struct job_run *run)
{
	int64_t users[BATCH], n;
	enum rc rc = list_high(run, BATCH, users, &n);

	for (int64_t i = 0; rc == RC_OK && i < n; i++)
		rc = notify_high(run, users[i]);
	run->done = n;
	run->more = n == BATCH;
	return rc;
}
