/*
 * doctor_command: checks the installation. Each check reports one finding.
 * Warnings do not change the exit status; only findings of the level "bad" do.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process_status.h"
#include "base/str.h"
#include "base/temp_file.h"
#include "cmd/earmark/commands.h"
#include "cmd/earmark/doctor_launch.h"
#include "cmd/earmark/doctor_services.h"
#include "cmd/earmark/doctor_standby.h"
#include "cmd/earmark/report.h"
#include "cmd/earmark/standby.h"
#include "crypto/cert.h"
#include "domain/accounts/contact.h"
#include "domain/accounts/phone_upgrade.h"
#include "domain/common/audit.h"
#include "domain/common/kv_setting.h"
#include "domain/messaging/delivery.h"
#include "domain/ops/backup_log.h"
#include "domain/ops/chain_check_log.h"
#include "net/url_policy.h"
#include "providers/provider.h"

#define MIB	(INT64_C(1) << 20)
/* The first version without the WAL-reset bug, https://sqlite.org/wal.html. */
#define SQLITE_FIXED 3051003

static void
check_conf(struct checkup *v)
{
	if (v->conf->argon_mem_kib * v->conf->argon_time < 19456 * 2)
		report(v, "configuration", WARN,
		    "passwords are hashed with less "
		    "than 19 MiB and 2 passes");
	else
		report(v, "configuration", GOOD, "%s", v->cli->file);
}

/*
 * Checks the keys of the providers. The sandbox adds money to wallets without a
 * payment, so it must not be enabled on a public server.
 */
static void
check_payments(struct checkup *v)
{
	const char *why;

	if (!provider_start(v->conf, &why))
		report(v, "payments", BAD, "%s", why);
	else if (provider_on(v->conf, PROVIDER_SANDBOX) &&
	    !url_policy_private(v->conf->base_url))
		report(v, "payments", BAD,
		    "the sandbox adds money without a payment, and %s is a "
		    "public address: change payments.providers",
		    v->conf->base_url);
	else if (provider_on(v->conf, PROVIDER_SANDBOX) &&
	    (provider_on(v->conf, PROVIDER_RAZORPAY) ||
	    provider_on(v->conf, PROVIDER_STRIPE)))
		report(v, "payments", WARN,
		    "the sandbox adds money without a payment, and another "
		    "provider is configured too");
	else
		report(v, "payments", GOOD, "%s",
		    provider_default(v->conf) == 0 ?
		    "no provider" : v->conf->providers);
}

static void
report_mode(struct checkup *v, const char *name, const char *file, mode_t mode,
    mode_t forbidden)
{
	if (mode & forbidden)
		report(v, name, BAD, "%s has mode %04o, other users can access "
		    "it",
		    file, mode & 07777u);
	else
		report(v, name, GOOD, "%s has mode %04o", file, mode & 07777u);
}

/* Checks that the file does not have the forbidden permissions. */
static void
check_private(struct checkup *v, const char *name, const char *file,
    mode_t forbidden)
{
	struct stat st;

	if (stat(file, &st) != 0)
		report(v, name, BAD, "%s: %s", file, strerror(errno));
	else
		report_mode(v, name, file, st.st_mode, forbidden);
}

static void
check_schema(struct checkup *v)
{
	int have = db_schema_have(v->cli->db), want = db_schema_want();

	if (have == want)
		report(v, "schema", GOOD, "%d", have);
	else if (have < want)
		report(v, "schema", BAD,
		    "%d, this program needs %d: run migrate", have, want);
	else
		report(v, "schema", BAD,
		    "%d, this program supports %d: a newer version created it",
		    have, want);
}

static void
check_outbox(struct checkup *v)
{
	int64_t n, since, late = v->cli->now - 5 * MINUTE, sum = 0;
	bool old = false;
	enum rc rc;
	int channel;

	rc = db_read(v->cli->db);
	for (channel = 1; channel <= DELIVERY_CHANNELS && rc ==
	    RC_OK; channel++) {
		rc = delivery_waiting(v->cli->db, channel, &n, &since);
		old |= n > 0 && since < late;
		sum += n;
	}
	if (rc == RC_OK)
		db_read_end(v->cli->db);
	if (rc != RC_OK)
		report(v, "outbox", BAD, "%s", rc_message(rc));
	else
		report(v, "outbox", old ? WARN : GOOD,
		    "%" PRId64 " messages wait"
		    "%s", sum, old ? ", some for more than 5 minutes" : "");
}

/* The console sends codes to administrators who have a verified address. */
static void
check_staff(struct checkup *v)
{
	const char *name = NULL;
	int64_t n = 0;
	enum rc rc = db_read(v->cli->db);

	if (rc == RC_OK) {
		rc = contact_staff_without(v->cli->db, &v->cli->arena, &n,
		    &name);
		db_read_end(v->cli->db);
	}
	if (rc != RC_OK)
		report(v, "staff", BAD, "%s", rc_message(rc));
	else if (n > 0)
		report(v, "staff", WARN, "%s%s can get no sign-in code: use "
		    "'earmark user set-email'", name, n == 1 ? "" :
		    " and other administrators");
	else
		report(v, "staff", GOOD, "administrators can get codes");
}

/* Verifies the hash chain of the audit log. */
static void
check_audit(struct checkup *v)
{
	struct audit_proof p;
	enum rc rc = audit_verify(v->cli->db, &v->cli->arena, NULL, &p);

	if (rc != RC_OK)
		report(v, "audit", BAD, "%s", rc_message(rc));
	else if (!p.ok)
		report(v, "audit", BAD, "%s", p.wrong);
	else
		report(v, "audit", GOOD, "%" PRId64 " rows, hash chain valid",
		    p.rows);
}

static void
check_disk(struct checkup *v)
{
	struct statvfs fs;
	int64_t left;

	if (statvfs(v->conf->db_file, &fs) != 0) {
		report(v, "disk", BAD, "%s: %s", v->conf->db_file,
		    strerror(errno));
		return;
	}
	left = (int64_t)(fs.f_bavail * fs.f_frsize) / MIB;
	report(v, "disk", left < 64 ? BAD : left < 512 ? WARN : GOOD,
	    "%" PRId64 " MiB free", left);
}

/*
 * Checks that the clock is not earlier than the last write to the database.
 * Otherwise new times would precede older ones.
 */
static void
check_clock(struct checkup *v)
{
	struct timex tx = { 0 };
	char text[CLOCK_TEXT];
	struct stat st;

	clock_text(v->cli->now, text);
	if (v->cli->now < INT64_C(1735689600) * SECOND)	/* 2025 */
		report(v, "clock", BAD, "the time is wrong: %s", text);
	else if (stat(v->conf->db_file, &st) == 0 &&
	    st.st_mtim.tv_sec > v->cli->now / SECOND + 60)
		report(v, "clock", BAD, "%s is earlier than the last write to "
		    "the database", text);
	else if (adjtimex(&tx) == TIME_ERROR)
		report(v, "clock", WARN, "%s, not synchronized", text);
	else
		report(v, "clock", GOOD, "%s", text);
}

/* Returns whether users outside of its owner and group can connect. */
static bool
socket_is_open(const struct conf *conf, enum pool pool)
{
	char path[4096];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s.sock", conf->socket_dir,
	    pool_names[pool]);
	return stat(path, &st) == 0 && (st.st_mode & 07) != 0;
}

static bool
responds(const struct conf *conf, enum pool pool)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int n = snprintf(to.sun_path, sizeof(to.sun_path), "%s/%s.sock",
	    conf->socket_dir, pool_names[pool]);
	bool ok = fd >= 0 && n > 0 && (size_t)n < sizeof(to.sun_path) &&
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static void
check_pools(struct checkup *v)
{
	struct process_status w;
	char why[512];
	int i;

	for (i = 0; i < POOL_MAX; i++) {
		const char *name = arena_fmt(&v->cli->arena, "pool %s",
		    pool_names[i]);
		int64_t want = v->conf->workers[i];

		process_status_ready(v->conf, (enum pool)i, &w);
		if (process_status_failed(v->conf, (enum pool)i, why,
		    sizeof(why)))
			report(v, name, BAD, "a worker cannot start: %s", why);
		else if (!responds(v->conf, (enum pool)i))
			report(v, name, BAD, "the socket does not respond");
		else if (socket_is_open(v->conf, (enum pool)i))
			report(v, name, BAD, "all users can connect to the "
			    "socket");
		else if (w.n == 0)
			report(v, name, BAD, "no worker is ready");
		else
			report(v, name, (int64_t)w.n < want ? WARN : GOOD,
			    "%zu of %" PRId64 " workers", w.n, want);
	}
}

static void
check_programs(struct checkup *v)
{
	static const char *const names[] = { "jobs", "realtime" };

	for (size_t i = 0; i < NELEM(names); i++) {
		bool runs = process_status_program_runs(v->conf, names[i]);

		report(v, names[i], runs ? GOOD : BAD,
		    runs ? "earmark-%s runs" :
		    "earmark-%s does not run", names[i]);
	}
}

/*
 * Checks that a folder is writable and does not have the forbidden permissions.
 */
static void
check_folder(struct checkup *v, const char *name, const char *dir,
    mode_t forbidden)
{
	struct stat st;

	if (stat(dir, &st) != 0)
		report(v, name, BAD, "%s: %s", dir, strerror(errno));
	else if (access(dir, W_OK | X_OK) != 0)
		report(v, name, BAD, "%s is not writable", dir);
	else
		report_mode(v, name, dir, st.st_mode, forbidden);
}

/* Creates the folder, as a worker would, and a file in it. */
static void
check_spool(struct checkup *v)
{
	int fd = temp_file_open(v->conf->spool_dir);

	if (fd < 0) {
		report(v, "spool folder", BAD, "large responses fail: %s: %s",
		    v->conf->spool_dir, strerror(errno));
		return;
	}
	close(fd);
	check_folder(v, "spool folder", v->conf->spool_dir, 077);
}

static void
check_folders(struct checkup *v)
{
	const char *file = v->conf->db_file;

	check_folder(v, "database folder", arena_strn(&v->cli->arena, file,
	    (size_t)(strrchr(file, '/') + 1 - file)), 02);
	check_folder(v, "run folder", v->conf->run_dir, 02);
	check_folder(v, "media folder", v->conf->media_dir, 02);
	check_spool(v);
	/* It is made with the first backup. */
	if (access(v->conf->backup_dir, F_OK) == 0)
		check_folder(v, "backup folder", v->conf->backup_dir, 077);
}

/* Checks that backups and drills are recent. A late drill is only a warning. */
static void
check_backup_log(struct checkup *v, enum backup_log_kind kind, const char *name)
{
	struct backup_log_status c;
	char at[CLOCK_TEXT] = "";
	enum rc rc;

	rc = backup_log_read(v->cli->db, &v->cli->arena, v->conf, v->cli->now,
	    kind, &c);
	if (rc == RC_OK && c.good.id != 0)
		clock_text(c.good.at, at);
	if (rc != RC_OK)
		report(v, name, BAD, "%s", rc_message(rc));
	else if (c.state == BACKUP_LOG_FAILED)
		report(v, name, BAD, "the last one failed: %s; %s%s",
		    c.last.error, at[0] == '\0' ? "none was made" :
		    "the newest is from ", at);
	else if (c.state == BACKUP_LOG_NEVER)
		report(v, name, WARN, "none was made");
	else
		report(v, name, c.state == BACKUP_LOG_OK ? GOOD :
		    kind == BACKUP_LOG_BACKUP ? BAD :
		    WARN, "the newest is from %s%s", at,
		    c.state == BACKUP_LOG_OK ? "" : ", which is overdue");
}

/* Reports the last check of a hash chain by earmark-jobs. */
static void
check_chain(struct checkup *v, const char *name)
{
	char at[CLOCK_TEXT], whole[CLOCK_TEXT];
	struct chain_check p;
	bool old;
	enum rc rc;

	rc = chain_check_log_get(v->cli->db, &v->cli->arena, name, &p);
	if (rc != RC_OK) {
		report(v, name, BAD, "%s", rc_message(rc));
	} else if (p.checked_at == INT64_MIN) {
		report(v, name, WARN, "not verified yet");
	} else {
		clock_text(p.checked_at, at);
		clock_text(p.whole_at, whole);
		old = v->cli->now - p.checked_at > HOUR ||
		    v->cli->now - p.whole_at > 2 * DAY;
		if (p.first_wrong != NULL)
			report(v, name, BAD, "%s (found %s)", p.first_wrong,
			    at);
		else
			report(v, name, old ? WARN : GOOD,
			    "verified %s, completely %s", at, whole);
	}
}

/* Reports accounts whose phone number the job phone-upgrade did not convert. */
static void
check_phones(struct checkup *v)
{
	int64_t left;
	enum rc rc = kv_setting_get(v->cli->db, PHONE_UPGRADE_LEFT, 0, &left);

	if (rc != RC_OK)
		report(v, "phone numbers", BAD, "%s", rc_message(rc));
	else if (left > 0)
		report(v, "phone numbers", WARN, "%" PRId64 " accounts cannot "
		    "sign in with their number: the log of earmark-jobs names "
		    "them (event phone)", left);
}

/* Runs the checks that read the database. */
static void
check_rows(struct checkup *v)
{
	enum rc rc;

	check_outbox(v);
	check_staff(v);
	rc = db_read(v->cli->db);
	if (rc != RC_OK) {
		report(v, "backup", BAD, "%s", rc_message(rc));
		return;
	}
	check_backup_log(v, BACKUP_LOG_BACKUP, "backup");
	check_backup_log(v, BACKUP_LOG_DRILL, "restore drill");
	check_chain(v, CHAIN_CHECK_LEDGER);
	check_phones(v);
	db_read_end(v->cli->db);
	check_audit(v);
}

static void
check_database(struct checkup *v)
{
	struct cli *cli = v->cli;
	const char *engine;
	int64_t wal;
	int number;

	if (cli_become(cli) != EXIT_DONE) {
		report(v, "database", BAD, "cannot change to its owner");
		return;
	}
	engine = db_engine(&number);
	report(v, "sqlite", GOOD, "%s%s", engine, number >= SQLITE_FIXED ? "" :
	    "; the write lock prevents its WAL-reset bug");
	cli->db = db_open(v->conf->db_file, v->conf->lock_file, DB_INSPECT,
	    &cli->err);
	if (cli->db == NULL) {
		report(v, "database", BAD, "%s", cli->err.message);
		return;
	}
	report(v, "database", GOOD, "WAL, synchronous=FULL, read back");
	check_schema(v);
	if (db_quick_check(cli->db, &cli->err) != RC_OK)
		report(v, "integrity", BAD, "%s", cli->err.message);
	else
		report(v, "integrity", GOOD, "quick check passed");
	wal = db_wal_bytes(cli->db);
	report(v, "log", wal > 4 * v->conf->wal_truncate_bytes ? WARN : GOOD,
	    "%" PRId64 " KiB", wal / 1024);
	if (db_schema_have(cli->db) == db_schema_want())
		check_rows(v);
}

static void
check_certificate(struct checkup *v)
{
	const char *file = arena_fmt(&v->cli->arena, "%s/tls.crt",
	    v->conf->state_dir);
	char text[CLOCK_TEXT];
	int64_t end, days;

	if (access(file, F_OK) != 0)
		return;		/* nginx has its own certificate */
	if (!cert_expires(file, &end)) {
		report(v, "certificate", BAD, "%s cannot be read", file);
		return;
	}
	clock_text(end, text);
	days = (end - v->cli->now) / DAY;
	if (end <= v->cli->now)
		report(v, "certificate", BAD, "expired %s", text);
	else
		report(v, "certificate", days < 30 ? WARN : GOOD,
		    "expires %s, in %" PRId64 " days", text, days);
}

/*
 * Compares the origins that nginx accepts with the configuration. Without them,
 * browsers hide the error responses of nginx from web pages.
 */
static void
check_origins(struct checkup *v)
{
	const char *slash = strrchr(v->cli->file, '/');
	int folder = slash == NULL ? 0 : (int)(slash - v->cli->file) + 1;
	const char *file = arena_fmt(&v->cli->arena, "%.*sorigins.conf",
	    folder, v->cli->file);
	static char have[CONFIG_ORIGINS_MAX + 1];
	struct buf want;
	size_t n = 0;
	FILE *f;

	buf_init(&want, CONFIG_ORIGINS_MAX);
	command_origins(v->conf, &want);
	f = fopen(file, "re");
	if (f != NULL) {
		n = fread(have, 1, sizeof(have), f);
		fclose(f);
	}
	if (n != want.len || (n > 0 && memcmp(have, want.data, n) != 0))
		report(v, "origins", WARN, "%s differs from "
		    "server.cors_origins: run 'earmark config origins >%s' and "
		    "reload nginx", file, file);
	else
		report(v, "origins", GOOD, "%s", n == 0 ? "none" :
		    v->conf->cors_origins);
	buf_free(&want);
}

int
command_doctor(struct cli *cli, int argc, char **argv)
{
	bool json = false, launch = false;
	const struct cli_option options[] = {
		{ .name = "json", .flag = &json },
		{ .name = "launch", .flag = &launch },
	};
	struct checkup v = { .cli = cli };
	int status;

	if (cli_options(cli, argc, argv, options, NELEM(options), 0, 0) < 0)
		return EXIT_USAGE;
	status = cli_conf(cli);
	if (status != EXIT_DONE)
		return status;
	v.conf = cli->conf;
	v.last = &v.first;
	check_conf(&v);
	check_payments(&v);
	if (launch)
		doctor_launch(&v);
	check_origins(&v);
	check_private(&v, "key", v.conf->key_file, 077);
	if (standby_only(v.conf)) {
		/* A standby has neither programs nor a database to check. */
		doctor_standby(&v);
		report_print(&v, json);
		return v.bad ? EXIT_FAILED : EXIT_DONE;
	}
	check_private(&v, "database file", v.conf->db_file, 07);
	/* Checks that need root precede this line. */
	check_certificate(&v);
	check_database(&v);
	doctor_services(&v);
	check_disk(&v);
	check_folders(&v);
	check_clock(&v);
	check_pools(&v);
	check_programs(&v);
	report_print(&v, json);
	return v.bad ? EXIT_FAILED : EXIT_DONE;
}
