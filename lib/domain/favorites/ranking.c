#include "domain/favorites/ranking.h"

#include "base/clock.h"
#include "base/str.h"
#include "domain/common/kv_setting.h"

#define BATCH	50		/* log rows counted by one transaction */
#define SEARCH_MAX 2000		/* earlier log rows that are searched */
#define KINDS	6

static const int64_t length[RANKING_WINDOWS] = {
	[RANKING_24H] = DAY, [RANKING_7D] = 7 * DAY, [RANKING_30D] = 30 * DAY
};

struct event {
	int64_t seq, user, kind, entity, action, at;
};

/* Reads the next log rows that are not counted yet. */
static enum rc
read_log(struct db *db, struct event *list, size_t max, size_t *n)
{
	struct stmt *q;
	int64_t after;
	enum rc rc;

	*n = 0;
	rc = kv_setting_get(db, RANKING_SEQ, 0, &after);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_RANKING_FRESH);
	stmt_int(q, ":after", after);
	stmt_int(q, ":max", (int64_t)max);
	while (stmt_row(q)) {
		struct event *e = &list[(*n)++];

		e->seq = stmt_col_int(q, 0);
		e->user = stmt_col_int(q, 1);
		e->kind = stmt_col_int(q, 2);
		e->entity = stmt_col_int(q, 3);
		e->action = stmt_col_int(q, 4);
		e->at = stmt_col_int(q, 5);
	}
	return stmt_done(q);
}

/*
 * Returns the time when a removed favorite was added. 0: before any window. If
 * SEARCH_MAX rows do not contain it, the removal counts at its own time:
 * otherwise a user with many other changes in between could count the same
 * favorite any number of times.
 */
static enum rc
saved_at(struct db *db, const struct event *e, int64_t since, int64_t *at)
{
	struct stmt *q = stmt_get(db, Q_RANKING_BEFORE);
	int n;

	*at = 0;
	stmt_int(q, ":user", e->user);
	stmt_int(q, ":seq", e->seq);
	for (n = 0; n < SEARCH_MAX && stmt_row(q) &&
	    stmt_col_int(q, 3) >= since; n++) {
		if (stmt_col_int(q, 0) != e->kind ||
		    stmt_col_int(q, 1) != e->entity)
			continue;
		if (stmt_col_int(q, 2) == 1)
			*at = stmt_col_int(q, 3);
		break;
	}
	if (n == SEARCH_MAX)
		*at = e->at;
	return stmt_done(q);
}

static enum rc
count_event(struct job_run *r, const struct event *e)
{
	int64_t since = r->now - length[RANKING_30D], at = e->at;
	struct stmt *q;
	enum rc rc;

	if (e->action == 0) {
		rc = saved_at(r->db, e, since, &at);
		if (rc != RC_OK)
			return rc;
	}
	if (at < since)
		return RC_OK;
	q = stmt_get(r->db, Q_RANKING_COUNT);
	stmt_int(q, ":hour", at / HOUR * HOUR);
	stmt_int(q, ":kind", e->kind);
	stmt_int(q, ":entity", e->entity);
	stmt_int(q, ":saves", e->action == 1 ? 1 : -1);
	return stmt_run(q);
}

enum rc
ranking_count_pending(struct job_run *r)
{
	struct event one;
	size_t n;
	enum rc rc = read_log(r->db, &one, 1, &n);

	r->work = n > 0;
	return rc;
}

enum rc
ranking_count_run(struct job_run *r)
{
	struct event *list = arena_zalloc(r->arena, BATCH, sizeof(*list));
	size_t n, i;
	enum rc rc = read_log(r->db, list, BATCH, &n);

	for (i = 0; i < n && rc == RC_OK; i++)
		rc = count_event(r, &list[i]);
	if (rc != RC_OK || n == 0)
		return rc;
	r->done = (int64_t)n;
	r->more = n == BATCH;
	return kv_setting_put(r->db, RANKING_SEQ, list[n - 1].seq);
}

struct rank {
	size_t n;
	struct { int64_t entity, saves; } row[RANKING_MAX];
};

static enum rc
read_rank(struct stmt *q, struct rank *rank)
{
	rank->n = 0;
	while (rank->n < RANKING_MAX && stmt_row(q)) {
		rank->row[rank->n].entity = stmt_col_int(q, 0);
		rank->row[rank->n].saves = stmt_col_int(q, 1);
		rank->n++;
	}
	return stmt_done(q);
}

/*
 * Returns whether the log has rows that the next batch of the count does not
 * reach. A ranking without them would remain until the job runs again.
 */
static enum rc
has_backlog(struct job_run *r, bool *backlog)
{
	struct event *list = arena_zalloc(r->arena, BATCH + 1, sizeof(*list));
	size_t n;
	enum rc rc = read_log(r->db, list, BATCH + 1, &n);

	*backlog = n > BATCH;
	return rc;
}

/* `found` is an array of KINDS ranks. Unchanged ranks have n = SIZE_MAX. */
enum rc
ranking_rank_pending(struct job_run *r)
{
	struct rank *new = arena_zalloc(r->arena, KINDS, sizeof(*new));
	struct rank old;
	struct stmt *q;
	enum rc rc;
	int i;

	rc = has_backlog(r, &r->later);
	if (rc != RC_OK || r->later)
		return rc;
	r->found = new;
	for (i = 0; i < KINDS; i++) {
		q = stmt_get(r->db, Q_RANKING_RANK);
		stmt_int(q, ":kind", i + 1);
		stmt_int(q, ":since", r->now - length[r->arg]);
		stmt_int(q, ":max", RANKING_MAX);
		rc = read_rank(q, &new[i]);
		if (rc != RC_OK)
			return rc;
		q = stmt_get(r->db, Q_RANKING_RANKED);
		stmt_int(q, ":window", r->arg);
		stmt_int(q, ":kind", i + 1);
		rc = read_rank(q, &old);
		if (rc != RC_OK)
			return rc;
		if (old.n == new[i].n && memcmp(old.row, new[i].row,
		    old.n * sizeof(old.row[0])) == 0)
			new[i].n = SIZE_MAX;
		else
			r->work = true;
	}
	return RC_OK;
}

enum rc
ranking_rank_run(struct job_run *r)
{
	const struct rank *new = r->found;
	struct stmt *q;
	size_t n;
	enum rc rc;
	int i;

	for (i = 0; i < KINDS; i++) {
		if (new[i].n == SIZE_MAX)
			continue;
		q = stmt_get(r->db, Q_RANKING_CLEAR);
		stmt_int(q, ":window", r->arg);
		stmt_int(q, ":kind", i + 1);
		rc = stmt_run(q);
		for (n = 0; n < new[i].n && rc == RC_OK; n++) {
			q = stmt_get(r->db, Q_RANKING_PUT);
			stmt_int(q, ":window", r->arg);
			stmt_int(q, ":kind", i + 1);
			stmt_int(q, ":rank", (int64_t)n + 1);
			stmt_int(q, ":entity", new[i].row[n].entity);
			stmt_int(q, ":saves", new[i].row[n].saves);
			rc = stmt_run(q);
		}
		if (rc != RC_OK)
			return rc;
		r->done += (int64_t)new[i].n;
	}
	return RC_OK;
}
