#include "domain/common/job.h"

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
