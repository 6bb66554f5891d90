#include "cmd/jobs/scheduler.h"

#include <inttypes.h>
#include <poll.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "cmd/jobs/archiver.h"
#include "cmd/jobs/disk_reserve.h"
#include "domain/accounts/account_ban.h"
#include "domain/accounts/image_upgrade.h"
#include "domain/accounts/phone_upgrade.h"
#include "domain/calls/call.h"
#include "domain/calls/call_credential.h"
#include "domain/calls/media_ban.h"
#include "domain/calls/session.h"
#include "domain/common/event.h"
#include "domain/common/image_removal.h"
#include "domain/common/job.h"
#include "domain/common/removal.h"
#include "domain/common/rollup.h"
#include "domain/favorites/ranking.h"
#include "domain/listeners/availability_alert.h"
#include "domain/listeners/listener_availability.h"
#include "domain/listeners/listener_rate.h"
#include "domain/listeners/presence.h"
#include "domain/money/payment.h"
#include "domain/money/redemption.h"
#include "domain/money/referral.h"
#include "domain/money/wallet_close.h"
#include "domain/ops/image_sweep.h"
#include "domain/ops/retention.h"
#include "domain/ops/search_rebuild.h"
#include "domain/support/ticket.h"

#define MEMORY	(64 << 20)
#define ENOUGH	100000	/* maximum batches of one job in a --once pass */
#define JOB_MS	200		/* maximum ms for batches of one job in a row */
#define PAUSE	2		/* ms between batches, for other writers */
#define RETRY	SECOND		/* delay after a failure, or if it is early */
/*
 * Minimum ms between checkpoints with an archive, because each makes a segment.
 * The log grows more meanwhile, so it may be larger before it is emptied.
 */
#define ARCHIVED	60
#define ARCHIVED_LOG	4		/* times jobs.wal_truncate_bytes */

static const struct job jobs[] = {
	{ "ban", SECOND, 0, account_ban_pending, account_ban_run },
	/*
	 * This runs before session-due: a user who left earlier does not pay
	 * for the rest of the time, and an outage is not billed.
	 */
	{ "session-presence", 4 * SECOND, 0, session_presence_pending,
	    session_presence_run },
	{ "session-due", SECOND, 0, session_due_pending, session_due_run },
	{ "session-low", SECOND, 0, session_low_pending, session_low_run },
	{ "session-mean", 5 * MINUTE, 0, session_mean_pending,
	    session_mean_run },
	{ "ring", SECOND, 0, call_ring_pending, call_ring_run },
	{ "call-credential", SECOND, 0, call_credential_pending,
	    call_credential_run },
	{ "rate-maximum", MINUTE, 0, listener_rate_pending,
	    listener_rate_run },
	{ "listener-minutes", SECOND, 0, listener_availability_pending,
	    listener_availability_run },
	{ "presence", SECOND, 0, presence_lapse_pending, presence_lapse_run },
	{ "notify", SECOND, 0, availability_alert_pending,
	availability_alert_run },
	{ "payment-expire", 10 * SECOND, 0, payment_expire_pending,
	    payment_expire_run },
	{ "promotion-expire", 10 * SECOND, 0, redemption_expire_pending,
	    redemption_expire_run },
	{ "referral", 10 * SECOND, 0, referral_pay_pending, referral_pay_run },
	{ "wallet-close", MINUTE, 0, wallet_close_pending, wallet_close_run },
	{ "removal", 5 * SECOND, 0, removal_pending, removal_run },
	{ "ticket-close", MINUTE, 0, ticket_close_pending, ticket_close_run },
	{ "popular-count", 5 * SECOND, 0, ranking_count_pending,
	    ranking_count_run },
	{ "popular-24h", MINUTE, RANKING_24H, ranking_rank_pending,
	    ranking_rank_run },
	{ "popular-7d", 5 * MINUTE, RANKING_7D, ranking_rank_pending,
	    ranking_rank_run },
	{ "popular-30d", 15 * MINUTE, RANKING_30D, ranking_rank_pending,
	    ranking_rank_run },
	/* These run after the jobs that end calls and sessions. */
	{ "supply", 5 * SECOND, 0, rollup_supply_pending, rollup_supply_run },
	{ "rollup", 2 * SECOND, 0, rollup_pending, rollup_run },
	{ "events", MINUTE, 0, event_prune_pending, event_prune_run },
	{ "media-ban", MINUTE, 0, media_ban_prune_pending,
	    media_ban_prune_run },
	{ "prune", MINUTE, 0, NULL, retention_run },
	{ "phone-upgrade", MINUTE, 0, phone_upgrade_pending,
	    phone_upgrade_run },
	{ "image-upgrade", MINUTE, 0, image_upgrade_pending,
	    image_upgrade_run },
	/* This runs after the jobs that delete images. */
	{ "image-removal", SECOND, 0, image_removal_pending,
	    image_removal_run },
	{ "image-sweep", 5 * MINUTE, 0, image_sweep_pending,
	    image_sweep_run },
	{ "search-rebuild", MINUTE, 0, search_rebuild_pending,
	    search_rebuild_run },
};

struct scheduler {
	struct db *db;
	const struct conf *conf;
	struct arena arena;
	int64_t due[NELEM(jobs)];	/* monotonic, ms */
	int64_t reserve_due;		/* monotonic, ms */
	int64_t log_checked;		/* WAL pages at the last check */
	int64_t log_seen, log_copied;	/* WAL pages at the last checkpoint */
	int64_t truncate_after;		/* monotonic, ms */
	int64_t checkpoint_after;	/* the same */
	metric *wal_bytes, *passive, *truncated;
	struct archiver *archiver;	/* NULL: no archive */
};

static int64_t
mono(void)
{
	return clock_mono() / 1000;
}

struct scheduler *
scheduler_new(struct db *db, const struct conf *conf)
{
	struct scheduler *r = calloc(1, sizeof(*r));

	if (r == NULL)
		BUG("out of memory");
	wakeup_init(conf->run_dir);
	r->db = db;
	r->conf = conf;
	arena_init(&r->arena, MEMORY);
	r->wal_bytes = metric_get("earmark_db_wal_bytes");
	r->passive = metric_get("earmark_checkpoint_total{mode=\"passive\"}");
	r->truncated =
	    metric_get("earmark_checkpoint_total{mode=\"truncate\"}");
	r->archiver = archiver_new(db, conf);
	return r;
}

void
scheduler_free(struct scheduler *r)
{
	archiver_free(r->archiver);
	arena_free(&r->arena);
	free(r);
}

/*
 * Frees disk space: deletes the reserve, truncates the WAL and makes all jobs
 * due, because some of them delete old rows.
 */
static void
free_space(struct scheduler *r)
{
	size_t i;

	if (!disk_reserve_drop(r->conf))
		return;
	db_checkpoint(r->db, true, NULL);
	for (i = 0; i < NELEM(jobs); i++)
		r->due[i] = 0;
}

/* Logs a failure. If the disk is full, frees space. */
static void
job_failed(struct scheduler *r, const char *name, enum rc rc)
{
	log_warn("job", "%s: %s", name, rc_code(rc));
	if (rc == RC_FULL)
		free_space(r);
}

static enum rc
scheduler_pending(struct job_run *run, const struct job *job)
{
	enum rc rc;

	run->work = job->look == NULL;
	if (job->look == NULL)
		return RC_OK;
	rc = db_read(run->db);
	if (rc != RC_OK)
		return rc;
	rc = job->look(run);
	db_read_end(run->db);
	return rc;
}

static enum rc
run_scheduler(struct job_run *run, const struct job *job)
{
	enum rc rc = db_write(run->db);

	if (rc != RC_OK)
		return rc;
	rc = job->act(run);
	if (rc == RC_OK && run->done > 0)
		rc = job_ran(run->db, job->name, run->now,
		    run->now + job->every, run->done);
	if (rc == RC_OK)
		rc = db_commit(run->db);
	else
		db_rollback(run->db);
	wakeup_send(db_wake_take(run->db));
	return rc;
}

/* Runs one batch of a job. *wait: ms until the next one; 0: there is more work. */
static enum rc
run_job(struct scheduler *r, const struct job *job, int64_t now, int64_t *done,
    int64_t *wait)
{
	struct job_run run = { .name = job->name, .db = r->db,
		.arena = &r->arena, .conf = r->conf, .now = now, .arg = job->arg };
	enum rc rc = scheduler_pending(&run, job);

	if (rc == RC_OK && run.work)
		rc = run_scheduler(&run, job);
	arena_reset(&r->arena);
	*done = run.done;
	if (rc != RC_OK || run.later)
		*wait = RETRY;
	else
		*wait = run.more ? 0 : job->every;
	return rc;
}

/* Returns how many bytes the log may have before it is emptied. */
static int64_t
largest_log(const struct scheduler *r)
{
	return r->conf->wal_truncate_bytes *
	    (r->archiver == NULL ? 1 : ARCHIVED_LOG);
}

bool
scheduler_checkpoint(struct scheduler *r)
{
	int64_t bytes = db_wal_bytes(r->db), pages = db_wal_pages(r->db);
	int64_t fresh = pages < r->log_seen ? pages : pages - r->log_copied;
	bool truncate = bytes > largest_log(r) &&
	    mono() >= r->truncate_after;
	bool grows = pages != r->log_checked;
	int left = 0;
	enum rc rc;

	archiver_tick(r->archiver);
	metric_set(r->wal_bytes, (uint64_t)bytes);
	r->log_checked = pages;
	if ((!truncate && fresh < r->conf->checkpoint_pages) ||
	    (r->archiver != NULL && mono() < r->checkpoint_after))
		return grows;
	r->checkpoint_after = mono() + ARCHIVED;
	rc = db_checkpoint(r->db, truncate, &left);
	if (rc != RC_OK) {
		job_failed(r, "checkpoint", rc);
		r->truncate_after = mono() + RETRY;
		return grows;
	}
	metric_add(truncate ? r->truncated : r->passive, 1);
	r->log_seen = pages;
	r->log_copied = pages - left;
	/*
	 * A reader prevented the truncation. Wait before the next attempt,
	 * because writers wait during it. (The size may also be nonzero because
	 * of a commit right after a truncation.)
	 */
	if (truncate && db_wal_bytes(r->db) >= bytes)
		r->truncate_after = mono() + 5 * SECOND;
	return grows;
}

/*
 * This does not collect statistics for the query planner (PRAGMA optimize). The
 * tests check the plan of each statement without statistics. The statistics of
 * a new installation would turn about 40 plans into full scans, which would
 * remain when the tables grow.
 */
static void
upkeep(struct scheduler *r)
{
	scheduler_checkpoint(r);
	if (disk_reserve_needed(r->conf))
		free_space(r);
	if (mono() < r->reserve_due)
		return;
	disk_reserve_keep(r->conf);
	r->reserve_due = mono() + MINUTE;
}

/*
 * Runs batches of a job for up to JOB_MS ms. Between two batches the write lock
 * is free for long enough that a waiting process can take it.
 */
static enum rc
run_batches(struct scheduler *r, const struct job *job,
    const volatile sig_atomic_t *stop, int64_t *wait)
{
	int64_t until = mono() + JOB_MS, done;
	enum rc rc;

	for (;;) {
		rc = run_job(r, job, clock_now(), &done, wait);
		if (*wait > 0 || *stop || mono() >= until)
			return rc;
		poll(NULL, 0, PAUSE);
	}
}

bool
scheduler_go(struct scheduler *r, const volatile sig_atomic_t *stop)
{
	bool any = false;
	int64_t wait;
	size_t i;
	enum rc rc;

	upkeep(r);
	for (i = 0; i < NELEM(jobs) && !*stop; i++) {
		if (mono() < r->due[i])
			continue;
		archiver_tick(r->archiver);
		rc = run_batches(r, &jobs[i], stop, &wait);
		if (rc != RC_OK)
			job_failed(r, jobs[i].name, rc);
		/*
		 * A job with more work runs again soon, after the other jobs.
		 */
		any |= wait == 0;
		r->due[i] = mono() + wait;
	}
	log_flush();
	return any;
}

enum rc
scheduler_once(struct scheduler *r, int64_t now, FILE *out)
{
	int64_t done, sum, wait;
	enum rc rc, first = RC_OK;
	size_t i;
	int n;

	disk_reserve_keep(r->conf);
	for (i = 0; i < NELEM(jobs); i++) {
		sum = wait = 0;
		rc = RC_OK;
		for (n = 0; n < ENOUGH && wait == 0; n++) {
			rc = run_job(r, &jobs[i], now, &done, &wait);
			sum += done;
		}
		if (rc != RC_OK)
			job_failed(r, jobs[i].name, rc);
		if (first == RC_OK)
			first = rc;
		fprintf(out, "%s %" PRId64 "\n", jobs[i].name, sum);
	}
	scheduler_checkpoint(r);
	return first;
}
