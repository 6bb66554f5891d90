#include "cmd/earmark/archive_load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_install.h"
#include "base/file_sync.h"
#include "base/image_store.h"
#include "base/str.h"
#include "cmd/earmark/archive_replay.h"
#include "domain/ops/backup_log.h"

static struct archive_replay
replay_of(const struct archive_load *l, const char *file, const char *part,
    struct err *err)
{
	return (struct archive_replay){ .file = file, .arena = l->arena,
	    .err = err, .at = l->at, .log = -1, .from = { .dir = l->dir,
	    .fetch = l->fetch, .timeout = l->timeout, .key = l->key,
	    .part = part } };
}

static enum rc
fail(struct archive_replay *g, const char *path)
{
	return err_errno(g->err, RC_FAULT, "restore", path);
}

/* Applies all segments, and checks that none is missing at the end. */
static enum rc
apply_all(struct archive_replay *g)
{
	bool applied = true;
	int64_t complete_at;
	enum rc rc = RC_OK;

	/* A later base says better what must be reached. */
	if (g->want.generation == 0)
		rc = archive_replay_head(g, g->base, &g->want, &complete_at);
	while (rc == RC_OK && applied)
		rc = archive_replay_next(g, &applied, NULL, NULL);
	if (rc == RC_OK)
		rc = archive_replay_reached(g);
	if (rc == RC_OK)
		rc = archive_replay_merge(g);
	if (g->log >= 0)
		close(g->log);
	return rc;
}

struct db *
archive_load_db(struct archive_load *l, const char *file,
    struct backup_loaded *u, struct err *err)
{
	struct archive_replay g = replay_of(l, file, arena_fmt(l->arena,
	    "%s.part", file), err);
	const char *lock = arena_fmt(l->arena, "%s-lock", file);
	struct db *db = NULL;
	struct stat st;
	enum rc rc;

	*u = (struct backup_loaded){ .bytes = 0 };
	rc = archive_replay_choose(&g);
	if (rc == RC_OK)
		rc = archive_replay_base(&g);
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
	snprintf(l->base, sizeof(l->base), "%s", g.base);
	l->segments = g.segments;
	l->committed_at = g.committed_at;
	l->epoch = g.epoch > 1 ? g.epochs[g.epoch - 2] :
	    (struct epoch){ .number = 1 };
	if (rc == RC_OK)
		return db;
	if (err->message == NULL)
		err_set(err, rc, "restore", "%s", rc_message(rc));
	db_close(db);
	return NULL;
}

struct media {
	struct archive_load *l;
	struct archive_replay *g;
	const char *folder;
	enum rc rc;
};

/* Compares the rest of a body with a file. */
static enum rc
compare_file(struct archive_replay *g, struct archive_reader *r,
    const char *path, bool *same)
{
	char want[16384], is[sizeof(want)];
	FILE *f = fopen(path, "re");
	enum rc rc = RC_OK;
	size_t n = 0;

	*same = f != NULL;
	if (f == NULL)
		return RC_OK;
	do {
		rc = archive_file_read(r, want, sizeof(want), &n, g->err);
		*same = rc == RC_OK && fread(is, 1, sizeof(is), f) == n &&
		    memcmp(want, is, n) == 0;
	} while (*same && n > 0);
	fclose(f);
	return rc;
}

/* Writes the body as a file, in place of one with another content. */
static enum rc
install_file(struct archive_replay *g, struct archive_reader *r,
    const char *path, mode_t mode, int64_t max)
{
	struct file_install f;
	enum rc rc = file_install_begin(&f, AT_FDCWD, path, mode) ?
	    archive_replay_copy(g, r, f.fd, max) : fail(g, path);

	return file_install_end(&f, rc == RC_OK) || rc != RC_OK ? rc :
	    fail(g, path);
}

/*
 * Gets a file, unless the folder has it. needed: counts it if the archive lacks
 * it.
 */
static enum rc
load_file(struct media *m, const char *name, bool needed)
{
	struct archive_replay *g = m->g;
	const char *to = arena_fmt(g->arena, "%s/%s", m->folder, name);
	const char *stored = arena_fmt(g->arena, "media/%s", name);
	bool exists = access(to, F_OK) == 0, same = false;
	struct archive_reader *r = NULL;
	enum rc rc;

	if (strchr(name, '/') != NULL || (exists && !m->l->compare))
		return RC_OK;
	g->file = to;
	rc = archive_replay_get(g, stored, &r);
	if (rc == RC_NOT_FOUND) {
		m->l->missing += needed && !exists;
		return RC_OK;
	}
	if (rc == RC_OK && exists)
		rc = compare_file(g, r, to, &same);
	if (rc == RC_OK && exists && !same) {
		archive_file_close(r);
		rc = archive_replay_get(g, stored, &r);
	}
	/* nginx reads media files as another user. */
	if (rc == RC_OK && !same)
		rc = install_file(g, r, to, 0644, INT64_MAX);
	archive_file_close(r);
	return rc;
}

/* Gets an image and its thumbnail, which images of older versions lack. */
static void
load_image(void *arg, const char *image)
{
	char thumb[IMAGE_STORE_THUMB_NAME];
	struct media *m = arg;

	image_store_thumb(image, thumb);
	if (m->rc == RC_OK)
		m->rc = load_file(m, image, true);
	if (m->rc == RC_OK)
		m->rc = load_file(m, thumb, false);
}

enum rc
archive_load_media(struct archive_load *l, const char *folder, struct db *db,
    struct err *err)
{
	struct archive_replay g = replay_of(l, "media", arena_fmt(l->arena,
	    "%s/.fetched", folder), err);
	struct media m = { .l = l, .g = &g, .folder = folder, .rc = RC_OK };
	enum rc rc = backup_log_images(db, load_image, &m);

	if (rc == RC_OK)
		rc = m.rc;
	return rc != RC_OK || file_sync_folder(folder) ? rc :
	    fail(&g, folder);
}

/* Reads a line of the body. It is "" at the end. */
static enum rc
read_line(struct archive_replay *g, struct archive_reader *r, char *line,
    size_t size)
{
	size_t n = 0, got = 0;
	enum rc rc;

	for (; n < size - 1; n++) {
		rc = archive_file_read(r, line + n, 1, &got, g->err);
		if (rc != RC_OK)
			return rc;
		if (got == 0 || line[n] == '\n')
			break;
	}
	line[n] = '\0';
	return RC_OK;
}

/* Writes the files of the configuration, each after a line with its size. */
static enum rc
load_conf(struct archive_replay *g, struct archive_reader *r,
    const char *folder)
{
	char line[ARCHIVE_STORE_NAME], name[ARCHIVE_STORE_NAME];
	int64_t bytes;
	enum rc rc;

	for (;;) {
		rc = read_line(g, r, line, sizeof(line));
		if (rc != RC_OK || line[0] == '\0')
			return rc;
		if (sscanf(line, "%" SCNd64 " %255[^\n]", &bytes, name) != 2 ||
		    strchr(name, '/') != NULL || name[0] == '.')
			return err_set(g->err, RC_BAD, "archive_damaged",
			    "the configuration is damaged");
		rc = install_file(g, r, arena_fmt(g->arena, "%s/%s", folder,
		    name), 0600, bytes);
		if (rc != RC_OK)
			return rc;
	}
}

enum rc
archive_load_conf(struct archive_load *l, const char *folder, struct err *err)
{
	struct archive_replay g = replay_of(l, folder, arena_fmt(l->arena,
	    "%s.part", folder), err);
	struct archive_reader *r;
	enum rc rc;

	rc = archive_replay_get(&g, arena_fmt(l->arena, "%s/conf", l->base), &r);
	if (rc != RC_OK)
		return rc;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		rc = fail(&g, folder);
	if (rc == RC_OK)
		rc = load_conf(&g, r, folder);
	archive_file_close(r);
	if (rc == RC_OK && (!file_sync_folder(folder) ||
	    !file_sync_parent(folder)))
		rc = fail(&g, folder);
	return rc;
}
