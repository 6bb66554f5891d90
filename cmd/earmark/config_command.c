/*
 * config_command: checks and prints the configuration.
 */
#include <unistd.h>

#include "base/origin.h"
#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "domain/messaging/text.h"
#include "domain/money/currency.h"
#include "providers/message.h"
#include "providers/provider.h"

/*
 * Compares the currency with that of the database, if the database exists and
 * has the schema of this program.
 */
static int
check_currency(struct cli *cli)
{
	struct db *db;
	int status = cli_become(cli);

	if (status != EXIT_DONE || access(cli->conf->db_file, R_OK) != 0)
		return status;
	db = db_open(cli->conf->db_file, cli->conf->lock_file, DB_INSPECT,
	    &cli->err);
	if (db == NULL)
		return EXIT_DONE;
	if (db_schema_have(db) == db_schema_want() &&
	    currency_check(db, cli->conf, &cli->err) != RC_OK)
		status = cli_fail(EXIT_CONF, "%s", cli->err.message);
	db_close(db);
	return status;
}

/* Checks the texts of the operator. Runs as the service user. */
static int
check_templates(const struct conf *conf)
{
	size_t n;

	text_set_conf(conf);
	if (!template_load(conf->template_dir, stderr))
		return cli_fail(EXIT_CONF, "paths.template_dir has files that "
		    "cannot be used");
	n = text_check(stderr);
	return n == 0 ? EXIT_DONE : cli_fail(EXIT_CONF, "%zu templates are "
	    "invalid", n);
}

int
command_config_check(struct cli *cli, int argc, char **argv)
{
	const char *why;
	int status;

	status = cli_begin(cli, argc, argv, 0);
	if (status != EXIT_DONE)
		return status;
	if (!provider_start(cli->conf, &why) ||
	    !message_start(cli->conf, &why))
		return cli_fail(EXIT_CONF, "%s", why);
	status = check_currency(cli);
	if (status == EXIT_DONE)
		status = check_templates(cli->conf);
	if (status != EXIT_DONE)
		return status;
	printf("%s is valid\n", cli->file);
	return EXIT_DONE;
}

int
command_config_show(struct cli *cli, int argc, char **argv)
{
	int status;

	status = cli_begin(cli, argc, argv, 0);
	if (status == EXIT_DONE)
		conf_show(cli->conf, stdout);
	return status;
}

void
command_origins(const struct conf *conf, struct buf *to)
{
	const char *at = conf->cors_origins;
	size_t n;

	for (; (n = origin_next(&at)) > 0; at += n)
		buf_fmt(to, "%.*s $http_origin;\n", (int)n, at);
}

int
command_config_get(struct cli *cli, int argc, char **argv)
{
	int status;

	status = cli_begin(cli, argc, argv, 1);
	if (status != EXIT_DONE)
		return status;
	if (!conf_get(cli->conf, argv[0], stdout))
		return cli_fail(EXIT_FAILED, "unknown key '%s'; use the form "
		    "section.key", argv[0]);
	return EXIT_DONE;
}

int
command_config_origins(struct cli *cli, int argc, char **argv)
{
	struct buf out;
	int status;

	status = cli_begin(cli, argc, argv, 0);
	if (status != EXIT_DONE)
		return status;
	buf_init(&out, CONFIG_ORIGINS_MAX);
	command_origins(cli->conf, &out);
	if (out.len > 0)
		fwrite(out.data, 1, out.len, stdout);
	buf_free(&out);
	return EXIT_DONE;
}
