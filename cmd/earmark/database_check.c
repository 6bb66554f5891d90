#include "cmd/earmark/database_check.h"

enum rc
database_check_run(struct db *db, struct arena *a, struct database_check *p,
    struct err *err)
{
	enum rc rc = db_verify(db, err);

	*p = (struct database_check){ .schema = db_schema_have(db) };
	if (rc != RC_OK || p->schema != db_schema_want())
		return rc;
	rc = ledger_verify(db, a, &p->books);
	if (rc != RC_OK)
		return rc;
	p->booked = true;
	if (!p->books.ok)
		return err_set(err, RC_FAULT, "ledger",
		    "the ledger is broken: %s", p->books.wrong);
	rc = audit_verify(db, a, NULL, &p->audit);
	return rc != RC_OK || p->audit.ok ? rc : err_set(err, RC_FAULT,
	    "audit", "the audit log is broken: %s", p->audit.wrong);
}
