#include "cmd/jobs/archive_shipper.h"

#include <inttypes.h>

#include "archive/archive_epoch.h"
#include "archive/archive_file.h"
#include "archive/archive_spool.h"
#include "archive/archive_text.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "cmd/jobs/archive_bases.h"
#include "cmd/jobs/archive_media.h"
#include "domain/ops/epoch_setting.h"

#define MEMORY		((size_t)64 << 20)
#define HEAD_EVERY	(10 * SECOND)
#define HEAD_LATEST	SECOND		/* while many files are stored */
#define EPOCH_EVERY	(30 * SECOND)	/* of checks by a command */
#define RETRY_MAX	(60 * SECOND)
struct archive_shipper {
	struct db *db;
	const struct conf *conf;
	const struct hash *key;
	struct epoch epoch;		/* number 0: not yet read */
	bool announced;			/* the archive has its file */
	int64_t epoch_due;		/* of the next check, monotonic, ms */
	struct arena arena;
	struct archive_media *media;
	int64_t wait;			/* ms; 0: no failure */
	int64_t head_due;		/* monotonic, ms */
	metric *failures, *lag, *stored, *pending, *copied;
};

static int64_t
mono(void)
{
	return clock_mono() / 1000;
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
	s->media = archive_media_new(conf, s->key);
	return s;
}

void
archive_shipper_free(struct archive_shipper *s)
{
	if (s == NULL)
		return;
	archive_media_free(s->media);
	arena_free(&s->arena);
	free(s);
}

int
archive_shipper_pause(const struct archive_shipper *s)
{
	return s->wait > 0 ? (int)s->wait : 250;
}

/*
 * Stores the name of the newest segment, and the time up to which the archive
 * is complete; until 0: the time of the segment. A command may be slow, so it
 * gets this file only every HEAD_EVERY ms.
 */
static enum rc
put_head(struct archive_shipper *s, const char *path, int64_t until,
    struct err *err)
{
	char base[ARCHIVE_STORE_BASE] = "", part[ARCHIVE_STORE_PATH];
	struct archive_reader *r;
	const char *lines;
	enum rc rc;

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
	archive_spool_part(s->conf, "head", part);
	rc = archive_text_put(s->conf, s->key, part, archive_epoch_name(
	    &s->arena, "head", s->epoch.number), lines, "", err);
	s->head_due = rc == RC_OK ? mono() + HEAD_EVERY : 0;
	return rc;
}

/* Returns the last part of a name: "base", "conf", or that of a segment. */
static const char *
last_part(const struct archive_spool_file *f)
{
	const char *end = strrchr(f->name, '/');

	return end == NULL ? f->name : end + 1;
}

static bool
is_segment(const struct archive_spool_file *f)
{
	return !str_eq(last_part(f), "base") && !str_eq(last_part(f), "conf");
}

static enum rc
put_file(struct archive_shipper *s, struct archive_spool_file *f,
    struct err *err)
{
	const struct archive_bases bases = { .conf = s->conf, .key = s->key,
	    .epoch = &s->epoch, .arena = &s->arena };
	enum rc rc = archive_store_put(s->conf, f->path, f->name, err);

	if (rc != RC_OK)
		return rc;
	metric_add(s->stored, 1);
	if (str_eq(last_part(f), "base"))
		rc = archive_bases_add(&bases, f->path, err);
	return rc == RC_OK ? archive_spool_stored(f, err) : rc;
}

/*
 * Stores files in order, and sets *stored to their number. The head follows the
 * last one, because each file costs several syncs, for which writers wait.
 */
static enum rc
put_files(struct archive_shipper *s, struct archive_spool_file *f, size_t n,
    const volatile sig_atomic_t *stop, int64_t *stored, struct err *err)
{
	const struct archive_spool_file *newest = NULL;
	int64_t due = mono() + HEAD_LATEST;
	enum rc rc;
	size_t i;

	for (i = 0; i < n && !*stop; i++) {
		rc = put_file(s, &f[i], err);
		if (rc != RC_OK)
			return rc;
		++*stored;
		if (is_segment(&f[i]))
			newest = &f[i];
		if (newest == NULL || (i + 1 < n && mono() < due))
			continue;
		rc = put_head(s, newest->path, 0, err);
		if (rc != RC_OK)
			return rc;
		newest = NULL;
		due = mono() + HEAD_LATEST;
	}
	return RC_OK;
}

/*
 * Tells standbys of an idle service that the archive is complete, if the
 * archiver has copied everything until a short time ago. last: the newest file.
 * Sets *stored if the archive has accepted this.
 */
static enum rc
put_idle_head(struct archive_shipper *s, const struct archive_spool_file *last,
    int64_t until, bool *stored, struct err *err)
{
	enum rc rc;

	if (str_eq(last_part(last), "conf") || mono() < s->head_due ||
	    until < clock_now() - HEAD_EVERY)
		return RC_OK;
	rc = put_head(s, last->path, until, err);
	*stored = rc == RC_OK;
	return rc;
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

/* Ends an outage of the archive. */
static enum rc
succeeded(struct archive_shipper *s)
{
	if (s->wait > 0)
		log_info("archive", "the archive accepts files again");
	s->wait = 0;
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
	bool accepted = false;
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
		rc = put_idle_head(s, &files.v[files.n - 1], until, &accepted,
		    &err);
	if (rc != RC_OK)
		return failed(s, rc, &err);
	if (first == files.n || *stop)
		return accepted ? succeeded(s) : RC_OK;
	rc = archive_media_put(s->media, stop, &err);
	if (rc == RC_OK)
		rc = put_files(s, files.v + first, files.n - first, stop,
		    stored, &err);
	/* The last one is kept; see archive_spool.h. */
	for (i = 0; i + 1 < files.n && files.v[i].stored; i++)
		archive_spool_remove(&files.v[i]);
	return rc == RC_OK ? succeeded(s) : failed(s, rc, &err);
}
