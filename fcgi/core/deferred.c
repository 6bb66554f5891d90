#include "fcgi/core/deferred.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"

struct deferred {
	struct conn *conn;
	struct req *req;
	int fd;				/* in the epoll set, or -1 */
	bool done;
};

static struct deferred waiting[DEFERRED_MAX];
static size_t nwaiting;
static bool first_retries;		/* one has no descriptor */

static void
watch(int ep, int fd, bool on)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (fd >= 0 && epoll_ctl(ep, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fd,
	    &ev) != 0)
		log_warn("epoll", "%s", strerror(errno));
}

/* Runs the function of a request. Returns true if req->rc is the result. */
static bool
work(struct req *req, bool refuse, int *fd)
{
	bool done;

	arena_exceeded_clear();
	done = req->deferred(req, refuse, fd);
	if (!done)
		return false;
	req_exceeded(req);
	req->deferred = NULL;
	if (!rc_ok(req->rc) && req->undo != NULL)
		req->undo(req);
	return true;
}

static void
step(int ep, struct deferred *d, bool refuse)
{
	int old = d->fd, fd = -1;

	if (clock_mono() - d->req->began > DEFERRED_TIME)
		refuse = true;
	d->done = work(d->req, refuse, &fd);
	/* A descriptor that was closed has left the epoll set. */
	d->fd = d->done ? -1 : fd;
	if (d->fd != old)
		watch(ep, d->fd, true);
}

bool
deferred_add(int ep, struct conn *c, struct req *req)
{
	int fd = -1;

	if (nwaiting == DEFERRED_MAX) {
		work(req, true, &fd);
		return false;
	}
	waiting[nwaiting++] = (struct deferred){ c, req, -1, false };
	/* If nginx closed it, each pass would have an event. */
	watch(ep, conn_fd(c), false);
	return true;
}

size_t
deferred_count(void)
{
	return nwaiting;
}

size_t
deferred_count_user(int64_t user)
{
	size_t i, n = 0;

	for (i = 0; i < nwaiting; i++)
		n += waiting[i].req->actor.user == user;
	return n;
}

void
deferred_pass(int ep, bool refuse)
{
	size_t i;

	first_retries = false;
	for (i = 0; i < nwaiting; i++) {
		struct deferred *d = &waiting[i];

		/* The first one that cannot begin is the next to begin. */
		if (d->done || (d->fd < 0 && first_retries && !refuse))
			continue;
		step(ep, d, refuse);
		first_retries |= !d->done && d->fd < 0;
	}
}

/* Returns the first one that does not wait any more, or nwaiting. */
static size_t
first_done(void)
{
	size_t i;

	for (i = 0; i < nwaiting && !waiting[i].done; i++)
		;
	return i;
}

bool
deferred_take(int ep, struct conn **c, struct req **req)
{
	size_t i = first_done();

	if (i == nwaiting)
		return false;
	*c = waiting[i].conn;
	*req = waiting[i].req;
	watch(ep, conn_fd(*c), true);
	nwaiting--;
	memmove(&waiting[i], &waiting[i + 1],
	    (nwaiting - i) * sizeof(waiting[0]));
	return true;
}

int
deferred_nap(void)
{
	if (first_done() < nwaiting)
		return 0;
	return first_retries ? DEFERRED_RETRY_MS : -1;
}
