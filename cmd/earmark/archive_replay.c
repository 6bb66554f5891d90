#include "cmd/earmark/archive_replay.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/commit_times.h"
#include "base/file_sync.h"
#include "base/int64.h"
#include "base/str.h"
#include "base/write_all.h"
#include "db/db.h"

#define BLOCK	((size_t)256 * 1024)

static char block[BLOCK];

static enum rc
missing(struct archive_replay *g, const char *what)
{
	return err_set(g->err, RC_BAD, "archive_missing",
	    "%s is missing in the archive", what);
}

static enum rc
mixed(struct archive_replay *g, const char *what)
{
	return err_set(g->err, RC_BAD, "archive_mixed",
	    "%s belongs to another history", what);
}

static enum rc
fail(struct archive_replay *g, const char *path)
{
	return err_errno(g->err, RC_FAULT, "restore", path);
}

static const char *
log_name(struct archive_replay *g)
{
	return arena_fmt(g->arena, "%s-wal", g->file);
}

static int64_t
offset_of(const struct archive_replay *g, int64_t frames)
{
	return frames == 0 ? 0 : DB_WAL_HEADER +
	    frames * (DB_WAL_FRAME_HEADER + g->page_size);
}

bool
archive_replay_before(struct archive_point a, struct archive_point b)
{
	return a.generation < b.generation ||
	    (a.generation == b.generation && a.frames < b.frames);
}

/* Opens a file of the archive, or a copy that is already unlinked. */
enum rc
archive_replay_get(struct archive_replay *g, const char *name,
    struct archive_reader **r)
{
	const struct archive_source *from = &g->from;
	const char *path = from->part;
	enum rc rc = RC_OK;

	*r = NULL;
	if (from->dir != NULL) {
		path = arena_fmt(g->arena, "%s/%s", from->dir, name);
		if (access(from->dir, F_OK) != 0)
			return err_set(g->err, RC_UPSTREAM, "archive",
			    "%s: %s", from->dir, strerror(errno));
	} else {
		rc = archive_store_get(NULL, from->fetch, from->timeout, name,
		    path, g->err);
	}
	if (rc != RC_OK)
		return rc;
	*r = archive_file_open(path, from->key, g->err);
	if (path == from->part)
		(void)unlink(path);
	if (*r != NULL || g->err->rc == RC_NOT_FOUND)
		return *r != NULL ? RC_OK : RC_NOT_FOUND;
	/* Names the file of the archive and not its copy. */
	return err_set(g->err, g->err->rc, g->err->code, "%s: %s", name,
	    g->err->message);
}

enum rc
archive_replay_copy(struct archive_replay *g, struct archive_reader *r,
    int to, int64_t max)
{
	enum rc rc = RC_OK;
	size_t n = 1;

	while (rc == RC_OK && max > 0) {
		n = max < (int64_t)sizeof(block) ? (size_t)max : sizeof(block);
		rc = archive_file_read(r, block, n, &n, g->err);
		if (rc != RC_OK || n == 0)
			break;
		if (!write_all(to, block, n))
			rc = fail(g, g->file);
		max -= (int64_t)n;
	}
	return rc;
}

/* Reads a number that files of earlier versions do not have. */
static int64_t
number_or(const struct archive_reader *r, const char *name, int64_t dflt)
{
	int64_t n = archive_file_number(r, name);

	return n < 0 ? dflt : n;
}

enum rc
archive_replay_base(struct archive_replay *g)
{
	const char *name = arena_fmt(g->arena, "%s/base", g->base);
	struct archive_reader *r;
	char base[ARCHIVE_STORE_BASE], salt[17] = "";
	enum rc rc = archive_replay_get(g, name, &r);
	int fd;

	if (rc == RC_NOT_FOUND)
		return missing(g, name);
	if (rc != RC_OK)
		return rc;
	g->needs = archive_file_number(r, "needs");
	g->page_size = archive_file_number(r, "page_size");
	g->base_epoch = number_or(r, "epoch", 1);
	g->base_history = number_or(r, "history", 0);
	if (!archive_file_value(r, "base", base, sizeof(base)) ||
	    !str_eq(base, g->base) ||
	    !archive_file_value(r, "salt", salt, sizeof(salt)) ||
	    !hash_unhex(salt, g->base_salt, sizeof(g->base_salt)) ||
	    g->needs < 0 || g->page_size < 512 || g->base_epoch > g->epoch ||
	    (g->base_epoch > 1 &&
	    g->base_history != g->epochs[g->base_epoch - 2].id)) {
		archive_file_close(r);
		return mixed(g, name);
	}
	fd = open(g->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	rc = fd < 0 ? fail(g, g->file) : archive_replay_copy(g, r, fd,
	    INT64_MAX);
	if (fd >= 0 && !file_sync_close(fd, rc == RC_OK) && rc == RC_OK)
		rc = fail(g, g->file);
	archive_file_close(r);
	g->pos = (struct archive_point){ .generation = 1 };
	g->merged = false;
	return rc;
}

enum rc
archive_replay_merge(struct archive_replay *g)
{
	if (g->log < 0)
		return RC_OK;
	close(g->log);
	g->log = -1;
	g->merged = true;
	return db_merge_log(g->file, g->err);
}

/*
 * Reads the times of the commits in a segment and sets *end to the frame after
 * the last commit that is not after the time to restore.
 */
static enum rc
read_times(struct archive_replay *g, struct archive_reader *r, int64_t *end)
{
	int64_t stop = *end, time = archive_file_number(r, "time");
	bool later = false;
	struct commit_time t;
	uint64_t count;
	size_t n;
	enum rc rc = archive_file_read(r, &count, sizeof(count), &n, g->err);

	if (rc == RC_OK && n != sizeof(count))
		return err_set(g->err, RC_BAD, "archive_damaged",
		    "a segment is too short");
	*end = g->pos.frames;
	for (; rc == RC_OK && count > 0; count--) {
		rc = archive_file_read(r, &t, sizeof(t), &n, g->err);
		if (rc == RC_OK && n != sizeof(t))
			rc = err_set(g->err, RC_BAD, "archive_damaged",
			    "a segment is too short");
		if (rc != RC_OK)
			break;
		later |= t.at > g->at;
		if (later || t.frames > stop)
			continue;
		*end = t.frames;
		g->committed_at = t.at;
	}
	/* The last commits have no known time: they were copied at "time". */
	if (!later && *end < stop && time <= g->at) {
		*end = stop;
		g->committed_at = time;
	}
	g->stopped = *end < stop;
	if (!g->stopped)
		g->complete_at = time;
	return rc;
}

/* Checks that a segment is of the same epoch as the base. */
static enum rc
check_epoch(struct archive_replay *g, struct archive_reader *r,
    const char *name)
{
	int64_t epoch = number_or(r, "epoch", 1);

	if (epoch == g->base_epoch &&
	    number_or(r, "history", 0) == g->base_history)
		return RC_OK;
	return err_set(g->err, RC_BAD, "archive_mixed", "%s belongs to "
	    "another history: it is of epoch %" PRId64 ", the base of epoch %"
	    PRId64, name, epoch, g->base_epoch);
}

/* Checks that a segment continues what was reached. */
static enum rc
check_segment(struct archive_replay *g, struct archive_reader *r,
    const char *name)
{
	char base[ARCHIVE_STORE_BASE], salt[17] = "";
	uint8_t is[8];

	if (check_epoch(g, r, name) != RC_OK)
		return RC_BAD;
	if (!archive_file_value(r, "base", base, sizeof(base)) ||
	    !archive_file_value(r, "salt", salt, sizeof(salt)) ||
	    !hash_unhex(salt, is, sizeof(is)) || !str_eq(base, g->base) ||
	    archive_file_number(r, "generation") != g->pos.generation ||
	    archive_file_number(r, "first") != g->pos.frames ||
	    archive_file_number(r, "page_size") != g->page_size ||
	    archive_file_number(r, "end") <= g->pos.frames || g->merged ||
	    (g->pos.frames > 0 && memcmp(is, g->salt, sizeof(is)) != 0))
		return mixed(g, name);
	memcpy(g->salt, is, sizeof(is));
	return RC_OK;
}

/*
 * Opens the log of a new generation. A log that exists begins with the same
 * frames: see archive_replay_join().
 */
static enum rc
open_log(struct archive_replay *g)
{
	if (g->log >= 0)
		return lseek(g->log, 0, SEEK_SET) == 0 ? RC_OK :
		    fail(g, g->file);
	g->log = open(log_name(g), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);
	return g->log >= 0 ? RC_OK : fail(g, log_name(g));
}

/* Appends a segment to the log of the database. */
static enum rc
apply_segment(struct archive_replay *g, struct archive_reader *r,
    const char *name)
{
	int64_t end = archive_file_number(r, "end");
	enum rc rc = check_segment(g, r, name);

	if (rc == RC_OK)
		rc = read_times(g, r, &end);
	if (g->limit.generation == g->pos.generation)
		end = int64_min(end, g->limit.frames);
	if (rc == RC_OK && g->pos.frames == 0)
		rc = open_log(g);
	if (rc == RC_OK)
		rc = archive_replay_copy(g, r, g->log,
		    offset_of(g, end) - offset_of(g, g->pos.frames));
	if (rc != RC_OK)
		return rc;
	g->segments++;
	g->pos.frames = end;
	return RC_OK;
}

/* Begins the next generation, after the log was merged. */
static enum rc
begin_generation(struct archive_replay *g, struct archive_point pos,
    enum rc (*before)(void *), void *arg)
{
	enum rc rc = before == NULL ? RC_OK : before(arg);

	if (rc == RC_OK)
		rc = archive_replay_merge(g);
	if (rc != RC_OK)
		return rc;
	g->pos = pos;
	g->merged = false;
	return RC_OK;
}

/*
 * Opens the next segment: of the same generation or, if there is none, the
 * first one of the next. *r is NULL at the end of the archive.
 */
static enum rc
next_segment(struct archive_replay *g, struct archive_reader **r,
    char name[ARCHIVE_STORE_NAME], enum rc (*before)(void *), void *arg)
{
	struct archive_point next = { g->pos.generation + 1, 0 };
	bool limited = g->limit.generation > 0;
	enum rc rc;

	*r = NULL;
	if (limited && !archive_replay_before(g->pos, g->limit))
		return RC_OK;
	archive_store_segment(g->base, g->pos.generation, g->pos.frames, name);
	rc = archive_replay_get(g, name, r);
	if (rc != RC_NOT_FOUND || g->pos.frames == 0)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	if (limited && !archive_replay_before(next, g->limit))
		return RC_OK;
	archive_store_segment(g->base, next.generation, 0, name);
	rc = archive_replay_get(g, name, r);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	rc = check_epoch(g, *r, name);
	if (rc == RC_OK && archive_file_number(*r, "previous") !=
	    g->pos.frames) {
		/* It may have been stored meanwhile, before this one. */
		archive_file_close(*r);
		archive_store_segment(g->base, g->pos.generation,
		    g->pos.frames, name);
		rc = archive_replay_get(g, name, r);
		return rc == RC_NOT_FOUND ? missing(g, name) : rc;
	}
	if (rc == RC_OK)
		rc = begin_generation(g, next, before, arg);
	if (rc == RC_OK)
		return rc;
	archive_file_close(*r);
	*r = NULL;
	return rc;
}

enum rc
archive_replay_next(struct archive_replay *g, bool *applied,
    enum rc (*before)(void *), void *arg)
{
	char name[ARCHIVE_STORE_NAME];
	struct archive_reader *r = NULL;
	enum rc rc = RC_OK;

	*applied = false;
	if (!g->stopped)
		rc = next_segment(g, &r, name, before, arg);
	if (rc != RC_OK || r == NULL)
		return rc;
	rc = apply_segment(g, r, name);
	archive_file_close(r);
	*applied = rc == RC_OK;
	return rc;
}

enum rc
archive_replay_join(struct archive_replay *g, const char *base, bool *begun,
    bool *joined, enum rc (*before)(void *), void *arg)
{
	char name[ARCHIVE_STORE_NAME], joins[ARCHIVE_STORE_BASE], salt[17];
	struct archive_point first = { .generation = 1 };
	struct archive_reader *r;
	uint8_t is[8];
	bool same;
	enum rc rc;

	*begun = *joined = false;
	archive_store_segment(base, 1, 0, name);
	rc = archive_replay_get(g, name, &r);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	*begun = true;
	*joined = archive_file_value(r, "joins", joins, sizeof(joins)) &&
	    str_eq(joins, g->base) &&
	    archive_file_number(r, "joins_generation") == g->pos.generation &&
	    archive_file_number(r, "joins_end") == g->pos.frames &&
	    archive_file_value(r, "salt", salt, sizeof(salt)) &&
	    hash_unhex(salt, is, sizeof(is)) &&
	    number_or(r, "epoch", 1) == g->base_epoch &&
	    number_or(r, "history", 0) == g->base_history;
	archive_file_close(r);
	if (!*joined)
		return RC_OK;
	/* If the log is the same, its first frames are written again. */
	same = g->log >= 0 && memcmp(is, g->salt, sizeof(is)) == 0;
	if (!same)
		rc = begin_generation(g, first, before, arg);
	if (rc != RC_OK)
		return rc;
	g->pos = first;
	g->needs = 0;
	snprintf(g->base, sizeof(g->base), "%s", base);
	return RC_OK;
}

enum rc
archive_replay_resume(struct archive_replay *g)
{
	int64_t bytes = offset_of(g, g->pos.frames);
	struct stat st;

	g->log = -1;
	g->merged = false;
	if (g->pos.frames == 0) {
		if (unlink(log_name(g)) != 0 && errno != ENOENT)
			return fail(g, log_name(g));
		return RC_OK;
	}
	g->log = open(log_name(g), O_WRONLY | O_CLOEXEC);
	if (g->log < 0 && errno != ENOENT)
		return fail(g, log_name(g));
	if (g->log >= 0 && fstat(g->log, &st) == 0 && st.st_size >= bytes)
		return ftruncate(g->log, bytes) == 0 &&
		    lseek(g->log, bytes, SEEK_SET) == bytes ? RC_OK :
		    fail(g, log_name(g));
	/* A process was killed after it had merged the log. */
	if (g->log >= 0)
		close(g->log);
	g->log = -1;
	g->merged = true;
	return RC_OK;
}

enum rc
archive_replay_head(struct archive_replay *g, const char *of,
    struct archive_point *head, int64_t *complete_at)
{
	struct archive_reader *r;
	char base[ARCHIVE_STORE_BASE];
	enum rc rc = archive_replay_get(g, archive_epoch_name(g->arena, "head",
	    g->epoch), &r);

	*head = (struct archive_point){ .generation = 0 };
	*complete_at = 0;
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	if (archive_file_value(r, "base", base, sizeof(base)) &&
	    str_eq(base, of)) {
		head->generation = archive_file_number(r, "generation");
		head->frames = archive_file_number(r, "end");
		*complete_at = number_or(r, "time", 0);
	}
	archive_file_close(r);
	return RC_OK;
}

enum rc
archive_replay_reached(struct archive_replay *g)
{
	char name[ARCHIVE_STORE_NAME];
	bool base_log = g->pos.frames == 0 ||
	    memcmp(g->salt, g->base_salt, sizeof(g->salt)) == 0;

	archive_store_segment(g->base, g->pos.generation, g->pos.frames, name);
	if (g->pos.generation == 1 && base_log && g->pos.frames < g->needs) {
		if (g->stopped)
			return err_set(g->err, RC_NOT_FOUND, "archive_base",
			    "the archive has no base that is old enough");
		/* The base alone is complete, but not with a part of the log. */
		if (g->pos.frames > 0)
			return missing(g, name);
	}
	if (!g->stopped && archive_replay_before(g->pos, g->want))
		return missing(g, name);
	return RC_OK;
}
