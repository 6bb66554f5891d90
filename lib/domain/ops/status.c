#include "domain/ops/status.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/process_status.h"
#include "base/ratelimit.h"
#include "base/str.h"
#include "domain/listeners/listener_search.h"
#include "domain/messaging/delivery.h"
#include "domain/ops/backup_log.h"
#include "domain/ops/chain_check_log.h"

/* Since when the sockets are there: workers come and go behind them. */
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
versions(struct db *db, const struct conf *conf, int64_t now,
    const char *version, const char *commit, struct facts *f)
{
	int number;

	fact_time(f, "at", now);
	fact_text(f, "version", version);
	fact_text(f, "commit", commit);
	fact_text(f, "sqlite", db_engine(&number));
	fact_number(f, "uptime_seconds", uptime(conf, now));
	fact_begin(f, FACT_OBJECT, "schema");
	fact_number(f, "database", db_schema_have(db));
	fact_number(f, "program", db_schema_want());
	fact_end(f);
}

static void
files(struct db *db, const struct conf *conf, struct facts *f)
{
	struct statvfs fs;
	struct stat st;
	bool known;

	known = stat(conf->db_file, &st) == 0;
	fact_begin(f, FACT_OBJECT, "database");
	fact_number(f, "size_bytes", known ? (int64_t)st.st_size : INT64_MIN);
	fact_number(f, "log_bytes", db_wal_bytes(db));
	fact_end(f);
	known = statvfs(conf->db_file, &fs) == 0;
	fact_begin(f, FACT_OBJECT, "disk");
	fact_number(f, "free_bytes", known ?
	    (int64_t)(fs.f_bavail * fs.f_frsize) : INT64_MIN);
	fact_number(f, "total_bytes", known ?
	    (int64_t)(fs.f_blocks * fs.f_frsize) : INT64_MIN);
	fact_end(f);
}

static void
pools(const struct conf *conf, struct facts *f)
{
	struct workers w;
	char why[512];

	fact_begin(f, FACT_LIST, "pools");
	for (int i = 0; i < POOL_MAX; i++) {
		workers_ready(conf, (enum pool)i, &w);
		fact_begin(f, FACT_OBJECT, NULL);
		fact_text(f, "name", pool_names[i]);
		fact_number(f, "workers", conf->workers[i]);
		fact_number(f, "ready", (int64_t)w.n);
		fact_text(f, "failed", workers_failed(conf, (enum pool)i, why,
		    sizeof(why)) ? why : NULL);
		fact_end(f);
	}
	fact_end(f);
	fact_begin(f, FACT_OBJECT, "programs");
	fact_truth(f, "jobs", program_runs(conf, "jobs"));
	fact_truth(f, "realtime", program_runs(conf, "realtime"));
	fact_end(f);
}

/* Counters of a run_dir: they begin anew with it. */
static void
refused(struct facts *f)
{
	fact_begin(f, FACT_OBJECT, "refused");
	for (int i = 0; i < REFUSALS; i++)
		fact_number(f, refusal_words[i],
		    (int64_t)refusal_total((enum refusal)i));
	fact_end(f);
}

static enum rc
outbox(struct db *db, int64_t now, struct facts *f)
{
	int64_t pending = 0, dead = 0, first = INT64_MAX, n, since;
	char name[32];
	enum rc rc;

	for (int lane = 1; lane <= DELIVERY_LANES; lane++) {
		rc = delivery_waiting(db, lane, &n, &since);
		if (rc != RC_OK)
			return rc;
		pending += n;
		if (n > 0 && since != INT64_MIN && since < first)
			first = since;
		(void)snprintf(name, sizeof(name), "outbox:2:%d", lane);
		rc = tally_get(db, name, &n);
		if (rc != RC_OK)
			return rc;
		dead += n;
	}
	fact_begin(f, FACT_OBJECT, "outbox");
	fact_number(f, "pending", pending);
	fact_number(f, "dead", dead);
	fact_number(f, "oldest_due_seconds", first < now ?
	    (now - first) / SECOND : 0);
	fact_end(f);
	return RC_OK;
}

static enum rc
care(struct db *db, const struct conf *conf, int64_t now,
    enum care_kind kind, struct facts *f)
{
	struct care_now c;
	bool any;
	enum rc rc;

	rc = care_look(db, f->arena, conf, now, kind, &c);
	if (rc != RC_OK)
		return rc;
	any = c.good.id != 0;
	fact_begin(f, FACT_OBJECT, care_words[kind]);
	fact_text(f, "status", care_state_words[c.state]);
	fact_time(f, "last_success_at", any ? c.good.at : INT64_MIN);
	fact_text(f, "name", any ? c.good.name : NULL);
	fact_number(f, "size_bytes", any ? c.good.bytes : INT64_MIN);
	fact_number(f, "duration_seconds", any ?
	    (c.good.at - c.good.began + SECOND / 2) / SECOND : INT64_MIN);
	fact_text(f, "error", c.last.error);
	fact_end(f);
	return RC_OK;
}

static enum rc
chain(struct db *db, const char *name, const char *links, struct facts *f)
{
	struct proof p;
	enum rc rc = proof_get(db, f->arena, name, &p);

	if (rc != RC_OK)
		return rc;
	fact_begin(f, FACT_OBJECT, name);
	fact_text(f, "status", p.checked_at == INT64_MIN ? "never" :
	    p.wrong == NULL ? "ok" : "wrong");
	fact_time(f, "checked_at", p.checked_at);
	fact_number(f, links, p.links);
	fact_text(f, "first_wrong", p.wrong);
	fact_end(f);
	return RC_OK;
}

enum rc
status_gather(struct db *db, const struct conf *conf, int64_t now,
    const char *version, const char *commit, struct facts *f)
{
	enum rc rc;

	versions(db, conf, now, version, commit, f);
	files(db, conf, f);
	pools(conf, f);
	refused(f);
	if (db_schema_have(db) != db_schema_want())
		return RC_OK;
	rc = outbox(db, now, f);
	if (rc == RC_OK)
		rc = care(db, conf, now, CARE_BACKUP, f);
	if (rc == RC_OK)
		rc = care(db, conf, now, CARE_DRILL, f);
	if (rc == RC_OK)
		rc = chain(db, PROOF_LEDGER, "transfers", f);
	if (rc == RC_OK)
		rc = chain(db, PROOF_AUDIT, "rows", f);
	return rc;
}
