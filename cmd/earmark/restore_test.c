/*
 * restore_test: tests that the newest backup, or the archive, can be restored.
 * It restores it to a temporary folder and verifies it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive_spool.h"
#include "base/str.h"
#include "cmd/earmark/archive_load.h"
#include "cmd/earmark/backup_load.h"
#include "cmd/earmark/backup_task.h"
#include "cmd/earmark/commands.h"

#define MEMORY ((size_t)1 << 30)
#define NO_BACKUPS "make a backup with 'earmark backup', or name the folder " \
	"of the backups"

struct trial {
	struct cli *cli;
	const char *dir_name;
	struct arena arena;
	int dir, from;
	struct backup_loaded u;
	struct archive_load archive;
};

/* What is tested: the backups in dir or, if it is NULL, an archive. */
struct subject {
	const char *dir, *archive, *fetch;
};

static enum rc
restore_newest(struct trial *t)
{
	struct cli *cli = t->cli;
	const char *aside = arena_fmt(&t->arena, ".drill-%d", (int)getpid());
	struct err unread;
	enum rc rc;

	if (mkdirat(t->dir, aside, 0700) != 0)
		return backup_store_fail(&cli->err, t->dir_name);
	cli->db = backup_load_db(t->from, arena_fmt(&t->arena,
	    "%s/%s/" BACKUP_STORE_DB, t->dir_name, aside), &t->arena, &t->u,
	    &cli->err);
	rc = cli->db == NULL ? cli->err.rc :
	    backup_load_media(t->from, -1, cli->db, &t->u, &cli->err);
	db_close(cli->db);
	cli->db = NULL;
	err_init(&unread, &t->arena);
	(void)backup_store_remove(t->dir, aside, &unread);
	return rc;
}

/* Restores the archive to the folder of the files that wait for it. */
static enum rc
restore_archive(struct trial *t)
{
	struct cli *cli = t->cli;
	const char *aside = arena_fmt(&t->arena, ".drill-%d", (int)getpid());
	const char *folder, *why;
	struct err unread;
	enum rc rc;

	if (t->archive.dir != NULL && backup_store_check(t->archive.dir,
	    BACKUP_STORE_NO_ARCHIVE, &cli->err) != RC_OK)
		return cli->err.rc;
	t->dir_name = archive_spool_dir(cli->conf);
	folder = arena_fmt(&t->arena, "%s/%s", t->dir_name, aside);
	t->dir = open(t->dir_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dir < 0 || mkdirat(t->dir, aside, 0700) != 0)
		return backup_store_fail(&cli->err, t->dir_name);
	t->archive.at = INT64_MAX;
	t->archive.timeout = cli->conf->archive_timeout;
	t->archive.arena = &t->arena;
	if (!archive_store_key(cli->conf, &t->archive.key, &why))
		return err_set(&cli->err, RC_BAD, "archive_key", "%s", why);
	cli->db = archive_load_db(&t->archive, arena_fmt(&t->arena,
	    "%s/" BACKUP_STORE_DB, folder), &t->u, &cli->err);
	rc = cli->db == NULL ? cli->err.rc :
	    archive_load_media(&t->archive, folder, cli->db, &cli->err);
	db_close(cli->db);
	cli->db = NULL;
	err_init(&unread, &t->arena);
	(void)backup_store_remove(t->dir, aside, &unread);
	return rc;
}

static int
drill_archive(struct trial *t, struct backup_task *w)
{
	enum rc rc = restore_archive(t);

	if (rc != RC_OK)
		return backup_task_failed(t->cli, rc, w);
	snprintf(w->name, sizeof(w->name), "%s", t->archive.base);
	w->bytes = t->u.bytes;
	printf("ok: base %s and %" PRId64 " segments, schema %d -> %d, %" PRId64
	    " transfers, %" PRId64 " missing media files, %" PRId64 " bytes\n",
	    t->archive.base, t->archive.segments, t->u.from, t->u.to,
	    t->u.proof.books.transfers, t->archive.missing, t->u.bytes);
	return EXIT_DONE;
}

static int
run_drill(struct cli *cli, void *arg, struct backup_task *w)
{
	const struct subject *subject = arg;
	struct trial t = { .cli = cli, .dir_name = subject->dir, .from = -1,
	    .archive = { .dir = subject->archive, .fetch = subject->fetch } };
	struct strv names = { 0 };
	enum rc rc;

	backup_task_lower_priority();
	arena_init(&t.arena, MEMORY);
	if (t.dir_name == NULL)
		return drill_archive(&t, w);
	rc = backup_store_check(t.dir_name, NO_BACKUPS, &cli->err);
	if (rc == RC_OK)
		t.dir = backup_store_open(t.dir_name, false, &cli->err);
	if (rc == RC_OK)
		rc = t.dir < 0 ? cli->err.rc :
		    backup_store_list(t.dir, &t.arena, &names, &cli->err);
	if (rc == RC_OK && names.n == 0)
		rc = err_set(&cli->err, RC_NOT_FOUND, "backup",
		    "no backup in %s", t.dir_name);
	if (rc != RC_OK)
		return backup_task_failed(cli, rc, w);
	snprintf(w->name, sizeof(w->name), "%s", names.v[names.n - 1]);
	t.from = openat(t.dir, w->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	rc = t.from < 0 ? backup_store_fail(&cli->err,
	    w->name) : restore_newest(&t);
	if (rc != RC_OK)
		return backup_task_failed(cli, rc, w);
	w->bytes = t.u.bytes;
	printf("ok: %s/%s, schema %d -> %d, %" PRId64 " transfers, %zu "
	    "files, %" PRId64 " bytes\n", t.dir_name, w->name, t.u.from,
	    t.u.to, t.u.proof.books.transfers, t.u.files.n, t.u.bytes);
	return EXIT_DONE;
}

static bool
is_folder_absent(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? !S_ISDIR(st.st_mode) :
	    errno == ENOENT || errno == ENOTDIR;
}

/*
 * Rejects a folder of the command line that does not exist. This is an error of
 * the caller, so it is not stored as a failed drill, which would raise an alert.
 */
static int
check_named(struct cli *cli, const char *dir, const char *advice)
{
	if (dir == NULL || !is_folder_absent(dir))
		return EXIT_DONE;
	(void)backup_store_check(dir, advice, &cli->err);
	return cli_fail(EXIT_USAGE, "%s", cli->err.message);
}

int
command_drill(struct cli *cli, int argc, char **argv)
{
	struct subject subject = { .dir = NULL };
	const struct cli_option options[] = {
		{ .name = "archive", .value = &subject.archive },
		{ .name = "fetch", .value = &subject.fetch },
	};
	int n = cli_options(cli, argc, argv, options, NELEM(options), 0, 1);
	int status;

	if (n < 0)
		return EXIT_USAGE;
	if (n + (subject.archive != NULL) + (subject.fetch != NULL) > 1)
		return cli_usage(cli);
	status = cli_become(cli);
	if (status == EXIT_DONE)
		status = check_named(cli, subject.archive,
		    BACKUP_STORE_NO_ARCHIVE);
	if (status == EXIT_DONE && n == 1)
		status = check_named(cli, argv[0], NO_BACKUPS);
	if (status != EXIT_DONE)
		return status;
	if (subject.archive == NULL && subject.fetch == NULL)
		subject.dir = n == 1 ? argv[0] : cli->conf->backup_dir;
	return backup_task_run(cli, BACKUP_LOG_DRILL, run_drill, &subject);
}
