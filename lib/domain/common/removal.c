#include "domain/common/removal.h"

#include <string.h>

#include "base/str.h"
#include "domain/common/favoritable.h"

/* A flyer or destination whose favorites are deleted. */
struct entity {
	enum favorite_kind kind;
	int64_t id;
	struct uuid uuid;
};

static struct stmt *
entity_stmt(struct db *db, enum stmt_id id, const struct entity *e)
{
	struct stmt *q = stmt_get(db, id);

	stmt_int(q, ":kind", e->kind);
	stmt_int(q, ":id", e->id);
	return q;
}

/* Deletes at most `max` favorites and stores their number in *n. */
static enum rc
drop_favorites(struct db *db, const struct entity *e, const char *request_id,
    int64_t now, int64_t max, int64_t *n)
{
	struct stmt *q = entity_stmt(db, Q_REMOVAL_LOG, e);
	enum rc rc;

	stmt_uuid(q, ":uuid", &e->uuid);
	stmt_text(q, ":request", request_id);
	stmt_int(q, ":now", now);
	stmt_int(q, ":max", max);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = entity_stmt(db, Q_REMOVAL_FAVORITES, e);
	stmt_int(q, ":max", max);
	rc = stmt_run(q);
	*n = db_changes(db);
	return rc;
}

/* As removal_entity(), but deletes at most `max` favorites, *n in total. */
static enum rc
entity_first(struct db *db, const struct entity *e, const char *request_id,
    int64_t now, int64_t max, int64_t *n)
{
	struct stmt *q = entity_stmt(db, Q_REMOVAL_SAVES, e);
	int64_t saves = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	enum rc rc = stmt_done(q);

	*n = 0;
	if (rc != RC_OK)
		return rc;
	if (saves <= max)
		return drop_favorites(db, e, request_id, now, max, n);
	q = entity_stmt(db, Q_REMOVAL_ENTITY_MARK, e);
	stmt_uuid(q, ":uuid", &e->uuid);
	stmt_text(q, ":request", request_id);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
removal_entity(struct db *db, enum favorite_kind kind, int64_t id,
    const struct uuid *uuid, const char *request_id, int64_t now)
{
	struct entity e = { kind, id, *uuid };
	int64_t n;

	return entity_first(db, &e, request_id, now, REMOVAL_BATCH, &n);
}

/* An account, and the progress of the current batch. */
struct batch {
	struct db *db;
	int64_t user;
	const char *request_id;
	int64_t now;
	int64_t rows, done;		/* done: weighted */
};

static bool
full(const struct batch *w)
{
	return w->done >= REMOVAL_BATCH;
}

/* Deletes flyers one at a time, each with its favorites. */
static enum rc
drop_flyers(struct batch *w)
{
	struct entity e = { .kind = FAVORITE_FLYER };
	struct stmt *q;
	int64_t n;
	enum rc rc;

	while (!full(w)) {
		q = stmt_get(w->db, Q_REMOVAL_FLYER);
		stmt_int(q, ":id", w->user);
		e.id = stmt_row(q) ? stmt_col_int(q, 0) : 0;
		rc = stmt_done(q);
		if (rc != RC_OK || e.id == 0)
			return rc;
		rc = entity_first(w->db, &e, w->request_id, w->now,
		    REMOVAL_BATCH - w->done, &n);
		if (rc == RC_OK) {
			q = stmt_get(w->db, Q_FLYER_DROP);
			stmt_int(q, ":id", e.id);
			rc = stmt_run(q);
		}
		if (rc != RC_OK)
			return rc;
		w->rows += n + 1;
		w->done += n + 5;
	}
	return RC_OK;
}

/*
 * The statements that delete the rows of an account, in this order. Favorites
 * precede the log that their deletion writes, and references precede the row
 * that they refer to. A row counts as `weight` rows, by the number of pages
 * that it and its indexes use.
 */
#define ALL	0			/* few rows, deleted at once */
#define FLYERS	-1			/* by drop_flyers() */
static const struct {
	enum stmt_id id;
	int weight;
} steps[] = {
	{ Q_REMOVAL_OWN_FAVORITES, 1 },
	{ Q_REMOVAL_OWN_LOG, 1 },
	{ Q_REMOVAL_TOTALS, ALL },
	{ Q_REMOVAL_MESSAGES, 1 },
	{ Q_REMOVAL_FLYER, FLYERS },
	{ Q_REMOVAL_CREATIVES, 2 },
	{ Q_REMOVAL_STYLES, 2 },
	{ Q_REMOVAL_DOCUMENTS, 5 },
	{ Q_REMOVAL_REFRESH_TOKENS, 1 },
	{ Q_REMOVAL_DEVICES, 1 },
	{ Q_REMOVAL_ALERTS, 1 },
	{ Q_REMOVAL_ALERTS_RECEIVED, 1 },
	{ Q_REMOVAL_KEYS, 2 },
	{ Q_REMOVAL_NOTIFICATIONS, 1 },
	{ Q_REMOVAL_EVENTS, 1 },
	{ Q_REMOVAL_COMMENTS, 1 },
	{ Q_REMOVAL_REPLIES, 2 },
	{ Q_REMOVAL_TICKETS, 10 },
	{ Q_REMOVAL_ASSIGNED, 2 },
	{ Q_REMOVAL_FEEDBACK, 2 },
	{ Q_REMOVAL_REPORTS, 2 },
};

/* Deletes one batch of the rows of an account. */
static enum rc
drop_batch(struct batch *w)
{
	enum rc rc = RC_OK;
	struct stmt *q;
	size_t i;
	int64_t left;

	for (i = 0; i < NELEM(steps) && rc == RC_OK && !full(w); i++) {
		if (steps[i].weight == FLYERS) {
			rc = drop_flyers(w);
			continue;
		}
		q = stmt_get(w->db, steps[i].id);
		stmt_int(q, ":id", w->user);
		left = REMOVAL_BATCH - w->done;
		if (steps[i].weight > 0)
			stmt_int(q, ":max", (left + steps[i].weight - 1) /
			    steps[i].weight);
		rc = stmt_run(q);
		w->rows += db_changes(w->db);
		w->done += db_changes(w->db) * steps[i].weight;
	}
	return rc;
}

static enum rc
mark_account(struct batch *w)
{
	struct stmt *q = stmt_get(w->db, Q_REMOVAL_ACCOUNT_TOTALS);
	enum rc rc;

	stmt_int(q, ":id", w->user);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(w->db, Q_REMOVAL_ACCOUNT_MARK);
	stmt_int(q, ":id", w->user);
	stmt_text(q, ":request", w->request_id);
	stmt_int(q, ":now", w->now);
	return stmt_run(q);
}

enum rc
removal_account(struct db *db, int64_t user, const char *request_id,
    int64_t now)
{
	struct batch w = { db, user, request_id, now, 0, 0 };
	enum rc rc = drop_batch(&w);

	return rc == RC_OK && full(&w) ? mark_account(&w) : rc;
}

/* The result of removal_pending(). */
struct found {
	struct entity entity;		/* id 0: none */
	int64_t user;
	const char *request_id;
};

enum rc
removal_pending(struct job_run *run)
{
	struct found *f = arena_zalloc(run->arena, 1, sizeof(*f));
	struct stmt *q = stmt_get(run->db, Q_REMOVAL_ENTITY_NEXT);
	enum rc rc;

	run->found = f;
	if (stmt_row(q)) {
		f->entity.kind = (enum favorite_kind)stmt_col_int(q, 0);
		f->entity.id = stmt_col_int(q, 1);
		f->entity.uuid = stmt_col_uuid(q, 2);
		f->request_id = stmt_col_text(q, 3, run->arena);
		run->work = true;
	}
	rc = stmt_done(q);
	if (rc != RC_OK || run->work)
		return rc;
	q = stmt_get(run->db, Q_REMOVAL_ACCOUNT_NEXT);
	if (stmt_row(q)) {
		f->user = stmt_col_int(q, 0);
		f->request_id = stmt_col_text(q, 1, run->arena);
		run->work = true;
	}
	return stmt_done(q);
}

static enum rc
run_entity(struct job_run *run, const struct found *f)
{
	const struct entity *e = &f->entity;
	enum rc rc = drop_favorites(run->db, e, f->request_id, run->now,
	    REMOVAL_BATCH, &run->done);

	if (rc != RC_OK || run->done == REMOVAL_BATCH)
		return rc;
	rc = stmt_run(entity_stmt(run->db, Q_REMOVAL_ENTITY_DROP, e));
	return rc != RC_OK ? rc :
	    stmt_run(entity_stmt(run->db, Q_REMOVAL_ENTITY_DONE, e));
}

enum rc
removal_run(struct job_run *run)
{
	const struct found *f = run->found;
	struct batch w = { run->db, f->user, f->request_id, run->now, 0, 0 };
	struct stmt *q;
	enum rc rc;

	/* More rows may remain, of this or of another object. */
	run->more = true;
	if (f->entity.id != 0)
		return run_entity(run, f);
	rc = drop_batch(&w);
	run->done = w.rows;
	if (rc != RC_OK || full(&w))
		return rc;
	q = stmt_get(run->db, Q_REMOVAL_ACCOUNT_DONE);
	stmt_int(q, ":id", f->user);
	return stmt_run(q);
}
