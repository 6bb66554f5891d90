#include "cmd/jobs/archive_shipper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <search.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive_epoch.h"
#include "archive/archive_file.h"
#include "archive/archive_spool.h"
#include "base/clock.h"
#include "base/image_store.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "domain/ops/epoch_setting.h"

#define MEMORY		((size_t)64 << 20)
#define BASES		1000		/* lines of the list */
#define HEAD_EVERY	(10 * SECOND)
#define EPOCH_EVERY	(30 * SECOND)	/* of checks by a command */
#define RETRY_MAX	(60 * SECOND)
#define LIST_BYTES	((size_t)256 * 1024)
#define LIST		"bases"		/* in the spool: one line per base */
#define MEDIA		"media"		/* in the spool: names of stored files */

struct base_line {
	char name[ARCHIVE_STORE_BASE], before[ARCHIVE_STORE_BASE];
	int64_t at, before_generation, before_end;
};

struct archive_shipper {
	struct db *db;
	const struct conf *conf;
	const struct hash *key;
	struct epoch epoch;		/* number 0: not yet read */
	bool announced;			/* the archive has its file */
	int64_t epoch_due;		/* of the next check, monotonic, ms */
	struct arena arena;
	void *media;			/* tsearch(3): names of stored files */
	FILE *media_list;
	int64_t media_changed;		/* time of the folder at the last look */
	int64_t wait;			/* ms; 0: no failure */
	int64_t head_due;		/* monotonic, ms */
	metric *failures, *lag, *stored, *pending, *copied;
};

static int64_t
mono(void)
{
	return clock_mono() / 1000;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
remember(struct archive_shipper *s, const char *name)
{
	char *copy = strdup(name);

	if (copy == NULL || tsearch(copy, &s->media, compare_names) == NULL)
		BUG("out of memory");
}

static const char *
spool_file(struct archive_shipper *s, const char *name)
{
	return arena_fmt(&s->arena, "%s/%s", archive_spool_dir(s->conf), name);
}

/* Reads the names of the media files that are already in the archive. */
static void
load_media(struct archive_shipper *s)
{
	char line[ARCHIVE_STORE_NAME];
	const char *path = spool_file(s, MEDIA);

	s->media_list = fopen(path, "a+e");
	if (s->media_list == NULL) {
		log_error("archive", "%s: %s", path, strerror(errno));
		return;
	}
	rewind(s->media_list);
	while (fgets(line, sizeof(line), s->media_list) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (tfind(line, &s->media, compare_names) == NULL)
			remember(s, line);
	}
}

struct archive_shipper *
archive_shipper_new(struct db *db, const struct conf *conf)
{
	struct archive_shipper *s;
	const char *why;

	if (!conf_archives(conf))
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		BUG("out of memory");
	s->db = db;
	s->conf = conf;
	arena_init(&s->arena, MEMORY);
	if (!archive_store_key(conf, &s->key, &why))
		BUG("%s", why);
	s->failures = metric_get("earmark_archive_failures_total");
	s->lag = metric_get("earmark_archive_lag_seconds");
	s->stored = metric_get("earmark_archive_files_total");
	s->pending = metric_get("earmark_archive_pending_bytes");
	s->copied = metric_get("earmark_archive_copied_timestamp_seconds");
	load_media(s);
	return s;
}

void
archive_shipper_free(struct archive_shipper *s)
{
	if (s == NULL)
		return;
	tdestroy(s->media, free);
	if (s->media_list != NULL)
		fclose(s->media_list);
	arena_free(&s->arena);
	free(s);
}

int
archive_shipper_pause(const struct archive_shipper *s)
{
	return s->wait > 0 ? (int)s->wait : 250;
}

/* Makes a small file of the archive from a text, and stores it. */
static enum rc
put_text(struct archive_shipper *s, const char *name, const char *lines,
    const char *text, struct err *err)
{
	char path[ARCHIVE_STORE_PATH];
	struct archive_writer *w;
	enum rc rc;

	archive_spool_part(s->conf, name, path);
	w = archive_file_create(path, lines, s->key, err);
	if (w == NULL)
		return err->rc;
	rc = archive_file_add(w, text, strlen(text), err);
	if (rc == RC_OK)
		rc = archive_file_end(w, true, err);
	else
		(void)archive_file_end(w, false, err);
	if (rc == RC_OK)
		rc = archive_store_put(s->conf, path, name, err);
	(void)unlink(path);
	return rc;
}

/* Stores a media file. Sets *later if it is not complete yet. */
static enum rc
put_media_file(struct archive_shipper *s, int dir, const char *file,
    bool *later, struct err *err)
{
	static char block[256 * 1024];
	char path[ARCHIVE_STORE_PATH], name[ARCHIVE_STORE_NAME];
	int fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct archive_writer *w;
	enum rc rc = RC_OK;
	ssize_t n = 0;

	if (fd < 0)
		return RC_OK;		/* the file was removed meanwhile */
	if (!image_store_complete(fd)) {
		close(fd);
		*later = true;
		return RC_OK;
	}
	archive_spool_part(s->conf, "medium", path);
	w = archive_file_create(path, "kind media\n", s->key, err);
	if (w == NULL) {
		close(fd);
		return err->rc;
	}
	while (rc == RC_OK && (n = read(fd, block, sizeof(block))) > 0)
		rc = archive_file_add(w, block, (size_t)n, err);
	close(fd);
	if (rc == RC_OK && n == 0)
		rc = archive_file_end(w, true, err);
	else {
		(void)archive_file_end(w, false, err);
		rc = rc == RC_OK ? RC_FAULT : rc;
	}
	if (rc == RC_OK) {
		snprintf(name, sizeof(name), "media/%s", file);
		rc = archive_store_put(s->conf, path, name, err);
	}
	(void)unlink(path);
	if (rc != RC_OK)
		return rc;
	remember(s, file);
	if (s->media_list != NULL) {
		fprintf(s->media_list, "%s\n", file);
		fflush(s->media_list);
	}
	metric_add(s->stored, 1);
	return RC_OK;
}

/* Stores the media files that are not in the archive yet. */
static enum rc
put_media(struct archive_shipper *s, const volatile sig_atomic_t *stop,
    struct err *err)
{
	DIR *d = opendir(s->conf->media_dir);
	enum rc rc = RC_OK;
	int64_t changed;
	struct dirent *e;
	struct stat st;
	bool later = false;

	if (d == NULL)
		return RC_OK;
	if (fstat(dirfd(d), &st) != 0)
		st = (struct stat){ 0 };
	changed = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (changed != s->media_changed)
		while (rc == RC_OK && !*stop && (e = readdir(d)) != NULL)
			if (e->d_name[0] != '.' && strlen(e->d_name) < 200 &&
			    tfind(e->d_name, &s->media, compare_names) == NULL)
				rc = put_media_file(s, dirfd(d), e->d_name,
				    &later, err);
	/*
	 * A file that was added in the same tick of the file system's clock
	 * does not change the time, so a fresh time is not trusted.
	 */
	if (rc == RC_OK && !*stop && !later &&
	    clock_now() - changed / 1000000 > SECOND)
		s->media_changed = changed;
	closedir(d);
	return rc;
}

static bool
parse_line(const char *line, struct base_line *b)
{
	return sscanf(line, "%23s %" SCNd64 " %23s %" SCNd64 " %" SCNd64,
	    b->name, &b->at, b->before, &b->before_generation,
	    &b->before_end) == 5 && archive_store_is_base(b->name);
}

static size_t
read_list(struct archive_shipper *s, struct base_line *v)
{
	FILE *f = fopen(spool_file(s, LIST), "re");
	char line[256];
	size_t n = 0;

	if (f == NULL)
		return 0;
	while (n < BASES && fgets(line, sizeof(line), f) != NULL)
		n += parse_line(line, &v[n]);
	fclose(f);
	return n;
}

/*
 * Reads the list of an earlier epoch from the archive, up to the base with
 * which this epoch began. Returns RC_NOT_FOUND if the archive does not contain
 * it.
 */
static enum rc
fetch_list(struct archive_shipper *s, const struct archive_source *from,
    int64_t epoch, struct base_line *v, size_t *n, struct err *err)
{
	char *text = arena_zalloc(&s->arena, LIST_BYTES, 1), *rest = text;
	char last[ARCHIVE_STORE_BASE];
	struct archive_reader *r;
	size_t got = 0;
	enum rc rc = archive_store_get(from->dir, from->fetch, from->timeout,
	    archive_epoch_name(&s->arena, LIST, epoch), from->part, err);

	if (rc != RC_OK)
		return rc;
	r = archive_file_open(from->part, from->key, err);
	(void)unlink(from->part);
	if (r == NULL)
		return err->rc;
	rc = archive_file_read(r, text, LIST_BYTES - 1, &got, err);
	archive_file_close(r);
	archive_store_base_name(s->epoch.base_at, last);
	for (char *line; rc == RC_OK && *n < BASES - 1 &&
	    (line = strsep(&rest, "\n")) != NULL;)
		*n += parse_line(line, &v[*n]) && strcmp(v[*n].name, last) <= 0;
	return rc;
}

/*
 * A standby that was promoted without the archive does not have the list of
 * bases. Continues the list of the newest earlier epoch.
 */
static enum rc
inherit_list(struct archive_shipper *s, struct base_line *v, size_t *n,
    struct err *err)
{
	struct archive_source from;
	char part[ARCHIVE_STORE_PATH];
	enum rc rc = RC_NOT_FOUND;

	archive_spool_part(s->conf, "list", part);
	if (!archive_epoch_source(s->conf, s->key, part, &from))
		return RC_OK;
	for (int64_t i = s->epoch.number - 1; rc == RC_NOT_FOUND && i > 0; i--)
		rc = fetch_list(s, &from, i, v, n, err);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Removes a base and its segments from archive.dir. */
static void
remove_base(struct archive_shipper *s, const char *name)
{
	const char *path = arena_fmt(&s->arena, "%s/%s", s->conf->archive_dir,
	    name);
	DIR *d = opendir(path);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	(void)rmdir(path);
	log_info("archive", "base %s was removed after archive.keep", name);
}

/*
 * Returns the number of old bases at the beginning of the list that are not
 * needed to restore any time within archive.keep.
 */
static size_t
expired(const struct conf *conf, const struct base_line *v, size_t n)
{
	int64_t since = clock_now() - conf->archive_keep * DAY;
	size_t i = 0;

	while (conf->archive_keep > 0 && i + 1 < n && v[i + 1].at <= since)
		i++;
	return i;
}

static enum rc
write_list(struct archive_shipper *s, const struct base_line *v, size_t n,
    struct err *err)
{
	struct buf text;
	enum rc rc;

	buf_init(&text, BASES * sizeof(*v));
	for (size_t i = 0; i < n; i++)
		buf_fmt(&text, "%s %" PRId64 " %s %" PRId64 " %" PRId64 "\n",
		    v[i].name, v[i].at, v[i].before, v[i].before_generation,
		    v[i].before_end);
	rc = archive_spool_write(s->conf, LIST, text.data, err);
	if (rc == RC_OK)
		rc = put_text(s, archive_epoch_name(&s->arena, LIST,
		    s->epoch.number), "kind bases\n", text.data, err);
	buf_free(&text);
	return rc;
}

/* Adds a base that is in the archive to the list, and removes old ones. */
static enum rc
add_base(struct archive_shipper *s, const char *path, struct err *err)
{
	struct base_line *v = arena_zalloc(&s->arena, BASES, sizeof(*v));
	struct archive_reader *r = archive_file_open(path, s->key, err);
	struct base_line b = { .at = 0 };
	size_t n, old;
	enum rc rc;

	if (r == NULL)
		return err->rc;
	(void)archive_file_value(r, "base", b.name, sizeof(b.name));
	(void)archive_file_value(r, "before", b.before, sizeof(b.before));
	b.at = archive_file_number(r, "base_at");
	b.before_generation = archive_file_number(r, "before_generation");
	b.before_end = archive_file_number(r, "before_end");
	archive_file_close(r);
	n = read_list(s, v);
	rc = n == 0 ? inherit_list(s, v, &n, err) : RC_OK;
	if (rc != RC_OK)
		return rc;
	if (n == 0 || !str_eq(v[n - 1].name, b.name)) {
		if (n == BASES)
			memmove(v, v + 1, --n * sizeof(*v));
		v[n++] = b;
	}
	old = expired(s->conf, v, n);
	rc = write_list(s, v + old, n - old, err);
	for (size_t i = 0; rc == RC_OK && i < old &&
	    s->conf->archive_dir[0] != '\0'; i++)
		remove_base(s, v[i].name);
	return rc;
}

/*
 * Stores the name of the newest segment, and the time up to which the archive
 * is complete; until 0: the time of the segment. A command may be slow, so it gets this file only every
 * HEAD_EVERY ms.
 */
static enum rc
put_head(struct archive_shipper *s, const char *path, int64_t until,
    struct err *err)
{
	char base[ARCHIVE_STORE_BASE] = "";
	struct archive_reader *r;
	const char *lines;

	if (mono() < s->head_due && s->conf->archive_command[0] != '\0')
		return RC_OK;
	r = archive_file_open(path, s->key, err);
	if (r == NULL)
		return err->rc;
	(void)archive_file_value(r, "base", base, sizeof(base));
	if (until == 0)
		until = archive_file_number(r, "time");
	lines = arena_fmt(&s->arena, "kind head\nbase %s\ngeneration %" PRId64
	    "\nend %" PRId64 "\ntime %" PRId64 "\n", base,
	    archive_file_number(r, "generation"),
	    archive_file_number(r, "end"), until);
	archive_file_close(r);
	s->head_due = mono() + HEAD_EVERY;
	return put_text(s, archive_epoch_name(&s->arena, "head",
	    s->epoch.number), lines, "", err);
}

static enum rc
put_file(struct archive_shipper *s, struct archive_spool_file *f,
    struct err *err)
{
	const char *end = strrchr(f->name, '/');
	enum rc rc = archive_store_put(s->conf, f->path, f->name, err);

	if (rc != RC_OK)
		return rc;
	metric_add(s->stored, 1);
	if (end != NULL && str_eq(end, "/base"))
		rc = add_base(s, f->path, err);
	else if (end != NULL && !str_eq(end, "/conf"))
		rc = put_head(s, f->path, 0, err);
	return rc == RC_OK ? archive_spool_stored(f, err) : rc;
}

/*
 * Tells standbys of an idle service that the archive is complete, if the
 * archiver has copied everything until a short time ago. last: the newest file.
 */
static enum rc
put_idle_head(struct archive_shipper *s, const struct archive_spool_file *last,
    int64_t until, struct err *err)
{
	const char *end = strrchr(last->name, '/');

	if (end == NULL || str_eq(end, "/conf") || mono() < s->head_due ||
	    until < clock_now() - HEAD_EVERY)
		return RC_OK;
	return put_head(s, last->path, until, err);
}

static enum rc
read_epoch(struct archive_shipper *s)
{
	enum rc rc = s->epoch.number > 0 ? RC_OK : db_read(s->db);
	struct epoch e;

	if (s->epoch.number > 0 || rc != RC_OK)
		return rc;
	rc = epoch_setting_get(s->db, &e);
	db_read_end(s->db);
	if (rc == RC_OK)
		s->epoch = e;
	return rc;
}

/*
 * Looks whether the archive has a newer epoch, and announces the epoch of this
 * database. Returns RC_CONFLICT after it has fenced the database. If the archive
 * cannot be read, files are stored nevertheless: those of an older epoch do no
 * harm.
 */
static enum rc
check_epoch(struct archive_shipper *s, struct err *err)
{
	struct archive_source from;
	char part[ARCHIVE_STORE_PATH];
	int64_t newer = 0;
	enum rc rc = read_epoch(s);

	archive_spool_part(s->conf, "epoch", part);
	if (rc != RC_OK || !archive_epoch_source(s->conf, s->key, part,
	    &from) || mono() < s->epoch_due)
		return rc;
	rc = archive_epoch_check(&from, &s->epoch, &newer, err);
	if (rc == RC_CONFLICT) {
		rc = epoch_setting_fence(s->db, newer);
		if (rc == RC_OK)
			log_error("fenced", "%s: this machine does not serve "
			    "or archive any more", err->message);
		return rc == RC_OK ? RC_CONFLICT : rc;
	}
	if (rc == RC_OK && !s->announced) {
		rc = archive_epoch_put(s->conf, &from, &s->epoch, err);
		s->announced = rc == RC_OK;
	}
	if (rc != RC_OK && s->wait == 0)
		log_warn("archive", "the epoch is not known: %s",
		    err->message);
	if (rc != RC_OK || from.dir == NULL)
		s->epoch_due = mono() + EPOCH_EVERY;
	return RC_OK;
}

/* Counts a failure and waits longer after each. */
static enum rc
failed(struct archive_shipper *s, enum rc rc, const struct err *err)
{
	if (s->wait == 0)
		log_error("archive", "%s", err->message != NULL ?
		    err->message : rc_message(rc));
	metric_add(s->failures, 1);
	s->wait = s->wait == 0 ? SECOND : s->wait * 2;
	if (s->wait > RETRY_MAX)
		s->wait = RETRY_MAX;
	return rc;
}

enum rc
archive_shipper_run(struct archive_shipper *s,
    const volatile sig_atomic_t *stop, int64_t *stored)
{
	/* Read before the list, which then has everything until this time. */
	int64_t until = (int64_t)atomic_load_explicit(s->copied,
	    memory_order_relaxed) * SECOND;
	struct archive_spool_files files;
	enum rc rc = RC_OK;
	struct err err;
	size_t i, first;

	*stored = 0;
	arena_reset(&s->arena);
	err_init(&err, &s->arena);
	rc = check_epoch(s, &err);
	if (rc != RC_OK)
		return rc == RC_CONFLICT ? rc : failed(s, rc, &err);
	rc = archive_spool_list(s->conf, &s->arena, false, &files, &err);
	if (rc != RC_OK)
		return failed(s, rc, &err);
	for (first = 0; first < files.n && files.v[first].stored; first++)
		;
	metric_set(s->pending, (uint64_t)files.bytes);
	metric_set(s->lag, first == files.n ? 0 :
	    (uint64_t)((clock_now() - files.v[first].at) / SECOND));
	if (first == files.n && files.n > 0)
		rc = put_idle_head(s, &files.v[files.n - 1], until, &err);
	if (rc != RC_OK)
		return failed(s, rc, &err);
	if (first == files.n || *stop)
		return rc;
	rc = put_media(s, stop, &err);
	for (i = first; rc == RC_OK && i < files.n && !*stop; i++) {
		rc = put_file(s, &files.v[i], &err);
		if (rc == RC_OK)
			++*stored;
	}
	/* The last one is kept; see archive_spool.h. */
	for (i = 0; i + 1 < files.n && files.v[i].stored; i++)
		archive_spool_remove(&files.v[i]);
	if (rc != RC_OK)
		return failed(s, rc, &err);
	if (s->wait > 0)
		log_info("archive", "the archive accepts files again");
	s->wait = 0;
	return rc;
}
