/*
 * earmark-realtime: serves WebSockets and event streams. See
 * earmark-realtime(8).
 *
 * nginx authenticates each connection with a subrequest and passes the result
 * in a header. Only nginx can connect to the socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <ev.h>
#include <libwebsockets.h>

#include "base/clock.h"
#include "base/commit_times.h"
#include "base/field.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/process_status.h"
#include "base/proof_map.h"
#include "base/sd_notify.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "cmd/exit.h"
#include "cmd/realtime/realtime_connection.h"
#include "cmd/realtime/realtime_feed.h"
#include "cmd/realtime/realtime_keepalive.h"
#include "commit.h"
#include "providers/media_credentials.h"

#define TICK_US		(200 * 1000)
#define FDS		32000	/* LimitNOFILE of the unit is 32768 */
#define ACCEPT_MAX		64 /* maximum connections accepted per pass */
/* A client that is present sends something in this time. */
#define SILENT		((KEEPALIVE_PING + 10) * SECOND)

#define FENCED_MS	10000	/* before it exits, if fenced */

static const struct conf *conf;
static struct ev_loop *loop;
static struct lws_context *context;
static lws_sorted_usec_list_t ticker;
static bool stopping;
static struct db *served;

/* Request headers from nginx */

/* Parses the header "user session service_token". */
static bool
parse_credential(struct lws *wsi, struct credential *who)
{
	static const char name[] = "x-earmark-user:";
	int64_t *to[] = { &who->user, &who->session, &who->service_token };
	char text[80], *at = text, *word;
	size_t i;

	if (lws_hdr_custom_copy(wsi, text, sizeof(text), name,
	    sizeof(name) - 1) <= 0)
		return false;
	for (i = 0; i < NELEM(to); i++) {
		word = strsep(&at, " ");
		if (word == NULL || !str_int(word, to[i]))
			return false;
	}
	return at == NULL && who->user > 0;
}

/*
 * Parses an event number, limited to FIELD_INT_MAX. Returns false if it is not
 * a number.
 */
static bool
read_seq(const char *text, int64_t *seq)
{
	if (text == NULL || !str_int(text, seq) || *seq < 0)
		return false;
	if (*seq > FIELD_INT_MAX)
		*seq = FIELD_INT_MAX;
	return true;
}

/* Returns ?after= or Last-Event-ID, or -1 without a valid number. */
static int64_t
parse_after(struct lws *wsi)
{
	static const char name[] = "last-event-id:";
	char text[64];
	int64_t after;

	if (lws_hdr_custom_copy(wsi, text, sizeof(text), name,
	    sizeof(name) - 1) > 0 && read_seq(text, &after))
		return after;
	return read_seq(lws_get_urlarg_by_name(wsi, "after=", text,
	    sizeof(text)), &after) ? after : -1;
}

/*
 * Records that the client is present. A stream cannot show later that it still
 * is.
 */
static void
hear(struct realtime_conn *c)
{
	c->heard = clock_mono() / 1000;
	proof_map_seen(c->who.session, !c->sse, clock_now());
}

/*
 * Records a close by the client. If this process ends the connection, or if the
 * client did not answer for longer, the close does not show that it is present.
 */
static void
hear_close(const struct realtime_conn *c)
{
	if (!stopping && c->closing == 0 &&
	    (c->sse || clock_mono() / 1000 - c->heard < SILENT))
		proof_map_seen(c->who.session, !c->sse, clock_now());
}

static int
join_feed(struct lws *wsi, struct realtime_conn *c, bool sse)
{
	int64_t after = parse_after(wsi);
	struct credential who;

	if (!parse_credential(wsi, &who))
		return -1;
	if (!realtime_conn_add(c, wsi, &who, sse)) {
		if (!sse)
			lws_close_reason(wsi, (enum lws_close_status)
			    CLOSE_POLICY, NULL, 0);
		return -1;
	}
	hear(c);
	realtime_feed_join(c, after);
	return 0;
}

/* WebSocket */

/*
 * Handles a message from a client. Its only effect is to show that the client
 * is alive.
 */
static int
receive(struct lws *wsi, struct realtime_conn *c, const void *in, size_t len)
{
	static const char pong[] = "{\"type\":\"pong\"}";
	struct realtime_msg *m;
	bool last = lws_is_final_fragment(wsi) &&
	    lws_remaining_packet_payload(wsi) == 0;

	c->incoming += len;
	if (c->incoming > FRAME_MAX) {
		lws_close_reason(wsi, (enum lws_close_status)CLOSE_TOO_LARGE,
		    NULL, 0);
		return -1;
	}
	if (!last)
		return 0;
	if (c->incoming == len && len < 64 &&
	    memmem(in, len, "\"ping\"", 6) != NULL) {
		m = realtime_msg_new(pong, sizeof(pong) - 1);
		realtime_conn_put(c, m);
		realtime_msg_drop(m);
	}
	c->incoming = 0;
	return 0;
}

/* Event streams */

static int
headers(struct lws *wsi)
{
	unsigned char text[LWS_PRE + 1024], *start = text + LWS_PRE;
	unsigned char *p = start, *end = text + sizeof(text) - 1;
	static const unsigned char no_store[] = "no-store";

	return lws_add_http_common_headers(wsi, HTTP_STATUS_OK,
	    "text/event-stream", LWS_ILLEGAL_HTTP_CONTENT_LEN, &p, end) ||
	    lws_add_http_header_by_name(wsi,
	    (const unsigned char *)"cache-control:", no_store,
	    sizeof(no_store) - 1, &p, end) ||
	    lws_finalize_write_http_header(wsi, start, &p, end);
}

static int
http(struct lws *wsi, struct realtime_conn *c)
{
	/*
	 * Writing the response headers overwrites the request headers, so join
	 * first.
	 */
	if (join_feed(wsi, c, true) != 0 || headers(wsi) != 0)
		return -1;
	lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
	realtime_conn_watch(c, loop);
	lws_callback_on_writable(wsi);
	return 0;
}

static int
writable(struct realtime_conn *c)
{
	if (c->person == NULL)
		return 0;
	if (realtime_conn_write(c) != 0)
		return -1;
	realtime_feed_more(c);
	return 0;
}

static int
on_client(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in,
    size_t len)
{
	struct realtime_conn *c = user;
	struct credential who;

	switch (why) {
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		/* `in` is the protocol. libwebsockets also speaks h2c. */
		return strcasecmp(in, "websocket") == 0 ? 0 : -1;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return parse_credential(wsi, &who) ? 0 : -1;
	case LWS_CALLBACK_ESTABLISHED:
		return join_feed(wsi, c, false);
	case LWS_CALLBACK_RECEIVE_PONG:
		hear(c);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		hear(c);
		return receive(wsi, c, in, len);
	case LWS_CALLBACK_HTTP:
		return http(wsi, c);
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return writable(c);
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_CLOSED_HTTP:
		if (c != NULL) {
			hear_close(c);
			realtime_conn_gone(c);
		}
		return 0;
	default:
		return lws_callback_http_dummy(wsi, why, user, in, len);
	}
}

/* Wakeups and timer */

static void
on_wakeup(struct ev_loop *l, struct ev_io *w, int events)
{
	char bytes[64];

	(void)l;
	(void)events;
	while (recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT) >= 0)
		;
	realtime_feed_run();
}

/* An inherited listening socket */

/*
 * Returns whether descriptor 0 is a listening socket, as for workers of a pool.
 */
static bool
has_inherited_socket(void)
{
	socklen_t len = sizeof(int);
	int on = 0;

	return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &on,
	    &len) == 0 && on;
}

static void
on_inherited(struct ev_loop *l, struct ev_io *w, int events)
{
	int fd, i;

	(void)l;
	(void)events;
	for (i = 0; i < ACCEPT_MAX; i++) {
		fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		lws_adopt_socket_vhost(w->data, fd);
	}
}

static void
tick(lws_sorted_usec_list_t *sul)
{
	realtime_feed_tick(clock_mono() / 1000);
	realtime_keepalive_tick(clock_mono() / 1000);
	if (db_fenced(served))
		raise(SIGTERM);
	log_flush();
	lws_sul_schedule(context, 0, sul, tick, TICK_US);
}

/* Start */

static void
on_stop(struct ev_loop *l, struct ev_signal *w, int events)
{
	(void)w;
	(void)events;
	ev_break(l, EVBREAK_ALL);
}

static void
on_log(int level, const char *line)
{
	char text[400];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
	log_line(level == LLL_ERR ? LOG_WARN : LOG_INFO, "libwebsockets", "%s",
	    text);
}

/* Writes a path in run_dir. Returns false if it is too long for a socket. */
static bool
run_path(char *out, size_t size, const char *name)
{
	int n = snprintf(out, size, "%s/%s", conf->run_dir, name);

	if (n > 0 && (size_t)n < size)
		return true;
	log_error("start", "run_dir %s is too long for a socket",
	    conf->run_dir);
	return false;
}

/* Allows one process per installation. */
static bool
only_one(void)
{
	if (process_status_program_lock(conf->run_dir, "realtime") >= 0)
		return true;
	log_error("start", errno == EWOULDBLOCK ?
	    "another earmark-realtime is running" :
	    "realtime.lock in the run_dir: %s", strerror(errno));
	return false;
}

static int
wakeup_socket(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd;

	if (!run_path(at.sun_path, sizeof(at.sun_path), "realtime.sock"))
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(at.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
		log_error("start", "%s: %s", at.sun_path, strerror(errno));
		return -1;
	}
	chmod(at.sun_path, 0660);
	return fd;
}

/*
 * Returns the user of this process and the group that may connect, in the
 * format of libwebsockets.
 */
static const char *
perms_of(const char *group)
{
	static char perms[200];
	const struct passwd *pw = getpwuid(geteuid());

	if (group == NULL || pw == NULL)
		return NULL;
	snprintf(perms, sizeof(perms), "%s:%s", pw->pw_name, group);
	return perms;
}

static struct lws_vhost *
listen_on(bool given, const char *group)
{
	static const struct lws_protocols protocols[] = {
		{ "earmark.v1", on_client, sizeof(struct realtime_conn), 4096,
		    0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 }
	};
	/* See realtime_keepalive.h. */
	static const lws_retry_bo_t no_timers;
	static char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	void *loops[] = { loop };
	/*
	 * libev is used because the default loop of libwebsockets calls poll(2)
	 * with all connections for each event.
	 */
	struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		    LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_VALIDATE_UTF8,
		.foreign_loops = loops,
		.fd_limit_per_thread = FDS,
		.pt_serv_buf_size = 4096,
		.retry_and_idle_policy = &no_timers,
	};

	if (given) {
		info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	} else {
		if (!run_path(path, sizeof(path), "realtime-http.sock"))
			return NULL;
		unlink(path);
		info.options |= LWS_SERVER_OPTION_UNIX_SOCK;
		info.iface = path;
		info.unix_socket_perms = perms_of(group);
	}
	context = lws_create_context(&info);
	if (context == NULL)
		return NULL;
	info.protocols = protocols;
	info.vhost_name = "earmark";
	return lws_create_vhost(context, &info);
}

static int
serve_realtime(struct db *db, const char *group)
{
	/* multiwatch 1.0.0 sends SIGQUIT when it receives SIGTERM. */
	static const int ends[] = { SIGTERM, SIGINT, SIGQUIT };
	static struct ev_signal stop[NELEM(ends)];
	static struct ev_io wakeups, arrivals;
	bool given = has_inherited_socket();
	struct lws_vhost *vhost;
	const char *why;
	size_t i;
	int fd;

	served = db;
	lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
	if (!media_credentials_start(conf, &why)) {
		log_error("start", "%s", why);
		return EXIT_CONF;
	}
	fd = wakeup_socket();
	if (fd < 0 || !realtime_feed_open(db, conf))
		return EXIT_FAILED;
	loop = ev_loop_new(EVBACKEND_EPOLL);
	vhost = loop == NULL ? NULL : listen_on(given, group);
	if (vhost == NULL || (given &&
	    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) != 0)) {
		log_error("start", "the socket cannot be created");
		return EXIT_FAILED;
	}
	for (i = 0; i < NELEM(ends); i++) {
		ev_signal_init(&stop[i], on_stop, ends[i]);
		ev_signal_start(loop, &stop[i]);
	}
	ev_io_init(&wakeups, on_wakeup, fd, EV_READ);
	ev_io_start(loop, &wakeups);
	if (given) {
		ev_io_init(&arrivals, on_inherited, STDIN_FILENO, EV_READ);
		arrivals.data = vhost;
		ev_io_start(loop, &arrivals);
	}
	lws_sul_schedule(context, 0, &ticker, tick, TICK_US);
	log_info("ready", "realtime %d", (int)getpid());
	log_flush();
	sd_notify_send();
	ev_run(loop, 0);
	log_info("end", "%d connections", realtime_conn_count());
	stopping = true;
	lws_context_destroy(context);
	ev_loop_destroy(loop);
	return EXIT_DONE;
}

static const char usage[] = "usage: earmark-realtime -c FILE [-t] [-G GROUP]\n";

static const char help[] =
    "Serves WebSockets and event streams.\n"
    "\n"
    "  -c, --config FILE  the configuration file\n"
    "  -G, --group GROUP  allow this group (of nginx) to connect\n"
    "  -t, --test         check the configuration and exit\n"
    "  -V, --version      print the version and exit\n"
    "  -h, --help         print this help and exit\n"
    "\n"
    "Exit status: 0 success, 1 failure, 2 usage, 3 configuration,\n"
    "4 database.\n";

static int
run_realtime(const char *group)
{
	struct arena arena;
	struct err err;
	struct db *db;
	int status;

	log_init("earmark-realtime", (enum log_level)conf->log_level);
	signal(SIGPIPE, SIG_IGN);
	umask(0117);
	metric_open(conf->run_dir);
	proof_map_open(conf->run_dir);
	commit_times_open(conf);
	wakeup_init(conf->run_dir);
	if (!only_one()) {
		log_flush();
		return EXIT_FAILED;
	}
	arena_init(&arena, 64 * 1024);
	err_init(&err, &arena);
	db = db_open(conf->db_file, conf->lock_file, DB_SERVE, &err);
	if (db == NULL)
		log_error("start", "%s", err.message);
	else if (db_fenced(db)) {
		log_error("fenced", "%s", DB_FENCED_WHY);
		log_flush();
		db_close(db);
		db = NULL;
		/* The supervisor starts it again at once. */
		poll(NULL, 0, FENCED_MS);
	}
	status = db == NULL ? EXIT_DB : serve_realtime(db, group);
	db_close(db);
	arena_free(&arena);
	log_flush();
	return status;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "group", required_argument, NULL, 'G' },
		{ "test", no_argument, NULL, 't' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	const char *file = NULL, *group = NULL;
	bool test = false;
	int o, status;

	while ((o = getopt_long(argc, argv, "c:G:tVh", options, NULL)) != -1) {
		switch (o) {
		case 'c':
			file = optarg;
			break;
		case 'G':
			group = optarg;
			break;
		case 't':
			test = true;
			break;
		case 'V':
			printf("earmark-realtime %s (%s)\n", PACKAGE_VERSION,
			    EARMARK_COMMIT);
			return EXIT_DONE;
		case 'h':
			printf("%s%s", usage, help);
			return EXIT_DONE;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (file == NULL || optind < argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	conf = conf_load(file, stderr);
	if (test)
		return conf == NULL ? EXIT_CONF : EXIT_DONE;
	status = conf == NULL ? EXIT_CONF : run_realtime(group);
	/*
	 * The supervisor restarts the process at once, so wait. See
	 * process_status_worker_begin() in base/process_status.h.
	 */
	if (status != EXIT_DONE)
		poll(NULL, 0, 400);
	return status;
}
