#include "domain/ops/backup_log.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "domain/common/kv_setting.h"
#include "domain/ops/retention.h"

#define KEEP	1000			/* rows of the log */
#define SKIP	1000000			/* ids, after a restore */

const char *const backup_log_kind_names[] = {
	"", "backup", "restore_drill", "restore", NULL
};
const char *const backup_log_state_names[] = {
	"never", "ok", "late", "failed", NULL
};

enum rc
backup_log_add(struct db *db, enum backup_log_kind kind,
    const struct backup_log_entry *c)
{
	struct stmt *q = stmt_get(db, Q_BACKUP_LOG_ADD);
	enum rc rc;

	stmt_int(q, ":kind", kind);
	stmt_int(q, ":ok", c->ok);
	stmt_int(q, ":began", c->began);
	/* The clock may have been set back during the backup. */
	stmt_int(q, ":at", c->at > c->began ? c->at : c->began);
	stmt_text(q, ":name", c->name);
	stmt_opt(q, ":bytes", c->bytes);
	stmt_text(q, ":error", c->error);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_BACKUP_LOG_PRUNE);
	stmt_int(q, ":keep", KEEP);
	return stmt_run(q);
}

/* Reads the newest entry of a kind that is ok, or that failed. */
static enum rc
get_newest(struct db *db, struct arena *a, enum backup_log_kind kind, bool ok,
    struct backup_log_entry *out)
{
	struct stmt *q = stmt_get(db, Q_BACKUP_LOG_LAST);

	*out = (struct backup_log_entry){ .ok = ok };
	stmt_int(q, ":kind", kind);
	stmt_int(q, ":ok", ok);
	if (stmt_row(q)) {
		out->id = stmt_col_int(q, 0);
		out->began = stmt_col_int(q, 1);
		out->at = stmt_col_int(q, 2);
		out->name = stmt_col_text(q, 3, a);
		out->bytes = stmt_col_opt(q, 4);
		out->error = stmt_col_text(q, 5, a);
	}
	return stmt_done(q);
}

enum rc
backup_log_read(struct db *db, struct arena *a, const struct conf *conf,
    int64_t now, enum backup_log_kind kind, struct backup_log_status *out)
{
	int64_t late = SECOND * (kind == BACKUP_LOG_BACKUP ?
	    conf->backup_max_age : conf->drill_max_age);
	struct backup_log_entry bad;
	enum rc rc;

	rc = get_newest(db, a, kind, true, &out->good);
	if (rc == RC_OK)
		rc = get_newest(db, a, kind, false, &bad);
	if (rc != RC_OK)
		return rc;
	out->last = bad.id > out->good.id ? bad : out->good;
	if (out->last.id == 0)
		out->state = BACKUP_LOG_NEVER;
	else if (!out->last.ok)
		out->state = BACKUP_LOG_FAILED;
	else
		out->state = now - out->good.at > late ? BACKUP_LOG_LATE :
		    BACKUP_LOG_OK;
	return RC_OK;
}

enum rc
backup_log_gauges(struct db *db, struct arena *a, const struct conf *conf,
    int64_t now, struct buf *out)
{
	static const struct {
		enum backup_log_kind kind;
		const char *success, *failed, *duration, *size;
	} gauges[] = {
		{ BACKUP_LOG_BACKUP,
		    "earmark_backup_last_success_timestamp_seconds",
		    "earmark_backup_failed",
		    "earmark_backup_last_duration_seconds",
		    "earmark_backup_last_size_bytes" },
		{ BACKUP_LOG_DRILL,
		    "earmark_restore_drill_last_success_timestamp_seconds",
		    "earmark_restore_drill_failed",
		    "earmark_restore_drill_last_duration_seconds",
		    "earmark_restore_drill_last_size_bytes" },
	};

	for (size_t i = 0; i < NELEM(gauges); i++) {
		struct backup_log_status c;
		int64_t took;
		enum rc rc;

		rc = backup_log_read(db, a, conf, now, gauges[i].kind, &c);
		if (rc != RC_OK)
			return rc;
		took = c.good.at - c.good.began;
		/* 0 if there was no backup, so that its age is very high. */
		buf_fmt(out, "%s %" PRId64 "\n%s %d\n", gauges[i].success,
		    c.good.at / SECOND, gauges[i].failed,
		    c.state == BACKUP_LOG_FAILED);
		if (c.good.id != 0)
			buf_fmt(out, "%s %" PRId64 ".%03d\n%s %" PRId64 "\n",
			    gauges[i].duration, took / SECOND,
			    (int)(took % SECOND), gauges[i].size,
			    c.good.bytes);
	}
	return RC_OK;
}

enum rc
backup_log_images(struct db *db, void (*each)(void *, const char *), void *arg)
{
	enum rc rc = db_read(db);
	struct stmt *q;

	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_BACKUP_LOG_IMAGES);
	while (stmt_row(q))
		each(arg, stmt_col_peek(q, 0));
	rc = stmt_done(q);
	db_read_end(db);
	return rc;
}

static enum rc
skip_ids(struct db *db, enum stmt_id id)
{
	struct stmt *q = stmt_get(db, id);

	stmt_int(q, ":skip", SKIP);
	return stmt_run(q);
}

enum rc
backup_log_restored(struct db *db)
{
	struct stmt *q;
	int64_t head;
	enum rc rc;

	rc = stmt_run(stmt_get(db, Q_BACKUP_LOG_COUNTERS));
	if (rc == RC_OK)
		rc = skip_ids(db, Q_BACKUP_LOG_SKIP);
	if (rc == RC_OK)
		rc = skip_ids(db, Q_BACKUP_LOG_SKIP_EVENTS);
	if (rc == RC_OK)
		rc = stmt_run(stmt_get(db, Q_BACKUP_LOG_DROP_EVENTS));
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_BACKUP_LOG_LOG_HEAD);
	head = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	return rc != RC_OK ? rc :
	    kv_setting_put(db, FAVORITE_LOG_FLOOR, head + SKIP);
}
