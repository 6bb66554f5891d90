#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/temp_file.h"
#include "fcgi/core/resp.h"
#include "fcgi/core/spool.h"

/* Work of one pass of the loop, and before the first one, in us. */
#define SLICE_US	1000
#define FIRST_US	10000
/* So much of a response stays in memory, in bytes. */
#define MEMORY		((size_t)256 * 1024)
/* A batch is SPOOL_BATCH and the copies of one row. */
#define BATCH_MEMORY	((size_t)8 * 1024 * 1024)
/* After a turn, others may take the next one, in us. */
#define PAUSE_US	10000
#define RETRY_SECONDS	5
/* A socket that poll(2) calls writable takes this much without blocking. */
#define SEND_BYTES	((size_t)32 * 1024)

struct spool {
	spool_fn *produce;
	void *state;
	struct arena batch;
	bool more;			/* there is another batch */
	int fd;				/* the file; -1: none yet */
	int64_t size, sent;
	bool complete, headed;		/* in the file; the headers are sent */
	int64_t since;			/* us, when the wait began */
};

static const struct spool *producing;	/* whose turn it is in this worker */
static int active;
static int64_t pause_until;

/* The lock file, open; -1: it cannot be opened. */
static int
lock_file(const struct conf *conf)
{
	static int fd = -1;
	char name[4096];

	if (fd >= 0)
		return fd;
	snprintf(name, sizeof(name), "%s/spool.lock", conf->run_dir);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		log_error("spool", "%s: %s", name, strerror(errno));
	return fd;
}

/* Takes the turn of this machine if nobody has it. */
static bool
take_turn(const struct spool *s, const struct conf *conf)
{
	if (s == producing)
		return true;
	if (producing != NULL || clock_mono() < pause_until ||
	    flock(lock_file(conf), LOCK_EX | LOCK_NB) != 0)
		return false;
	producing = s;
	return true;
}

static void
give_turn(const struct spool *s, const struct conf *conf)
{
	if (s != producing)
		return;
	flock(lock_file(conf), LOCK_UN);
	producing = NULL;
	pause_until = clock_mono() + PAUSE_US;
}

void
spool_end(struct req *req)
{
	struct spool *s = req->spool;

	if (s == NULL)
		return;
	give_turn(s, req->conf);
	arena_free(&s->batch);
	if (s->fd >= 0)
		close(s->fd);
	req->spool = NULL;
	active--;
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
file_failed(struct req *req, const char *what)
{
	bool full = errno == ENOSPC || errno == EDQUOT;

	log_error("spool", "%s: %s: %s", req->conf->spool_dir, what,
	    strerror(errno));
	return err_set(&req->err, full ? RC_FULL : RC_FAULT, NULL, NULL);
}

/* Moves what is rendered from memory to the file. */
static enum rc
flush(struct req *req, struct spool *s)
{
	size_t done = 0;
	ssize_t n;

	if (s->fd < 0)
		s->fd = temp_file_open(req->conf->spool_dir);
	if (s->fd < 0)
		return file_failed(req, "open");
	while (done < req->out->len) {
		n = write(s->fd, req->out->data + done, req->out->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_failed(req, "write");
		done += (size_t)n;
	}
	s->size += (int64_t)done;
	buf_clear(req->out);
	return RC_OK;
}

/* Renders one batch. */
static enum rc
batch(struct req *req, struct spool *s)
{
	enum rc rc;

	arena_exceeded_clear();
	rc = s->produce(req, s->state, &s->batch, &s->more);
	if (req_exceeded(req))
		rc = req->rc;
	arena_reset(&s->batch);
	return rc;
}

enum rc
spool_start(struct req *req, spool_fn *produce, void *state)
{
	int64_t end = clock_mono() + FIRST_US;
	struct spool *s = arena_new(&req->arena, struct spool);
	enum rc rc = RC_OK;

	s->produce = produce;
	s->state = state;
	s->more = true;
	s->fd = -1;
	arena_init(&s->batch, BATCH_MEMORY);
	while (rc == RC_OK && s->more && req->out->len <= MEMORY &&
	    clock_mono() < end)
		rc = batch(req, s);
	if (rc == RC_OK && s->more && active == SPOOL_MAX)
		rc = busy(req);
	if (rc != RC_OK || !s->more) {
		arena_free(&s->batch);
		return rc;
	}
	s->since = clock_mono();
	req->spool = s;
	active++;
	return RC_OK;
}

/* Batches until the slice is over. */
static enum rc
slice(struct req *req, struct spool *s)
{
	int64_t end = clock_mono() + SLICE_US;
	enum rc rc;

	rc = db_read(req->db);
	if (rc != RC_OK)
		return rc;
	do {
		if (req->out->len > MEMORY)
			rc = flush(req, s);
		if (rc == RC_OK)
			rc = batch(req, s);
	} while (rc == RC_OK && s->more && clock_mono() < end);
	db_read_end(req->db);
	if (rc == RC_OK && !s->more && s->fd >= 0)
		rc = flush(req, s);
	return rc;
}

bool
spool_step(struct req *req, bool *idle)
{
	struct spool *s = req->spool;
	uint64_t uses = db_uses(req->db);

	*idle = false;
	if (!take_turn(s, req->conf)) {
		*idle = true;
		if (clock_mono() - s->since < SPOOL_WAIT_MS * INT64_C(1000))
			return false;
		req->rc = busy(req);
		spool_end(req);
		return true;
	}
	req->rc = slice(req, s);
	req->statements += db_uses(req->db) - uses;
	if (req->rc == RC_OK && s->more)
		return false;
	give_turn(s, req->conf);
	arena_free(&s->batch);
	s->complete = true;
	/* A failure has its own body; a small response is in memory. */
	if (req->rc != RC_OK || s->fd < 0)
		spool_end(req);
	return true;
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

/* Has the peer closed the connection? */
static bool
gone(int fd)
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

	if (poll(&p, 1, 0) == 0)
		return SPOOL_FULL;
	if (!s->headed) {
		buf_init(&head, SEND_BYTES);
		resp_write(req, NULL, &head);
		ok = put(arg, head.data, head.len);
		buf_free(&head);
		s->headed = true;
		return !ok || req->head ? ended(req, SPOOL_SENT) : SPOOL_BUSY;
	}
	n = spool_read(s, piece, sizeof(piece));
	/* nginx reports a body that is shorter than its announced length. */
	return n > 0 && put(arg, piece, (size_t)n) ? SPOOL_BUSY :
	    ended(req, SPOOL_SENT);
}

enum spool_next
spool_pass(struct req *req, int fd, bool (*put)(void *, const char *, size_t),
    void *arg)
{
	bool idle;

	if (gone(fd))
		return ended(req, SPOOL_GONE);
	if (req->spool->complete)
		return send_piece(req, fd, put, arg);
	if (!spool_step(req, &idle))
		return idle ? SPOOL_WAITS : SPOOL_BUSY;
	return req->spool == NULL ? SPOOL_ANSWER : SPOOL_BUSY;
}
