/*
 * earmark-jobs: runs periodic jobs and sends outgoing messages. See
 * earmark-jobs(8).
 */
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "archive/archive_store.h"
#include "base/clock.h"
#include "base/commit_times.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/proof_map.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "cmd/exit.h"
#include "cmd/jobs/archive_shipper.h"
#include "cmd/jobs/chain_check_dispatcher.h"
#include "cmd/jobs/key_dispatcher.h"
#include "cmd/jobs/media_dispatcher.h"
#include "cmd/jobs/message_dispatcher.h"
#include "cmd/jobs/payment_dispatcher.h"
#include "cmd/jobs/scheduler.h"
#include "cmd/jobs/supervisor.h"
#include "cmd/jobs/webhook_dispatcher.h"
#include "commit.h"
#include "domain/calls/session.h"
#include "domain/common/outbox.h"
#include "domain/messaging/text.h"
#include "domain/money/currency.h"
#include "net/http.h"
#include "providers/agora_rule.h"
#include "providers/message.h"
#include "providers/provider.h"

/*
 * The child processes: scheduler, one per channel of the outbox, push by APNs,
 * sandbox webhooks, payments, chain checks, bans from media channels, keys of
 * OpenID providers, archive.
 */
enum { CLOCK, APNS = DELIVERY_CHANNELS + 1, SANDBOX, PAYMENTS, PROOFS, MEDIA,
    KEYS, ARCHIVE, CHILDREN };
/*
 * Interval at which the scheduler checks the size of the WAL, in ms: normally,
 * and while the WAL grows.
 */
#define TICK		200
#define TICK_BUSY	20
#define GATHER		10	/* minimum ms between two passes of a child */

static const struct conf *conf;
static volatile sig_atomic_t stop;

static void
on_stop(int sig)
{
	(void)sig;
	stop = 1;
}

static struct db *
open_db(void)
{
	struct arena arena;
	struct err err;
	struct db *db;

	arena_init(&arena, 64 * 1024);
	err_init(&err, &arena);
	db = db_open(conf->db_file, conf->lock_file, DB_SERVE, &err);
	if (db != NULL && currency_check(db, conf, &err) != RC_OK) {
		db_close(db);
		db = NULL;
	}
	if (db == NULL)
		log_error("start", "%s", err.message);
	else if (db_fenced(db)) {
		log_error("fenced", "%s", DB_FENCED_WHY);
		db_close(db);
		db = NULL;
	}
	arena_free(&arena);
	return db;
}

/*
 * Waits for a wakeup or for ms milliseconds. Sets `stop` if the first process
 * has ended.
 */
static bool
wait_wakeup(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char bytes[64];
	ssize_t n;

	log_flush();
	if (poll(&p, 1, ms) <= 0)
		return false;
	n = read(fd, bytes, sizeof(bytes));
	if (n == 0)
		stop = 1;
	return n > 0;
}

static int
serve_clock(struct db *db, int fd)
{
	struct scheduler *r = scheduler_new(db, conf);
	bool woken, more, busy = false;
	int64_t until;

	while (!stop) {
		more = scheduler_go(r, &stop);
		until = clock_mono() + (more ? 0 : SECOND * 1000);
		for (woken = false; !stop && !woken && clock_mono() < until;) {
			woken = wait_wakeup(fd, busy ? TICK_BUSY : TICK);
			busy = scheduler_checkpoint(r);
		}
	}
	scheduler_free(r);
	return EXIT_DONE;
}

static const char *
child_name(int child)
{
	return child == CLOCK ? "clock" : child == APNS ? "apns" :
	    child == SANDBOX ? "sandbox" :
	    child == PAYMENTS ? "payments" : child == PROOFS ? "proofs" :
	    child == MEDIA ? "media" : child == KEYS ? "keys" :
	    child == ARCHIVE ? "archive" :
	    delivery_channel(child);
}

/* Returns the dispatcher of a queue of the outbox; NULL for other children. */
static struct message_dispatcher *
new_dispatcher(struct db *db, int child)
{
	return child >= SANDBOX ? NULL : message_dispatcher_new(db, conf,
	    (struct delivery_queue){ .apns = child == APNS,
	    .channel = child == APNS ? OUTBOX_PUSH : child });
}

/* l: set only for the queues of the outbox. */
static enum rc
run_child(struct db *db, int child, struct message_dispatcher *l,
    int64_t (*now)(void), int fd, struct message_dispatcher_sum *sum)
{
	if (child == SANDBOX)
		return webhook_dispatcher_run(db, conf, now, &stop, sum);
	if (child == PAYMENTS)
		return payment_dispatcher_run(db, conf, now, &stop, sum);
	if (child == PROOFS)
		return chain_check_dispatcher_run(db, conf, now, &stop, sum);
	if (child == MEDIA)
		return media_dispatcher_run(db, conf, now, &stop, sum);
	if (child == KEYS)
		return key_dispatcher_run(db, conf, now, &stop, sum);
	if (l == NULL)
		BUG("%s is not a channel of the outbox", child_name(child));
	return message_dispatcher_run(l, now, fd, &stop, sum);
}

/*
 * Wakeups are not for this child, so it ignores them. If a standby was promoted,
 * it stops all of earmark-jobs.
 */
static int
serve_archive(struct db *db, int fd)
{
	struct archive_shipper *s = archive_shipper_new(db, conf);
	pid_t parent = getppid();
	int64_t stored, until;

	while (!stop) {
		until = clock_mono() / 1000 + MINUTE;
		if (s != NULL) {
			if (archive_shipper_run(s, &stop, &stored) ==
			    RC_CONFLICT && getppid() == parent)
				kill(parent, SIGTERM);
			until = clock_mono() / 1000 + archive_shipper_pause(s);
		}
		while (!stop && clock_mono() / 1000 < until)
			wait_wakeup(fd, (int)(until - clock_mono() / 1000));
	}
	archive_shipper_free(s);
	return EXIT_DONE;
}

static int
serve_child(struct db *db, int fd, int child)
{
	struct message_dispatcher *l = new_dispatcher(db, child);

	/* If this fails, it was logged, and the leases expire. */
	if (l != NULL)
		message_dispatcher_resume(l);
	while (!stop) {
		struct message_dispatcher_sum sum = { 0 };

		run_child(db, child, l, clock_now, fd, &sum);
		if (sum.given_up > 0)
			log_warn("outbox", "%s: %" PRId64 " messages expired",
			    child_name(child), sum.given_up);
		/* The wakeups of many commits are handled together. */
		if (!stop)
			poll(NULL, 0, GATHER);
		if (!stop)
			wait_wakeup(fd, 1000);
	}
	if (l != NULL)
		message_dispatcher_free(l);
	return EXIT_DONE;
}

static int
child_main(int child, int fd)
{
	struct sigaction act = { .sa_handler = on_stop };
	char program[32];
	struct db *db;
	int status;

	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	snprintf(program, sizeof(program), "earmark-jobs/%s",
	    child_name(child));
	log_init(program, (enum log_level)conf->log_level);
	metric_open(conf->run_dir);
	proof_map_open(conf->run_dir);
	commit_times_open(conf);
	wakeup_init(conf->run_dir);
	db = open_db();
	if (db == NULL) {
		log_flush();
		return EXIT_DB;
	}
	if (child != CLOCK && !http_start())
		stop = 1;
	if (write(fd, "r", 1) != 1)
		stop = 1;
	status = child == CLOCK ? serve_clock(db, fd) :
	    child == ARCHIVE ? serve_archive(db, fd) :
	    serve_child(db, fd, child);
	db_close(db);
	log_flush();
	return status;
}

static int
serve_jobs(void)
{
	static const struct supervisor_child children[] = {
		{ "clock", child_main, CLOCK, 0 },
		{ "sms", child_main, OUTBOX_SMS,
		    WAKEUP_CHANNEL(OUTBOX_SMS) },
		{ "email", child_main, OUTBOX_EMAIL,
		    WAKEUP_CHANNEL(OUTBOX_EMAIL) },
		{ "push", child_main, OUTBOX_PUSH,
		    WAKEUP_CHANNEL(OUTBOX_PUSH) },
		{ "apns", child_main, APNS, WAKEUP_CHANNEL(OUTBOX_PUSH) },
		{ "sandbox", child_main, SANDBOX, 0 },
		{ "payments", child_main, PAYMENTS, 0 },
		{ "proofs", child_main, PROOFS, 0 },
		{ "media", child_main, MEDIA, 0 },
		{ "keys", child_main, KEYS, 0 },
		{ "archive", child_main, ARCHIVE, 0 },
	};

	return supervisor_run(conf, children, NELEM(children));
}

static int64_t pass_time;

static int64_t
pass_now(void)
{
	return pass_time;
}

static int
run_once(int64_t now)
{
	struct archive_shipper *s;
	struct scheduler *r;
	int64_t stored = 0;
	struct db *db;
	enum rc rc, one;
	int i;

	metric_open(conf->run_dir);
	proof_map_open(conf->run_dir);
	commit_times_open(conf);
	db = open_db();
	if (db == NULL) {
		log_flush();
		return EXIT_DB;
	}
	r = scheduler_new(db, conf);
	rc = scheduler_once(r, now, stdout);
	scheduler_free(r);
	s = archive_shipper_new(db, conf);
	if (s != NULL && rc == RC_OK)
		rc = archive_shipper_run(s, &stop, &stored);
	archive_shipper_free(s);
	pass_time = now;
	if (!http_start())
		rc = RC_FAULT;
	for (i = CLOCK + 1; i < ARCHIVE; i++) {
		struct message_dispatcher *l = new_dispatcher(db, i);
		struct message_dispatcher_sum sum = { 0 };

		one = run_child(db, i, l, pass_now, -1, &sum);
		if (l != NULL)
			message_dispatcher_free(l);
		if (rc == RC_OK)
			rc = sum.failed > 0 ? RC_UPSTREAM : one;
		printf("%s %" PRId64 "\n", child_name(i), sum.sent);
	}
	db_close(db);
	log_flush();
	return rc == RC_OK ? EXIT_DONE : EXIT_FAILED;
}

static const char usage[] =
    "usage: earmark-jobs -c FILE [-t] [--once [--now=TIME]]\n";

static const char help[] =
    "Runs periodic jobs and sends messages.\n"
    "\n"
    "  -c, --config FILE  the configuration file\n"
    "  -t, --test         check the configuration and exit\n"
    "      --once         run every job once, print the results and exit\n"
    "      --now TIME     with --once: use this time as now (RFC 3339)\n"
    "  -V, --version      print the version and exit\n"
    "  -h, --help         print this help and exit\n"
    "\n"
    "Exit status: 0 success, 1 failure, 2 usage, 3 configuration,\n"
    "4 database.\n";

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "test", no_argument, NULL, 't' },
		{ "once", no_argument, NULL, 'o' },
		{ "now", required_argument, NULL, 'n' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	const char *file = NULL, *why;
	const struct hash *key;
	bool one = false, test = false;
	int64_t now = -1;
	int o;

	while ((o = getopt_long(argc, argv, "c:tVh", options, NULL)) != -1) {
		switch (o) {
		case 'c':
			file = optarg;
			break;
		case 't':
			test = true;
			break;
		case 'o':
			one = true;
			break;
		case 'n':
			if (clock_parse(optarg, &now))
				break;
			fprintf(stderr, "earmark-jobs: '%s' is not an RFC 3339 "
			    "time\n", optarg);
			return EXIT_USAGE;
		case 'V':
			printf("earmark-jobs %s (%s)\n", PACKAGE_VERSION,
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
	if (file == NULL || optind < argc || (now >= 0 && !one)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	conf = conf_load(file, stderr);
	if (conf == NULL)
		return EXIT_CONF;
	if (!provider_start(conf, &why) || !message_start(conf, &why) ||
	    !agora_rule_start(conf, &why) ||
	    !key_dispatcher_start(conf, &why) ||
	    !archive_store_key(conf, &key, &why)) {
		fprintf(stderr, "earmark-jobs: %s\n", why);
		return EXIT_CONF;
	}
	if (test)
		return EXIT_DONE;
	log_init("earmark-jobs", (enum log_level)conf->log_level);
	signal(SIGPIPE, SIG_IGN);
	session_register(conf);
	text_start(conf, stderr);
	if (one)
		return run_once(now >= 0 ? now : clock_now());
	return serve_jobs();
}
