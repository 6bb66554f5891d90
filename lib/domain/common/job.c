#include "domain/common/job.h"

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
