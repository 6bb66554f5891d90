#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/process_status.h"
#include "base/random.h"
#include "base/ratelimit.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "commit.h"
#include "crypto/jwt.h"
#include "domain/calls/session.h"
#include "fcgi/core/access_log.h"
#include "fcgi/core/conn.h"
#include "fcgi/core/guard.h"
#include "fcgi/core/pool.h"
#include "fcgi/core/resp.h"
#include "fcgi/core/spool.h"

#define TURN		64		/* events of one turn */
/*
 * How long a worker that ends still serves the connections it has. nginx
 * keeps one for at most 1 s of use and 1 s of idleness (nginx/), so after this
 * it has closed them all by itself and no request can meet a closed one.
 */
#define DRAIN_MS	2500
/*
 * A commit costs the same for one write and for many. So while requests are
 * still coming in, or another process writes, go on with the loop and gather
 * more of them, for so long at most; then queue for the lock, in which all
 * are equal. Where nothing else is ready, a write is committed at once.
 */
#define GATHER_US	1000
/* An ending worker finishes its long responses; systemd waits for 5 s. */
#define DRAIN_LONG_MS	4500
/* From then on it refuses those that are not complete, while it can. */
#define DRAIN_REFUSE_MS	3500
/* A buffer larger than this is freed after its response. */
#define ANSWER_KEPT	(256 * 1024)
/* How often a large response tries to take its turn. */
#define WAIT_TURN_MS	5

/* How long no connection is accepted after descriptors ran out. */
#define ACCEPT_PAUSE_US	100000

/* A response that is produced and sent in slices. */
struct long_answer {
	struct conn *conn;
	struct req *req;
};

static struct {
	const struct pool_desc *desc;
	const struct conf *conf;
	struct db *db;
	struct loop_pass turn;
	int ep;
	bool listening;			/* fd 0 is in the epoll set */
	int64_t max;			/* connections at once */
	int64_t accept_at;		/* not before, µs */
	int64_t served, recycle;
	int64_t drain_until;		/* 0: not ending */
	int signal_fd;			/* readable if told to end */
	bool told_to_end;
	struct conn *waiting[TURN];	/* for the group commit */
	struct req *writes[TURN];	/* their requests */
	size_t nwaiting;
	int64_t gathering;		/* since when, µs */
	struct long_answer longs[SPOOL_MAX];
	size_t nlongs;
	struct req *spare[TURN];
	size_t nspare;
	struct buf answer;
} w;

/* A request that is ready to be filled, or NULL if memory is missing. */
static struct req *
req_take(void)
{
	struct req *req;

	if (w.nspare > 0)
		req = w.spare[--w.nspare];
	else
		req = calloc(1, sizeof(*req));
	if (req != NULL && req_init(req, w.db, w.conf))
		return req;
	free(req);
	log_error("request", "out of memory");
	return NULL;
}

static void
req_give(struct req *req)
{
	req_reset(req);
	/* Long responses have requests in addition to those of the turn. */
	if (w.nspare == TURN) {
		req_free(req);
		return;
	}
	/*
	 * Only the next one keeps its memory for a long list: a burst of writes
	 * must not leave dozens of them.
	 */
	if (w.nspare > 0)
		req_trim(w.spare[w.nspare - 1]);
	w.spare[w.nspare++] = req;
}

static void
listen_on(bool on)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLEXCLUSIVE };

	if (on == w.listening)
		return;
	/* Without memory for it: the next turn tries again. */
	if (epoll_ctl(w.ep, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, 0, &ev) == 0)
		w.listening = on;
	else
		log_warn("epoll", "%s", strerror(errno));
}

/*
 * One connection a turn: a worker that is busy comes here less often, so the
 * connections spread over the workers by themselves.
 */
static void
conn_accept(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct conn *c;
	int fd = accept4(0, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return;
		log_warn("accept", "%s", strerror(errno));
		w.accept_at = clock_mono() + ACCEPT_PAUSE_US;
		return;
	}
	c = conn_open(fd);
	if (c == NULL)
		return;
	ev.data.fd = fd;
	if (epoll_ctl(w.ep, EPOLL_CTL_ADD, fd, &ev) != 0) {
		log_error("epoll", "%s", strerror(errno));
		conn_close(c);
	}
}

static void
end_pool(struct req *req)
{
	access_log_request(req);
	req_give(req);
	w.served++;
}

static void
answer(struct conn *c, struct req *req, const char *allow)
{
	if (req->spool != NULL) {
		w.longs[w.nlongs++] = (struct long_answer){ c, req };
		return;
	}
	resp_write(req, allow, &w.answer);
	conn_answer(c, &w.answer);
	if (w.answer.cap > ANSWER_KEPT)
		buf_free(&w.answer);
	end_pool(req);
}

/* Handles input on a connection: a request, a part of one, or the end. */
static void
conn_ready(int fd)
{
	struct conn *c = conn_find(fd);
	const char *allow = NULL;
	struct req *req;

	if (c == NULL || conn_read(c) != CONN_REQUEST)
		return;
	req = req_take();
	if (req == NULL) {
		conn_close(c);
		return;
	}
	if (conn_take(c, req) && !guard(req, &w.turn, w.desc->tables, &allow)) {
		if (w.nwaiting == 0)
			w.gathering = req->began;
		w.waiting[w.nwaiting] = c;
		w.writes[w.nwaiting++] = req;
		return;
	}
	answer(c, req, allow);
}

/* All writes of the turn in one transaction, then their answers. */
static void
commit_turn(bool more_ready)
{
	struct req *req;
	size_t i;

	guard_pass_end(&w.turn);
	if (w.nwaiting == 0)
		return;
	if (w.nwaiting <= TURN / 2 && w.drain_until == 0 &&
	    clock_mono() - w.gathering < GATHER_US &&
	    (more_ready || !db_write_free(w.db)))
		return;
	guard_commit_group(w.db, w.writes, w.nwaiting);
	for (i = 0; i < w.nwaiting; i++) {
		req = w.writes[i];
		if (rc_ok(req->rc) && req->after != NULL)
			req->after(req);
		answer(w.waiting[i], req, NULL);
	}
	w.nwaiting = 0;
	wakeup_send(db_wake_take(w.db));
}

static bool
put_pool(void *conn, const char *data, size_t n)
{
	return conn_put(conn, data, n);
}

/*
 * Does the work of one pass for each long response of this worker. Returns how
 * long the loop may wait for input, in ms; -1: there are none.
 */
static int
long_pass(void)
{
	size_t i, n = w.nlongs;
	int nap = n == 0 ? -1 : WAIT_TURN_MS;

	/* Writes are about to be committed: the slices must not delay them. */
	if (w.nwaiting > 0)
		return nap;
	w.nlongs = 0;
	for (i = 0; i < n; i++) {
		struct conn *c = w.longs[i].conn;
		struct req *req = w.longs[i].req;

		switch (spool_pass(req, conn_fd(c), put_pool, c)) {
		case SPOOL_BUSY:
			nap = 0;
			w.longs[w.nlongs++] = w.longs[i];
			break;
		case SPOOL_FULL:
			nap = nap > 1 ? 1 : nap;
			w.longs[w.nlongs++] = w.longs[i];
			break;
		case SPOOL_WAITS:
			w.longs[w.nlongs++] = w.longs[i];
			break;
		case SPOOL_ANSWER:
			answer(c, req, NULL);
			break;
		case SPOOL_SENT:
			conn_finish(c);
			end_pool(req);
			break;
		case SPOOL_GONE:
			conn_close(c);
			end_pool(req);
			break;
		}
	}
	return nap;
}

static void
drain_begin(const char *why)
{
	if (w.drain_until != 0)
		return;
	listen_on(false);
	w.drain_until = clock_mono() + DRAIN_MS * 1000;
	spool_drain(false);
	process_status_worker_state("draining");
	log_info("drain", "%s after %lld requests, %lld connections", why,
	    (long long)w.served, (long long)conn_count());
}

/*
 * Returns how long the loop may wait for events, in ms. n: how many it had
 * before; long_nap: what long_pass() returned.
 */
static int
nap(int n, int long_nap)
{
	int ms = w.drain_until != 0 || w.accept_at != 0 ? 50 : 1000;

	/* After a turn with work, look once more without waiting. */
	if (w.nwaiting > 0)
		ms = n <= 0 ? 1 : 0;
	return long_nap >= 0 && long_nap < ms ? long_nap : ms;
}

/* Stops listening while it has enough connections, or descriptors ran out. */
static void
listen_turn(void)
{
	if (w.accept_at != 0 && clock_mono() > w.accept_at)
		w.accept_at = 0;
	listen_on(w.accept_at == 0 && conn_count() < w.max);
}

/*
 * Has it served enough? Large responses that are being sent would be cut off;
 * so wait for a moment without any, but not forever.
 */
static bool
worn_out(void)
{
	return w.recycle > 0 && w.served >= w.recycle &&
	    (w.nlongs == 0 || w.served >= 2 * w.recycle);
}

/* Is an ending worker done, or out of time? */
static bool
drained(void)
{
	int64_t ms = (clock_mono() - w.drain_until) / 1000 + DRAIN_MS;

	if (w.drain_until == 0)
		return false;
	if (ms > DRAIN_REFUSE_MS)
		spool_drain(true);
	return conn_count() == 0 ||
	    ms > (w.nlongs == 0 ? DRAIN_MS : DRAIN_LONG_MS);
}

static void
ready(int fd)
{
	struct signalfd_siginfo info;

	if (fd == w.signal_fd && read(fd, &info, sizeof(info)) > 0)
		w.told_to_end = true;
	else if (fd != 0)
		conn_ready(fd);
	else if (w.drain_until == 0)
		conn_accept();
}

static void
serve_pool(void)
{
	struct epoll_event evs[TURN];
	int i, n = 0, room, long_nap = -1;

	for (;;) {
		if (w.told_to_end)
			drain_begin("told to end");
		else if (worn_out())
			drain_begin("renewed");
		if (drained())
			return;
		if (w.drain_until == 0)
			listen_turn();
		room = TURN - (int)w.nwaiting;
		n = epoll_wait(w.ep, evs, room, nap(n, long_nap));
		if (n < 0 && errno != EINTR)
			BUG("epoll: %s", strerror(errno));
		for (i = 0; i < n; i++)
			ready(evs[i].data.fd);
		/* Only then was everything read that had arrived. */
		if (n >= 0 && n < room)
			conn_expire(clock_mono());
		commit_turn(n > 0);
		long_nap = long_pass();
		access_log_flush();
		log_flush();
	}
}

/*
 * The signals that end a worker are read from a descriptor by the loop, so they
 * never interrupt the sending of an answer. False: no descriptors.
 */
static bool
signals(void)
{
	struct sigaction act = { .sa_handler = SIG_IGN };
	struct epoll_event ev = { .events = EPOLLIN };
	sigset_t ending;

	/* libfcgi set its own in FCGX_Init(); these are ours. */
	sigaction(SIGPIPE, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	act.sa_handler = SIG_DFL;
	sigaction(SIGUSR1, &act, NULL);
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	/* multiwatch 1.0.0 sends SIGQUIT where it was told to send SIGTERM. */
	sigaddset(&ending, SIGQUIT);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	w.signal_fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
	ev.data.fd = w.signal_fd;
	/* Without multiwatch there is nobody to replace us. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return w.signal_fd >= 0 &&
	    epoll_ctl(w.ep, EPOLL_CTL_ADD, w.signal_fd, &ev) == 0;
}

/*
 * A worker that can not start would be started again and again, and say the
 * same each time. It says a reason once, and leaves it in run/ for the next.
 */
static int
refuse_pool(const char *why)
{
	struct timespec nap = { 0, 400 * 1000000 };
	char name[4096], before[512] = "";
	FILE *f;

	snprintf(name, sizeof(name), "%s/failed-%s", w.conf->run_dir,
	    pool_names[w.desc->pool]);
	f = fopen(name, "re");
	if (f != NULL) {
		if (fgets(before, sizeof(before), f) == NULL)
			before[0] = '\0';
		fclose(f);
	}
	if (!str_eq(before, why)) {
		log_error("start", "%s", why);
		f = fopen(name, "we");
		if (f != NULL) {
			fputs(why, f);
			fclose(f);
		}
	}
	log_flush();
	process_status_worker_end();
	nanosleep(&nap, NULL);
	return 1;
}

static int
start_pool(void)
{
	const char *why = "the pool's own start failed";
	const char *pool = pool_names[w.desc->pool];
	struct arena arena;
	char name[4096];
	struct err err;

	arena_init(&arena, 64 * 1024);
	err_init(&err, &arena);
	/* On a full disk it serves without. */
	if (!process_status_worker_begin(w.conf, w.desc->pool))
		log_warn("start", "the status file in run/: %s",
		    strerror(errno));
	if (!metric_open(w.conf->run_dir) ||
	    !ratelimit_open(w.conf->run_dir, &w.conf->key_limit))
		return refuse_pool(
		    "the shared tables in run/ can not be opened");
	if (!jwt_init(w.conf, w.desc->signs))
		return refuse_pool("the token keys can not be used");
	w.db = db_open(w.conf->db_file, w.conf->lock_file, DB_SERVE, &err);
	if (w.db == NULL) {
		int status = refuse_pool(err.message);

		arena_free(&arena);
		return status;
	}
	if (w.desc->start != NULL && !w.desc->start(w.conf, &why))
		return refuse_pool(why);
	arena_free(&arena);
	snprintf(name, sizeof(name), "%s/failed-%s", w.conf->run_dir, pool);
	unlink(name);

	if (fcntl(0, F_SETFL, O_NONBLOCK) != 0)
		return refuse_pool("descriptor 0 is not a listening socket");
	w.max = w.conf->conns[w.desc->pool];
	if (!conn_init(w.max))
		return refuse_pool("no memory for connections");
	w.turn.db = w.db;
	w.recycle = w.conf->recycle;
	if (w.recycle > 0)	/* not all workers at once */
		w.recycle += random_below((uint32_t)(w.recycle / 5 + 1));
	buf_init(&w.answer, 33 * 1024 * 1024);
	access_log_init(pool, w.desc->tables);
	w.ep = epoll_create1(EPOLL_CLOEXEC);
	if (w.ep < 0 || !signals())
		return refuse_pool("no descriptors");
	wakeup_init(w.conf->run_dir);
	process_status_worker_state("ready");
	log_info("start", "%s worker %d ready", pool, (int)getpid());
	log_flush();
	return 0;
}

static int
usage(FILE *out, const char *program, int status)
{
	fprintf(out, "usage: %s -c FILE [-t]\n"
	    "       %s --routes | --fields | --version | --help\n"
	    "Serve the listening socket that is file descriptor 0. "
	    "See earmark-pool(8).\n", program, program);
	return status;
}

int
pool_main(int argc, char **argv, const struct pool_desc *desc)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "fields", no_argument, NULL, 'f' },
		{ "routes", no_argument, NULL, 'r' },
		{ "test", no_argument, NULL, 't' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	const char *file = NULL;
	bool test = false;
	int c;

	w.desc = desc;
	route_check(desc->tables);
	session_register();
	while ((c = getopt_long(argc, argv, "c:tVh", longs, NULL)) != -1)
		switch (c) {
		case 'c':
			file = optarg;
			break;
		case 'f':
			route_print_fields(desc->tables, stdout);
			return 0;
		case 'r':
			route_print(desc->tables, stdout);
			return 0;
		case 't':
			test = true;
			break;
		case 'V':
			printf("%s %s (%s)\n", argv[0], PACKAGE_VERSION,
			    EARMARK_COMMIT);
			return 0;
		case 'h':
			return usage(stdout, argv[0], 0);
		default:
			return usage(stderr, argv[0], 2);
		}
	if (file == NULL || optind != argc)
		return usage(stderr, argv[0], 2);
	w.conf = conf_load(file, stderr);
	if (w.conf == NULL)
		return 3;
	if (test)
		return 0;
	log_init(pool_names[desc->pool],
	    (enum log_level)w.conf->log_level);
	umask(027);
	if (start_pool() != 0)
		return 1;
	serve_pool();
	process_status_worker_end();
	db_close(w.db);
	access_log_flush();
	log_info("end", "%lld requests", (long long)w.served);
	log_flush();
	return 0;
}
