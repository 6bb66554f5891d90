/*
 * config_command: checks and prints the configuration.
 */
#include "base/origin.h"
#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "providers/provider.h"

int
command_config_check(struct cli *cli, int argc, char **argv)
{
	const char *why;
	int status;

	status = cli_begin(cli, argc, argv, 0);
	if (status != EXIT_DONE)
		return status;
	if (!provider_start(cli->conf, &why))
		return cli_fail(EXIT_CONF, "%s", why);
	printf("%s is well\n", cli->file);
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
	fwrite(out.data, 1, out.len, stdout);
	buf_free(&out);
	return EXIT_DONE;
}
