#include "domain/ops/status.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/metric.h"
#include "base/process_status.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "domain/common/counter.h"
#include "domain/common/kv_setting.h"
#include "domain/listeners/listener_search.h"
#include "domain/messaging/delivery.h"
#include "domain/ops/backup_log.h"
#include "domain/ops/chain_check_log.h"
#include "domain/ops/epoch_setting.h"

/*
 * Returns the age of the sockets in seconds, which are older than the workers;
 * INT64_MIN if it is not known.
 */
static int64_t
uptime(const struct conf *conf, int64_t now)
{
	char name[4096];
	struct stat st;

	snprintf(name, sizeof(name), "%s/%s.sock", conf->socket_dir,
	    pool_names[POOL_SYSTEM]);
	if (stat(name, &st) != 0)
		return INT64_MIN;
	now = now / SECOND - st.st_mtim.tv_sec;
	return now > 0 ? now : 0;
}

static void
add_versions(struct db *db, const struct conf *conf, int64_t now,
    const char *version, const char *commit, struct status_tree *f)
{
	int number;

	status_tree_time(f, "at", now);
	status_tree_text(f, "version", version);
	status_tree_text(f, "commit", commit);
	status_tree_text(f, "sqlite", db_engine(&number));
	status_tree_number(f, "uptime_seconds", uptime(conf, now));
	status_tree_begin(f, STATUS_TREE_OBJECT, "schema");
	status_tree_number(f, "database", db_schema_have(db));
	status_tree_number(f, "program", db_schema_want());
	status_tree_end(f);
}

static void
add_files(struct db *db, const struct conf *conf, struct status_tree *f)
{
	struct statvfs fs;
	struct stat st;
	bool known;

	known = stat(conf->db_file, &st) == 0;
	status_tree_begin(f, STATUS_TREE_OBJECT, "database");
	status_tree_number(f, "size_bytes", known ? (int64_t)st.st_size :
	    INT64_MIN);
	status_tree_number(f, "log_bytes", db_wal_bytes(db));
	status_tree_end(f);
	known = statvfs(conf->db_file, &fs) == 0;
	status_tree_begin(f, STATUS_TREE_OBJECT, "disk");
	status_tree_number(f, "free_bytes", known ?
	    (int64_t)(fs.f_bavail * fs.f_frsize) : INT64_MIN);
	status_tree_number(f, "total_bytes", known ?
	    (int64_t)(fs.f_blocks * fs.f_frsize) : INT64_MIN);
	status_tree_end(f);
}

static void
add_pools(const struct conf *conf, struct status_tree *f)
{
	struct process_status w;
	char why[512];

	status_tree_begin(f, STATUS_TREE_LIST, "pools");
	for (int i = 0; i < POOL_MAX; i++) {
		process_status_ready(conf, (enum pool)i, &w);
		status_tree_begin(f, STATUS_TREE_OBJECT, NULL);
		status_tree_text(f, "name", pool_names[i]);
		status_tree_number(f, "workers", conf->workers[i]);
		status_tree_number(f, "ready", (int64_t)w.n);
		status_tree_text(f, "failed", process_status_failed(conf,
		    (enum pool)i, why, sizeof(why)) ? why : NULL);
		status_tree_end(f);
	}
	status_tree_end(f);
	status_tree_begin(f, STATUS_TREE_OBJECT, "programs");
	status_tree_truth(f, "jobs", process_status_program_runs(conf, "jobs"));
	status_tree_truth(f, "realtime", process_status_program_runs(conf,
	    "realtime"));
	status_tree_end(f);
}

/* Adds the counters of refusals. They are reset with the run_dir. */
static void
add_refusals(struct status_tree *f)
{
	status_tree_begin(f, STATUS_TREE_OBJECT, "refused");
	for (int i = 0; i < REFUSAL_MAX; i++)
		status_tree_number(f, refusal_names[i],
		    (int64_t)refusal_total((enum refusal)i));
	status_tree_end(f);
}

/* Reads a gauge that earmark-jobs sets. */
static int64_t
gauge(const char *name)
{
	return (int64_t)atomic_load_explicit(metric_get("%s", name),
	    memory_order_relaxed);
}

/*
 * Adds the state of the continuous archive. It is "fenced" after a standby was
 * promoted.
 */
static enum rc
add_archive(struct db *db, const struct conf *conf, struct status_tree *f)
{
	bool on = conf_archives(conf);
	int64_t fenced = 0;
	struct epoch e;
	enum rc rc = epoch_setting_get(db, &e);

	if (rc == RC_OK)
		rc = kv_setting_get(db, DB_FENCED, 0, &fenced);
	if (rc != RC_OK)
		return rc;
	status_tree_begin(f, STATUS_TREE_OBJECT, "archive");
	status_tree_text(f, "status", fenced > 0 ? "fenced" : !on ? "off" :
	    gauge("earmark_archive_broken") != 0 ? "broken" : "ok");
	status_tree_number(f, "epoch", e.number);
	status_tree_number(f, "lag_seconds", on ?
	    gauge("earmark_archive_lag_seconds") : INT64_MIN);
	status_tree_number(f, "pending_bytes", on ?
	    gauge("earmark_archive_pending_bytes") : INT64_MIN);
	status_tree_end(f);
	return RC_OK;
}

static enum rc
add_outbox(struct db *db, int64_t now, struct status_tree *f)
{
	int64_t pending = 0, dead = 0, first = INT64_MAX, n, since;
	char name[32];
	enum rc rc;

	for (int channel = 1; channel <= DELIVERY_CHANNELS; channel++) {
		rc = delivery_waiting(db, channel, &n, &since);
		if (rc != RC_OK)
			return rc;
		pending += n;
		if (n > 0 && since != INT64_MIN && since < first)
			first = since;
		(void)snprintf(name, sizeof(name), "outbox:2:%d", channel);
		rc = counter_get(db, name, &n);
		if (rc != RC_OK)
			return rc;
		dead += n;
	}
	status_tree_begin(f, STATUS_TREE_OBJECT, "outbox");
	status_tree_number(f, "pending", pending);
	status_tree_number(f, "dead", dead);
	status_tree_number(f, "oldest_due_seconds", first < now ?
	    (now - first) / SECOND : 0);
	status_tree_end(f);
	return RC_OK;
}

static enum rc
add_backup(struct db *db, const struct conf *conf, int64_t now,
    enum backup_log_kind kind, struct status_tree *f)
{
	struct backup_log_status c;
	bool any;
	enum rc rc;

	rc = backup_log_read(db, f->arena, conf, now, kind, &c);
	if (rc != RC_OK)
		return rc;
	any = c.good.id != 0;
	status_tree_begin(f, STATUS_TREE_OBJECT, backup_log_kind_names[kind]);
	status_tree_text(f, "status", backup_log_state_names[c.state]);
	status_tree_time(f, "last_success_at", any ? c.good.at : INT64_MIN);
	status_tree_text(f, "name", any ? c.good.name : NULL);
	status_tree_number(f, "size_bytes", any ? c.good.bytes : INT64_MIN);
	status_tree_number(f, "duration_seconds", any ?
	    (c.good.at - c.good.began + SECOND / 2) / SECOND : INT64_MIN);
	status_tree_text(f, "error", c.last.error);
	status_tree_end(f);
	return RC_OK;
}

static enum rc
add_chain(struct db *db, const char *name, const char *links,
    struct status_tree *f)
{
	struct chain_check p;
	enum rc rc = chain_check_log_get(db, f->arena, name, &p);

	if (rc != RC_OK)
		return rc;
	status_tree_begin(f, STATUS_TREE_OBJECT, name);
	status_tree_text(f, "status", p.checked_at == INT64_MIN ? "never" :
	    p.first_wrong == NULL ? "ok" : "wrong");
	status_tree_time(f, "checked_at", p.checked_at);
	status_tree_number(f, links, p.links);
	status_tree_text(f, "first_wrong", p.first_wrong);
	status_tree_end(f);
	return RC_OK;
}

enum rc
status_gather(struct db *db, const struct conf *conf, int64_t now,
    const char *version, const char *commit, struct status_tree *f)
{
	enum rc rc;

	add_versions(db, conf, now, version, commit, f);
	add_files(db, conf, f);
	add_pools(conf, f);
	add_refusals(f);
	if (db_schema_have(db) != db_schema_want())
		return RC_OK;
	rc = add_outbox(db, now, f);
	if (rc == RC_OK)
		rc = add_archive(db, conf, f);
	if (rc == RC_OK)
		rc = add_backup(db, conf, now, BACKUP_LOG_BACKUP, f);
	if (rc == RC_OK)
		rc = add_backup(db, conf, now, BACKUP_LOG_DRILL, f);
	if (rc == RC_OK)
		rc = add_chain(db, CHAIN_CHECK_LEDGER, "transfers", f);
	if (rc == RC_OK)
		rc = add_chain(db, CHAIN_CHECK_AUDIT, "rows", f);
	return rc;
}
