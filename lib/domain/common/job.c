#include "domain/common/job.h"

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
