#include "domain/common/job.h"

#include <inttypes.h>

#include "base/log.h"

enum rc
job_due_ids(struct db *db, enum stmt_id id, int64_t until, int64_t max,
    int64_t *ids, int64_t *n)
{
	struct stmt *q = stmt_get(db, id);

	*n = 0;
	stmt_int(q, ":until", until);
	stmt_int(q, ":limit", max);
	while (*n < max && stmt_row(q))
		ids[(*n)++] = stmt_col_int(q, 0);
	return stmt_done(q);
}

enum rc
job_item_end(struct job_run *run, int64_t id, enum rc rc)
{
	if (rc == RC_OK)
		return db_save_keep(run->db);
	if (rc == RC_FULL || rc == RC_BUSY)
		return rc;
	log_error("job", "%s: object %" PRId64 ": %s", run->name, id,
	    rc_code(rc));
	return db_save_undo(run->db);
}

enum rc
job_each(struct job_run *run, enum stmt_id due, int64_t until, int64_t max,
    enum rc (*handle)(struct job_run *, int64_t id, struct err *))
{
	int64_t *ids = arena_alloc(run->arena, (size_t)max * sizeof(*ids));
	int64_t n;
	struct err err;
	enum rc rc = job_due_ids(run->db, due, until, max, ids, &n);

	err_init(&err, run->arena);
	for (int64_t i = 0; rc == RC_OK && i < n; i++) {
		rc = db_save(run->db);
		if (rc == RC_OK)
			rc = job_item_end(run, ids[i],
			    handle(run, ids[i], &err));
	}
	/* A batch in which nothing succeeded is not repeated immediately. */
	run->more = n == max && run->done > 0;
	return rc;
}

enum rc
job_due_pending(struct job_run *run, enum stmt_id due, int64_t until)
{
	int64_t id, n;
	enum rc rc = job_due_ids(run->db, due, until, 1, &id, &n);

	run->work = rc == RC_OK && n > 0;
	return rc;
}

enum rc
job_ran(struct db *db, const char *name, int64_t now, int64_t due,
    int64_t done)
{
	struct stmt *q = stmt_get(db, Q_JOB_PUT);

	stmt_text(q, ":name", name);
	stmt_int(q, ":due", due);
	stmt_int(q, ":now", now);
	stmt_int(q, ":done", done);
	return stmt_run(q);
}
