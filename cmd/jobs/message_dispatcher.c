#include "cmd/jobs/message_dispatcher.h"

#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "cmd/jobs/message_file.h"
#include "domain/common/outbox.h"
#include "domain/messaging/mail_address.h"
#include "domain/messaging/push_device.h"
#include "providers/message_send.h"

/*
 * How long a message is claimed. Sending may need an authentication and two
 * requests in sequence.
 */
#define LEASE		(60 * SECOND)
/* A mail server may need 10 minutes to accept a text. */
#define LEASE_EMAIL	(11 * MINUTE)
#define LEASE_FILE	(15 * SECOND)
#define BATCH_FILE	256	/* maximum messages in one write to the file */
/* Messages that are being sent, or those of two batches for the file. */
#define FLIGHTS		(2 * BATCH_FILE)
_Static_assert(FLIGHTS >= MESSAGE_SEND_MAX + MESSAGE_SEND_URGENT,
    "each message of a provider has a place");
/* ms between checks for new messages while requests run */
#define LOOK		200
#define GATHER		5	/* ms that a result waits for other results */
/*
 * ms between writes to the file. Each of them needs a commit, for which all
 * other writers wait.
 */
#define PAUSE		100
#define LAST		(5 * SECOND)	/* for running requests at exit */
#define MEMORY		(16 << 20)

/* A message that this process has claimed. */
struct flight {
	enum { FREE, CLAIMED, OUT, DONE } is;
	struct delivery d;
	struct message m;
	struct message_result result;
	bool expired;			/* if result is MESSAGE_RETRY */
	struct arena arena;
};

struct message_dispatcher {
	struct db *db;
	const struct conf *conf;
	struct delivery_queue queue;
	struct message_send *post;		/* NULL: write to the file */
	struct arena arena;		/* reset in each pass */
	size_t out, done;
	struct flight v[FLIGHTS];
};

struct message_dispatcher *
message_dispatcher_new(struct db *db, const struct conf *conf,
    struct delivery_queue queue)
{
	static const enum message_kind kinds[] = { [OUTBOX_SMS] = MESSAGE_SMS,
		[OUTBOX_EMAIL] = MESSAGE_EMAIL, [OUTBOX_PUSH] = MESSAGE_PUSH };
	struct message_dispatcher *l = calloc(1, sizeof(*l));
	size_t i;

	if (l == NULL)
		BUG("out of memory");
	l->db = db;
	l->conf = conf;
	l->queue = queue;
	l->post = message_send_new(conf, queue.apns ? MESSAGE_APNS :
	    kinds[queue.channel]);
	arena_init(&l->arena, MEMORY);
	for (i = 0; i < FLIGHTS; i++)
		arena_init(&l->v[i].arena, MEMORY);
	return l;
}

void
message_dispatcher_free(struct message_dispatcher *l)
{
	size_t i;

	message_send_free(l->post);
	for (i = 0; i < FLIGHTS; i++)
		arena_free(&l->v[i].arena);
	arena_free(&l->arena);
	free(l);
}

enum rc
message_dispatcher_resume(struct message_dispatcher *l)
{
	return delivery_release(l->db, &l->queue);
}

static void
count_message(const struct message_dispatcher *l, const char *result, int64_t n)
{
	if (n > 0)
		metric_add(metric_get("earmark_outbox_total{channel=\"%s\","
		    "result=\"%s\"}", delivery_channel(l->queue.channel), result),
		    (uint64_t)n);
}

/* Counts committed results. */
static void
count_results(const struct message_dispatcher *l,
    struct message_dispatcher_sum *sum,
    int64_t sent, int64_t failed, int64_t dead, int64_t expired)
{
	count_message(l, "sent", sent);
	count_message(l, "failed", failed);
	count_message(l, "given_up", dead + expired);
	sum->sent += sent;
	sum->failed += failed;
	sum->given_up += expired;
}

/*
 * Deletes the device of a message. If it was registered again after the provider
 * invalidated its token, retries the message instead.
 */
static enum rc
drop_device(struct db *db, const struct delivery *d,
    const struct message_result *r, int64_t now, bool *expired)
{
	struct push_device device = { .token = d->recipient, .user = d->user };
	enum rc rc = push_device_drop(db, d->user, d->recipient,
	    r->before == 0 ? INT64_MAX : r->before);

	if (rc == RC_NOT_FOUND &&
	    (rc = push_device_get(db, &device)) == RC_OK)
		return delivery_failed(db, d, r->why, 0, now, expired);
	return rc == RC_OK || rc == RC_NOT_FOUND ?
	    delivery_dead(db, d, r->why, now) : rc;
}

/* Remembers that an address accepts no mail. */
static enum rc
suppress_address(struct db *db, const struct conf *conf, const char *address,
    const char *status, int64_t now)
{
	struct mail_key key = mail_address_key(conf, address);

	return mail_address_suppress(db, &key, MAIL_REJECTED, status, now);
}

/*
 * Stores the result of a message that was not sent. Call it in a write
 * transaction. *expired: it failed and is not retried.
 */
static enum rc
store_failure(struct db *db, const struct conf *conf, const struct delivery *d,
    const struct message_result *r, int64_t now, bool *expired)
{
	enum rc rc;

	*expired = false;
	switch (r->status) {
	case MESSAGE_SENT:
		BUG("message %lld was sent", (long long)d->id);
	case MESSAGE_RETRY:
		return delivery_failed(db, d, r->why, r->after, now, expired);
	case MESSAGE_DROP:
		return drop_device(db, d, r, now, expired);
	case MESSAGE_DEAD:
		break;
	}
	if (r->suppress != NULL) {
		rc = suppress_address(db, conf, d->recipient, r->suppress, now);
		if (rc != RC_OK)
			return rc;
	}
	return delivery_dead(db, d, r->why, now);
}

/* Stores all results. Call it in a write transaction. */
static enum rc
store_results(struct message_dispatcher *l, int64_t now)
{
	int64_t sent[FLIGHTS];
	enum rc rc = RC_OK;
	size_t n = 0;

	for (struct flight *f = l->v; f < l->v + FLIGHTS && rc == RC_OK; f++) {
		if (f->is != DONE)
			continue;
		if (f->result.status == MESSAGE_SENT)
			sent[n++] = f->d.id;
		else
			rc = store_failure(l->db, l->conf, &f->d, &f->result,
			    now, &f->expired);
	}
	return rc == RC_OK ? delivery_done(l->db, &l->arena, sent, n, now) : rc;
}

/* Frees the messages whose results were committed. */
static void
free_done(struct message_dispatcher *l, struct message_dispatcher_sum *sum)
{
	int64_t by[MESSAGE_DEAD + 1] = { 0 }, expired = 0;
	size_t i;

	for (i = 0; i < FLIGHTS; i++)
		if (l->v[i].is == DONE) {
			by[l->v[i].result.status]++;
			expired += l->v[i].expired;
			l->v[i].is = FREE;
			arena_reset(&l->v[i].arena);
		}
	l->done = 0;
	count_results(l, sum, by[MESSAGE_SENT], by[MESSAGE_RETRY],
	    by[MESSAGE_DROP] + by[MESSAGE_DEAD], expired);
}

/* Checks that the address accepts mail. Otherwise, ends the message. */
static enum rc
check_address(struct message_dispatcher *l, const struct delivery *d,
    int64_t now, bool *ok)
{
	struct mail_key key = mail_address_key(l->conf, d->recipient);
	bool suppressed;
	enum rc rc = mail_address_suppressed(l->db, &key, now, &suppressed);

	*ok = rc == RC_OK && !suppressed;
	return rc != RC_OK || *ok ? rc :
	    delivery_dead(l->db, d, "the address accepts no mail", now);
}

/*
 * Determines the recipient. A message for all devices of a user is replaced by
 * one message per device. *ok is false if the device no longer belongs to the
 * user, or is now reached by another provider.
 */
static enum rc
find_recipient(struct message_dispatcher *l, const struct delivery *d,
    int64_t now, struct push_device *device, bool *ok)
{
	enum rc rc;

	*device = (struct push_device){ .token = d->recipient,
		.user = d->user };
	*ok = d->recipient != NULL;
	if (l->post == NULL) {
		*ok = true;	/* the file also accepts "all devices" */
		return RC_OK;
	}
	if (l->queue.channel == OUTBOX_EMAIL && *ok)
		return check_address(l, d, now, ok);
	if (l->queue.channel != OUTBOX_PUSH)
		return *ok ? RC_OK :
		    delivery_dead(l->db, d, "no recipient", now);
	if (d->recipient == NULL)
		return delivery_spread(l->db, d, now);
	rc = push_device_get(l->db, device);
	*ok = rc == RC_OK &&
	    (device->channel != PUSH_BY_FCM) == l->queue.apns;
	return *ok || (rc != RC_OK && rc != RC_NOT_FOUND) ? rc :
	    delivery_dead(l->db, d, "the device was removed", now);
}

/* Copies a claimed message, because the arena of the pass is reset. */
static void
copy_claim(struct message_dispatcher *l, struct flight *f,
    const struct delivery *d, const struct push_device *device, int64_t now)
{
	struct arena *a = &f->arena;

	f->is = CLAIMED;
	f->d = *d;
	f->d.recipient = arena_str(a, d->recipient);
	f->d.template = arena_str(a, d->template);
	f->d.code = arena_str(a, d->code);
	f->d.title = arena_str(a, d->title);
	f->d.body = arena_str(a, d->body);
	f->d.data = arena_str(a, d->data);
	f->m = (struct message){ .id = d->id, .to = f->d.recipient,
		.template = f->d.template,
		.urgent = d->urgent, .fid = device->kind == PUSH_FID,
		.rings = outbox_rings(d->template),
		.voip = device->channel == PUSH_BY_VOIP,
		.sandbox = device->environment == PUSH_SANDBOX, .now = now,
		.expires_at = d->expires_at, .created_at = d->created_at };
	if (l->queue.channel == OUTBOX_EMAIL && l->post != NULL)
		f->m.sender = mail_address_sender(a, l->conf,
		    f->d.recipient);
}

/* Claims up to `max` messages, either urgent ones or others. Adds to *n. */
static enum rc
claim_messages(struct message_dispatcher *l, bool urgent, size_t max,
    int64_t now, size_t *n, int64_t *given_up)
{
	struct push_device device;
	struct flight *f = l->v;
	struct delivery *list;
	size_t had, i;
	bool ok;
	enum rc rc;

	if (max == 0)
		return RC_OK;
	rc = delivery_claim(l->db, &l->arena, &l->queue, urgent, now,
	    l->post == NULL ? LEASE_FILE : l->queue.channel == OUTBOX_EMAIL ?
	    LEASE_EMAIL : LEASE, max, &list, &had, given_up);
	for (i = 0; i < had && rc == RC_OK; i++) {
		rc = find_recipient(l, &list[i], now, &device, &ok);
		if (rc != RC_OK || !ok)
			continue;
		while (f->is != FREE)
			f++;
		copy_claim(l, f, &list[i], &device, now);
		++*n;
	}
	return rc;
}

/* How many messages can be claimed now. */
struct room { size_t urgent, other; };

static struct room
find_room(const struct message_dispatcher *l)
{
	if (l->post == NULL)
		return (struct room){ BATCH_FILE, BATCH_FILE };
	return (struct room){ message_send_urgent_room(l->post),
		message_send_room(l->post) };
}

/* Claims urgent messages first. Each flight has at most one message. */
static enum rc
claim_all(struct message_dispatcher *l, struct room room, int64_t now,
    int64_t *given_up)
{
	size_t left = FLIGHTS - l->out - l->done, n = 0;
	enum rc rc = claim_messages(l, true, room.urgent < left ? room.urgent :
	    left, now, &n, given_up);

	left -= n;
	if (l->post == NULL || !message_send_reserves(l->post))
		room.other -= n;
	if (rc == RC_OK)
		rc = claim_messages(l, false, room.other < left ? room.other :
		    left, now, &n, given_up);
	return rc;
}

/* Keeps the result of a message until it is stored. */
static void
finish_flight(struct message_dispatcher *l, struct flight *f,
    const struct message_result *r)
{
	f->is = DONE;
	f->result = *r;
	f->expired = false;
	l->done++;
}

static void
log_result(const struct message_dispatcher *l, const struct flight *f)
{
	if (f->result.status != MESSAGE_SENT)
		log_warn("delivery", "%s %lld: %s",
		    delivery_channel(l->queue.channel), (long long)f->d.id,
		    f->result.why);
}

/* Decrypts the texts of a claimed message. Otherwise, ends the message. */
static bool
open_texts(struct message_dispatcher *l, struct flight *f)
{
	static const struct message_result dead = { .status = MESSAGE_DEAD,
		.why = "encrypted with another key" };

	if (!delivery_open(&f->arena, &f->d)) {
		finish_flight(l, f, &dead);
		log_result(l, f);
		return false;
	}
	f->m.code = f->d.code;
	f->m.title = f->d.title;
	f->m.body = f->d.body;
	f->m.data = f->d.data;
	return true;
}

/* Appends the claimed messages to the file, all of them or none. */
static void
write_claimed(struct message_dispatcher *l, int64_t now)
{
	const char *file = l->conf->outbox_file;
	struct message_result r = { .status = MESSAGE_SENT };
	const struct delivery *list[BATCH_FILE];
	struct flight *f;
	size_t n = 0;

	for (f = l->v; f < l->v + FLIGHTS; f++)
		if (f->is == CLAIMED && open_texts(l, f))
			list[n++] = &f->d;
	if (n == 0)
		return;
	if (!message_file_write(file, l->queue.channel, list, n, now, &r.why)) {
		log_error("message_file", "%s: %s", file, r.why);
		r.status = MESSAGE_RETRY;
	}
	for (f = l->v; f < l->v + FLIGHTS; f++)
		if (f->is == CLAIMED)
			finish_flight(l, f, &r);
}

/*
 * Sends the claimed messages. ok false: the claim was not committed, so frees
 * them.
 */
static void
begin_message(struct message_dispatcher *l, bool ok, int64_t now)
{
	struct flight *f;

	if (ok && l->post == NULL)
		write_claimed(l, now);
	for (f = l->v; f < l->v + FLIGHTS; f++) {
		if (f->is != CLAIMED)
			continue;
		if (!ok) {
			f->is = FREE;
			arena_reset(&f->arena);
			continue;
		}
		if (!open_texts(l, f))
			continue;
		f->is = OUT;
		message_send_begin(l->post, &f->arena, &f->m, f);
		l->out++;
	}
}

static enum rc
message_pending(struct message_dispatcher *l, bool only_urgent, int64_t now,
    bool *any)
{
	enum rc rc = db_read(l->db);

	if (rc != RC_OK)
		return rc;
	rc = delivery_due(l->db, &l->queue, only_urgent, now, any);
	db_read_end(l->db);
	return rc;
}

/*
 * Stores results and claims new messages in one transaction. Results that could
 * not be stored are retried. *moved: work was done, so the caller should call
 * again.
 */
static enum rc
exchange(struct message_dispatcher *l, struct room room, int64_t now,
    struct message_dispatcher_sum *sum, bool *moved)
{
	int64_t given_up = 0;
	bool any = false;
	enum rc rc = room.urgent + room.other == 0 ? RC_OK :
	    message_pending(l, room.other == 0, now, &any);

	*moved = false;
	if (rc != RC_OK || (!any && l->done == 0))
		return rc;
	rc = db_write(l->db);
	if (rc != RC_OK)
		return rc;
	rc = store_results(l, now);
	if (rc == RC_OK && any)
		rc = claim_all(l, room, now, &given_up);
	if (rc == RC_OK)
		rc = db_commit(l->db);
	else
		db_rollback(l->db);
	arena_reset(&l->arena);
	if (rc == RC_OK) {
		*moved = any || l->done > 0;
		free_done(l, sum);
		count_results(l, sum, 0, 0, 0, given_up);
	}
	begin_message(l, rc == RC_OK, now);
	return rc;
}

/* Collects the results that are available. */
static void
collect_results(struct message_dispatcher *l)
{
	struct message_result r;
	struct flight *f;

	while ((f = message_send_done(l->post, &r)) != NULL) {
		l->out--;
		finish_flight(l, f, &r);
		log_result(l, f);
	}
}

/* Waits for results. Returns false if the first process has ended. */
static bool
wait_results(struct message_dispatcher *l, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char bytes[64];

	message_send_wait(l->post, fd, LOOK);
	collect_results(l);
	if (l->done > 0 && l->out > 0) {
		message_send_wait(l->post, -1, GATHER);
		collect_results(l);
	}
	return fd < 0 || poll(&p, 1, 0) <= 0 ||
	    read(fd, bytes, sizeof(bytes)) != 0;
}

/* Waits for other messages, so that one write and one commit serve many. */
static void
pause_file(const struct message_dispatcher *l)
{
	if (l->done > 0 && l->done < BATCH_FILE)
		poll(NULL, 0, PAUSE);
}

/*
 * A service (fd >= 0) also renews an access token while no message is due. If
 * the file cannot be written, the remaining messages wait.
 */
enum rc
message_dispatcher_run(struct message_dispatcher *l, int64_t (*now)(void),
    int fd, const volatile sig_atomic_t *stop,
    struct message_dispatcher_sum *sum)
{
	int64_t end = INT64_MAX;
	bool moved, prepares, open = true;
	enum rc rc;

	do {
		rc = exchange(l, open ? find_room(l) : (struct room){ 0 },
		    now(), sum, &moved);
		prepares = fd >= 0 && l->post != NULL &&
		    message_send_prepare(l->post);
		if (fd >= 0 && l->post == NULL)
			pause_file(l);
		if ((l->out > 0 || prepares) && !wait_results(l, fd))
			open = false;
		if (*stop || (l->post == NULL && sum->failed > 0))
			open = false;
		if (!open && end == INT64_MAX)
			end = clock_mono() + LAST * 1000;
	} while (rc == RC_OK && (l->out > 0 || l->done > 0 ||
	    ((moved || prepares) && open)) && clock_mono() < end);
	return rc;
}
