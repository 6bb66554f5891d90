#include "cmd/lane.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "cmd/sink.h"
#include "dom/outbox.h"
#include "dom/push_device.h"
#include "net/message.h"

#define BATCH	32
/* A batch is begun for so long; its last message may take a time-out more. */
#define BUDGET	(5 * SECOND)
#define LEASE	(BUDGET + 30 * SECOND + 5 * SECOND)
#define LEASE_FILE (15 * SECOND)
#define MEMORY	(16 << 20)

typedef struct message_result sender(struct arena *, const struct conf *,
    const struct message *);

/* NULL: the file. */
static sender *
sender_of(const struct conf *c, int lane)
{
	if (lane == LANE_SMS)
		return c->sms_by == SMS_TWILIO ? twilio_send :
		    c->sms_by == SMS_WEBHOOK ? sms_hook_send : NULL;
	if (lane == LANE_EMAIL)
		return c->email_by == EMAIL_SMTP ? smtp_send : NULL;
	return c->push_by == PUSH_FCM ? fcm_send : NULL;
}

/* What is to be written of one. */
struct fate {
	enum { SENT, RETRY, DROP, DEAD, BACK, SPREAD } is;
	int64_t after;
	const char *why;
};

static enum rc
settle_one(struct db *db, const struct delivery *d, const struct fate *f,
    int64_t now)
{
	enum rc rc;

	switch (f->is) {
	case SENT:
		return delivery_done(db, d, now);
	case RETRY:
		return delivery_failed(db, d, f->why, f->after, now);
	case BACK:
		return delivery_back(db, d);
	case SPREAD:
		return delivery_spread(db, d, now);
	case DROP:
		rc = push_device_drop(db, d->user, d->recipient);
		if (rc != RC_OK && rc != RC_NOT_FOUND)
			return rc;
		break;
	case DEAD:
		break;
	}
	return delivery_dead(db, d, f->why, now);
}

/* What became of the batch, in one transaction. */
static enum rc
settle(struct db *db, const struct delivery *list, const struct fate *fates,
    size_t n, int64_t now)
{
	enum rc rc = db_write(db);
	size_t i;

	if (rc != RC_OK)
		return rc;
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = settle_one(db, &list[i], &fates[i], now);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

static enum rc
claim(struct db *db, struct arena *a, int lane, int64_t lease, int64_t now,
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
	rc = delivery_claim(db, a, lane, now, lease, BATCH, list, n, given_up);
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

/* A device that is not the user's any more gets nothing. */
static enum rc
find_device(struct db *db, const struct delivery *d, struct message *m)
{
	struct push_device device = { .token = d->recipient, .user = d->user };
	enum rc rc = db_read(db);

	if (rc != RC_OK)
		return rc;
	rc = push_device_get(db, &device);
	db_read_end(db);
	m->fid = device.kind == PUSH_FID;
	return rc;
}

/* Hand one to its provider. *down: the others need not be tried now. */
static enum rc
send_one(struct db *db, struct arena *a, const struct conf *conf, int lane,
    const struct delivery *d, int64_t now, struct fate *f, bool *down)
{
	struct message m = { .id = d->id, .to = d->recipient,
		.template = d->template, .code = d->code, .title = d->title,
		.body = d->body, .data = d->data, .now = now,
		.rings = outbox_rings(d->template),
		.expires_at = d->expires_at };
	struct message_result r;
	enum rc rc;

	if (d->recipient == NULL) {
		f->is = lane == LANE_PUSH ? SPREAD : DEAD;
		f->why = "no recipient";
		return RC_OK;
	}
	/* It took its time to get here. */
	if (now >= d->expires_at) {
		*f = (struct fate){ DEAD, 0, "expired" };
		return RC_OK;
	}
	rc = lane == LANE_PUSH ? find_device(db, d, &m) : RC_OK;
	if (rc == RC_NOT_FOUND) {
		*f = (struct fate){ DEAD, 0, "the device is gone" };
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	r = sender_of(conf, lane)(a, conf, &m);
	f->is = r.fate == MESSAGE_SENT ? SENT : r.fate == MESSAGE_RETRY ?
	    RETRY : r.fate == MESSAGE_DROP ? DROP : DEAD;
	f->after = r.after;
	f->why = r.why;
	*down = r.down;
	if (f->is != SENT)
		log_warn("delivery", "%s %lld: %s", delivery_lane(lane),
		    (long long)d->id, r.why);
	return RC_OK;
}

/* When a provider asked us to come back, by lane. */
static int64_t not_before[DELIVERY_LANES + 1];

/* By a provider. What was not reached is given back. */
static enum rc
send_batch(struct db *db, struct arena *a, const struct conf *conf, int lane,
    const struct delivery *list, size_t n, int64_t now, struct fate *fates)
{
	int64_t began = clock_mono() / 1000, passed;
	bool down = false;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; i < n; i++)
		fates[i].is = BACK;
	for (i = 0; i < n && !down && rc == RC_OK; i++) {
		passed = clock_mono() / 1000 - began;
		if (passed >= BUDGET)
			break;
		rc = send_one(db, a, conf, lane, &list[i], now + passed,
		    &fates[i], &down);
	}
	if (down && fates[i - 1].after > 0)
		not_before[lane] = clock_mono() / 1000 + fates[i - 1].after;
	return rc;
}

/* Into the file, all or none. */
static void
write_batch(const struct conf *conf, int lane, const struct delivery *list,
    size_t n, int64_t now, struct fate *fates)
{
	const char *why = NULL;
	size_t i;

	if (!sink_file(conf->outbox_file, lane, list, n, now, &why))
		log_error("sink", "%s: %s", conf->outbox_file, why);
	for (i = 0; i < n; i++)
		fates[i] = (struct fate){ why == NULL ? SENT : RETRY, 0, why };
}

static void
tally(int lane, const struct fate *fates, size_t n, int64_t given_up,
    struct lane_sum *sum, bool *more)
{
	size_t sent = 0, failed = 0, dead = 0, i;

	for (i = 0; i < n; i++) {
		sent += fates[i].is == SENT;
		failed += fates[i].is == RETRY;
		dead += fates[i].is == DROP || fates[i].is == DEAD;
	}
	count(lane, "sent", sent);
	count(lane, "failed", failed);
	count(lane, "given_up", (size_t)given_up + dead);
	sum->sent += (int64_t)sent;
	sum->failed += (int64_t)failed;
	sum->given_up += given_up;
	*more = failed == 0;
}

enum rc
lane_batch(struct db *db, const struct conf *conf, int lane, int64_t now,
    struct lane_sum *sum, bool *more)
{
	bool file = sender_of(conf, lane) == NULL;
	int64_t began = clock_mono() / 1000, given_up;
	struct delivery *list;
	struct fate *fates;
	struct arena a;
	size_t n;
	enum rc rc;

	*more = false;
	if (began < not_before[lane])
		return RC_OK;
	arena_init(&a, MEMORY);
	rc = claim(db, &a, lane, file ? LEASE_FILE : LEASE, now, &list, &n,
	    &given_up);
	if (rc != RC_OK || n + (size_t)given_up == 0) {
		arena_free(&a);
		return rc;
	}
	fates = arena_zalloc(&a, n, sizeof(*fates));
	if (n > 0 && file)
		write_batch(conf, lane, list, n, now, fates);
	else if (n > 0)
		rc = send_batch(db, &a, conf, lane, list, n, now, fates);
	if (rc == RC_OK)
		rc = settle(db, list, fates, n,
		    now + clock_mono() / 1000 - began);
	if (rc == RC_OK)
		tally(lane, fates, n, given_up, sum, more);
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
