#include "cmd/lane.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "cmd/sink.h"

#define BATCH	32
#define LEASE	(15 * SECOND)
#define MEMORY	(16 << 20)

/* What became of the batch, in one transaction. */
static enum rc
settle(struct db *db, const struct delivery *list, size_t n, const char *why,
    int64_t now)
{
	enum rc rc = db_write(db);
	size_t i;

	if (rc != RC_OK)
		return rc;
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = why == NULL ? delivery_done(db, &list[i], now) :
		    delivery_failed(db, &list[i], why, now);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

static enum rc
claim(struct db *db, struct arena *a, int lane, int64_t now,
    struct delivery **list, size_t *n, int64_t *given_up)
{
	bool any;
	enum rc rc;

	*n = 0;
	*given_up = 0;
	rc = db_read(db);
	if (rc != RC_OK)
		return rc;
	rc = delivery_due(db, lane, now, &any);
	db_read_end(db);
	if (rc != RC_OK || !any)
		return rc;
	rc = db_write(db);
	if (rc != RC_OK)
		return rc;
	rc = delivery_claim(db, a, lane, now, LEASE, BATCH, list, n, given_up);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

static void
count(int lane, const char *result, size_t n)
{
	if (n > 0)
		metric_add(metric_get("earmark_outbox_total{channel=\"%s\","
		    "result=\"%s\"}", delivery_lane(lane), result), n);
}

enum rc
lane_batch(struct db *db, const struct conf *conf, int lane, int64_t now,
    struct lane_sum *sum, bool *more)
{
	struct delivery *list;
	struct arena a;
	const char *why = NULL;
	int64_t given_up;
	size_t n;
	enum rc rc;

	*more = false;
	arena_init(&a, MEMORY);
	rc = claim(db, &a, lane, now, &list, &n, &given_up);
	if (rc != RC_OK || n + (size_t)given_up == 0) {
		arena_free(&a);
		return rc;
	}
	if (n > 0 && !sink_file(conf->outbox_file, lane, list, n, now, &why))
		log_error("sink", "%s: %s", conf->outbox_file, why);
	rc = settle(db, list, n, why, now);
	count(lane, why == NULL ? "sent" : "failed", n);
	count(lane, "given_up", (size_t)given_up);
	sum->given_up += given_up;
	if (why == NULL)
		sum->sent += (int64_t)n;
	else
		sum->failed += (int64_t)n;
	*more = why == NULL;
	arena_free(&a);
	return rc;
}

enum rc
lane_empty(struct db *db, const struct conf *conf, int lane,
    int64_t (*now)(void), const volatile sig_atomic_t *stop, struct lane_sum *sum)
{
	bool more = true;
	enum rc rc = RC_OK;

	while (more && rc == RC_OK && !*stop)
		rc = lane_batch(db, conf, lane, now(), sum, &more);
	return rc;
}
