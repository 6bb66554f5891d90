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

enum care_kind { CARE_BACKUP = 1, CARE_DRILL, CARE_RESTORE };
#define CARE_KINDS 4
/* "backup", "restore_drill", "restore"; from 1, [0] is "". */
extern const char *const care_words[];

struct care {
	int64_t id;			/* 0: there is none */
	bool ok;
	int64_t began, at;
	const char *name;		/* the backup's; NULL: none was made */
	int64_t bytes;			/* INT64_MIN: none */
	const char *error;		/* NULL: it is ok */
};

enum care_state { CARE_NEVER, CARE_OK, CARE_LATE, CARE_FAILED };
extern const char *const care_state_words[];	/* "never", ... */

/* How it is with one kind. */
struct care_now {
	enum care_state state;
	struct care last;		/* the newest, however it ended */
	struct care good;		/* the newest that is ok */
};

/* It ended so; for a write transaction. id is given. */
enum rc	care_add(struct db *, enum care_kind, const struct care *);
/*
 * NEVER: there is none that is ok, and none that failed. FAILED: the newest
 * did. LATE: the newest good one is older than the configuration allows.
 */
enum rc	care_look(struct db *, struct arena *, const struct conf *,
	    int64_t now, enum care_kind, struct care_now *);
/* The same as gauges, in Prometheus' text form. */
enum rc	care_gauges(struct db *, struct arena *, const struct conf *,
	    int64_t now, struct buf *);

/* Each medium that a row names. For no transaction. */
enum rc	care_images(struct db *, void (*)(void *, const char *), void *);

/*
 * This database was a backup until now: no number that has been given since is
 * to be given again, and no client is to go on from where it was. For a write
 * transaction.
 */
enum rc	care_restored(struct db *);

#endif
