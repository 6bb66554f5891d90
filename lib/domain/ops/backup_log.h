/*
 * backup_log: backups, drills and restores, and how each ended. The newest good
 * backup's age is what people are woken for, so all who can tell it read it
 * here: /health, /metrics, status, doctor.
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
	int64_t id;			/* 0: there is none */
	bool ok;
	int64_t began, at;
	const char *name;		/* the backup's; NULL: none was made */
	int64_t bytes;			/* INT64_MIN: none */
	const char *error;		/* NULL: it is ok */
};

enum backup_log_state { BACKUP_LOG_NEVER, BACKUP_LOG_OK, BACKUP_LOG_LATE,
	    BACKUP_LOG_FAILED };
extern const char *const backup_log_state_names[];	/* "never", ... */

/* How it is with one kind. */
struct backup_log_status {
	enum backup_log_state state;
	struct backup_log_entry last;	/* the newest, however it ended */
	struct backup_log_entry good;		/* the newest that is ok */
};

/* It ended so; for a write transaction. id is given. */
enum rc	backup_log_add(struct db *, enum backup_log_kind,
	    const struct backup_log_entry *);
/*
 * NEVER: there is none that is ok, and none that failed. FAILED: the newest
 * did. LATE: the newest good one is older than the configuration allows.
 */
enum rc	backup_log_read(struct db *, struct arena *, const struct conf *,
	    int64_t now, enum backup_log_kind, struct backup_log_status *);
/* The same as gauges, in Prometheus' text form. */
enum rc	backup_log_gauges(struct db *, struct arena *, const struct conf *,
	    int64_t now, struct buf *);

/* Each medium that a row names. For no transaction. */
enum rc	backup_log_images(struct db *, void (*)(void *, const char *), void *);

/*
 * This database was a backup until now: no number that has been given since is
 * to be given again, and no client is to go on from where it was. For a write
 * transaction.
 */
enum rc	backup_log_restored(struct db *);

#endif
