/*
 * database_check: verifies a whole database, such as a backup: the checks of
 * SQLite, the ledger and the audit log.
 */
#ifndef CMD_EARMARK_DATABASE_CHECK_H
#define CMD_EARMARK_DATABASE_CHECK_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"
#include "domain/money/ledger.h"

struct database_check {
	int schema;
	bool booked;			/* the ledger was verified; not done
					 * for other schema versions */
	struct ledger_proof books;
	struct audit_proof audit;
};

/*
 * Verifies a database and sets *done. Returns RC_FAULT with a message in *err
 * if one of the checks fails. Call it outside of a transaction.
 */
enum rc	database_check_run(struct db *, struct arena *, struct database_check *,
	    struct err *);

#endif
