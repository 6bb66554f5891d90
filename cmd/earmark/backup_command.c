/*
 * backup_command: makes a backup. See backup_store.h for its files.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/folder.h"
#include "base/image_store.h"
#include "cmd/earmark/backup_copy.h"
#include "cmd/earmark/backup_load.h"
#include "cmd/earmark/backup_task.h"
#include "cmd/earmark/commands.h"
#include "cmd/earmark/standby.h"
#include "commit.h"
#include "json/json_write.h"

#define DRIP_MS		5
#define MEMORY		((size_t)1 << 30)	/* 300 bytes per file */

struct order {
	const char *dir;
	int64_t keep;
};

struct backup {
	struct cli *cli;
	const char *dir_name;
	struct arena arena;
	int dir, part, prev;		/* folders; prev -1: no older backup */
	char name[BACKUP_STORE_NAME], part_name[BACKUP_STORE_NAME + 8];
	struct backup_store_files files, prev_files;
	int64_t media, media_bytes, bytes;
	bool known;	/* the database has this program's schema */
	struct database_check proof;
};

/*
 * Links a media file from the previous backup. Media files are never modified,
 * so a file of the same size is the same.
 */
static bool
link_media_file(struct backup *m, const char *name, const struct stat *st)
{
	const struct backup_store_file *was = m->prev < 0 ? NULL :
	    backup_store_find(&m->prev_files, name);
	struct stat prev;

	if (was == NULL || fstatat(m->prev, name, &prev,
	    AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(prev.st_mode) ||
	    prev.st_size != st->st_size ||
	    linkat(m->prev, name, m->part, name, 0) != 0)
		return false;
	backup_store_add(&m->files, &m->arena, name, prev.st_size, &was->hash);
	return true;
}

/* Returns whether a file is complete and not an upload that is written. */
static bool
is_complete(int dir, const char *file)
{
	int fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool complete = fd < 0 || image_store_complete(fd);

	if (fd >= 0)
		close(fd);
	return complete;
}

static enum rc
copy_media_file(struct backup *m, int from, const char *file)
{
	const char *name = arena_fmt(&m->arena, BACKUP_STORE_MEDIA "/%s", file);
	struct backup_store_file got;
	struct stat st;
	enum rc rc;

	if (fstatat(from, file, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? RC_OK :
		    backup_store_fail(&m->cli->err, file);
	if (!S_ISREG(st.st_mode) ||
	    faccessat(m->part, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
	    !is_complete(from, file))
		return RC_OK;
	m->media++;
	m->media_bytes += st.st_size;
	if (link_media_file(m, name, &st))
		return RC_OK;
	rc = backup_store_copy(from, file, NULL, m->part, name, 0600, &got,
	    &m->cli->err);
	if (rc == RC_NOT_FOUND)
		return RC_OK;		/* the file was removed meanwhile */
	if (rc == RC_OK)
		backup_store_add(&m->files, &m->arena, name, got.bytes,
		    &got.hash);
	return rc;
}

/* Copies or links all media files that are not yet in the backup. */
static enum rc
copy_media(struct backup *m)
{
	const char *dir = m->cli->conf->media_dir;
	DIR *d = opendir(dir);
	enum rc rc = RC_OK;
	struct dirent *e;

	if (d == NULL)
		return errno == ENOENT ? RC_OK :
		    backup_store_fail(&m->cli->err, dir);
	while (rc == RC_OK && (e = folder_next(d)) != NULL)
		if (e->d_name[0] != '.')
			rc = copy_media_file(m, dirfd(d), e->d_name);
	if (rc == RC_OK && errno != 0)
		rc = backup_store_fail(&m->cli->err, dir);
	closedir(d);
	return rc;
}

/*
 * Starts a process that writes a growing file to the disk. Otherwise the kernel
 * would write all of it at the end, which delays the commits of other
 * processes.
 */
static pid_t
start_writeback(int dir, const char *name)
{
	pid_t parent = getpid(), pid = fork();
	int fd = -1;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent) {
		if (fd < 0)
			fd = openat(dir, name, O_RDONLY | O_NOFOLLOW |
			    O_CLOEXEC);
		if (fd >= 0)
			(void)fdatasync(fd);
		poll(NULL, 0, DRIP_MS);
	}
	_exit(0);
}

static enum rc
copy_db(struct backup *m)
{
	struct cli *cli = m->cli;
	pid_t syncer = start_writeback(m->part, BACKUP_STORE_DB);
	enum rc rc = RC_OK;

	/*
	 * Opened after fork(), because SQLite connections must not be
	 * inherited.
	 */
	cli->db = db_open(cli->conf->db_file, cli->conf->lock_file, DB_SOURCE,
	    &cli->err);
	if (cli->db == NULL)
		rc = RC_FAULT;
	/*
	 * Before a migration the schema may be older. It is backed up as it is.
	 */
	m->known = rc == RC_OK &&
	    db_schema_have(cli->db) == db_schema_want();
	if (rc == RC_OK)
		rc = db_copy(cli->db, arena_fmt(&m->arena,
		    "%s/%s/" BACKUP_STORE_DB, m->dir_name, m->part_name),
		    &cli->err);
	db_close(cli->db);
	cli->db = NULL;
	if (syncer > 0) {
		kill(syncer, SIGKILL);
		(void)waitpid(syncer, NULL, 0);
	}
	return rc;
}

/*
 * Copies the media, then the database, then the media again. So each file that
 * the database names is in the backup.
 */
static enum rc
copy_all(struct backup *m)
{
	enum rc rc;

	if (mkdirat(m->part, BACKUP_STORE_MEDIA, 0700) != 0)
		return backup_store_fail(&m->cli->err, m->part_name);
	rc = copy_media(m);
	if (rc == RC_OK)
		rc = copy_db(m);
	backup_task_lower_priority();
	return rc == RC_OK ? copy_media(m) : rc;
}

static enum rc
take_digest(struct backup *m)
{
	struct backup_store_file got;
	enum rc rc;

	rc = backup_store_read(m->part, BACKUP_STORE_DB, NULL, &got,
	    &m->cli->err);
	if (rc == RC_OK) {
		backup_store_add(&m->files, &m->arena, BACKUP_STORE_DB,
		    got.bytes, &got.hash);
		m->bytes = got.bytes;
		rc = backup_store_sync(m->part, BACKUP_STORE_DB, &m->cli->err);
	}
	return rc;
}

static enum rc
verify_copy(struct backup *m)
{
	struct cli *cli = m->cli;
	struct db *db;
	enum rc rc;

	db = db_open(arena_fmt(&m->arena, "%s/%s/" BACKUP_STORE_DB, m->dir_name,
	    m->part_name), NULL, DB_COPY, &cli->err);
	if (db == NULL)
		return RC_FAULT;
	rc = database_check_run(db, &m->arena, &m->proof, &cli->err);
	db_close(db);
	return rc;
}

static enum rc
write_info(struct backup *m)
{
	struct cli *cli = m->cli;
	struct backup_store_file got;
	struct buf out;
	struct json_write j;
	char head[65];
	enum rc rc;

	buf_init(&out, 4096);
	json_write_init(&j, &out);
	json_write_obj(&j, NULL);
	json_write_str(&j, "name", m->name);
	json_write_time(&j, "begun_at", cli->now);
	json_write_str(&j, "version", PACKAGE_VERSION);
	json_write_str(&j, "commit", EARMARK_COMMIT);
	json_write_int(&j, "schema", m->proof.schema);
	json_write_int(&j, "database_bytes", m->bytes);
	json_write_int(&j, "media", m->media);
	json_write_int(&j, "media_bytes", m->media_bytes);
	if (m->proof.booked) {
		hash_hex(m->proof.books.head.b, sizeof(m->proof.books.head.b),
		    head);
		json_write_obj(&j, "ledger");
		json_write_int(&j, "transfers", m->proof.books.transfers);
		json_write_str(&j, "head", head);
		json_write_obj_end(&j);
	}
	json_write_obj_end(&j);
	buf_ch(&out, '\n');
	rc = backup_store_put(m->part, BACKUP_STORE_INFO, out.data, out.len,
	    &cli->err);
	buf_free(&out);
	if (rc == RC_OK)
		rc = backup_store_read(m->part, BACKUP_STORE_INFO, NULL, &got,
		    &cli->err);
	if (rc == RC_OK)
		backup_store_add(&m->files, &m->arena, BACKUP_STORE_INFO,
		    got.bytes, &got.hash);
	return rc;
}

/* Writes all files to the disk, then renames the folder to its final name. */
static enum rc
finish_backup(struct backup *m)
{
	struct err *err = &m->cli->err;
	enum rc rc;

	rc = backup_store_write_sums(m->part, &m->files, err);
	if (rc == RC_OK)
		rc = backup_store_sync(m->part, BACKUP_STORE_MEDIA, err);
	if (rc == RC_OK)
		rc = backup_store_sync(m->part, ".", err);
	if (rc == RC_OK && renameat2(m->dir, m->part_name, m->dir, m->name,
	    RENAME_NOREPLACE) != 0)
		rc = backup_store_fail(err, m->name);
	return rc == RC_OK ? backup_store_sync(m->dir, ".", err) : rc;
}

/* Checks that the disk has enough free space for the database. */
static enum rc
check_space(struct backup *m)
{
	struct statvfs fs;
	struct stat st;

	if (fstatvfs(m->dir, &fs) != 0 ||
	    stat(m->cli->conf->db_file, &st) != 0 ||
	    (int64_t)(fs.f_bavail * fs.f_frsize) > st.st_size)
		return RC_OK;
	return err_set(&m->cli->err, RC_FULL, "room", "%s does not have %"
	    PRId64 " MiB of free space", m->dir_name,
	    (int64_t)st.st_size >> 20);
}

static enum rc
make_backup(struct backup *m, const struct strv *names)
{
	struct err *err = &m->cli->err, unread;
	enum rc rc = check_space(m);

	if (rc != RC_OK)
		return rc;
	backup_store_next(names, m->cli->now, m->name);
	snprintf(m->part_name, sizeof(m->part_name), ".part-%s", m->name);
	err_init(&unread, &m->arena);
	if (names->n > 0)
		m->prev = openat(m->dir, names->v[names->n - 1], O_RDONLY |
		    O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (m->prev >= 0 && backup_store_read_sums(m->prev, &m->arena,
	    &m->prev_files, &unread) != RC_OK)
		m->prev_files.n = 0;
	if (mkdirat(m->dir, m->part_name, 0700) != 0)
		return backup_store_fail(err, m->dir_name);
	m->part = openat(m->dir, m->part_name, O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	if (m->part < 0)
		return backup_store_fail(err, m->part_name);
	rc = copy_all(m);
	if (rc == RC_OK)
		rc = take_digest(m);
	if (rc == RC_OK)
		rc = verify_copy(m);
	if (rc == RC_OK)
		rc = write_info(m);
	return rc == RC_OK ? finish_backup(m) : rc;
}

/*
 * Copies the backup to another machine, if the operator has configured a
 * command. The backup of this machine is complete even if that fails.
 */
static enum rc
copy_away(struct backup *m)
{
	const char *command = m->cli->conf->backup_copy_command;

	if (command[0] == '\0')
		return RC_OK;
	fflush(stdout);
	return backup_copy(command, arena_fmt(&m->arena, "%s/%s", m->dir_name,
	    m->name), &m->cli->err);
}

/* Removes the oldest backups, so that `keep` remain. */
static enum rc
remove_old(struct backup *m, int64_t keep)
{
	struct err *err = &m->cli->err;
	struct strv names;
	enum rc rc;

	rc = backup_store_list(m->dir, &m->arena, &names, err);
	for (size_t i = 0; rc == RC_OK && keep > 0 &&
	    i + (size_t)keep < names.n; i++)
		rc = backup_store_remove(m->dir, names.v[i], err);
	return rc;
}

/* Makes the backup and sets its name. Returns the exit status. */
static int
run_backup(struct cli *cli, void *arg, struct backup_task *w)
{
	struct backup m = { .cli = cli, .dir = -1, .part = -1, .prev = -1,
	    .known = true };
	const struct order *order = arg;
	struct strv names;
	struct err unread;
	enum rc rc;

	arena_init(&m.arena, MEMORY);
	m.dir_name = order->dir;
	m.dir = backup_store_open(m.dir_name, true, &cli->err);
	rc = m.dir < 0 ? cli->err.rc :
	    backup_store_list(m.dir, &m.arena, &names, &cli->err);
	if (rc == RC_OK)
		rc = make_backup(&m, &names);
	w->unknown = !m.known;
	if (rc != RC_OK) {
		err_init(&unread, &m.arena);
		if (m.part >= 0)
			(void)backup_store_remove(m.dir, m.part_name, &unread);
		return backup_task_failed(cli, rc, w);
	}
	snprintf(w->name, sizeof(w->name), "%s", m.name);
	w->bytes = m.bytes + m.media_bytes;
	printf("%s/%s\n", m.dir_name, m.name);
	rc = copy_away(&m);
	if (rc != RC_OK)
		return backup_task_failed(cli, rc, w);
	rc = remove_old(&m, order->keep);
	/*
	 * The backup exists. A failure to remove old ones is not a failure of
	 * the backup.
	 */
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	return EXIT_DONE;
}

int
command_backup(struct cli *cli, int argc, char **argv)
{
	const char *number = NULL;
	const struct cli_option options[] = {
		{ .name = "keep", .value = &number },
	};
	int n = cli_options(cli, argc, argv, options, NELEM(options), 0, 1);
	struct order order = { .keep = 0 };
	int status;

	if (n < 0)
		return EXIT_USAGE;
	if (number != NULL && (!str_int(number, &order.keep) ||
	    order.keep < 0))
		return cli_fail(EXIT_USAGE, "'%s' is not a number of backups",
		    number);
	status = cli_become(cli);
	if (status != EXIT_DONE)
		return status;
	if (standby_only(cli->conf))
		return cli_fail(EXIT_DB, STANDBY_ONLY_WHY);
	order.dir = n == 1 ? argv[0] : cli->conf->backup_dir;
	if (number == NULL)
		order.keep = cli->conf->backup_keep;
	return backup_task_run(cli, BACKUP_LOG_BACKUP, run_backup, &order);
}
