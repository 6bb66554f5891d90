#include "fcgi/core/send.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/core/access_log.h"
#include "fcgi/core/req_spare.h"
#include "fcgi/core/resp.h"
#include "fcgi/core/spool.h"

/* Maximum bytes of a response that one pass of the loop sends. */
#define PASS_BYTES	(256 * 1024)
/* A buffer larger than this is freed after its response. */
#define RESPONSE_KEEP	(256 * 1024)
#define RESPONSE_MAX	(33 * 1024 * 1024)
/* Maximum memory of all incomplete responses. One response always fits. */
#define HELD_MAX	((size_t)64 * 1024 * 1024)
/* Maximum time without progress, and to send a response from memory. */
#define STALL_US	(INT64_C(10) * 1000000)
#define TOTAL_US	(INT64_C(60) * 1000000)
/* Interval of attempts to start the production of a response. */
#define SPOOL_RETRY_MS	5
/*
 * Intervals of attempts to send to a full socket. They double up to the maximum
 * while nothing is read.
 */
#define FULL_MS		1
#define FULL_MAX_MS	16

/* An incomplete response. */
struct sending {
	struct conn *conn;
	struct req *req;		/* if it is in a file, else NULL */
	struct buf rest;		/* if it is in memory */
	size_t at;			/* bytes of rest that are sent */
	int64_t since, moved;		/* begin and last progress, µs */
	int64_t retry_at;		/* next attempt, µs */
	int nap;			/* interval of attempts, ms; 0: none */
	bool padded;			/* the timer begins at retry_at */
};

static struct {
	int ep;
	/*
	 * Ends the first padding at its exact time. The timeout of epoll_wait(2)
	 * is relative, so its rounding would depend on the time of the work.
	 */
	int timer;
	int64_t timer_at;		/* µs; 0: off */
	struct sending *list;
	size_t n;
	size_t held;			/* sum of rest.cap */
	int64_t served;
	struct buf response;
} s;

bool
send_init(int ep, int64_t max)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };

	s.ep = ep;
	s.list = calloc((size_t)max, sizeof(*s.list));
	buf_init(&s.response, RESPONSE_MAX);
	s.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	ev.data.fd = s.timer;
	return s.list != NULL && s.timer >= 0 &&
	    epoll_ctl(ep, EPOLL_CTL_ADD, s.timer, &ev) == 0;
}

size_t
send_count(void)
{
	return s.n;
}

int64_t
send_served(void)
{
	return s.served;
}

static void
watch(int fd, bool on)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(s.ep, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fd, &ev) != 0)
		log_warn("epoll", "%s", strerror(errno));
}

static void
end_request(struct req *req)
{
	access_log_request(req);
	req_spare_give(req);
	s.served++;
}

static void
add(struct sending l)
{
	watch(conn_fd(l.conn), false);
	l.since = l.moved = clock_mono();
	s.list[s.n++] = l;
}

/* Ends a response that is not in the list any more. sent: all of it was sent. */
static void
end(struct sending *l, bool sent)
{
	int fd = conn_fd(l->conn);

	if (sent)
		conn_finish(l->conn);
	else
		conn_close(l->conn);
	s.held -= l->rest.cap;
	buf_free(&l->rest);
	if (l->req != NULL)
		end_request(l->req);
	if (conn_find(fd) != NULL)
		watch(fd, true);
}

static void
cut_off(struct sending *l, const char *why)
{
	log_warn("connection", "closed: %s", why);
	end(l, false);
}

/* Ends the response in memory without progress for the longest time. */
static bool
cut_off_stalled(void)
{
	struct sending l;
	size_t i, found = s.n;

	for (i = 0; i < s.n; i++)
		if (s.list[i].req == NULL && (found == s.n ||
		    s.list[i].moved < s.list[found].moved))
			found = i;
	if (found == s.n)
		return false;
	l = s.list[found];
	s.list[found] = s.list[--s.n];
	cut_off(&l, "too much memory for responses that are not read");
	return true;
}

/* Sets the timer to the end of the first padding, or turns it off. */
static void
set_timer(void)
{
	struct itimerspec t = { 0 };
	int64_t at = 0;
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.list[i].padded && (at == 0 || s.list[i].retry_at < at))
			at = s.list[i].retry_at;
	t.it_value = (struct timespec){ at / 1000000, at % 1000000 * 1000 };
	if (at != s.timer_at && timerfd_settime(s.timer, TFD_TIMER_ABSTIME, &t,
	    NULL) != 0)
		BUG("timerfd: %s", strerror(errno));
	s.timer_at = at;
}

/*
 * Keeps the rest of s.response, of which `at` bytes are sent. pad_until: when to
 * begin, in µs; 0: at once.
 */
static void
hold(struct conn *c, size_t at, int64_t pad_until)
{
	struct sending l = { .conn = c, .padded = pad_until != 0,
		.retry_at = pad_until };

	if (s.response.cap > RESPONSE_KEEP) {
		l.rest = s.response;
		l.at = at;
		buf_init(&s.response, RESPONSE_MAX);
	} else {
		buf_init(&l.rest, s.response.len - at);
		buf_add(&l.rest, s.response.data + at, s.response.len - at);
	}
	while (s.held + l.rest.cap > HELD_MAX && cut_off_stalled())
		;
	s.held += l.rest.cap;
	add(l);
	if (l.padded)
		set_timer();
}

/*
 * Sends pieces while the socket accepts them. Returns true if all is sent, or
 * if sending failed. nginx has read the previous response before it sends a
 * request, so the socket has room for the first piece.
 */
static bool
send_pieces(struct conn *c, const struct buf *b, size_t *at)
{
	size_t n, until = *at + PASS_BYTES;

	while (*at < b->len && *at < until) {
		if (*at > 0 && !conn_writable(c))
			return false;
		n = b->len - *at;
		if (n > CONN_PIECE)
			n = CONN_PIECE;
		if (!conn_put(c, b->data + *at, n, n == b->len - *at))
			return true;
		*at += n;
	}
	return *at == b->len;
}

/* Returns when the response of a padded request is sent, in µs. */
static int64_t
pad_end(const struct req *req)
{
	return req->began + ((clock_mono() - req->began) / SEND_PAD + 1) *
	    SEND_PAD;
}

void
send_response(struct conn *c, struct req *req, const char *allow)
{
	size_t at = 0;

	if (req->spool != NULL) {
		add((struct sending){ .conn = c, .req = req });
		return;
	}
	resp_write(req, allow, &s.response);
	if (req->route != NULL && (req->route->flags & ROUTE_PADDED) != 0)
		hold(c, 0, pad_end(req));
	else if (send_pieces(c, &s.response, &at))
		conn_finish(c);
	else
		hold(c, at, 0);
	if (s.response.cap > RESPONSE_KEEP)
		buf_free(&s.response);
	end_request(req);
}

static bool
put_bytes(void *conn, const char *data, size_t n)
{
	return conn_put(conn, data, n, false);
}

/* Sets when to try again. Returns the time until then, in ms. */
static int
back_off(struct sending *l, int64_t now)
{
	l->nap = l->nap == 0 ? FULL_MS : l->nap * 2;
	if (l->nap > FULL_MAX_MS)
		l->nap = FULL_MAX_MS;
	l->retry_at = now + l->nap * INT64_C(1000);
	return l->nap;
}

/*
 * Does the work of one pass for a response in memory. Returns after how many ms
 * it is to be called again, or -1 if the response ended.
 */
static int
memory_pass(struct sending *l, int64_t now)
{
	size_t before = l->at;

	if (send_pieces(l->conn, &l->rest, &l->at)) {
		end(l, true);
		return -1;
	}
	if (l->at > before) {
		l->moved = now;
		l->nap = 0;
		return 0;
	}
	if (now - l->moved > STALL_US || now - l->since > TOTAL_US) {
		cut_off(l, "nginx does not read a response");
		return -1;
	}
	return back_off(l, now);
}

/* The same for a response of spool.h. */
static int
spooled_pass(struct sending *l, int64_t now)
{
	switch (spool_pass(l->req, conn_fd(l->conn), put_bytes, l->conn)) {
	case SPOOL_FULL:
		return back_off(l, now);
	case SPOOL_WAITS:
		return SPOOL_RETRY_MS;
	case SPOOL_ANSWER:
		watch(conn_fd(l->conn), true);
		send_response(l->conn, l->req, NULL);
		return -1;
	case SPOOL_SENT:
		end(l, true);
		return -1;
	case SPOOL_GONE:
		end(l, false);
		return -1;
	case SPOOL_BUSY:
		break;
	}
	l->nap = 0;
	return 0;
}

int
send_pass(void)
{
	int64_t now = clock_mono();
	size_t i, n = s.n;
	int ms, nap = -1;

	/* Those that remain are added again, at or before their old places. */
	s.n = 0;
	for (i = 0; i < n; i++) {
		struct sending l = s.list[i];

		if (l.padded && now < l.retry_at) {
			s.list[s.n++] = l;
			continue;
		}
		l.padded = false;
		if (l.nap > 0 && now < l.retry_at)
			ms = (int)((l.retry_at - now + 999) / 1000);
		else if (l.req != NULL)
			ms = spooled_pass(&l, now);
		else
			ms = memory_pass(&l, now);
		if (ms < 0)
			continue;
		s.list[s.n++] = l;
		if (nap < 0 || ms < nap)
			nap = ms;
	}
	set_timer();
	return nap;
}
