#include "cmd/earmark/archive_load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

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
	return err_set(g->err, errno == ENOSPC ? RC_FULL : RC_FAULT, "restore",
	    "%s: %s", path, strerror(errno));
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

/* Gets a file, unless it exists. needed: counts it if the archive lacks it. */
static void
load_file(struct media *m, const char *name, bool needed)
{
	struct archive_replay *g = m->g;
	const char *to = arena_fmt(g->arena, "%s/%s", m->folder, name);
	const char *part = arena_fmt(g->arena, "%s.part", to);
	struct archive_reader *r;
	int fd;

	if (m->rc != RC_OK || strchr(name, '/') != NULL ||
	    access(to, F_OK) == 0)
		return;
	m->rc = archive_replay_get(g, arena_fmt(g->arena, "media/%s", name), &r);
	if (m->rc == RC_NOT_FOUND) {
		m->l->missing += needed;
		m->rc = RC_OK;
		return;
	}
	if (m->rc == RC_OK) {
		/* nginx reads media files as another user. */
		fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		m->rc = fd < 0 ? fail(g, part) :
		    archive_replay_copy(g, r, fd, INT64_MAX);
		if (fd >= 0 && (fchmod(fd, 0644) != 0 || fsync(fd) != 0 ||
		    close(fd) != 0 || rename(part, to) != 0) &&
		    m->rc == RC_OK)
			m->rc = fail(g, part);
	}
	archive_file_close(r);
}

/* Gets an image and its thumbnail, which images of older versions lack. */
static void
load_image(void *arg, const char *image)
{
	char thumb[IMAGE_STORE_THUMB_NAME];

	load_file(arg, image, true);
	image_store_thumb(image, thumb);
	load_file(arg, thumb, false);
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

/* Reads a line of the body. Returns false at the end. */
static bool
read_line(struct archive_replay *g, struct archive_reader *r, char *line, size_t size)
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
	struct archive_replay g = replay_of(l, folder, arena_fmt(l->arena,
	    "%s.part", folder), err);
	char line[ARCHIVE_STORE_NAME], name[ARCHIVE_STORE_NAME];
	struct archive_reader *r;
	int64_t bytes;
	enum rc rc;
	int fd;

	rc = archive_replay_get(&g, arena_fmt(l->arena, "%s/conf", l->base), &r);
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
		rc = fd < 0 ? fail(&g, name) : archive_replay_copy(&g, r, fd, bytes);
		if (fd >= 0 && (fsync(fd) != 0 || close(fd) != 0) &&
		    rc == RC_OK)
			rc = fail(&g, name);
	}
	archive_file_close(r);
	if (rc == RC_OK && (!file_sync_folder(folder) ||
	    !file_sync_parent(folder)))
		rc = fail(&g, folder);
	return rc;
}
