/*
 * backup_store: a folder of backups, and the folder that each of them is.
 *
 *	DIR/earmark-2026-11-21T03-00-00Z/
 *		earmark.db	the database, of one moment
 *		media/		the media
 *		backup.json	what it is, for people
 *		SHA256SUMS	of each file, as sha256sum(1) reads it
 *
 * What has such a name is whole. One that is being made, or removed, has
 * another name (".part-", ".gone-"); who is interrupted leaves that behind, and
 * the next one sweeps it away. Names are in the order of time, whatever the
 * clock does. One process at a time works in a folder; others wait.
 *
 * A file is never opened here while SQLite has it open in this process: its
 * locks would go.
 */
#ifndef CMD_EARMARK_BACKUP_STORE_H
#define CMD_EARMARK_BACKUP_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

#define BACKUP_STORE_DB	"earmark.db"
#define BACKUP_STORE_MEDIA	"media"
#define BACKUP_STORE_INFO	"backup.json"
#define BACKUP_STORE_SUMS	"SHA256SUMS"
/* "earmark-2026-11-21T03-00-00Z" and its NUL. */
#define BACKUP_STORE_NAME	29

struct backup_store_file {
	const char *name;		/* "media/....png" */
	int64_t bytes;
	struct hash hash;
};

/* The files of a backup, by name. */
struct backup_store_files {
	struct backup_store_file *v;
	size_t n, room;
};

/*
 * Open a folder for a backup or a drill, and wait until it is ours; what was
 * left behind is swept away. Closing the descriptor gives it back. -1: *err.
 */
int	backup_store_open(const char *dir, bool make, struct err *);
/* The names of the backups, oldest first. */
enum rc	backup_store_list(int dir, struct arena *, struct strv *, struct err *);
/* The next one's name: later than all. */
void	backup_store_next(const struct strv *, int64_t now,
	    char out[BACKUP_STORE_NAME]);
/* Remove a backup, or what was to be one, from its folder. */
enum rc	backup_store_remove(int dir, const char *name, struct err *);

/* Add a file to the list. */
void	backup_store_add(struct backup_store_files *, struct arena *,
	    const char *name, int64_t bytes, const struct hash *);
/* NULL: it is not there. For a list that was sorted or read. */
const struct backup_store_file	*backup_store_find(
	    const struct backup_store_files *, const char *name);
/* Sort it, and write it as SHA256SUMS into the folder. */
enum rc	backup_store_write_sums(int dir, struct backup_store_files *,
	    struct err *);
/* Read it; names that are none of a backup's are refused. */
enum rc	backup_store_read_sums(int dir, struct arena *,
	    struct backup_store_files *, struct err *);

/* A new file of that text in a folder, on the disk. */
enum rc	backup_store_put(int dir, const char *name, const char *text, size_t n,
	    struct err *);
/*
 * Read a file for its digest and length and, with to >= 0, copy it there: a
 * new file of that mode, on the disk. RC_NOT_FOUND: there is none.
 */
enum rc	backup_store_read(int dir, const char *name, int to,
	    const char *to_name, unsigned mode, struct backup_store_file *,
	    struct err *);
/* Bring a file or folder that is there to the disk. */
enum rc	backup_store_sync(int dir, const char *name, struct err *);

/* What errno says about a file. */
enum rc	backup_store_fail(struct err *, const char *what);

#endif
