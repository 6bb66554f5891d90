/*
 * backup_log: the results of backups, restore tests and restores. All reports
 * of the last successful backup read this log: /health, /metrics, status,
 * doctor.
 */
#ifndef DOMAIN_OPS_BACKUP_LOG_H
#define DOMAIN_OPS_BACKUP_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/conf.h"
#include "db/db.h"

enum backup_log_kind { BACKUP_LOG_BACKUP = 1, BACKUP_LOG_DRILL,
	    BACKUP_LOG_RESTORE };
#define BACKUP_LOG_KINDS 4
/* "backup", "restore_drill", "restore"; from 1, [0] is "". */
extern const char *const backup_log_kind_names[];

struct backup_log_entry {
	int64_t id;			/* 0: no entry */
	bool ok;
	int64_t began, at;		/* at: the end */
	const char *name;		/* of the backup; NULL: not made */
	int64_t bytes;			/* INT64_MIN: not known */
	const char *error;		/* NULL: no error */
};

enum backup_log_state { BACKUP_LOG_NEVER, BACKUP_LOG_OK, BACKUP_LOG_LATE,
	    BACKUP_LOG_FAILED };
extern const char *const backup_log_state_names[];	/* "never", ... */

/* The status of one kind. */
struct backup_log_status {
	enum backup_log_state state;
	struct backup_log_entry last;	/* the newest, ok or failed */
	struct backup_log_entry good;	/* the newest that is ok */
};

/* Adds an entry, in a write transaction. The database assigns the id. */
enum rc	backup_log_add(struct db *, enum backup_log_kind,
	    const struct backup_log_entry *);
/*
 * Reads the status of a kind. NEVER: the log has no entry. FAILED: the newest
 * entry failed. LATE: the newest entry is older than the configuration allows.
 */
enum rc	backup_log_read(struct db *, struct arena *, const struct conf *,
	    int64_t now, enum backup_log_kind, struct backup_log_status *);
/* Appends the status of backups and restore tests as Prometheus gauges. */
enum rc	backup_log_gauges(struct db *, struct arena *, const struct conf *,
	    int64_t now, struct buf *);

/*
 * Calls a function with the name of each image that a row refers to. Must be
 * called outside of a transaction.
 */
enum rc	backup_log_images(struct db *, void (*)(void *, const char *), void *);

/*
 * Prepares a restored database, in a write transaction. New ids skip those that
 * were assigned after the backup, and clients must read all events again.
 */
enum rc	backup_log_restored(struct db *);

#endif
