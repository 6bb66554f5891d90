#include "cmd/jobs/archive_base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "archive/archive_file.h"
#include "archive/archive_spool.h"
#include "base/file_copy.h"
#include "base/log.h"
#include "base/str.h"
#include "cmd/earmark/database_check.h"
#include "cmd/jobs/archive_position.h"

#define MEMORY		((size_t)64 << 20)
#define CONF_MAX	((int64_t)1 << 20)	/* of one file */
#define IOPRIO_IDLE	(3 << 13)

/* Adds the bytes of a file to the archive file. */
static enum rc
add_bytes(struct archive_writer *w, const char *path, struct err *err)
{
	int from = open(path, O_RDONLY | O_CLOEXEC);
	enum rc rc;

	if (from < 0)
		return err_errno(err, RC_FAULT, "archive", path);
	rc = archive_file_add_file(w, from, path, err);
	close(from);
	return rc;
}

/*
 * Copies the database file. The copy needs no sync: a process that is killed
 * begins again.
 */
static enum rc
copy_db(const char *path, const char *copy, struct err *err)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), to;
	enum rc rc = RC_OK;

	if (from < 0)
		return err_errno(err, RC_FAULT, "archive", path);
	to = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (to < 0 || file_copy(from, to, NULL) < 0)
		rc = err_errno(err, RC_FAULT, "archive", copy);
	if (to >= 0 && close(to) != 0 && rc == RC_OK)
		rc = err_errno(err, RC_FAULT, "archive", copy);
	close(from);
	return rc;
}

/* Verifies the copy like a backup. */
static enum rc
check_copy(const char *copy, struct arena *arena, struct err *err)
{
	const char *lock = arena_fmt(arena, "%s-lock", copy);
	struct db *db = db_open(copy, lock, DB_SOURCE, err);
	struct database_check done;
	enum rc rc;

	(void)unlink(lock);
	if (db == NULL)
		return RC_FAULT;
	rc = database_check_run(db, arena, &done, err);
	db_close(db);
	db_forget_log(copy);
	return rc;
}

static enum rc
write_base(const struct conf *conf, const struct hash *key,
    const struct archive_base *base, const char *copy, struct err *err)
{
	char lines[ARCHIVE_FILE_HEADER / 2], path[ARCHIVE_STORE_PATH];
	struct archive_writer *w;
	char salt[17];
	enum rc rc;

	hash_hex(base->salt, 8, salt);
	snprintf(lines, sizeof(lines), "kind base\nbase %s\nbase_at %" PRId64
	    "\ngeneration 1\nend 0\nprevious 0\nneeds %" PRId64
	    "\npage_size %d\nsalt %s\nbefore %s\nbefore_generation %" PRId64
	    "\nbefore_end %" PRId64 "\nepoch %" PRId64 "\nhistory %" PRId64
	    "\nchanges %" PRIu32 "\nstamp %s\n", base->name, base->at,
	    base->needs,
	    base->page_size, salt, base->before, base->before_generation,
	    base->before_end, base->epoch->number, base->epoch->id,
	    base->changes, base->stamp);
	archive_spool_part(conf, "base", path);
	w = archive_file_create(path, lines, key, err);
	if (w == NULL)
		return err->rc;
	rc = add_bytes(w, copy, err);
	if (rc == RC_OK)
		return archive_file_end(w, true, err);
	(void)archive_file_end(w, false, err);
	return rc;
}

/* Adds a file of the configuration: a line "SIZE NAME", then its bytes. */
static enum rc
add_file(struct archive_writer *w, const char *path, struct err *err)
{
	const char *name = strrchr(path, '/');
	char line[ARCHIVE_STORE_NAME];
	struct stat st;
	enum rc rc;

	if (stat(path, &st) != 0 || st.st_size > CONF_MAX)
		return RC_OK;
	snprintf(line, sizeof(line), "%" PRId64 " %s\n", (int64_t)st.st_size,
	    name == NULL ? path : name + 1);
	rc = archive_file_add(w, line, strlen(line), err);
	return rc == RC_OK ? add_bytes(w, path, err) : rc;
}

/*
 * Writes the configuration. Keys and other secrets are included only in an
 * encrypted archive. The key of the archive itself is not.
 */
static enum rc
write_conf(const struct conf *conf, const struct hash *key,
    const struct archive_base *base, struct err *err)
{
	char lines[128], path[ARCHIVE_STORE_PATH];
	struct archive_writer *w;
	enum rc rc;

	snprintf(lines, sizeof(lines), "kind conf\nbase %s\n", base->name);
	archive_spool_part(conf, "conf", path);
	w = archive_file_create(path, lines, key, err);
	if (w == NULL)
		return err->rc;
	rc = add_file(w, conf->file, err);
	for (size_t i = 0; key != NULL && rc == RC_OK && i < conf_keys_n; i++) {
		const char *file = *(const char *const *)((const char *)conf +
		    conf_keys[i].field.off);

		if (conf_keys[i].loaded && *file != '\0' &&
		    file != conf->archive_key_file)
			rc = add_file(w, file, err);
	}
	if (rc == RC_OK)
		return archive_file_end(w, true, err);
	(void)archive_file_end(w, false, err);
	return rc;
}

static enum rc
make_base(const struct conf *conf, const struct hash *key,
    const struct archive_base *base, struct arena *arena, struct err *err)
{
	char copy[ARCHIVE_STORE_PATH], stamp[ARCHIVE_POSITION_STAMP];
	enum rc rc;

	archive_spool_part(conf, "copy", copy);
	rc = copy_db(conf->db_file, copy, err);
	archive_position_stamp(conf->db_file, stamp);
	if (rc == RC_OK && !str_eq(stamp, base->stamp))
		rc = err_set(err, RC_FAULT, "archive", "another program has "
		    "run a checkpoint while the database was copied");
	if (rc == RC_OK)
		rc = check_copy(copy, arena, err);
	if (rc == RC_OK)
		rc = write_base(conf, key, base, copy, err);
	(void)unlink(copy);
	return rc == RC_OK ? write_conf(conf, key, base, err) : rc;
}

pid_t
archive_base_start(const struct conf *conf, const struct hash *key,
    const struct archive_base *base)
{
	pid_t parent = getpid(), pid;
	struct arena arena;
	struct err err;
	enum rc rc;

	log_flush();
	pid = fork();
	if (pid < 0)
		log_error("archive", "fork: %s", strerror(errno));
	if (pid != 0)
		return pid < 0 ? 0 : pid;
	/* This process never uses the connection that it has inherited. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	(void)setpriority(PRIO_PROCESS, 0, 10);
	(void)syscall(SYS_ioprio_set, 1, 0, IOPRIO_IDLE);
	arena_init(&arena, MEMORY);
	err_init(&err, &arena);
	rc = make_base(conf, key, base, &arena, &err);
	if (rc != RC_OK)
		log_error("archive", "base %s: %s", base->name,
		    err.message != NULL ? err.message : rc_message(rc));
	log_flush();
	_exit(rc == RC_OK ? 0 : 1);
}
