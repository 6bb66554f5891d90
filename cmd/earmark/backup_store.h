/*
 * backup_store: reads and writes the folder of backups. Each backup is a
 * folder:
 *
 *	DIR/earmark-2026-11-21T03-00-00Z/
 *		earmark.db	a consistent copy of the database
 *		media/		the media files
 *		backup.json	description for the operator
 *		SHA256SUMS	of each file, for sha256sum(1)
 *
 * A folder with such a name is complete. While a backup is made or removed, its
 * name starts with ".part-" or ".gone-". If that is interrupted, the next
 * command removes the remaining folder. The names sort by time, even if the
 * clock was set back. A lock allows one process at a time; others wait.
 *
 * These functions do not open a database file while SQLite has it open in this
 * process, because closing it would drop the locks of SQLite (POSIX).
 */
#ifndef CMD_EARMARK_BACKUP_STORE_H
#define CMD_EARMARK_BACKUP_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

#define BACKUP_STORE_DB	"earmark.db"
#define BACKUP_STORE_MEDIA	"media"
#define BACKUP_STORE_INFO	"backup.json"
#define BACKUP_STORE_SUMS	"SHA256SUMS"
/* Size of a name such as "earmark-2026-11-21T03-00-00Z", with its NUL. */
#define BACKUP_STORE_NAME	29

struct backup_store_file {
	const char *name;		/* "media/....png" */
	int64_t bytes;
	struct hash hash;
};

/* The files of a backup, sorted by name. */
struct backup_store_files {
	struct backup_store_file *v;
	size_t n, cap;
};

/*
 * Checks that the folder from which something is restored can be opened. If not,
 * *err names it and has the advice.
 */
enum rc	backup_store_check(const char *dir, const char *advice,
	    struct err *);
#define BACKUP_STORE_NO_ARCHIVE	"name the folder of an archive, the value of " \
	"archive.dir of the machine that writes it"
/*
 * Opens the folder of backups, waits for its lock and removes incomplete
 * backups. make: create the folder. Returns its descriptor; closing it releases
 * the lock. Returns -1 with *err on failure.
 */
int	backup_store_open(const char *dir, bool make, struct err *);
/*
 * Lists the names of the backups, oldest first. They are allocated in the
 * arena.
 */
enum rc	backup_store_list(int dir, struct arena *, struct strv *, struct err *);
/* Writes the name of the next backup. It sorts after all names in the list. */
void	backup_store_next(const struct strv *, int64_t now,
	    char out[BACKUP_STORE_NAME]);
/* Removes a complete or incomplete backup from the folder. */
enum rc	backup_store_remove(int dir, const char *name, struct err *);

/* Adds a file to the list. The name is copied to the arena. */
void	backup_store_add(struct backup_store_files *, struct arena *,
	    const char *name, int64_t bytes, const struct hash *);
/* Returns the file with this name, or NULL. The list must be sorted or read. */
const struct backup_store_file	*backup_store_find(
	    const struct backup_store_files *, const char *name);
/* Sorts the list and writes it as SHA256SUMS into the folder. */
enum rc	backup_store_write_sums(int dir, struct backup_store_files *,
	    struct err *);
/* Reads SHA256SUMS. Returns an error if a name is not allowed in a backup. */
enum rc	backup_store_read_sums(int dir, struct arena *,
	    struct backup_store_files *, struct err *);

/* Creates a file with the given text and syncs it to the disk. */
enum rc	backup_store_put(int dir, const char *name, const char *text, size_t n,
	    struct err *);
/*
 * Computes digest and length of a file. want: the digest that it must have, or
 * NULL. Returns RC_NOT_FOUND if the file does not exist, and RC_FAULT if its
 * digest is another one.
 */
enum rc	backup_store_read(int dir, const char *name, const struct hash *want,
	    struct backup_store_file *, struct err *);
/*
 * The same, and copies the file to a file with this mode, which replaces an
 * older one. After a failure, the older one is kept.
 */
enum rc	backup_store_copy(int dir, const char *name, const struct hash *want,
	    int to, const char *to_name, mode_t mode,
	    struct backup_store_file *, struct err *);
/* Syncs a file or folder to the disk. */
enum rc	backup_store_sync(int dir, const char *name, struct err *);

/* Sets *err to the message of errno for a file and returns its rc. */
enum rc	backup_store_fail(struct err *, const char *what);

#endif
