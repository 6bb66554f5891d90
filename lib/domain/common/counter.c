#include "domain/common/counter.h"

enum rc
counter_get(struct db *db, const char *name, int64_t *n)
{
	struct stmt *q = stmt_get(db, Q_COUNTER_GET);

	*n = 0;
	stmt_text(q, ":name", name);
	if (stmt_row(q))
		*n = stmt_col_int(q, 0);
	return stmt_done(q);
}
