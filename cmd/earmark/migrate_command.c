/*
 * migrate_command: creates the database or migrates its schema.
 */
#include "cmd/earmark/commands.h"
#include "domain/money/currency.h"

int
command_migrate(struct cli *cli, int argc, char **argv)
{
	int from = 0, to = 0, status;
	enum rc rc;

	status = cli_begin_db(cli, argc, argv, 0, DB_MIGRATE);
	if (status != EXIT_DONE)
		return status;
	rc = db_migrate(cli->db, &cli->err, &from, &to);
	if (rc != RC_OK) {
		cli_failed(cli, rc);
		return EXIT_DB;
	}
	rc = db_write(cli->db);
	if (rc == RC_OK)
		rc = cli_end(cli, currency_fix(cli->db, cli->conf));
	if (rc != RC_OK) {
		cli_failed(cli, rc);
		return EXIT_DB;
	}
	if (currency_check(cli->db, cli->conf, &cli->err) != RC_OK)
		return cli_fail(EXIT_CONF, "%s", cli->err.message);
	if (from == to)
		printf("schema %d is up to date\n", to);
	else
		printf("schema %d -> %d\n", from, to);
	return EXIT_DONE;
}
