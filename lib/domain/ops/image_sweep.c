#include "domain/ops/image_sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/image_store.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/common/kv_setting.h"
#include "domain/ops/backup_log.h"

#define SLICE	200			/* files of one slice */

/* The pass, over several calls. */
static struct {
	DIR *dir;			/* NULL: no pass */
	int64_t removed;
} pass;

/* Returns RC_NOT_FOUND if no pass is due. */
static enum rc
check_due(struct job_run *run)
{
	struct backup_log_status restored;
	int64_t last;
	enum rc rc;

	rc = kv_setting_get(run->db, IMAGE_SWEEP, 0, &last);
	if (rc != RC_OK)
		return rc;
	/* If the clock went back, a pass is due. */
	if (run->now >= last && run->now - last < IMAGE_SWEEP_EVERY)
		return RC_NOT_FOUND;
	rc = backup_log_read(run->db, run->arena, run->conf, run->now,
	    BACKUP_LOG_RESTORE, &restored);
	return rc == RC_OK && restored.good.id != 0 &&
	    run->now - restored.good.at < IMAGE_SWEEP_HOLD ? RC_NOT_FOUND : rc;
}

/*
 * Starts a pass, unless one runs. Returns RC_NOT_FOUND if none is due, or if
 * there is no folder.
 */
static enum rc
begin_pass(struct job_run *run)
{
	enum rc rc;

	if (pass.dir != NULL)
		return RC_OK;
	rc = check_due(run);
	if (rc != RC_OK)
		return rc;
	pass.dir = opendir(run->conf->media_dir);
	pass.removed = 0;
	if (pass.dir != NULL)
		return RC_OK;
	log_warn("media", "open: %s", strerror(errno));
	return RC_NOT_FOUND;
}

/* Returns whether a row refers to an image. */
static enum rc
is_used(struct db *db, const char *name, bool *used)
{
	struct stmt *q = stmt_get(db, Q_IMAGE_SWEEP_USED);

	stmt_text(q, ":name", name);
	*used = !stmt_row(q) || stmt_col_int(q, 0) != 0;
	return stmt_done(q);
}

static bool
is_old(const struct job_run *run, const char *file)
{
	struct stat st;

	return fstatat(dirfd(pass.dir), file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) &&
	    st.st_mtim.tv_sec * SECOND < run->now - IMAGE_SWEEP_AGE;
}

/*
 * Returns whether a file is one that image_store.c did not complete: '.', the
 * name of an image, and a suffix.
 */
static bool
is_temporary(struct arena *arena, const char *file)
{
	const char *end = strrchr(file, '.');
	char name[IMAGE_STORE_NAME];

	return file[0] == '.' && end > file && image_store_parse(
	    arena_strn(arena, file + 1, (size_t)(end - file) - 1), name);
}

static enum rc
sweep_file(struct job_run *run, const char *file)
{
	char name[IMAGE_STORE_NAME];
	bool used = true;
	enum rc rc = RC_OK;

	if (is_temporary(run->arena, file))
		used = !is_old(run, file);
	else if (image_store_parse(file, name) && is_old(run, file))
		rc = is_used(run->db, name, &used);
	if (rc != RC_OK || used)
		return rc;
	if (unlinkat(dirfd(pass.dir), file, 0) == 0)
		pass.removed++;
	else if (errno != ENOENT)
		log_warn("media", "unlink: %s", strerror(errno));
	return RC_OK;
}

enum rc
image_sweep_pending(struct job_run *run)
{
	enum rc rc = begin_pass(run);
	struct dirent *e = NULL;
	int n;

	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	for (n = 0; n < SLICE && rc == RC_OK; n++) {
		e = readdir(pass.dir);
		if (e == NULL)
			break;
		rc = sweep_file(run, e->d_name);
	}
	run->more = rc == RC_OK && e != NULL;
	if (run->more)
		return RC_OK;
	closedir(pass.dir);
	pass.dir = NULL;
	run->work = rc == RC_OK;
	return rc;
}

enum rc
image_sweep_run(struct job_run *run)
{
	if (pass.removed > 0)
		log_info("media", "removed %" PRId64 " files of images that no "
		    "row refers to", pass.removed);
	run->done = pass.removed;
	return kv_setting_put(run->db, IMAGE_SWEEP, run->now);
}
