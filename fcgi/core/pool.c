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
#include "base/code_pages.h"
#include "base/commit_times.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/process_status.h"
#include "base/random.h"
#include "base/proof_map.h"
#include "base/ratelimit.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "commit.h"
#include "crypto/jwt.h"
#include "domain/messaging/text.h"
#include "domain/money/currency.h"
#include "fcgi/core/access_log.h"
#include "fcgi/core/conn.h"
#include "fcgi/core/deferred.h"
#include "fcgi/core/guard.h"
#include "fcgi/core/pool.h"
#include "fcgi/core/req_spare.h"
#include "fcgi/core/resp.h"
#include "fcgi/core/send.h"
#include "fcgi/core/spool.h"
#include "fcgi/core/start_failure.h"

#define PASS_EVENTS		64	/* maximum number of events of a pass */
/*
 * How long a stopping worker serves its open connections. nginx closes each
 * connection after at most 1 s of use and 1 s of idle time (see nginx/). After
 * this time all connections are closed and no request can be lost.
 */
#define DRAIN_MS	2500
/*
 * Maximum time to collect writes for a group commit. A commit costs about the
 * same for one write and for many. While more requests arrive or another
 * process writes, the loop collects more writes. Afterwards it waits for the
 * write lock. If no other request is ready, a write is committed at once.
 */
#define GATHER_US	1000
/* How long a stopping worker sends long responses. systemd waits for 5 s. */
#define DRAIN_LONG_MS	4500
/* From then on it refuses those that are not complete, while it can. */
#define DRAIN_REFUSE_MS	3500
/*
 * How long no connection is accepted after accept4(2) failed or memory was
 * missing.
 */
#define ACCEPT_PAUSE_US	100000

static struct {
	const struct pool_desc *desc;
	const struct conf *conf;
	struct db *db;
	struct loop_pass pass;
	int ep;
	bool listening;			/* fd 0 is in the epoll set */
	int64_t max;			/* maximum number of connections */
	int64_t accept_at;		/* resume accepting, µs; 0: now */
	int64_t recycle;
	int64_t drain_until;		/* end of service, µs; 0: running */
	int signal_fd;			/* readable on a stop signal */
	bool stop_requested;
	struct conn *waiting[PASS_EVENTS];	/* for the group commit */
	struct req *writes[PASS_EVENTS];	/* their requests */
	size_t nwaiting;
	int64_t gathering;		/* start of collecting, µs */
} w;

static void
listen_on(bool on)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLEXCLUSIVE };

	if (on == w.listening)
		return;
	/* If memory is missing, the next pass tries again. */
	if (epoll_ctl(w.ep, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, 0, &ev) == 0)
		w.listening = on;
	else
		log_warn("epoll", "%s", strerror(errno));
}

/*
 * Accepts one connection per pass. A busy worker calls this less often, so
 * connections are distributed over the workers.
 */
static void
conn_accept(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct conn *c;
	int fd = conn_reserve() ? accept4(0, NULL, NULL, SOCK_CLOEXEC) : -1;

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

/* Adds a request to the next group commit. */
static void
add_write(struct conn *c, struct req *req)
{
	if (w.nwaiting == 0)
		w.gathering = clock_mono();
	w.waiting[w.nwaiting] = c;
	w.writes[w.nwaiting++] = req;
}

/* Returns how long the worker has been stopping, in ms. */
static int64_t
drain_ms(void)
{
	return (clock_mono() - w.drain_until) / 1000 + DRAIN_MS;
}

/*
 * Returns whether another machine has replaced the database. Then the worker
 * rejects all requests, because a request to a stopped pool would wait.
 */
static bool
is_fenced(void)
{
	static bool logged;

	if (!db_fenced(w.db))
		return false;
	if (!logged)
		log_error("fenced", "%s", DB_FENCED_WHY);
	logged = true;
	return true;
}

/* Handles input on a connection: a request, a part of a request, or its end. */
static void
conn_ready(int fd)
{
	struct conn *c = conn_find(fd);
	const char *allow = NULL;
	char busy[RESP_BUSY];
	struct req *req;

	if (c == NULL || conn_read(c) != CONN_REQUEST)
		return;
	req = is_fenced() ? NULL : req_spare_take(w.db, w.conf);
	if (req == NULL) {
		conn_refuse(c, busy, resp_busy(busy, sizeof(busy)));
		return;
	}
	if (!conn_take(c, req) || guard(req, &w.pass, w.desc->tables, &allow))
		send_response(c, req, allow);
	else if (req->deferred == NULL)
		add_write(c, req);
	else if (!deferred_add(w.ep, c, req))
		send_response(c, req, NULL);
}

/*
 * Continues the requests that waited for a process and do not any more. Returns
 * how long the loop may wait for input, in ms, or -1.
 */
static int
continue_deferred(void)
{
	bool refuse = w.drain_until != 0 && drain_ms() > DRAIN_REFUSE_MS;
	struct conn *c;
	struct req *req;

	deferred_pass(w.ep, refuse);
	while (w.nwaiting < PASS_EVENTS && deferred_take(w.ep, &c, &req))
		if (rc_ok(req->rc))
			add_write(c, req);
		else
			send_response(c, req, NULL);
	return deferred_nap();
}

/*
 * Commits all collected writes in one transaction and sends their responses.
 * more_ready: more requests are ready, so collecting may continue.
 */
static void
commit_writes(bool more_ready)
{
	struct req *req;
	size_t i;

	guard_pass_end(&w.pass);
	if (w.nwaiting == 0)
		return;
	if (w.nwaiting <= PASS_EVENTS / 2 && w.drain_until == 0 &&
	    clock_mono() - w.gathering < GATHER_US &&
	    (more_ready || !db_write_free(w.db)))
		return;
	guard_commit_group(w.db, w.writes, w.nwaiting);
	for (i = 0; i < w.nwaiting; i++) {
		req = w.writes[i];
		if (rc_ok(req->rc) && req->after != NULL)
			req->after(req);
		send_response(w.waiting[i], req, NULL);
	}
	w.nwaiting = 0;
	wakeup_send(db_wake_take(w.db));
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
	    (long long)send_served(), (long long)conn_count());
}

/*
 * Returns how long the loop may wait for events, in ms. n: number of events of
 * the last pass; long_nap: the smaller result of send_pass() and
 * continue_deferred().
 */
static int
poll_timeout(int n, int long_nap)
{
	int ms = w.drain_until != 0 || w.accept_at != 0 ? 50 : 1000;

	/* After a pass with events, poll once more without waiting. */
	if (w.nwaiting > 0)
		ms = n <= 0 ? 1 : 0;
	return long_nap >= 0 && long_nap < ms ? long_nap : ms;
}

/*
 * Stops listening while the maximum number of connections is open, or after
 * accept4(2) failed.
 */
static void
listen_update(void)
{
	if (w.accept_at != 0 && clock_mono() > w.accept_at)
		w.accept_at = 0;
	listen_on(w.accept_at == 0 && conn_count() < w.max);
}

/*
 * Returns whether the worker has served enough requests. It waits until no large
 * response is being sent and no request is deferred, but at most for as many requests again.
 */
static bool
worn_out(void)
{
	return w.recycle > 0 && send_served() >= w.recycle &&
	    ((send_count() == 0 && deferred_count() == 0) ||
	    send_served() >= 2 * w.recycle);
}

/* Returns whether a stopping worker may exit. */
static bool
drained(void)
{
	int64_t ms = drain_ms();

	if (w.drain_until == 0)
		return false;
	if (ms > DRAIN_REFUSE_MS)
		spool_drain(true);
	return conn_count() == 0 ||
	    ms > (send_count() == 0 && deferred_count() == 0 ? DRAIN_MS :
	    DRAIN_LONG_MS);
}

static void
handle_event(int fd)
{
	struct signalfd_siginfo info;

	if (fd == w.signal_fd && read(fd, &info, sizeof(info)) > 0)
		w.stop_requested = true;
	else if (fd != 0)
		conn_ready(fd);
	else if (w.drain_until == 0)
		conn_accept();
}

static void
serve_pool(void)
{
	struct epoll_event evs[PASS_EVENTS];
	int i, n = 0, max, nap, long_nap = -1;

	for (;;) {
		if (w.stop_requested)
			drain_begin("stop signal");
		else if (worn_out())
			drain_begin("renewed");
		if (drained())
			return;
		if (w.drain_until == 0)
			listen_update();
		max = PASS_EVENTS - (int)w.nwaiting;
		n = epoll_wait(w.ep, evs, max, poll_timeout(n, long_nap));
		if (n < 0 && errno != EINTR)
			BUG("epoll: %s", strerror(errno));
		process_status_worker_alive();
		for (i = 0; i < n; i++)
			handle_event(evs[i].data.fd);
		/*
		 * All bytes that had arrived were read only if no event is
		 * left.
		 */
		if (n >= 0 && n < max)
			conn_expire(clock_mono());
		nap = continue_deferred();
		commit_writes(n > 0);
		/* Slices must not delay the writes that wait for the commit. */
		long_nap = w.nwaiting > 0 ? -1 : send_pass();
		if (nap >= 0 && (long_nap < 0 || nap < long_nap))
			long_nap = nap;
		access_log_flush();
		log_flush();
	}
}

/*
 * Reads the signals that stop a worker from a descriptor of the loop, so that
 * they never interrupt sending. Returns false on failure.
 */
static bool
signals_open(void)
{
	struct sigaction act = { .sa_handler = SIG_IGN };
	struct epoll_event ev = { .events = EPOLLIN };
	sigset_t ending;

	/* Replaces the signal handlers of FCGX_Init(). */
	sigaction(SIGPIPE, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	act.sa_handler = SIG_DFL;
	sigaction(SIGUSR1, &act, NULL);
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	/* multiwatch 1.0.0 sends SIGQUIT when it receives SIGTERM. */
	sigaddset(&ending, SIGQUIT);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	w.signal_fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
	ev.data.fd = w.signal_fd;
	/* Without multiwatch a failed worker would not be replaced. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return w.signal_fd >= 0 &&
	    epoll_ctl(w.ep, EPOLL_CTL_ADD, w.signal_fd, &ev) == 0;
}

static int
refuse_start(const char *why)
{
	return start_failure(w.conf, w.desc->pool, why);
}

static int
start_pool(void)
{
	const char *why = "the pool could not start";
	const char *pool = pool_names[w.desc->pool];
	struct arena arena;
	struct err err;

	arena_init(&arena, 64 * 1024);
	err_init(&err, &arena);
	/* If the disk is full, the worker runs without a status file. */
	if (!process_status_worker_begin(w.conf, w.desc->pool))
		log_warn("start", "status file: %s", strerror(errno));
	if (!metric_open(w.conf->run_dir) ||
	    !ratelimit_open(w.conf->run_dir, &w.conf->key_limit) ||
	    !proof_map_open(w.conf->run_dir) || !commit_times_open(w.conf))
		return refuse_start("the tables in run/ cannot be opened");
	if (!jwt_init(w.conf, w.desc->signs))
		return refuse_start("the token keys cannot be used");
	w.db = db_open(w.conf->db_file, w.conf->lock_file, DB_SERVE, &err);
	if (w.db == NULL || currency_check(w.db, w.conf, &err) != RC_OK) {
		int status = refuse_start(err.message);

		arena_free(&arena);
		return status;
	}
	if (w.desc->start != NULL && !w.desc->start(w.conf, &why))
		return refuse_start(why);
	arena_free(&arena);
	start_failure_clear(w.conf, w.desc->pool);
	if (fcntl(0, F_SETFL, O_NONBLOCK) != 0)
		return refuse_start("descriptor 0 is not a listening socket");
	w.max = w.conf->conns[w.desc->pool];
	if (!conn_init(w.max, w.conf->spool_dir))
		return refuse_start("no memory for connections");
	w.pass.db = w.db;
	w.recycle = w.conf->recycle;
	if (w.recycle > 0) /* avoid a restart of all workers at the same time */
		w.recycle += random_below((uint32_t)(w.recycle / 5 + 1));
	access_log_init(pool, w.desc->tables);
	w.ep = epoll_create1(EPOLL_CLOEXEC);
	if (w.ep < 0 || !signals_open())
		return refuse_start("no descriptors");
	if (!send_init(w.ep, w.max))
		return refuse_start("no memory for responses");
	wakeup_init(w.conf->run_dir);
	code_pages_drop();
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
	    "Serves the listening socket on file descriptor 0. "
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
	if (!desc->tls)
		hash_without_texts();
	route_check(desc->tables);
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
		default:
			return usage(c == 'h' ? stdout : stderr, argv[0],
			    c == 'h' ? 0 : 2);
		}
	if (file == NULL || optind != argc)
		return usage(stderr, argv[0], 2);
	w.conf = conf_load(file, stderr);
	if (w.conf == NULL)
		return 3;
	text_start(w.conf, stderr);
	if (desc->configure != NULL)
		desc->configure(w.conf);
	if (test)
		return 0;
	log_init(pool_names[desc->pool], (enum log_level)w.conf->log_level);
	umask(027);
	if (start_pool() != 0)
		return 1;
	serve_pool();
	process_status_worker_end();
	db_close(w.db);
	access_log_flush();
	log_info("end", "%lld requests", (long long)send_served());
	log_flush();
	return 0;
}
