#include "cmd/earmark/archive_load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive_file.h"
#include "base/commit_times.h"
#include "base/str.h"
#include "domain/ops/backup_log.h"

#define BLOCK	((size_t)256 * 1024)
#define LIST	((size_t)256 * 1024)	/* maximum size of the list of bases */

static char block[BLOCK];

/* The state of a restore. */
struct loading {
	struct archive_load *l;
	const char *file;		/* the new database */
	const char *part;		/* a file that was fetched */
	struct err *err;
	uint8_t base_salt[8], salt[8];
	int64_t needs;			/* frames that the base needs */
	int64_t page_size;
	int64_t generation, frames;	/* reached */
	bool stopped;			/* at the time l->at */
	/* What must be reached: by the next base, or by "head". */
	int64_t want_generation, want_frames;
	int wal;			/* descriptor of the log, or -1 */
};

static enum rc
missing(struct loading *g, const char *what)
{
	return err_set(g->err, RC_BAD, "archive_missing",
	    "%s is missing in the archive", what);
}

static enum rc
mixed(struct loading *g, const char *what)
{
	return err_set(g->err, RC_BAD, "archive_mixed",
	    "%s belongs to another history", what);
}

static enum rc
fail(struct loading *g, const char *path)
{
	return err_set(g->err, errno == ENOSPC ? RC_FULL : RC_FAULT, "restore",
	    "%s: %s", path, strerror(errno));
}

/* Gets a file of the archive and opens it. The copy is already unlinked. */
static enum rc
get(struct loading *g, const char *name, struct archive_reader **r)
{
	struct archive_load *l = g->l;
	enum rc rc = archive_store_get(l->dir, l->fetch, l->timeout, name,
	    g->part, g->err);

	*r = NULL;
	if (rc != RC_OK)
		return rc;
	*r = archive_file_open(g->part, l->key, g->err);
	(void)unlink(g->part);
	if (*r != NULL)
		return RC_OK;
	/* Names the file of the archive and not its copy. */
	return err_set(g->err, g->err->rc, g->err->code, "%s: %s", name,
	    g->err->message);
}

/* Copies the rest of the body, at most max bytes, to a descriptor. */
static enum rc
copy_body(struct loading *g, struct archive_reader *r, int to, int64_t max)
{
	enum rc rc = RC_OK;
	size_t n = 1;

	while (rc == RC_OK && max > 0) {
		n = max < (int64_t)sizeof(block) ? (size_t)max : sizeof(block);
		rc = archive_file_read(r, block, n, &n, g->err);
		if (rc != RC_OK || n == 0)
			break;
		if (write(to, block, n) != (ssize_t)n)
			rc = fail(g, g->file);
		max -= (int64_t)n;
	}
	return rc;
}

/* Chooses the newest base that is not after the time. */
static enum rc
choose_base(struct loading *g)
{
	struct archive_load *l = g->l;
	char *text = arena_zalloc(l->arena, LIST, 1), *line, *rest;
	char name[ARCHIVE_STORE_BASE], before[ARCHIVE_STORE_BASE];
	int64_t at, generation, end;
	struct archive_reader *r;
	size_t n;
	enum rc rc = get(g, "bases", &r);

	if (rc != RC_OK)
		return rc;
	rc = archive_file_read(r, text, LIST - 1, &n, g->err);
	archive_file_close(r);
	l->base[0] = '\0';
	for (line = strtok_r(text, "\n", &rest); rc == RC_OK && line != NULL;
	    line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%23s %" SCNd64 " %23s %" SCNd64 " %" SCNd64,
		    name, &at, before, &generation, &end) != 5 ||
		    !archive_store_is_base(name))
			return err_set(g->err, RC_BAD, "archive_damaged",
			    "the list of bases has an invalid line");
		if (l->base[0] != '\0' && str_eq(before, l->base)) {
			g->want_generation = generation;
			g->want_frames = end;
		}
		if (at > l->at)
			break;
		snprintf(l->base, sizeof(l->base), "%s", name);
		g->want_generation = g->want_frames = 0;
	}
	if (rc == RC_OK && l->base[0] == '\0')
		rc = err_set(g->err, RC_NOT_FOUND, "archive_base",
		    "the archive has no base that is old enough");
	return rc;
}

static enum rc
load_base(struct loading *g)
{
	const char *name = arena_fmt(g->l->arena, "%s/base", g->l->base);
	struct archive_reader *r;
	char base[ARCHIVE_STORE_BASE], salt[17] = "";
	enum rc rc = get(g, name, &r);
	int fd;

	if (rc == RC_NOT_FOUND)
		return missing(g, name);
	if (rc != RC_OK)
		return rc;
	g->needs = archive_file_number(r, "needs");
	g->page_size = archive_file_number(r, "page_size");
	if (!archive_file_value(r, "base", base, sizeof(base)) ||
	    !str_eq(base, g->l->base) ||
	    !archive_file_value(r, "salt", salt, sizeof(salt)) ||
	    !hash_unhex(salt, g->base_salt, sizeof(g->base_salt)) ||
	    g->needs < 0 || g->page_size < 512) {
		archive_file_close(r);
		return mixed(g, name);
	}
	fd = open(g->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	rc = fd < 0 ? fail(g, g->file) : copy_body(g, r, fd, INT64_MAX);
	if (fd >= 0 && close(fd) != 0 && rc == RC_OK)
		rc = fail(g, g->file);
	archive_file_close(r);
	return rc;
}

/* Merges the log of one generation into the database. */
static enum rc
merge_log(struct loading *g)
{
	const char *lock = arena_fmt(g->l->arena, "%s-lock", g->file);
	struct db *db;
	enum rc rc;

	if (g->wal < 0)
		return RC_OK;
	close(g->wal);
	g->wal = -1;
	db = db_open(g->file, lock, DB_MIGRATE, g->err);
	(void)unlink(lock);
	if (db == NULL)
		return g->err->rc;
	rc = db_fold(db, g->err);
	if (rc != RC_OK)
		db_close(db);
	return rc;
}

/*
 * Reads the times of the commits in a segment and sets *end to the frame after
 * the last commit that is not after the time to restore.
 */
static enum rc
read_times(struct loading *g, struct archive_reader *r, int64_t *end)
{
	int64_t first = g->frames, stop = *end, at = g->l->at;
	bool later = false;
	struct commit_time t;
	uint64_t count;
	size_t n;
	enum rc rc = archive_file_read(r, &count, sizeof(count), &n, g->err);

	if (rc == RC_OK && n != sizeof(count))
		return err_set(g->err, RC_BAD, "archive_damaged",
		    "a segment is too short");
	*end = first;
	for (; rc == RC_OK && count > 0; count--) {
		rc = archive_file_read(r, &t, sizeof(t), &n, g->err);
		if (rc == RC_OK && n != sizeof(t))
			rc = err_set(g->err, RC_BAD, "archive_damaged",
			    "a segment is too short");
		if (rc != RC_OK)
			break;
		later |= t.at > at;
		if (later || t.frames > stop)
			continue;
		*end = t.frames;
		g->l->committed_at = t.at;
	}
	/* The last commits have no known time: they were copied at "time". */
	if (!later && *end < stop && archive_file_number(r, "time") <= at) {
		*end = stop;
		g->l->committed_at = archive_file_number(r, "time");
	}
	g->stopped = *end < stop;
	return rc;
}

/* Checks that a segment continues what was reached. */
static enum rc
check_segment(struct loading *g, struct archive_reader *r, const char *name)
{
	char base[ARCHIVE_STORE_BASE], salt[17] = "";
	uint8_t is[8];

	if (!archive_file_value(r, "base", base, sizeof(base)) ||
	    !archive_file_value(r, "salt", salt, sizeof(salt)) ||
	    !hash_unhex(salt, is, sizeof(is)) || !str_eq(base, g->l->base) ||
	    archive_file_number(r, "generation") != g->generation ||
	    archive_file_number(r, "first") != g->frames ||
	    archive_file_number(r, "page_size") != g->page_size ||
	    archive_file_number(r, "end") <= g->frames ||
	    (g->frames > 0 && memcmp(is, g->salt, sizeof(is)) != 0))
		return mixed(g, name);
	memcpy(g->salt, is, sizeof(is));
	return RC_OK;
}

/* Appends a segment to the log of the new database. */
static enum rc
apply_segment(struct loading *g, struct archive_reader *r, const char *name)
{
	const char *log = arena_fmt(g->l->arena, "%s-wal", g->file);
	int64_t end = archive_file_number(r, "end"), bytes;
	enum rc rc = check_segment(g, r, name);

	if (rc == RC_OK)
		rc = read_times(g, r, &end);
	if (rc != RC_OK)
		return rc;
	if (g->frames == 0) {
		g->wal = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		    0600);
		if (g->wal < 0)
			return fail(g, log);
	}
	bytes = (end - g->frames) * (DB_WAL_FRAME_HEADER + g->page_size) +
	    (g->frames == 0 ? DB_WAL_HEADER : 0);
	rc = copy_body(g, r, g->wal, bytes);
	if (rc != RC_OK)
		return rc;
	g->l->segments++;
	g->frames = end;
	return RC_OK;
}

/*
 * Opens the next segment: of the same generation or, if there is none, the
 * first one of the next. *r is NULL at the end of the archive.
 */
static enum rc
next_segment(struct loading *g, struct archive_reader **r,
    char name[ARCHIVE_STORE_NAME])
{
	enum rc rc;

	archive_store_segment(g->l->base, g->generation, g->frames, name);
	rc = get(g, name, r);
	if (rc != RC_NOT_FOUND || g->frames == 0)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	archive_store_segment(g->l->base, g->generation + 1, 0, name);
	rc = get(g, name, r);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	if (archive_file_number(*r, "previous") != g->frames) {
		archive_store_segment(g->l->base, g->generation, g->frames,
		    name);
		archive_file_close(*r);
		*r = NULL;
		return missing(g, name);
	}
	rc = merge_log(g);
	g->generation++;
	g->frames = 0;
	return rc;
}

/* Reads up to where the newest base was archived when "head" was written. */
static enum rc
read_head(struct loading *g)
{
	struct archive_reader *r;
	char base[ARCHIVE_STORE_BASE];
	enum rc rc;

	if (g->want_generation > 0)
		return RC_OK;		/* a later base says it */
	rc = get(g, "head", &r);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	if (archive_file_value(r, "base", base, sizeof(base)) &&
	    str_eq(base, g->l->base)) {
		g->want_generation = archive_file_number(r, "generation");
		g->want_frames = archive_file_number(r, "end");
	}
	archive_file_close(r);
	return RC_OK;
}

/* Checks that no segment at the end is missing. */
static enum rc
check_reached(struct loading *g)
{
	char name[ARCHIVE_STORE_NAME];
	bool base_log = memcmp(g->salt, g->base_salt, sizeof(g->salt)) == 0 ||
	    g->l->segments == 0;

	archive_store_segment(g->l->base, g->generation, g->frames, name);
	if (g->generation == 1 && base_log && g->frames < g->needs)
		return g->stopped ? err_set(g->err, RC_NOT_FOUND,
		    "archive_base", "the archive has no base that is old "
		    "enough") : missing(g, name);
	if (!g->stopped && (g->generation < g->want_generation ||
	    (g->generation == g->want_generation &&
	    g->frames < g->want_frames)))
		return missing(g, name);
	return RC_OK;
}

static enum rc
apply_all(struct loading *g)
{
	char name[ARCHIVE_STORE_NAME];
	struct archive_reader *r;
	enum rc rc = read_head(g);

	while (rc == RC_OK && !g->stopped) {
		rc = next_segment(g, &r, name);
		if (rc != RC_OK || r == NULL)
			break;
		rc = apply_segment(g, r, name);
		archive_file_close(r);
	}
	if (rc == RC_OK)
		rc = check_reached(g);
	if (rc == RC_OK)
		rc = merge_log(g);
	if (g->wal >= 0)
		close(g->wal);
	return rc;
}

struct db *
archive_load_db(struct archive_load *l, const char *file,
    struct backup_loaded *u, struct err *err)
{
	const char *lock = arena_fmt(l->arena, "%s-lock", file);
	struct loading g = { .l = l, .file = file, .err = err, .wal = -1,
	    .part = arena_fmt(l->arena, "%s.part", file), .generation = 1 };
	struct db *db = NULL;
	struct stat st;
	enum rc rc;

	*u = (struct backup_loaded){ .bytes = 0 };
	rc = choose_base(&g);
	if (rc == RC_OK)
		rc = load_base(&g);
	if (rc == RC_OK)
		rc = apply_all(&g);
	if (rc == RC_OK) {
		db = db_open(file, lock, DB_MIGRATE, err);
		(void)unlink(lock);
		rc = db == NULL ? err->rc :
		    db_migrate(db, err, &u->from, &u->to);
	}
	if (rc == RC_OK)
		rc = database_check_run(db, l->arena, &u->proof, err);
	if (rc == RC_OK && stat(file, &st) == 0)
		u->bytes = st.st_size;
	if (rc == RC_OK)
		return db;
	if (err->message == NULL)
		err_set(err, rc, "restore", "%s", rc_message(rc));
	db_close(db);
	return NULL;
}

struct media {
	struct loading *g;
	const char *folder;
	enum rc rc;
};

static void
load_medium(void *arg, const char *image)
{
	struct media *m = arg;
	struct loading *g = m->g;
	const char *to = arena_fmt(g->l->arena, "%s/%s", m->folder, image);
	const char *part = arena_fmt(g->l->arena, "%s.part", to);
	struct archive_reader *r;
	int fd;

	if (m->rc != RC_OK || strchr(image, '/') != NULL ||
	    access(to, F_OK) == 0)
		return;
	m->rc = get(g, arena_fmt(g->l->arena, "media/%s", image), &r);
	if (m->rc == RC_NOT_FOUND) {
		g->l->missing++;
		m->rc = RC_OK;
		return;
	}
	if (m->rc == RC_OK) {
		/* nginx reads media files as another user. */
		fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		m->rc = fd < 0 ? fail(g, part) :
		    copy_body(g, r, fd, INT64_MAX);
		if (fd >= 0 && (fchmod(fd, 0644) != 0 || fsync(fd) != 0 ||
		    close(fd) != 0 || rename(part, to) != 0) &&
		    m->rc == RC_OK)
			m->rc = fail(g, part);
	}
	archive_file_close(r);
}

enum rc
archive_load_media(struct archive_load *l, const char *folder, struct db *db,
    struct err *err)
{
	struct loading g = { .l = l, .err = err, .wal = -1, .file = "media",
	    .part = arena_fmt(l->arena, "%s/.fetched", folder) };
	struct media m = { .g = &g, .folder = folder, .rc = RC_OK };
	enum rc rc = backup_log_images(db, load_medium, &m);

	return rc == RC_OK ? m.rc : rc;
}

/* Reads a line of the body. Returns false at the end. */
static bool
read_line(struct loading *g, struct archive_reader *r, char *line, size_t size)
{
	size_t n = 0, got = 1;

	while (n < size - 1 && archive_file_read(r, line + n, 1, &got,
	    g->err) == RC_OK && got == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	return got == 1 && n > 0;
}

enum rc
archive_load_conf(struct archive_load *l, const char *folder, struct err *err)
{
	struct loading g = { .l = l, .err = err, .wal = -1, .file = folder,
	    .part = arena_fmt(l->arena, "%s.part", folder) };
	char line[ARCHIVE_STORE_NAME], name[ARCHIVE_STORE_NAME];
	struct archive_reader *r;
	int64_t bytes;
	enum rc rc;
	int fd;

	rc = get(&g, arena_fmt(l->arena, "%s/conf", l->base), &r);
	if (rc != RC_OK)
		return rc;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		rc = fail(&g, folder);
	while (rc == RC_OK && read_line(&g, r, line, sizeof(line))) {
		if (sscanf(line, "%" SCNd64 " %255[^\n]", &bytes, name) != 2 ||
		    strchr(name, '/') != NULL || name[0] == '.') {
			rc = err_set(err, RC_BAD, "archive_damaged",
			    "the configuration is damaged");
			break;
		}
		fd = open(arena_fmt(l->arena, "%s/%s", folder, name),
		    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0600);
		rc = fd < 0 ? fail(&g, name) : copy_body(&g, r, fd, bytes);
		if (fd >= 0)
			close(fd);
	}
	archive_file_close(r);
	return rc;
}
