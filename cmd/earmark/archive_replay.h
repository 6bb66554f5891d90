/*
 * archive_replay: applies the archive to a database file, segment by segment.
 *
 * The frames of a generation are collected in the log of the file (FILE-wal),
 * and merged into the file when the next generation begins. The position of a
 * replay can be stored, and the replay continued by another process: a log that
 * is longer than the position says has a part of a segment, which is removed,
 * and a log that is shorter has been merged.
 *
 * If the archive has several epochs, the segments of an older one count only up
 * to the position at which its standby was promoted.
 */
#ifndef CMD_EARMARK_ARCHIVE_REPLAY_H
#define CMD_EARMARK_ARCHIVE_REPLAY_H

#include "archive/archive_epoch.h"
#include "archive/archive_file.h"
#include "base/epoch.h"

#define ARCHIVE_REPLAY_EPOCHS	64	/* maximum number of promotions */

/* A point in the history of a base. generation 0: none. */
struct archive_point {
	int64_t generation, frames;
};

struct archive_replay {
	struct archive_source from;
	const char *file;		/* the database */
	struct arena *arena;
	struct err *err;
	int64_t at;			/* the time to restore, ms; INT64_MAX:
					 * the newest state */
	/* The archive, as archive_replay_choose() found it. */
	struct epoch epochs[ARCHIVE_REPLAY_EPOCHS];	/* from epoch 2 */
	int64_t epoch;			/* the newest */
	char *bases;			/* the list, one line per base */
	struct archive_point limit;	/* end of this base's history */
	struct archive_point want;	/* what must be reached, according to
					 * the next base or "head" */
	/* The base. */
	char base[ARCHIVE_STORE_BASE];
	int64_t base_epoch, base_history;
	uint8_t base_salt[8];
	int64_t needs;			/* frames that it needs */
	int64_t page_size;
	/* The position. */
	struct archive_point pos;
	uint8_t salt[8];
	bool merged;			/* the log of this generation is in the
					 * file, and cannot be continued */
	bool stopped;			/* at the time `at` */
	int log;			/* descriptor of the log, or -1 */
	/* Results. */
	int64_t segments;		/* applied by this process */
	int64_t committed_at;		/* of the last commit, ms; 0: unknown */
	int64_t complete_at;		/* time of the last segment, ms: the
					 * database has all commits before */
};

/* Gets a file of the archive and opens it. */
enum rc	archive_replay_get(struct archive_replay *, const char *name,
	    struct archive_reader **);
/* Copies the rest of a body, at most max bytes, to a descriptor. */
enum rc	archive_replay_copy(struct archive_replay *, struct archive_reader *,
	    int to, int64_t max);
/*
 * Reads the epochs and the list of bases. Chooses the newest base that is not
 * after the time, or keeps `base` if it is not empty, and sets limit and want.
 * Returns RC_NOT_FOUND if there is no such base.
 */
enum rc	archive_replay_choose(struct archive_replay *);
/* Returns the base after the present one in the list, or NULL. */
const char	*archive_replay_next_base(const struct archive_replay *);
/* Creates the file from the base. */
enum rc	archive_replay_base(struct archive_replay *);
/*
 * Applies the next segment. *applied is false if there is none, or if the time
 * or the limit is reached. Returns RC_BAD with "archive_missing",
 * "archive_damaged" or "archive_mixed" if a segment is not acceptable. before:
 * called before the log is merged, to store the position; or NULL.
 */
enum rc	archive_replay_next(struct archive_replay *, bool *applied,
	    enum rc (*before)(void *), void *arg);
/*
 * Continues with the next base, without getting it, if its first segment says
 * that it begins where this one ends. *joined is false otherwise: then *begun
 * says whether the first segment exists.
 */
enum rc	archive_replay_join(struct archive_replay *, const char *base,
	    bool *begun, bool *joined, enum rc (*before)(void *), void *arg);
/* Opens the log of a stored position, and removes what is after it. */
enum rc	archive_replay_resume(struct archive_replay *);
/* Checks that no segment at the end is missing. */
enum rc	archive_replay_reached(struct archive_replay *);
/*
 * Reads the position of "head" and the time up to which the archive was
 * complete, if it is about the base `of`. Otherwise the generation and the time
 * are 0.
 */
enum rc	archive_replay_head(struct archive_replay *, const char *of,
	    struct archive_point *, int64_t *complete_at);
/* Merges the log into the file. */
enum rc	archive_replay_merge(struct archive_replay *);
/* Returns whether point a is before point b. */
bool	archive_replay_before(struct archive_point a, struct archive_point b);

#endif
