/*
 * restore_command: restores an installation from a backup or from the archive.
 * All steps that can
 * fail run before the new database replaces the old one with one rename.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_sync.h"
#include "cmd/earmark/archive_load.h"
#include "cmd/earmark/backup_load.h"
#include "cmd/earmark/commands.h"
#include "cmd/earmark/standby_follow.h"
#include "cmd/earmark/stopped.h"
#include "domain/ops/backup_log.h"
#include "domain/ops/epoch_setting.h"

#define MEMORY ((size_t)1 << 30)

struct restoring {
	struct cli *cli;
	const struct conf *conf;
	struct arena arena;
	const char *name;		/* name of the backup */
	int from, media;		/* folders */
	bool there;			/* a database exists */
	const char *fresh, *kept;	/* files: the new database, the new
					 * name of the old one */
	struct backup_loaded u;
	bool archived;			/* from the archive */
	struct archive_load archive;
	struct epoch epoch;		/* of the archive or, without one, of
					 * the old database */
};

static enum rc
open_backup(struct restoring *r, const char *path)
{
	const char *slash;
	struct stat st;
	enum rc rc;

	r->name = path;
	slash = strrchr(path, '/');
	if (slash != NULL && slash[1] != '\0')
		r->name = slash + 1;
	rc = backup_store_check(path, "name a backup, a folder that 'earmark "
	    "backup' made", &r->cli->err);
	if (rc != RC_OK)
		return rc;
	r->from = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->from < 0)
		return backup_store_fail(&r->cli->err, path);
	if (fstatat(r->from, BACKUP_STORE_SUMS, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return RC_OK;
	return err_set(&r->cli->err, RC_NOT_FOUND, "backup", "%s is not a "
	    "backup: it does not contain " BACKUP_STORE_SUMS, path);
}

/*
 * Reads the epoch that the new database must have at least: that of the archive,
 * or that of the database that it replaces. An older one would be fenced.
 */
static void
find_epoch(struct restoring *r)
{
	struct err unread;
	struct db *old;

	if (r->archived)
		r->epoch = r->archive.epoch;
	if (r->archived || !r->there)
		return;
	err_init(&unread, &r->arena);
	old = db_open(r->conf->db_file, r->conf->lock_file, DB_INSPECT,
	    &unread);
	if (old != NULL && db_read(old) == RC_OK) {
		if (epoch_setting_get(old, &r->epoch) != RC_OK)
			r->epoch.number = 0;
		db_read_end(old);
	}
	db_close(old);
}

/* Stores the epoch, in a write transaction. */
static enum rc
put_epoch(struct restoring *r)
{
	struct epoch has;
	enum rc rc = epoch_setting_get(r->cli->db, &has);

	if (rc == RC_OK && r->epoch.number > has.number)
		rc = epoch_setting_put(r->cli->db, &r->epoch);
	return rc;
}

/*
 * Creates the new database next to the old one, and restores the media files.
 */
static enum rc
load_new(struct restoring *r)
{
	struct cli *cli = r->cli;
	struct backup_log_entry entry = { .ok = true, .began = cli->now,
	    .name = r->name };
	enum rc rc;

	/* An interrupted restore may have left a file. */
	if (unlink(r->fresh) != 0 && errno != ENOENT)
		return backup_store_fail(&cli->err, r->fresh);
	db_forget_log(r->fresh);
	cli->db = r->archived ?
	    archive_load_db(&r->archive, r->fresh, &r->u, &cli->err) :
	    backup_load_db(r->from, r->fresh, &r->arena, &r->u, &cli->err);
	if (cli->db == NULL)
		return cli->err.rc;
	rc = r->archived ? archive_load_media(&r->archive, r->conf->media_dir,
	    cli->db, &cli->err) :
	    backup_load_media(r->from, r->media, cli->db, &r->u, &cli->err);
	if (r->archived)
		r->name = r->archive.base;
	entry.name = r->name;
	find_epoch(r);
	if (rc == RC_OK)
		rc = db_write(cli->db);
	if (rc != RC_OK)
		return rc;
	entry.at = clock_now();
	entry.bytes = r->u.bytes;
	rc = put_epoch(r);
	if (rc == RC_OK)
		rc = backup_log_restored(cli->db);
	if (rc == RC_OK)
		rc = backup_log_add(cli->db, BACKUP_LOG_RESTORE, &entry);
	if (rc == RC_OK)
		rc = db_commit(cli->db);
	else
		db_rollback(cli->db);
	if (rc == RC_OK)
		rc = db_fold(cli->db, &cli->err);
	if (rc == RC_OK)
		cli->db = NULL;
	return rc;
}

/*
 * Merges the log of the old database into its file, so that SQLite cannot apply
 * it to the new one. If the old database is damaged, renames the log instead.
 */
static enum rc
merge_log(struct restoring *r)
{
	const char *lock = arena_fmt(&r->arena, "%s-lock", r->fresh);
	const char *log = arena_fmt(&r->arena, "%s-wal", r->conf->db_file);
	struct err unread;
	struct db *old;

	err_init(&unread, &r->arena);
	old = db_open(r->conf->db_file, lock, DB_MIGRATE, &unread);
	unlink(lock);
	if (old != NULL && db_fold(old, &unread) == RC_OK)
		return RC_OK;
	db_close(old);
	if (rename(log, arena_fmt(&r->arena, "%s-wal", r->kept)) != 0 &&
	    errno != ENOENT)
		return backup_store_fail(&r->cli->err, log);
	db_forget_log(r->conf->db_file);
	return RC_OK;
}

/*
 * Exchanges the databases. The new one already has the name under which the old
 * one is kept, because another restore removes the file with the old name. If
 * the file system cannot exchange names, two renames are used and there is a
 * short time without a database.
 */
static enum rc
exchange(struct restoring *r)
{
	const char *file = r->conf->db_file;
	struct err *err = &r->cli->err;

	if (!r->there)
		return renameat2(AT_FDCWD, r->fresh, AT_FDCWD, file,
		    RENAME_NOREPLACE) == 0 ? RC_OK :
		    backup_store_fail(err, file);
	if (rename(r->fresh, r->kept) != 0)
		return backup_store_fail(err, r->kept);
	if (renameat2(AT_FDCWD, r->kept, AT_FDCWD, file,
	    RENAME_EXCHANGE) == 0)
		return RC_OK;
	if (errno != EINVAL && errno != ENOSYS)
		return backup_store_fail(err, file);
	if (rename(r->kept, r->fresh) != 0 || rename(file, r->kept) != 0 ||
	    rename(r->fresh, file) != 0)
		return backup_store_fail(err, file);
	return RC_OK;
}

static enum rc
install(struct restoring *r)
{
	const char *file = r->conf->db_file;
	enum rc rc = backup_store_sync(AT_FDCWD, r->fresh, &r->cli->err);

	if (rc == RC_OK && r->there)
		rc = merge_log(r);
	else if (rc == RC_OK)
		db_forget_log(file);
	if (rc == RC_OK)
		rc = exchange(r);
	if (rc != RC_OK)
		return rc;
	return file_sync_parent(file) ? RC_OK :
	    backup_store_fail(&r->cli->err, file);
}

/* Checks that a restore is possible, and chooses the names of files. */
static enum rc
prepare(struct restoring *r, bool replace)
{
	const struct conf *conf = r->conf;
	enum rc rc = stopped_check(conf, &r->arena, &r->cli->err);
	char at[CLOCK_TEXT];
	struct stat st;
	int n = 1;

	if (rc != RC_OK)
		return rc;
	r->there = lstat(conf->db_file, &st) == 0;
	if (r->there && !replace)
		return err_set(&r->cli->err, RC_CONFLICT, "there",
		    "the database %s exists; use --replace to replace it and "
		    "keep a copy", conf->db_file);
	clock_text(r->cli->now, at);
	at[13] = at[16] = '-';
	r->fresh = arena_fmt(&r->arena, "%s.restoring", conf->db_file);
	r->kept = arena_fmt(&r->arena, "%s.replaced-%s", conf->db_file, at);
	/* Avoids the name of an earlier restore in the same second. */
	while (lstat(r->kept, &st) == 0)
		r->kept = arena_fmt(&r->arena, "%s.replaced-%s-%d",
		    conf->db_file, at, ++n);
	if ((mkdir(conf->media_dir, 0711) != 0 && errno != EEXIST) ||
	    !file_sync_parent(conf->media_dir))
		return backup_store_fail(&r->cli->err, conf->media_dir);
	return RC_OK;
}

static enum rc
run_restore(struct restoring *r, const char *path, bool replace)
{
	const struct conf *conf = r->conf;
	enum rc rc = r->archived ? RC_OK : open_backup(r, path);

	if (rc == RC_OK)
		rc = prepare(r, replace);
	if (rc != RC_OK)
		return rc;
	r->media = open(conf->media_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->media < 0)
		return backup_store_fail(&r->cli->err, conf->media_dir);
	rc = load_new(r);
	if (rc == RC_OK)
		rc = install(r);
	if (rc != RC_OK) {
		db_close(r->cli->db);
		r->cli->db = NULL;
	}
	return rc;
}

/*
 * Makes this machine a standby. With --replace, an existing database is kept
 * under another name, and an earlier standby starts over.
 */
static int
run_follow(struct restoring *r, bool replace)
{
	struct archive_load *l = &r->archive;
	enum rc rc = prepare(r, replace);

	if (rc == RC_OK && r->there)
		rc = merge_log(r);
	if (rc == RC_OK && r->there && rename(r->conf->db_file, r->kept) != 0)
		rc = backup_store_fail(&r->cli->err, r->conf->db_file);
	if (rc != RC_OK)
		return cli_failed(r->cli, rc);
	if (r->there)
		printf("the previous database is %s\n", r->kept);
	fflush(stdout);
	return standby_follow(r->cli, l->key, l->dir, l->fetch, replace);
}

/* Reads the options of a restore from the archive. Returns an exit status. */
static int
read_archive_options(struct restoring *r, const char *at)
{
	struct archive_load *l = &r->archive;
	const char *why;

	l->at = INT64_MAX;
	if (at != NULL && !clock_parse(at, &l->at))
		return cli_fail(EXIT_USAGE, "'%s' is not an RFC 3339 time",
		    at);
	if (!archive_store_key(r->conf, &l->key, &why))
		return cli_fail(EXIT_CONF, "%s", why);
	l->timeout = r->conf->archive_timeout;
	l->arena = &r->arena;
	/* A command would have to get all of them. */
	l->compare = l->dir != NULL;
	return EXIT_DONE;
}

/* Reports a restore from the archive, and restores its configuration. */
static int
finish_archived(struct restoring *r)
{
	const char *folder = arena_fmt(&r->arena, "%s.configuration-%s",
	    r->conf->db_file, r->archive.base);
	char at[CLOCK_TEXT];

	clock_text(r->archive.committed_at, at);
	printf("restored base %s and %" PRId64 " segments: schema %d, %" PRId64
	    " transfers\n", r->archive.base, r->archive.segments, r->u.to,
	    r->u.proof.books.transfers);
	if (r->archive.committed_at > 0)
		printf("the last commit is of %s\n", at);
	if (r->archive.missing > 0)
		printf("%" PRId64 " media files are not in the archive\n",
		    r->archive.missing);
	if (archive_load_conf(&r->archive, folder, &r->cli->err) != RC_OK)
		return cli_fail(EXIT_FAILED,
		    "the configuration was not restored: %s",
		    r->cli->err.message);
	printf("the configuration is in %s\n", folder);
	return EXIT_DONE;
}

int
command_restore(struct cli *cli, int argc, char **argv)
{
	struct restoring r = { .cli = cli, .from = -1, .media = -1 };
	const char *at = NULL;
	bool replace = false, follow = false;
	const struct cli_option options[] = {
		{ .name = "follow", .flag = &follow },
		{ .name = "replace", .flag = &replace },
		{ .name = "archive", .value = &r.archive.dir },
		{ .name = "fetch", .value = &r.archive.fetch },
		{ .name = "at", .value = &at },
	};
	int status, n = cli_options(cli, argc, argv, options, NELEM(options), 0,
	    1);
	enum rc rc;

	if (n < 0)
		return EXIT_USAGE;
	r.archived = r.archive.dir != NULL || r.archive.fetch != NULL;
	if (n + (r.archive.dir != NULL) + (r.archive.fetch != NULL) != 1 ||
	    (at != NULL && !r.archived) ||
	    (follow && (at != NULL || !r.archived)))
		return cli_usage(cli);
	status = cli_become(cli);
	if (status != EXIT_DONE)
		return status;
	r.conf = cli->conf;
	arena_init(&r.arena, MEMORY);
	status = r.archived ? read_archive_options(&r, at) : EXIT_DONE;
	if (status != EXIT_DONE)
		return status;
	if (r.archive.dir != NULL && backup_store_check(r.archive.dir,
	    BACKUP_STORE_NO_ARCHIVE, &cli->err) != RC_OK)
		return cli_failed(cli, cli->err.rc);
	if (follow)
		return run_follow(&r, replace);
	rc = run_restore(&r, argv[0], replace);
	status = rc == RC_OK ? EXIT_DONE : cli_failed(cli, rc);
	if (rc == RC_OK && r.archived)
		status = finish_archived(&r);
	else if (rc == RC_OK)
		printf("restored %s: schema %d, %" PRId64 " transfers\n",
		    r.name, r.u.to, r.u.proof.books.transfers);
	if (rc == RC_OK && r.there)
		printf("the previous database is %s\n", r.kept);
	if (r.from >= 0)
		close(r.from);
	if (r.media >= 0)
		close(r.media);
	arena_free(&r.arena);
	return status;
}
