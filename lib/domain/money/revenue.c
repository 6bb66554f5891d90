#include "domain/money/revenue.h"

#include "domain/common/rollup.h"

enum rc
revenue_add(struct db *db, int64_t customer, int64_t listener,
    int64_t commission, int64_t now)
{
	struct stmt *q;
	enum rc rc;

	if (commission == 0)
		return RC_OK;
	rc = rollup_add(db, METRIC_REVENUE, "", commission, now);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_REFERRAL_COMMISSION);
	stmt_int(q, ":invited", customer);
	stmt_int(q, ":listener", listener);
	stmt_int(q, ":commission", commission);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}
