#include "domain/ops/backup_log.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "domain/common/kv_setting.h"
#include "domain/ops/retention.h"

#define KEEP	1000			/* rows */
#define SKIP	1000000			/* numbers, after a restore */

const char *const care_words[] = {
	"", "backup", "restore_drill", "restore", NULL
};
const char *const care_state_words[] = {
	"never", "ok", "late", "failed", NULL
};

enum rc
care_add(struct db *db, enum care_kind kind, const struct care *c)
{
	struct stmt *q = db_q(db, Q_CARE_ADD);
	enum rc rc;

	q_int(q, ":kind", kind);
	q_int(q, ":ok", c->ok);
	q_int(q, ":began", c->began);
	/* The clock may have been set back meanwhile. */
	q_int(q, ":at", c->at > c->began ? c->at : c->began);
	q_text(q, ":name", c->name);
	if (c->bytes == INT64_MIN)
		q_null(q, ":bytes");
	else
		q_int(q, ":bytes", c->bytes);
	q_text(q, ":error", c->error);
	rc = q_run(q);
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_CARE_PRUNE);
	q_int(q, ":keep", KEEP);
	return q_run(q);
}

static enum rc
newest(struct db *db, struct arena *a, enum care_kind kind, bool ok,
    struct care *out)
{
	struct stmt *q = db_q(db, Q_CARE_LAST);

	*out = (struct care){ .ok = ok };
	q_int(q, ":kind", kind);
	q_int(q, ":ok", ok);
	if (q_row(q)) {
		out->id = q_col_int(q, 0);
		out->began = q_col_int(q, 1);
		out->at = q_col_int(q, 2);
		out->name = q_col_text(q, 3, a);
		out->bytes = q_col_opt(q, 4);
		out->error = q_col_text(q, 5, a);
	}
	return q_done(q);
}

enum rc
care_look(struct db *db, struct arena *a, const struct conf *conf,
    int64_t now, enum care_kind kind, struct care_now *out)
{
	int64_t late = SECOND * (kind == CARE_BACKUP ? conf->backup_late :
	    conf->drill_late);
	struct care bad;
	enum rc rc;

	rc = newest(db, a, kind, true, &out->good);
	if (rc == RC_OK)
		rc = newest(db, a, kind, false, &bad);
	if (rc != RC_OK)
		return rc;
	out->last = bad.id > out->good.id ? bad : out->good;
	if (out->last.id == 0)
		out->state = CARE_NEVER;
	else if (!out->last.ok)
		out->state = CARE_FAILED;
	else
		out->state = now - out->good.at > late ? CARE_LATE : CARE_OK;
	return RC_OK;
}

enum rc
care_gauges(struct db *db, struct arena *a, const struct conf *conf,
    int64_t now, struct buf *out)
{
	static const struct {
		enum care_kind kind;
		const char *success, *failed, *duration, *size;
	} gauges[] = {
		{ CARE_BACKUP, "earmark_backup_last_success_timestamp_seconds",
		    "earmark_backup_failed",
		    "earmark_backup_last_duration_seconds",
		    "earmark_backup_last_size_bytes" },
		{ CARE_DRILL,
		    "earmark_restore_drill_last_success_timestamp_seconds",
		    "earmark_restore_drill_failed",
		    "earmark_restore_drill_last_duration_seconds",
		    "earmark_restore_drill_last_size_bytes" },
	};

	for (size_t i = 0; i < NELEM(gauges); i++) {
		struct care_now c;
		int64_t took;
		enum rc rc;

		rc = care_look(db, a, conf, now, gauges[i].kind, &c);
		if (rc != RC_OK)
			return rc;
		took = c.good.at - c.good.began;
		/* 0 where there was none: its age is then very old. */
		buf_fmt(out, "%s %" PRId64 "\n%s %d\n", gauges[i].success,
		    c.good.at / SECOND, gauges[i].failed,
		    c.state == CARE_FAILED);
		if (c.good.id != 0)
			buf_fmt(out, "%s %" PRId64 ".%03d\n%s %" PRId64 "\n",
			    gauges[i].duration, took / SECOND,
			    (int)(took % SECOND), gauges[i].size,
			    c.good.bytes);
	}
	return RC_OK;
}

enum rc
care_images(struct db *db, void (*each)(void *, const char *), void *arg)
{
	enum rc rc = db_read(db);
	struct stmt *q;

	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_CARE_IMAGES);
	while (q_row(q))
		each(arg, q_col_peek(q, 0));
	rc = q_done(q);
	db_read_end(db);
	return rc;
}

static enum rc
skip(struct db *db, enum stmt_id id)
{
	struct stmt *q = db_q(db, id);

	q_int(q, ":skip", SKIP);
	return q_run(q);
}

enum rc
care_restored(struct db *db)
{
	struct stmt *q;
	int64_t head;
	enum rc rc;

	rc = q_run(db_q(db, Q_CARE_COUNTERS));
	if (rc == RC_OK)
		rc = skip(db, Q_CARE_SKIP);
	if (rc == RC_OK)
		rc = skip(db, Q_CARE_SKIP_EVENTS);
	if (rc == RC_OK)
		rc = q_run(db_q(db, Q_CARE_DROP_EVENTS));
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_CARE_LOG_HEAD);
	head = q_row(q) ? q_col_int(q, 0) : 0;
	rc = q_done(q);
	return rc != RC_OK ? rc :
	    setting_put(db, FAVORITE_LOG_FLOOR, head + SKIP);
}
