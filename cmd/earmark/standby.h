/*
 * standby: the files of a standby, beside the place of the database:
 *
 *	DB_FILE.standby-BASE		the database that follows the archive
 *	DB_FILE.standby-position	its position, replaced by rename
 *	DB_FILE.standby-lock		locked by the process that follows
 *	RUN_DIR/standby.prom		metrics, for a textfile collector
 *
 * DB_FILE itself does not exist, so no program can serve it. All files of the
 * database are complete after each step, so a process may be killed at any time.
 */
#ifndef CMD_EARMARK_STANDBY_H
#define CMD_EARMARK_STANDBY_H

#include <sys/types.h>

#include "base/conf.h"
#include "cmd/earmark/archive_replay.h"

struct standby {
	const struct conf *conf;
	struct archive_replay replay;
	const char *dir, *fetch;	/* the archive; one of them is NULL */
	/* The base that the file was made of: replay.base may be a later one. */
	char file_base[ARCHIVE_STORE_BASE];
	int64_t complete_at;		/* the time up to which the database has
					 * all commits, ms; 0: unknown */
	bool promoting;			/* `earmark promote` has begun */
	int lock;			/* descriptor, or -1 */
	char file[ARCHIVE_STORE_PATH];
	char part[ARCHIVE_STORE_PATH];	/* a file that is fetched */
};

/* Returns whether this machine has a standby. */
bool	standby_exists(const struct conf *);
/*
 * Returns whether it has, and no database to serve: it was not promoted yet.
 */
bool	standby_only(const struct conf *);
/* Returns the process that follows the archive, or 0. */
pid_t	standby_process(const struct conf *);
/* Prepares a standby without a position. key: of the archive, or NULL. */
void	standby_init(struct standby *, const struct conf *,
	    const struct hash *key);
/* Sets the archive, and the file name of the standby's database. */
void	standby_source(struct standby *, const char *dir, const char *fetch);
void	standby_file(struct standby *);
/*
 * Takes the lock. Returns RC_CONFLICT if another process holds it; *holder is
 * then its number. The lock is held until exit.
 */
enum rc	standby_lock(struct standby *, pid_t *holder, struct err *);
/*
 * Reads the position. Returns RC_NOT_FOUND if there is none, RC_BAD if the file
 * is not valid. The strings are allocated from the arena.
 */
enum rc	standby_load(struct standby *, struct arena *, struct err *);
/* Syncs the log of the database and stores the position durably. */
enum rc	standby_save(struct standby *, struct err *);
/* Writes the metrics. failing: whether the last attempt to read failed. */
void	standby_metrics(const struct standby *, bool failing);
/* Removes the files of standbys except for those of this one, or all. */
void	standby_clean(const struct standby *, bool all);
/* Returns the metrics' value of `failing`, or false if it is not known. */
bool	standby_failing(const struct conf *, int64_t *complete_at);
/* Returns following, failing, stopped or promoting. */
const char *standby_state(const struct standby *, bool failing);

#define STANDBY_ONLY_WHY "this machine is a standby and serves nothing until " \
	"it is promoted"

#endif
