/*
 * backup_load: a backup made into a database again, and the proof that it is well.
 * What a restore does in earnest a drill does aside; there is one way.
 */
#ifndef CMD_EARMARK_BACKUP_LOAD_H
#define CMD_EARMARK_BACKUP_LOAD_H

#include "base/arena.h"
#include "base/err.h"
#include "cmd/earmark/backup_store.h"
#include "db/db.h"
#include "domain/common/audit.h"
#include "domain/money/ledger.h"

/* What is well with a database. */
struct backup_verified {
	int schema;
	bool booked;			/* the books were proved: a schema of
					 * another version has none for us */
	struct ledger_proof books;
	struct audit_proof audit;
};

/*
 * SQLite's own checks, then the books and the audit. RC_FAULT: something is not well, and
 * *err names it. For no transaction.
 */
enum rc	backup_load_verify(struct db *, struct arena *,
	    struct backup_verified *, struct err *);

struct backup_loaded {
	struct backup_store_files files;
	int64_t bytes;			/* of all files */
	int from, to;			/* schema, before and after */
	struct backup_verified proof;
};

/*
 * Make file, which must not be there, from the backup in the folder `from`:
 * digest, copy, schema of this program, proof. It is left open.
 */
struct db	*backup_load_db(int from, const char *file, struct arena *,
	    struct backup_loaded *, struct err *);
/*
 * Look at the digest of each of its media and, with to >= 0, put those there
 * that are not; then, whether it has all that the database names.
 */
enum rc	backup_load_media(int from, int to, struct db *, struct backup_loaded *,
	    struct err *);

#endif
