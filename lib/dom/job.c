#include "dom/job.h"

static enum rc
column(struct db *db, const char *name, int col, int64_t *value)
{
	struct stmt *q = db_q(db, Q_JOB_GET);

	*value = 0;
	q_text(q, ":name", name);
	if (q_row(q))
		*value = q_col_int(q, col);
	return q_done(q);
}

enum rc
job_due(struct db *db, const char *name, int64_t *due)
{
	return column(db, name, 0, due);
}

enum rc
job_last(struct db *db, const char *name, int64_t *ran)
{
	return column(db, name, 1, ran);
}

enum rc
job_ran(struct db *db, const char *name, int64_t now, int64_t due,
    int64_t done)
{
	struct stmt *q = db_q(db, Q_JOB_PUT);

	q_text(q, ":name", name);
	q_int(q, ":due", due);
	q_int(q, ":now", now);
	q_int(q, ":done", done);
	return q_run(q);
}
