#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "base/temp_file.h"
#include "base/write_all.h"
#include "fcgi/core/guard.h"
#include "fcgi/core/resp.h"
#include "fcgi/core/spool.h"
#include "fcgi/core/spool_table.h"

/* Maximum work per pass of the loop, and before the first pass, in µs. */
#define SLICE_US	1000
#define FIRST_US	10000
/* Maximum bytes of a response that are held in memory. */
#define MEMORY		((size_t)256 * 1024)
/* Memory of a batch: SPOOL_BATCH and copies of one row. */
#define BATCH_MEMORY	((size_t)8 * 1024 * 1024)
/* What the limit of bytes a minute counts, in bytes. */
#define PIECE		65536
/* One response may have this share of limits.large_total. */
#define SHARE		4
/* Free space that is left to the database, in bytes. */
#define LEFT_FREE	(INT64_C(256) << 20)
/*
 * A client must take WINDOW_BYTES in each WINDOW_US, and all of the response in
 * READ_US. Others wait for the disk space and the place.
 */
#define WINDOW_US	(INT64_C(30) * 1000000)
#define WINDOW_BYTES	(256 * 1024)
#define READ_US		(INT64_C(600) * 1000000)
#define RETRY_SECONDS	5
/*
 * A socket that poll(2) reports as writable takes this size without blocking.
 */
#define SEND_BYTES	((size_t)32 * 1024)

struct spool {
	spool_fn *produce;
	void *state;
	struct arena batch;
	bool more;			/* another batch follows */
	int fd;				/* the file; -1: no file yet */
	int64_t size, sent;
	bool complete, headed;		/* in the file; the headers are sent */
	int slot;			/* of the table of all workers */
	bool begun;			/* it had the turn once */
	int64_t since;			/* us, when the wait began */
	int64_t sent_since;		/* us, when sending began */
	int64_t window_at, window_sent;	/* the last window began, in us */
};

static int active;			/* waiting or being produced */
static int held;			/* in any state */
static bool draining, ending;		/* see spool_drain() */

void
spool_end(struct req *req)
{
	struct spool *s = req->spool;

	if (s == NULL)
		return;
	spool_table_release(s->slot);
	arena_free(&s->batch);
	if (s->fd >= 0)
		close(s->fd);
	req->spool = NULL;
	active -= !s->complete;
	held--;
}

static enum rc
busy(struct req *req)
{
	err_set(&req->err, RC_BUSY, NULL,
	    "Other large responses are in progress. Please try again.");
	req->err.retry_after = RETRY_SECONDS;
	return RC_BUSY;
}

static enum rc
limited(struct req *req, const char *why, int seconds)
{
	refusal_count(REFUSED_LARGE);
	err_set(&req->err, RC_LIMITED, NULL, "%s", why);
	req->err.retry_after = seconds;
	return RC_LIMITED;
}

/* The rate of limits.large_bytes, in pieces. */
static int64_t
piece_rate(const struct conf *conf)
{
	return (conf->large_bytes + PIECE - 1) / PIECE;
}

static enum rc
file_failed(struct req *req, const char *what)
{
	enum rc rc = rc_errno(errno, RC_FAULT);

	log_error("spool", "%s: %s: %s", req->conf->spool_dir, what,
	    strerror(errno));
	return err_set(&req->err, rc, NULL, NULL);
}

/*
 * Counts bytes before they are written: for the user, for the machine, and
 * against the free space.
 */
static enum rc
account(struct req *req, struct spool *s, int64_t n)
{
	const struct conf *conf = req->conf;
	int64_t most = conf->large_total, sum = spool_table_add(s->slot, n);
	struct statvfs fs;

	if (conf->large_bytes > 0 && req->actor.user != 0)
		ratelimit_charge(RATELIMIT_LARGE, req->actor.user,
		    piece_rate(conf), (n + PIECE - 1) / PIECE, req->now +
		    (clock_mono() - req->began) / 1000);
	if (s->size + n > most / SHARE) {
		err_set(&req->err, RC_BUSY, NULL, "The response is too large. "
		    "Please request it in pages.");
		req->err.retry_after = RETRY_SECONDS;
		return RC_BUSY;
	}
	if (sum > most)
		return busy(req);
	if (statvfs(conf->spool_dir, &fs) == 0 &&
	    (int64_t)(fs.f_bavail * fs.f_frsize) < LEFT_FREE + n)
		return err_set(&req->err, RC_FULL, NULL, NULL);
	return RC_OK;
}

/* Moves what is rendered from memory to the file. */
static enum rc
flush(struct req *req, struct spool *s)
{
	enum rc rc;

	if (s->fd < 0)
		s->fd = temp_file_open(req->conf->spool_dir);
	if (s->fd < 0)
		return file_failed(req, "open");
	rc = account(req, s, (int64_t)req->out->len);
	if (rc != RC_OK)
		return rc;
	if (!write_all(s->fd, req->out->data, req->out->len))
		return file_failed(req, "write");
	s->size += (int64_t)req->out->len;
	buf_clear(req->out);
	return RC_OK;
}

/* Renders one batch. */
static enum rc
render_batch(struct req *req, struct spool *s)
{
	enum rc rc;

	arena_exceeded_clear();
	rc = s->produce(req, s->state, &s->batch, &s->more);
	if (req_exceeded(req))
		rc = req->rc;
	arena_reset(&s->batch);
	return rc;
}

/* Takes a slot of this worker and of the machine. */
static enum rc
claim(struct req *req, struct spool *s)
{
	int64_t user = req->actor.user, left;
	int wait = 0;

	if (draining || active == SPOOL_MAX || held == SPOOL_HELD_MAX)
		return busy(req);
	switch (spool_table_claim(req->conf, user, &s->slot)) {
	case SPOOL_CLAIMED:
		break;
	case SPOOL_FAULT:
		return err_set(&req->err, RC_FAULT, NULL, NULL);
	case SPOOL_NO_SLOT:
		return busy(req);
	case SPOOL_SAME_USER:
		return limited(req, "Another large response of this account is "
		    "in progress.", 1);
	}
	if (user != 0)
		wait = ratelimit_take(RATELIMIT_LARGE, user,
		    piece_rate(req->conf), req->now, &left);
	if (wait == 0)
		return RC_OK;
	spool_table_release(s->slot);
	return limited(req, "You requested too many large responses.", wait);
}

enum rc
spool_start(struct req *req, spool_fn *produce, void *state)
{
	int64_t end = clock_mono() + FIRST_US;
	struct spool *s = arena_new(&req->arena, struct spool);
	bool small;
	enum rc rc = RC_OK;

	s->produce = produce;
	s->state = state;
	s->more = true;
	s->fd = -1;
	arena_init(&s->batch, BATCH_MEMORY);
	while (rc == RC_OK && s->more && req->out->len <= MEMORY &&
	    clock_mono() < end)
		rc = render_batch(req, s);
	/* A larger one is sent in pieces: nginx does not take it at once. */
	small = !s->more && req->out->len <= MEMORY;
	if (rc == RC_OK && !small)
		rc = claim(req, s);
	if (rc != RC_OK || small) {
		arena_free(&s->batch);
		return rc;
	}
	s->since = clock_mono();
	req->spool = s;
	active++;
	held++;
	return RC_OK;
}

/*
 * Batches until the slice is over. The account and the session may have ended
 * since the last one.
 */
static enum rc
render_slice(struct req *req, struct spool *s)
{
	int64_t end = clock_mono() + SLICE_US;
	enum rc rc;

	rc = db_read(req->db);
	if (rc != RC_OK)
		return rc;
	rc = guard_recheck(req);
	while (rc == RC_OK && s->more) {
		if (req->out->len > MEMORY)
			rc = flush(req, s);
		if (rc == RC_OK)
			rc = render_batch(req, s);
		if (clock_mono() >= end)
			break;
	}
	db_read_end(req->db);
	if (rc == RC_OK && !s->more && (s->fd >= 0 || req->out->len > MEMORY))
		rc = flush(req, s);
	return rc;
}

/* Returns whether a response waited or was produced for too long. */
static bool
overdue(const struct spool *s)
{
	int64_t ms = (clock_mono() - s->since) / 1000;

	return ms >= (s->begun ? SPOOL_TOTAL_MS : SPOOL_WAIT_MS);
}

/* Ends a response with 503 busy. */
static bool
refuse_spool(struct req *req)
{
	req->rc = busy(req);
	spool_end(req);
	return true;
}

bool
spool_step(struct req *req, bool *idle)
{
	struct spool *s = req->spool;
	uint64_t uses = db_uses(req->db);

	*idle = false;
	if (overdue(s) || ending || (draining && !s->begun))
		return refuse_spool(req);
	if (!spool_table_turn(s->slot)) {
		*idle = true;
		return false;
	}
	s->begun = true;
	req->rc = render_slice(req, s);
	req->statements += db_uses(req->db) - uses;
	if (req->rc == RC_OK && s->more) {
		spool_table_pass(s->slot);
		return false;
	}
	spool_table_produced(s->slot);
	arena_free(&s->batch);
	s->complete = true;
	active--;
	/* An error has its own body. A small response is in memory. */
	if (req->rc != RC_OK || s->fd < 0)
		spool_end(req);
	else
		buf_free(req->out);
	return true;
}

void
spool_drain(bool all)
{
	draining = true;
	ending = all;
}

int64_t
spool_size(const struct spool *s)
{
	return s->size;
}

ssize_t
spool_read(struct spool *s, void *to, size_t size)
{
	ssize_t n = pread(s->fd, to, size, s->sent);

	if (n > 0)
		s->sent += n;
	return n;
}

/* Returns whether the peer has closed the connection. */
static bool
peer_closed(int fd)
{
	char b;

	return recv(fd, &b, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static enum spool_next
ended(struct req *req, enum spool_next next)
{
	spool_end(req);
	return next;
}

/* Does the client read, and fast enough? */
static bool
reads(struct spool *s)
{
	int64_t now = clock_mono();

	if (s->sent_since == 0)
		s->sent_since = s->window_at = now;
	if (now - s->sent_since > READ_US)
		return false;
	if (now - s->window_at < WINDOW_US)
		return true;
	if (s->sent - s->window_sent < WINDOW_BYTES)
		return false;
	s->window_at = now;
	s->window_sent = s->sent;
	return true;
}

/* Passes the headers, then a piece of the file, to the pool. */
static enum spool_next
send_piece(struct req *req, int fd, bool (*put)(void *, const char *, size_t),
    void *arg)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	struct spool *s = req->spool;
	static char piece[SEND_BYTES];
	struct buf head;
	ssize_t n;
	bool ok;

	if (!reads(s)) {
		log_warn("spool", "closed: the client reads too slowly");
		return ended(req, SPOOL_GONE);
	}
	if (poll(&p, 1, 0) == 0)
		return SPOOL_FULL;
	if (!s->headed) {
		buf_init(&head, SEND_BYTES);
		resp_write(req, NULL, &head);
		s->headed = true;
		if (req->head)
			spool_end(req);
		ok = put(arg, head.data, head.len);
		buf_free(&head);
		return ok && req->spool != NULL ? SPOOL_BUSY :
		    ended(req, SPOOL_SENT);
	}
	n = spool_read(s, piece, sizeof(piece));
	/* nginx detects a body that is shorter than its Content-Length. */
	if (n <= 0)
		return ended(req, SPOOL_SENT);
	/*
	 * A client that has all bytes may request the next response at once,
	 * so the slot is free before the last bytes are sent.
	 */
	if (s->sent == s->size)
		spool_end(req);
	return put(arg, piece, (size_t)n) && req->spool != NULL ? SPOOL_BUSY :
	    ended(req, SPOOL_SENT);
}

enum spool_next
spool_pass(struct req *req, int fd, bool (*put)(void *, const char *, size_t),
    void *arg)
{
	bool idle;

	if (peer_closed(fd))
		return ended(req, SPOOL_GONE);
	if (req->spool->complete)
		return send_piece(req, fd, put, arg);
	if (!spool_step(req, &idle))
		return idle ? SPOOL_WAITS : SPOOL_BUSY;
	return req->spool == NULL ? SPOOL_ANSWER : SPOOL_BUSY;
}
