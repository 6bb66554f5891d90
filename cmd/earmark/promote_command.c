/*
 * promote_command: makes the database of a standby that of the service.
 *
 * It can be killed after each step and repeated: the position says that it has
 * begun, the database has the new epoch, a rename puts it in its place, and the
 * position is removed last.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive_spool.h"
#include "base/clock.h"
#include "base/file_sync.h"
#include "base/random.h"
#include "base/str.h"
#include "cmd/earmark/archive_load.h"
#include "cmd/earmark/commands.h"
#include "cmd/earmark/standby_follow.h"
#include "cmd/earmark/standby_proof.h"
#include "cmd/earmark/stopped.h"
#include "domain/ops/backup_log.h"
#include "domain/ops/epoch_setting.h"

#define STOP_MS		8000	/* wait for the process that follows */
#define KILL_MS		2000	/* from then on, SIGKILL */
#define PROOF_MS	15000

struct promoting {
	struct cli *cli;
	struct standby s;
	bool offline;			/* without the archive */
	bool installed;			/* an earlier attempt came that far */
	struct epoch epoch;		/* the new one */
	enum standby_proof proof;
};

/* Ends the process that follows the archive. It may be killed at any time. */
static enum rc
stop_follower(struct promoting *p)
{
	int64_t began = clock_mono() / 1000, passed = 0;
	pid_t holder, signaled = 0;
	enum rc rc;

	while ((rc = standby_lock(&p->s, &holder, &p->cli->err)) ==
	    RC_CONFLICT && passed < STOP_MS) {
		if (holder > 0 && (holder != signaled || passed > KILL_MS))
			kill(holder, passed > KILL_MS ? SIGKILL : SIGTERM);
		signaled = holder;
		poll(NULL, 0, 20);
		passed = clock_mono() / 1000 - began;
	}
	/* A command that it was starting may still have its files open. */
	if (rc == RC_OK && signaled > 0)
		poll(NULL, 0, 100);
	return rc;
}

/* Applies the rest of the archive and merges the log. */
static enum rc
complete(struct promoting *p)
{
	struct standby *s = &p->s;
	int64_t known = s->replay.epoch;
	struct err *err = &p->cli->err;
	enum rc rc = archive_replay_resume(&s->replay);

	if (rc != RC_OK || s->promoting)
		return rc;
	if (!p->offline)
		rc = standby_follow_rest(s);
	if (rc == RC_OK && s->replay.epoch != known)
		rc = err_set(err, RC_CONFLICT, "fenced", "another machine was "
		    "promoted to epoch %" PRId64 ": follow it first",
		    s->replay.epoch);
	/* From now on, the database is changed and cannot follow any more. */
	s->promoting = true;
	if (rc == RC_OK)
		rc = standby_save(s, err);
	if (rc == RC_OK)
		rc = archive_replay_merge(&s->replay);
	return rc;
}

/* Opens the database and upgrades its schema. */
static enum rc
open_db(struct promoting *p)
{
	struct cli *cli = p->cli;
	const char *lock = arena_fmt(&cli->arena, "%s-lock", p->s.file);
	int from, to;

	cli->db = db_open(p->s.file, lock, DB_MIGRATE, &cli->err);
	(void)unlink(lock);
	return cli->db == NULL ? cli->err.rc :
	    db_migrate(cli->db, &cli->err, &from, &to);
}

static enum rc
fold_db(struct promoting *p)
{
	enum rc rc = db_fold(p->cli->db, &p->cli->err);

	if (rc == RC_OK)
		p->cli->db = NULL;
	return rc;
}

static enum rc
write_epoch(struct promoting *p)
{
	struct cli *cli = p->cli;
	struct standby *s = &p->s;
	struct backup_log_entry entry = { .ok = true, .began = cli->now,
	    .name = s->replay.base, .at = clock_now() };
	struct stat st;
	enum rc rc = db_write(cli->db);

	if (rc != RC_OK)
		return rc;
	if (stat(s->file, &st) == 0)
		entry.bytes = st.st_size;
	rc = epoch_setting_put(cli->db, &p->epoch);
	if (rc == RC_OK)
		rc = backup_log_restored(cli->db);
	if (rc == RC_OK)
		rc = backup_log_add(cli->db, BACKUP_LOG_RESTORE, &entry);
	if (rc == RC_OK)
		return db_commit(cli->db);
	db_rollback(cli->db);
	return rc;
}

/* Begins the new epoch in the database, unless that is done. */
static enum rc
begin_epoch(struct promoting *p)
{
	struct standby *s = &p->s;
	enum rc rc = open_db(p);

	if (rc == RC_OK)
		rc = db_read(p->cli->db);
	if (rc != RC_OK)
		return rc;
	rc = epoch_setting_get(p->cli->db, &p->epoch);
	db_read_end(p->cli->db);
	/* The archive may have epochs that are newer than the base. */
	if (rc == RC_OK && p->epoch.number <= s->replay.epoch) {
		p->epoch = (struct epoch){ .number = s->replay.epoch + 1,
		    .base_at = archive_store_base_time(s->replay.base),
		    .generation = s->replay.pos.generation,
		    .frames = s->replay.pos.frames };
		random_bytes(&p->epoch.id, sizeof(p->epoch.id));
		p->epoch.id = (p->epoch.id & INT64_MAX) | 1;
		rc = write_epoch(p);
	}
	return rc == RC_OK ? fold_db(p) : rc;
}

/*
 * Continues the list of bases in the new epoch, here and in the archive, and
 * announces the epoch there. From then on, the old primary is fenced.
 */
static enum rc
announce(struct promoting *p)
{
	struct cli *cli = p->cli;
	struct standby *s = &p->s;
	struct archive_replay *g = &s->replay;
	const struct archive_source *from = &g->from;
	struct archive_writer *w;
	enum rc rc;

	archive_spool_forget(cli->conf);
	(void)archive_spool_dir(cli->conf);
	if (p->offline)
		return RC_OK;
	rc = g->bases == NULL ? archive_replay_choose(g) : RC_OK;
	if (rc == RC_OK)
		rc = archive_spool_write(cli->conf, "bases", g->bases,
		    &cli->err);
	if (rc != RC_OK)
		return rc;
	w = archive_file_create(from->part, "kind bases\n", from->key,
	    &cli->err);
	if (w == NULL)
		return cli->err.rc;
	rc = archive_file_add(w, g->bases, strlen(g->bases), &cli->err);
	if (rc == RC_OK)
		rc = archive_file_end(w, true, &cli->err);
	else
		(void)archive_file_end(w, false, &cli->err);
	if (rc == RC_OK)
		rc = archive_store_put(cli->conf, from->part,
		    archive_epoch_name(&cli->arena, "bases",
		    p->epoch.number), &cli->err);
	(void)unlink(from->part);
	return rc == RC_OK ? archive_epoch_put(cli->conf, from, &p->epoch,
	    &cli->err) : rc;
}

/* Puts the database in its place. */
static enum rc
install(struct promoting *p)
{
	struct cli *cli = p->cli;
	const char *file = cli->conf->db_file;
	enum rc rc = backup_store_sync(AT_FDCWD, p->s.file, &cli->err);

	if (rc != RC_OK)
		return rc;
	db_forget_log(file);
	if (renameat2(AT_FDCWD, p->s.file, AT_FDCWD, file,
	    RENAME_NOREPLACE) != 0)
		return backup_store_fail(&cli->err, file);
	return RC_OK;
}

/* Makes the rename durable. */
static enum rc
sync_name(struct promoting *p)
{
	const char *file = p->cli->conf->db_file;

	return file_sync_parent(file) ? RC_OK :
	    backup_store_fail(&p->cli->err, file);
}

/* Sets p->installed. Another database in its place is an error. */
static enum rc
check_place(struct promoting *p)
{
	const char *file = p->cli->conf->db_file;
	struct err *err = &p->cli->err;
	struct standby *s = &p->s;
	struct stat st;
	enum rc rc;

	if (lstat(file, &st) != 0)
		return RC_OK;
	rc = standby_load(s, &p->cli->arena, err);
	if (rc != RC_OK)
		return rc;
	p->installed = s->promoting && lstat(s->file, &st) != 0 &&
	    errno == ENOENT;
	return p->installed ? RC_OK : err_set(err, RC_CONFLICT, "there",
	    "the database %s exists: this machine is not a standby", file);
}

static enum rc
check_possible(struct promoting *p)
{
	const struct conf *conf = p->cli->conf;
	struct err *err = &p->cli->err;
	enum rc rc = check_place(p);

	if (rc != RC_OK)
		return rc;
	if (!p->offline && !conf_archives(conf))
		return err_set(err, RC_CONFLICT, "archive", "neither "
		    "archive.dir nor archive.command is configured, so the "
		    "old primary cannot learn of this: see --offline");
	return RC_OK;
}

static enum rc
promote(struct promoting *p)
{
	struct cli *cli = p->cli;
	struct standby *s = &p->s;
	enum rc rc = check_possible(p);

	if (rc == RC_OK)
		rc = stop_follower(p);
	if (rc == RC_OK)
		rc = stopped_check(cli->conf, &cli->arena, &cli->err);
	if (rc == RC_OK)
		rc = standby_load(s, &cli->arena, &cli->err);
	if (rc == RC_OK && p->installed)
		return sync_name(p);
	if (rc == RC_OK)
		rc = complete(p);
	if (rc == RC_OK)
		rc = open_db(p);
	if (rc == RC_OK)
		rc = fold_db(p);
	if (rc == RC_OK)
		rc = standby_proof_run(s->file, PROOF_MS, &p->proof,
		    &cli->err);
	if (rc == RC_OK)
		rc = begin_epoch(p);
	if (rc == RC_OK)
		rc = announce(p);
	if (rc == RC_OK)
		rc = install(p);
	return rc == RC_OK ? sync_name(p) : rc;
}

static void
print_result(struct promoting *p)
{
	static const char *const proofs[] = {
		"nothing was verified", "the ledger was verified",
		"ledger and audit log were verified",
		"ledger, audit log and file were verified",
	};
	char at[CLOCK_TEXT];

	if (p->installed) {
		printf("promoted: the database was already in its place\n");
		return;
	}
	printf("promoted to epoch %" PRId64 ": base %s, %s\n", p->epoch.number,
	    p->s.replay.base, proofs[p->proof]);
	if (p->proof < STANDBY_PROOF_ALL)
		printf("verify the rest: earmark ledger verify; earmark audit "
		    "verify; earmark backup\n");
	if (p->s.complete_at > 0) {
		clock_text(p->s.complete_at, at);
		printf("it has all transactions until %s\n", at);
	}
	if (p->offline)
		printf("the old primary does not know this: keep it stopped\n");
}

/* Gets the media files that were not there yet. */
static void
load_media(struct promoting *p)
{
	struct standby *s = &p->s;

	if (p->offline)
		return;
	snprintf(s->file, sizeof(s->file), "%s", p->cli->conf->db_file);
	standby_follow_media(s);
}

int
command_promote(struct cli *cli, int argc, char **argv)
{
	struct promoting p = { .cli = cli };
	const struct cli_option options[] = {
		{ .name = "offline", .flag = &p.offline },
	};
	const struct hash *key;
	const char *why;
	int status;
	enum rc rc;

	if (cli_options(cli, argc, argv, options, NELEM(options), 0, 0) < 0)
		return EXIT_USAGE;
	status = cli_become(cli);
	if (status != EXIT_DONE)
		return status;
	if (!archive_store_key(cli->conf, &key, &why))
		return cli_fail(EXIT_CONF, "%s", why);
	if (!standby_exists(cli->conf))
		return cli_fail(EXIT_FAILED, "this machine is not a standby: "
		    "see restore --follow");
	standby_init(&p.s, cli->conf, key);
	p.s.replay.arena = &cli->arena;
	p.s.replay.err = &cli->err;
	rc = promote(&p);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	print_result(&p);
	load_media(&p);
	standby_clean(&p.s, true);
	return EXIT_DONE;
}
