#define NO_FCGI_DEFINES
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/limit.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/nudge.h"
#include "base/str.h"
#include "commit.h"
#include "fcgi/count.h"
#include "fcgi/guard.h"
#include "fcgi/pool.h"
#include "fcgi/resp.h"
#include "fcgi/spool.h"
#include "net/jwt.h"

#define TURN		64		/* events of one turn */
#define BODY_MAX	(2 * 1024 * 1024 + 1)
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
/* A buffer larger than this is freed after its response. */
#define ANSWER_KEPT	(256 * 1024)
/* How often a large response tries to take its turn. */
#define WAIT_TURN_MS	5

/* One connection of nginx, a request at a time. */
struct conn {
	FCGX_Request fx;
	struct req *req;
};

static struct {
	const struct pool_desc *desc;
	const struct conf *conf;
	struct db *db;
	struct turn turn;
	int ep;
	bool listening;			/* fd 0 is in the epoll set */
	int64_t max;			/* connections at once */
	int64_t open;			/* now */
	int64_t served, recycle;
	int64_t drain_until;		/* 0: not ending */
	struct conn **conns;		/* by descriptor */
	int nconns;
	struct conn *waiting[TURN];	/* for the group commit */
	size_t nwaiting;
	int64_t gathering;		/* since when, µs */
	struct conn *longs[SPOOL_MAX];	/* with a response in slices */
	size_t nlongs;
	struct req *spare[TURN];
	size_t nspare;
	struct buf answer;
	char mark[4096];		/* run/worker-<pool>-<pid> */
} w;

static volatile sig_atomic_t told_to_end;

static void
on_term(int sig)
{
	(void)sig;
	told_to_end = 1;
}

static struct req *
req_take(void)
{
	struct req *req;

	if (w.nspare > 0)
		return w.spare[--w.nspare];
	req = calloc(1, sizeof(*req));
	if (req == NULL)
		BUG("out of memory");
	return req;
}

static void
req_give(struct req *req)
{
	req_reset(req);
	/* Long responses have requests beside those of the turn. */
	if (w.nspare == TURN) {
		req_trim(req);
		free(req->out);
		free(req);
		return;
	}
	/*
	 * Only the next one keeps room for a long list: a burst of writes must
	 * not leave dozens of them.
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
	if (epoll_ctl(w.ep, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, 0, &ev) != 0)
		BUG("epoll: %s", strerror(errno));
	w.listening = on;
}

static void
conn_drop(struct conn *c, int fd)
{
	w.conns[fd] = NULL;
	FCGX_Free(&c->fx, 1);
	free(c);
	w.open--;
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
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			log_warn("accept", "%s", strerror(errno));
		return;
	}
	if (fd >= w.nconns) {
		close(fd);
		log_error("accept", "descriptor %d is beyond the limit", fd);
		return;
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		BUG("out of memory");
	/* No listening socket: at end of file libfcgi must not accept. */
	FCGX_InitRequest(&c->fx, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	c->fx.ipcFd = fd;
	/* Or FCGX_Accept_r() would first finish, and close, what is no request. */
	c->fx.keepConnection = 1;
	w.conns[fd] = c;
	w.open++;
	ev.data.fd = fd;
	if (epoll_ctl(w.ep, EPOLL_CTL_ADD, fd, &ev) != 0)
		BUG("epoll: %s", strerror(errno));
}

static void
conn_end(struct conn *c)
{
	count_request(c->req);
	req_give(c->req);
	c->req = NULL;
	w.served++;
}

/* The response is sent: end the request, and the connection if it failed. */
static void
conn_finish(struct conn *c)
{
	int fd = c->fx.ipcFd;

	FCGX_Finish_r(&c->fx);
	conn_end(c);
	if (c->fx.ipcFd < 0)
		conn_drop(c, fd);
}

static void
conn_answer(struct conn *c, const char *allow)
{
	if (c->req->spool != NULL) {
		w.longs[w.nlongs++] = c;
		return;
	}
	resp_write(c->req, allow, &w.answer);
	FCGX_PutStr(w.answer.data, (int)w.answer.len, c->fx.out);
	if (w.answer.cap > ANSWER_KEPT)
		buf_free(&w.answer);
	conn_finish(c);
}

static void
read_raw(struct req *req, FCGX_Request *fx)
{
	const char *length = FCGX_GetParam("CONTENT_LENGTH", fx->envp);
	int64_t n = 0;
	char *raw;

	req->raw = "";
	if (length == NULL || !str_int(length, &n) || n <= 0)
		return;
	if (n > BODY_MAX)
		n = BODY_MAX;
	raw = arena_alloc(&req->arena, (size_t)n + 1);
	n = FCGX_GetStr(raw, (int)n, fx->in);
	raw[n] = '\0';
	req->raw = raw;
	req->raw_len = (size_t)n;
}

/* Input on a connection: a request, or its end. */
static void
conn_ready(int fd)
{
	struct conn *c = w.conns[fd];
	const char *allow = NULL;
	struct req *req;

	if (c == NULL || c->req != NULL)
		return;
	if (FCGX_Accept_r(&c->fx) < 0) {
		conn_drop(c, fd);
		return;
	}
	c->req = req = req_take();
	req_init(req, w.db, w.conf);
	if (!req_params(req, c->fx.envp)) {
		req->rc = err_set(&req->err, RC_NOT_FOUND, NULL, NULL);
	} else {
		read_raw(req, &c->fx);
		if (!guard(req, &w.turn, w.desc->tables, &allow)) {
			if (w.nwaiting == 0)
				w.gathering = req->began;
			w.waiting[w.nwaiting++] = c;
			return;
		}
	}
	conn_answer(c, allow);
}

/* All writes of the turn in one transaction, then their answers. */
static void
commit_turn(bool more_ready)
{
	struct req *reqs[TURN];
	size_t i;

	turn_end(&w.turn);
	if (w.nwaiting == 0)
		return;
	if (w.nwaiting <= TURN / 2 && w.drain_until == 0 &&
	    clock_mono() - w.gathering < GATHER_US &&
	    (more_ready || !db_write_free(w.db)))
		return;
	for (i = 0; i < w.nwaiting; i++)
		reqs[i] = w.waiting[i]->req;
	commit_group(w.db, reqs, w.nwaiting);
	for (i = 0; i < w.nwaiting; i++) {
		if (rc_ok(reqs[i]->rc) && reqs[i]->after != NULL)
			reqs[i]->after(reqs[i]);
		conn_answer(w.waiting[i], NULL);
	}
	w.nwaiting = 0;
	nudge(db_told(w.db));
}

static bool
put(void *arg, const char *data, size_t n)
{
	struct conn *c = arg;

	return FCGX_PutStr(data, (int)n, c->fx.out) >= 0;
}

/*
 * All long responses of this worker, a slice of each. Returns how long the loop
 * may wait for input, in ms; -1: there are none.
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
		struct conn *c = w.longs[i];
		int fd = c->fx.ipcFd;

		switch (spool_pass(c->req, fd, put, c)) {
		case SPOOL_BUSY:
			nap = 0;
			w.longs[w.nlongs++] = c;
			break;
		case SPOOL_FULL:
			nap = nap > 1 ? 1 : nap;
			w.longs[w.nlongs++] = c;
			break;
		case SPOOL_WAITS:
			w.longs[w.nlongs++] = c;
			break;
		case SPOOL_ANSWER:
			conn_answer(c, NULL);
			break;
		case SPOOL_SENT:
			conn_finish(c);
			break;
		case SPOOL_GONE:
			conn_end(c);
			conn_drop(c, fd);
			break;
		}
	}
	return nap;
}

static void
mark_state(const char *state)
{
	FILE *f = fopen(w.mark, "we");

	if (f == NULL)
		return;
	fprintf(f, "%s\n", state);
	fclose(f);
}

static void
drain_begin(const char *why)
{
	if (w.drain_until != 0)
		return;
	listen_on(false);
	w.drain_until = clock_mono() + DRAIN_MS * 1000;
	mark_state("draining");
	log_info("drain", "%s after %lld requests, %lld connections", why,
	    (long long)w.served, (long long)w.open);
}

static void
serve(void)
{
	struct epoll_event evs[TURN];
	int i, n = 0, nap, long_nap = -1;

	for (;;) {
		if (told_to_end)
			drain_begin("told to end");
		else if (w.recycle > 0 && w.served >= w.recycle)
			drain_begin("renewed");
		if (w.drain_until != 0 && (w.open == 0 ||
		    clock_mono() > w.drain_until + (w.nlongs == 0 ? 0 :
		    (DRAIN_LONG_MS - DRAIN_MS) * 1000)))
			return;
		if (w.drain_until == 0)
			listen_on(w.open < w.max);
		/* After a turn with work, look once more without waiting. */
		nap = w.nwaiting > 0 ? n <= 0 : w.drain_until != 0 ? 50 : 1000;
		if (long_nap >= 0 && long_nap < nap)
			nap = long_nap;
		n = epoll_wait(w.ep, evs, TURN - (int)w.nwaiting, nap);
		if (n < 0 && errno != EINTR)
			BUG("epoll: %s", strerror(errno));
		for (i = 0; i < n; i++)
			if (evs[i].data.fd != 0)
				conn_ready(evs[i].data.fd);
			else if (w.drain_until == 0)
				conn_accept();
		commit_turn(n > 0);
		long_nap = long_pass();
		count_flush();
		log_flush();
	}
}

/* nginx may open as many connections as we allow, and a few files. */
static void
size_table(void)
{
	w.nconns = (int)w.max + 64;
	w.conns = calloc((size_t)w.nconns, sizeof(struct conn *));
	if (w.conns == NULL)
		BUG("out of memory");
}

static void
signals(void)
{
	struct sigaction act = { .sa_handler = on_term };

	/* libfcgi set its own in FCGX_Init(); these are ours. */
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	/* multiwatch 1.0.0 sends SIGQUIT where it was told to send SIGTERM. */
	sigaction(SIGQUIT, &act, NULL);
	act.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	act.sa_handler = SIG_DFL;
	sigaction(SIGUSR1, &act, NULL);
	/* Without multiwatch there is nobody to replace us. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/*
 * A worker that can not start would be started again and again, and say the
 * same each time. It says a reason once, and leaves it in run/ for the next.
 */
static int
refuse(const char *why)
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
	nanosleep(&nap, NULL);
	return 1;
}

static int
start(void)
{
	const char *why = "the pool's own start failed";
	const char *pool = pool_names[w.desc->pool];
	struct arena arena;
	char name[4096];
	struct err err;

	arena_init(&arena, 64 * 1024);
	err_init(&err, &arena);
	if (!metric_open(w.conf->run_dir) ||
	    !limit_open(w.conf->run_dir, &w.conf->key_limit))
		return refuse("the shared tables in run/ can not be opened");
	if (!jwt_init(w.conf, w.desc->signs))
		return refuse("the token keys can not be used");
	w.db = db_open(w.conf->db_file, w.conf->lock_file, DB_SERVE, &err);
	if (w.db == NULL) {
		int status = refuse(err.message);

		arena_free(&arena);
		return status;
	}
	if (w.desc->start != NULL && !w.desc->start(w.conf, &why))
		return refuse(why);
	arena_free(&arena);
	snprintf(name, sizeof(name), "%s/failed-%s", w.conf->run_dir, pool);
	unlink(name);

	if (fcntl(0, F_SETFL, O_NONBLOCK) != 0 || FCGX_Init() != 0)
		return refuse("descriptor 0 is not a listening socket");
	signals();
	w.turn.db = w.db;
	w.max = w.conf->conns[w.desc->pool];
	w.recycle = w.conf->recycle;
	if (w.recycle > 0)	/* not all workers at once */
		w.recycle += rand_below((uint32_t)(w.recycle / 5 + 1));
	size_table();
	buf_init(&w.answer, 33 * 1024 * 1024);
	count_init(pool, w.desc->tables);
	w.ep = epoll_create1(EPOLL_CLOEXEC);
	if (w.ep < 0)
		return refuse("no descriptors");
	nudge_init(w.conf->run_dir);
	snprintf(w.mark, sizeof(w.mark), "%s/worker-%s-%d", w.conf->run_dir,
	    pool, (int)getpid());
	mark_state("ready");
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
	if (start() != 0)
		return 1;
	serve();
	unlink(w.mark);
	db_close(w.db);
	count_flush();
	log_info("end", "%lld requests", (long long)w.served);
	log_flush();
	return 0;
}
