#include "cmd/jobs/archiver.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive/archive_file.h"
#include "archive/archive_spool.h"
#include "base/clock.h"
#include "base/commit_times.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "cmd/jobs/archive_base.h"
#include "cmd/jobs/archive_position.h"
#include "domain/ops/epoch_setting.h"

#define MEMORY		((size_t)8 << 20)
#define BLOCK		((size_t)256 * 1024)
#define TIMES		65536		/* commits of one segment */
#define RETRY		(10 * SECOND)
#define FEW		256	/* frames that can be copied while writers wait */
#define MANY		256	/* frames from which speed matters more than size */
#define PASSES		3
#define MIB		(INT64_C(1024) * 1024)

struct archiver {
	struct db *db;
	const struct conf *conf;
	const struct hash *key;		/* NULL: not encrypted */
	struct arena arena;
	struct epoch epoch;
	struct archive_position at;
	int64_t number;			/* of the last file in the spool */
	pid_t copier;			/* makes a base; 0: none */
	struct archive_position next;		/* of the base that is being made */
	int64_t due, base_due;		/* monotonic, ms */
	int64_t blocked_until;		/* the same: after a failure */
	uint64_t next_time;		/* see commit_times_read() */
	struct commit_time *times;
	size_t ntimes;
	int64_t last_time;
	metric *broken, *segments, *bases, *copied;
};

static int64_t
mono(void)
{
	return clock_mono() / 1000;
}

/* Reports a failure of the spool. Returns false. */
static bool
failed(struct archiver *a, const struct err *err)
{
	a->due = mono() + RETRY;
	a->blocked_until = mono() + SECOND;
	log_error("archive", "%s", err->message);
	return false;
}

/* Copies the times of new commits before the ring overwrites them. */
static void
read_times(struct archiver *a)
{
	if (a->ntimes == TIMES) {
		a->ntimes = TIMES / 2;
		memmove(a->times, a->times + TIMES / 2,
		    a->ntimes * sizeof(*a->times));
	}
	a->ntimes += commit_times_read(&a->next_time, a->times + a->ntimes,
	    TIMES - a->ntimes);
}

/*
 * Writes the number of commits in the frames [first, end) whose time is known,
 * and their times. Removes these and earlier entries from the list.
 *
 * The number of frames in the log only grows until it restarts, so the newest
 * part of the list in which it grows is about the present log.
 */
static enum rc
write_times(struct archiver *a, struct archive_writer *w, int64_t first,
    int64_t end, struct err *err)
{
	struct commit_time *t = a->times;
	size_t from = 0, to = a->ntimes, i;
	uint64_t count;
	enum rc rc;

	for (i = 1; i < a->ntimes; i++)
		if (t[i].frames <= t[i - 1].frames)
			from = i;
	while (from < to && t[from].frames <= first)
		from++;
	while (to > from && t[to - 1].frames > end)
		to--;
	count = to - from;
	rc = archive_file_add(w, &count, sizeof(count), err);
	if (rc == RC_OK)
		rc = archive_file_add(w, t + from, count * sizeof(*t), err);
	memmove(t, t + to, (a->ntimes - to) * sizeof(*t));
	a->ntimes -= to;
	return rc;
}

static enum rc
copy_frames(struct archiver *a, struct archive_writer *w, int64_t from,
    int64_t to, struct err *err)
{
	static char block[BLOCK];
	enum rc rc = RC_OK;
	size_t n;

	for (; rc == RC_OK && from < to; from += (int64_t)n) {
		n = to - from < (int64_t)sizeof(block) ? (size_t)(to - from) :
		    sizeof(block);
		rc = db_wal_read(a->db, from, block, n);
		if (rc != RC_OK)
			return err_set(err, rc, "archive", "the log cannot be "
			    "read");
		rc = archive_file_add(w, block, n, err);
	}
	return rc;
}

/* Checks that the log has not restarted while it was read. */
static enum rc
check_salt(struct archiver *a, const struct db_wal *wal, struct err *err)
{
	struct db_wal now;
	enum rc rc = db_wal_state(a->db, &now);

	return rc == RC_OK && memcmp(now.salt, wal->salt, sizeof(now.salt)) ==
	    0 ? RC_OK : err_set(err, RC_FAULT, "archive", "the log was "
	    "restarted while it was copied");
}

static int64_t
offset_of(const struct db_wal *wal, int64_t frame)
{
	return DB_WAL_HEADER + frame * (DB_WAL_FRAME_HEADER + wal->page_size);
}

/* Writes the frames [at->frames, wal->frames) as one segment. */
static bool
write_segment(struct archiver *a, const struct db_wal *wal, int64_t now)
{
	const struct archive_position *at = &a->at;
	char path[ARCHIVE_STORE_PATH], name[ARCHIVE_STORE_NAME];
	char lines[ARCHIVE_FILE_HEADER * 3 / 4], salt[17];
	int64_t from = at->frames == 0 ? 0 : offset_of(wal, at->frames);
	int n;
	struct archive_writer *w;
	struct err err;
	enum rc rc;

	err_init(&err, &a->arena);
	hash_hex(wal->salt, sizeof(wal->salt), salt);
	n = snprintf(lines, sizeof(lines), "kind segment\nbase %s\nbase_at %"
	    PRId64 "\ngeneration %" PRId64 "\nfirst %" PRId64 "\nend %" PRId64
	    "\nprevious %" PRId64 "\npage_size %d\nsalt %s\ntime %" PRId64
	    "\nepoch %" PRId64 "\nhistory %" PRId64 "\nchanges %" PRIu32
	    "\n", at->base,
	    at->base_at, at->generation, at->frames, wal->frames, at->previous,
	    wal->page_size, salt, now, a->epoch.number, a->epoch.id,
	    wal->changes);
	if (at->generation == 1 && at->frames == 0 && at->joins[0] != '\0')
		snprintf(lines + n, sizeof(lines) - (size_t)n, "joins %s\n"
		    "joins_generation %" PRId64 "\njoins_end %" PRId64 "\n",
		    at->joins, at->joins_generation, at->joins_frames);
	archive_spool_part(a->conf, "segment", path);
	w = archive_file_create(path, lines, a->key, &err);
	if (w == NULL)
		return failed(a, &err);
	if (wal->frames - at->frames >= MANY)
		archive_file_fast(w);
	rc = write_times(a, w, at->frames, wal->frames, &err);
	if (rc == RC_OK)
		rc = copy_frames(a, w, from, offset_of(wal, wal->frames), &err);
	if (rc == RC_OK)
		rc = check_salt(a, wal, &err);
	if (rc != RC_OK) {
		(void)archive_file_end(w, false, &err);
		return failed(a, &err);
	}
	rc = archive_file_end(w, true, &err);
	archive_store_segment(at->base, at->generation, at->frames, name);
	if (rc == RC_OK)
		rc = archive_spool_add(a->conf, path, a->number + 1, name,
		    &err);
	if (rc != RC_OK)
		return failed(a, &err);
	a->number++;
	metric_add(a->segments, 1);
	return true;
}

/* Ends the history of the base, because it cannot be continued. */
static void
give_up(struct archiver *a, const char *why)
{
	if (a->at.known)
		log_error("archive_gap", "the archive of base %s ends: %s",
		    a->at.base, why);
	a->at.known = false;
	a->base_due = 0;
	metric_set(a->broken, 1);
}

/*
 * Copies all frames that are committed now. Returns whether the position is
 * then the end of the log.
 */
static bool
capture(struct archiver *a)
{
	struct archive_position *at = &a->at;
	int64_t now = clock_now();
	struct db_wal wal;
	const char *why = NULL;
	bool good = true;

	if (db_wal_state(a->db, &wal) != RC_OK)
		return false;
	if (at->known && memcmp(wal.salt, at->salt, sizeof(wal.salt)) != 0)
		why = archive_position_restart(at, a->db, a->conf, &wal);
	else if (wal.frames < at->frames)
		why = "the log has lost frames";
	if (why != NULL)
		give_up(a, why);
	if (!at->known)
		return false;
	if (wal.frames != at->frames) {
		/* Checkpoints follow each other closely. */
		if (mono() < a->blocked_until)
			return false;
		read_times(a);
		arena_reset(&a->arena);
		good = write_segment(a, &wal, now);
	}
	if (good) {
		at->emptied = at->emptied && wal.frames == at->frames;
		at->frames = wal.frames;
		at->page_size = wal.page_size;
		at->changes = wal.changes;
		at->counted = true;
		metric_set(a->copied, (uint64_t)(now / SECOND));
	}
	return good;
}

static int64_t
spool_bytes(struct archiver *a)
{
	struct archive_spool_files files;
	struct err err;

	arena_reset(&a->arena);
	err_init(&err, &a->arena);
	return archive_spool_list(a->conf, &a->arena, false, &files, &err) ==
	    RC_OK ? files.bytes : 0;
}

/* Returns the number of frames that are not in the spool. */
static int64_t
new_frames(const struct archiver *a)
{
	struct db_wal wal;

	if (db_wal_state(a->db, &wal) != RC_OK)
		return 0;
	return memcmp(wal.salt, a->at.salt, sizeof(wal.salt)) == 0 ?
	    wal.frames - a->at.frames : wal.frames;
}

/*
 * Called by each checkpoint before it takes the writer lock, because all writers
 * wait until may_checkpoint() has copied the rest. See db_checkpoint_guard().
 */
static void
prepare_checkpoint(void *arg)
{
	struct archiver *a = arg;
	int i = 0;

	while (i++ < PASSES && a->epoch.number > 0 && a->copier == 0 &&
	    a->at.known && new_frames(a) > FEW && capture(a))
		;
}

/* Called by each checkpoint, while the log cannot restart. */
static bool
may_checkpoint(void *arg, bool truncate)
{
	struct archiver *a = arg;
	bool large = db_wal_bytes(a->db) > a->conf->archive_max_log * MIB;

	if (a->epoch.number == 0)
		return false;
	if (a->copier > 0) {
		if (!large)
			return false;
		log_error("archive", "the log became too large while a base "
		    "was made");
		kill(a->copier, SIGKILL);
		(void)waitpid(a->copier, NULL, 0);
		a->copier = 0;
		a->base_due = mono() + RETRY;
	}
	if (!a->at.known || capture(a)) {
		if (truncate)
			archive_position_emptied(&a->at, a->conf);
		return true;
	}
	if (a->at.known && large)
		give_up(a, "the spool is full and the log is too large");
	return !a->at.known;
}

static enum rc
read_epoch(struct archiver *a)
{
	enum rc rc = db_read(a->db);
	struct epoch e;

	if (rc != RC_OK)
		return rc;
	rc = epoch_setting_get(a->db, &e);
	db_read_end(a->db);
	if (rc == RC_OK)
		a->epoch = e;
	return rc;
}

struct archiver *
archiver_new(struct db *db, const struct conf *conf)
{
	struct archiver *a;
	const char *why;

	if (!conf_archives(conf)) {
		archive_spool_forget(conf);
		return NULL;
	}
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		BUG("out of memory");
	a->times = calloc(TIMES, sizeof(*a->times));
	if (a->times == NULL)
		BUG("out of memory");
	a->db = db;
	a->conf = conf;
	arena_init(&a->arena, MEMORY);
	if (!archive_store_key(conf, &a->key, &why))
		BUG("%s", why);
	a->broken = metric_get("earmark_archive_broken");
	a->segments = metric_get("earmark_archive_segments_total");
	a->bases = metric_get("earmark_archive_bases_total");
	a->copied = metric_get("earmark_archive_copied_timestamp_seconds");
	archive_position_load(&a->at, conf, a->key, &a->arena, &a->number);
	db_checkpoint_guard(db, prepare_checkpoint, may_checkpoint, a);
	return a;
}

void
archiver_free(struct archiver *a)
{
	if (a == NULL)
		return;
	db_checkpoint_guard(a->db, NULL, NULL, NULL);
	if (a->copier > 0) {
		kill(a->copier, SIGKILL);
		(void)waitpid(a->copier, NULL, 0);
	}
	arena_free(&a->arena);
	free(a->times);
	free(a);
}

/*
 * Begins a base right after a complete checkpoint, so that the file alone is a
 * consistent database, which the copier verifies.
 */
static void
begin_base(struct archiver *a)
{
	struct db_wal wal;
	int left = 1;

	/* A reader can prevent the checkpoint for a moment. */
	a->base_due = mono() + SECOND;
	if (db_checkpoint(a->db, false, &left) != RC_OK || left > 0 ||
	    db_wal_state(a->db, &wal) != RC_OK)
		return;
	a->base_due = mono() + RETRY;
	a->next = (struct archive_position){ .known = true, .generation = 1,
	    .base_at = clock_now(), .page_size = wal.page_size,
	    .counted = true, .changes = wal.changes };
	archive_position_stamp(a->conf->db_file, a->next.stamp);
	archive_store_base_name(a->next.base_at, a->next.base);
	memcpy(a->next.salt, wal.salt, sizeof(wal.salt));
	a->copier = archive_base_start(a->conf, a->key, &(struct archive_base){
	    .name = a->next.base, .at = a->next.base_at,
	    .needs = wal.frames, .page_size = wal.page_size,
	    .salt = wal.salt, .changes = wal.changes, .stamp = a->next.stamp,
	    .epoch = &a->epoch, .before = a->at.known ? a->at.base : "-",
	    .before_generation = a->at.generation,
	    .before_end = a->at.frames });
}

/* Begins the segments of the new base where those of the base before it end. */
static void
join_base(struct archiver *a)
{
	const struct archive_position *was = &a->at;
	struct archive_position *next = &a->next;

	if (was->known) {
		/* A log that has just restarted has no segment yet. */
		bool empty = was->frames == 0 && was->generation > 1;

		snprintf(next->joins, sizeof(next->joins), "%s", was->base);
		next->joins_generation = was->generation - empty;
		next->joins_frames = empty ? was->previous : was->frames;
	}
	a->at = *next;
}

/* Looks whether the base is complete. Then segments follow it. */
static void
finish_base(struct archiver *a)
{
	static const char *const parts[] = { "conf", "base" };
	char part[ARCHIVE_STORE_PATH], name[ARCHIVE_STORE_NAME];
	struct err err;
	int status;

	if (waitpid(a->copier, &status, WNOHANG) != a->copier)
		return;
	a->copier = 0;
	a->base_due = mono() + RETRY;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		log_error("archive", "making a base failed");
		return;
	}
	arena_reset(&a->arena);
	err_init(&err, &a->arena);
	for (size_t i = 0; i < NELEM(parts); i++) {
		archive_spool_part(a->conf, parts[i], part);
		snprintf(name, sizeof(name), "%s/%s", a->next.base, parts[i]);
		if (archive_spool_add(a->conf, part, a->number + 1, name,
		    &err) != RC_OK) {
			failed(a, &err);
			return;
		}
		a->number++;
	}
	join_base(a);
	a->due = 0;
	metric_add(a->bases, 1);
	metric_set(a->broken, 0);
	log_info("archive", "base %s begins", a->at.base);
}

/* Returns whether a new base is due: there is none, or it is old. */
static bool
base_due(struct archiver *a)
{
	if (a->copier > 0 || mono() < a->base_due)
		return false;
	if (a->at.known)
		return clock_now() - a->at.base_at >=
		    a->conf->archive_base_hours * HOUR;
	/* After a gap, wait until most of the spool has been stored. */
	return spool_bytes(a) <= a->conf->archive_max_log * MIB / 2;
}

void
archiver_tick(struct archiver *a)
{
	/* The epoch changes only while all programs are stopped. */
	if (a == NULL || (a->epoch.number == 0 && read_epoch(a) != RC_OK))
		return;
	read_times(a);
	if (a->copier > 0)
		finish_base(a);
	if (base_due(a))
		begin_base(a);
	if (!a->at.known || mono() < a->due)
		return;
	a->due = mono() + a->conf->archive_interval * SECOND;
	if (spool_bytes(a) > a->conf->archive_max_log * MIB)
		give_up(a, "the archive did not accept its files for too long");
	else
		capture(a);
}
