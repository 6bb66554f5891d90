#include "cmd/earmark/cli.h"
#include "cmd/earmark/standby.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/commit_times.h"
#include "base/metric.h"
#include "base/proof_map.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "domain/accounts/account.h"
#include "domain/calls/session.h"
#include "domain/messaging/text.h"
#include "domain/money/currency.h"

int
cli_fail(int status, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("earmark: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return status;
}

bool
cli_line_ok(const char *text)
{
	return strlen(text) <= 500 && str_utf8(text, strlen(text)) >= 0 &&
	    !str_has_ctl(text);
}

int
cli_usage(const struct cli *cli)
{
	fprintf(stderr, "usage: earmark -c FILE %s%s%s\n", cli->command->name,
	    *cli->command->args == '\0' ? "" : " ", cli->command->args);
	return EXIT_USAGE;
}

int
cli_failed(const struct cli *cli, enum rc rc)
{
	const struct err_field *f = cli->err.fields;
	const char *message = cli->err.message;

	if (f != NULL && message == NULL)
		return cli_fail(EXIT_FAILED, "%s %s", f->name, f->why);
	if (cli->err.rc != rc || message == NULL)
		message = rc_message(rc);
	return cli_fail(rc == RC_BUSY || rc == RC_FULL || rc == RC_FAULT ?
	    EXIT_DB : EXIT_FAILED, "%s", message);
}

/* Changes to this user permanently. */
static int
change_user(uid_t uid, gid_t gid)
{
	const struct passwd *pw = getpwuid(uid);
	bool failed = pw == NULL ? setgroups(0, NULL) || setgid(gid) :
	    initgroups(pw->pw_name, pw->pw_gid) || setgid(pw->pw_gid);

	if (failed || setuid(uid) != 0)
		return cli_fail(EXIT_FAILED, "cannot become user %d: %s",
		    (int)uid, strerror(errno));
	/* Other processes of that user must not trace this one. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	return EXIT_DONE;
}

/*
 * Finds the first component of a path that root does not own. Returns false if
 * root owns all existing components.
 */
static bool
find_unowned(const char *path, struct stat *st)
{
	char part[4096];
	size_t n = 0;

	do {
		n += 1 + strcspn(path + n + 1, "/");
		snprintf(part, sizeof(part), "%.*s", (int)n, path);
		if (stat(part, st) != 0)
			return false;
		if (st->st_uid != 0)
			return true;
	} while (path[n] != '\0');
	return false;
}

int
cli_conf(struct cli *cli)
{
	struct stat st;
	int status;

	if (cli->conf != NULL)
		return EXIT_DONE;
	if (cli->file == NULL && access(EARMARK_CONF_FILE, F_OK) == 0)
		cli->file = EARMARK_CONF_FILE;
	if (cli->file == NULL)
		return cli_fail(EXIT_USAGE,
		    "no configuration file: use -c FILE "
		    "or set EARMARK_CONF");
	if (geteuid() == 0 && stat(cli->file, &st) == 0 && st.st_uid != 0) {
		status = change_user(st.st_uid, st.st_gid);
		if (status != EXIT_DONE)
			return status;
	}
	cli->conf = conf_load(cli->file, stderr);
	if (cli->conf != NULL)
		session_configure(cli->conf);
	return cli->conf == NULL ? EXIT_CONF : EXIT_DONE;
}

int
cli_become(struct cli *cli)
{
	int status = cli_conf(cli);
	const char *file;
	struct stat st;
	char *dir;
	bool found;

	if (status != EXIT_DONE || geteuid() != 0)
		return status;
	file = cli->conf->db_file;
	dir = arena_strn(&cli->arena, file,
	    (size_t)(strrchr(file, '/') + 1 - file));
	/* The paths of the configuration are absolute. */
	if (find_unowned(cli->conf->state_dir, &st))
		found = stat(dir, &st) == 0 && st.st_uid != 0;
	else
		found = find_unowned(dir, &st);
	return found ? change_user(st.st_uid, st.st_gid) : EXIT_DONE;
}

int
cli_db(struct cli *cli, enum db_mode mode)
{
	int status = cli_become(cli);

	if (status != EXIT_DONE)
		return status;
	if (standby_only(cli->conf))
		return cli_fail(EXIT_DB, STANDBY_ONLY_WHY);
	/*
	 * Wakes earmark-jobs after writes. It is not an error if the folder
	 * does not exist yet.
	 */
	if (access(cli->conf->run_dir, W_OK) == 0) {
		metric_open(cli->conf->run_dir);
		proof_map_open(cli->conf->run_dir);
		commit_times_open(cli->conf);
	}
	cli->db = db_open(cli->conf->db_file, cli->conf->lock_file, mode,
	    &cli->err);
	if (cli->db == NULL)
		return cli_fail(EXIT_DB, "%s", cli->err.message);
	if (mode == DB_SERVE && db_fenced(cli->db))
		return cli_fail(EXIT_DB, DB_FENCED_WHY);
	if (mode == DB_SERVE)
		text_start(cli->conf, stderr);
	if (mode == DB_SERVE &&
	    currency_check(cli->db, cli->conf, &cli->err) != RC_OK)
		return cli_fail(EXIT_CONF, "%s", cli->err.message);
	return EXIT_DONE;
}

enum rc
cli_end(struct cli *cli, enum rc rc)
{
	if (rc == RC_OK)
		rc = db_commit(cli->db);
	else
		db_rollback(cli->db);
	wakeup_init(cli->conf->run_dir);
	wakeup_send(db_wake_take(cli->db));
	return rc;
}

const char *
cli_program(struct cli *cli, const char *name)
{
	const char *slash = strrchr(cli->program, '/'), *path;

	if (slash != NULL) {
		path = arena_fmt(&cli->arena, "%.*s/earmark-%s",
		    (int)(slash - cli->program), cli->program, name);
		if (access(path, X_OK) == 0)
			return path;
	}
	return arena_fmt(&cli->arena, EARMARK_POOL_DIR "/earmark-%s", name);
}

enum rc
cli_user(struct cli *cli, const char *arg, int64_t *id)
{
	struct account_match m = { .owner.id = 0 };
	struct account account;
	enum identifier kind;
	char *text;
	enum rc rc;

	if (str_int(arg, id)) {
		rc = account_get(cli->db, &cli->arena, *id, &account);
		if (rc == RC_NOT_FOUND)
			err_set(&cli->err, rc, NULL, "user %s not found",
			    arg);
		return rc;
	}
	/*
	 * A user name of digits only is written with '@', to distinguish it
	 * from an id.
	 */
	kind = identifier_read(&cli->arena, *arg == '@' ? "" :
	    cli->conf->default_country, *arg == '@' ? arg + 1 : arg, &text);
	rc = kind == ID_NONE ? RC_OK :
	    account_find(cli->db, &cli->arena, kind, text, &m);
	if (rc != RC_OK)
		return rc;
	*id = m.owner.id;
	return *id != 0 ? RC_OK :
	    err_set(&cli->err, RC_NOT_FOUND, NULL, "user '%s' not found",
	    arg);
}

/*
 * Finds the option that an argument names. *value is the text after '=', or
 * NULL.
 */
static const struct cli_option *
find_option(const char *arg, const struct cli_option *options, size_t n,
    const char **value)
{
	size_t i, len = strcspn(arg, "=");

	*value = arg[len] == '=' ? arg + len + 1 : NULL;
	for (i = 0; i < n; i++)
		if (strlen(options[i].name) == len &&
		    strncmp(options[i].name, arg, len) == 0)
			return &options[i];
	return NULL;
}

static bool
store_option(const struct cli_option *o, const char *value)
{
	if (o->list == NULL) {
		*o->value = value;
		return true;
	}
	if (o->list->n == CLI_LIST)
		return false;
	o->list->v[o->list->n++] = value;
	return true;
}

int
cli_options(const struct cli *cli, int argc, char **argv,
    const struct cli_option *options, size_t n, int min, int max)
{
	int i, rest = 0;
	bool plain = false;

	for (i = 0; i < argc; i++) {
		const struct cli_option *o;
		const char *value;

		/* "-5" is a number and "-" is a file name. */
		if (plain || argv[i][0] != '-' || argv[i][1] == '\0' ||
		    (argv[i][1] >= '0' && argv[i][1] <= '9')) {
			argv[rest++] = argv[i];
			continue;
		}
		if (str_eq(argv[i], "--")) {
			plain = true;
			continue;
		}
		o = argv[i][1] != '-' ? NULL :
		    find_option(argv[i] + 2, options, n, &value);
		if (o == NULL) {
			cli_fail(EXIT_USAGE, "%s: unknown option %s",
			    cli->command->name, argv[i]);
			return -1;
		}
		if (o->flag != NULL && value != NULL) {
			cli_fail(EXIT_USAGE, "%s: --%s takes no value",
			    cli->command->name, o->name);
			return -1;
		}
		if (o->flag != NULL) {
			*o->flag = true;
			continue;
		}
		if (value == NULL && ++i < argc)
			value = argv[i];
		if (value == NULL || !store_option(o, value)) {
			cli_fail(EXIT_USAGE, value == NULL ?
			    "%s: --%s needs a value" :
			    "%s: too many --%s options", cli->command->name,
			    o->name);
			return -1;
		}
	}
	if (rest >= min && rest <= max)
		return rest;
	if (rest > max)
		cli_fail(EXIT_USAGE, "%s: unexpected argument '%s'",
		    cli->command->name, argv[max]);
	else
		cli_usage(cli);
	return -1;
}

int
cli_begin(struct cli *cli, int argc, char **argv, int args)
{
	if (cli_options(cli, argc, argv, NULL, 0, args, args) < 0)
		return EXIT_USAGE;
	return cli_conf(cli);
}

int
cli_begin_db(struct cli *cli, int argc, char **argv, int args,
    enum db_mode mode)
{
	int status = cli_begin(cli, argc, argv, args);

	return status == EXIT_DONE ? cli_db(cli, mode) : status;
}
