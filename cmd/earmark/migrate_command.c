/*
 * migrate_command: creates the database or migrates its schema.
 */
#include <unistd.h>

#include "archive/archive_epoch.h"
#include "cmd/earmark/commands.h"
#include "cmd/earmark/standby.h"
#include "domain/money/currency.h"
#include "domain/ops/epoch_setting.h"

#define TRIES	120	/* of 5 s each: another migration may take minutes */

/*
 * Checks that no other machine has replaced this database, before the programs
 * are started. If the archive cannot be read, they start: earmark-jobs checks
 * again. Returns an exit status.
 */
static int
check_epoch(struct cli *cli)
{
	const struct conf *conf = cli->conf;
	const struct hash *key;
	struct archive_source from;
	struct epoch mine;
	int64_t newer;
	const char *why;
	enum rc rc;

	if (db_fenced(cli->db))
		return cli_fail(EXIT_DB, DB_FENCED_WHY);
	if (!archive_store_key(conf, &key, &why))
		return cli_fail(EXIT_CONF, "%s", why);
	if (!conf_archives(conf) || !archive_epoch_source(conf, key,
	    arena_fmt(&cli->arena, "%s.epoch-%d", conf->db_file,
	    (int)getpid()), &from))
		return EXIT_DONE;
	rc = db_read(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	rc = epoch_setting_get(cli->db, &mine);
	db_read_end(cli->db);
	if (rc == RC_OK)
		rc = archive_epoch_check(&from, &mine, &newer, &cli->err);
	if (rc == RC_CONFLICT && epoch_setting_fence(cli->db, newer) == RC_OK)
		return cli_fail(EXIT_DB, "%s", cli->err.message);
	if (rc != RC_OK)
		cli_fail(EXIT_DONE, "it is not known whether a standby was "
		    "promoted: %s", cli->err.message);
	err_init(&cli->err, &cli->arena);
	return EXIT_DONE;
}

int
command_migrate(struct cli *cli, int argc, char **argv)
{
	int from = 0, to = 0, tries = 0, status;
	enum rc rc;

	status = cli_begin(cli, argc, argv, 0);
	if (status == EXIT_DONE)
		status = cli_become(cli);
	if (status != EXIT_DONE)
		return status;
	if (standby_only(cli->conf))
		return cli_fail(EXIT_DB, STANDBY_ONLY_WHY);
	status = cli_db(cli, DB_MIGRATE);
	if (status != EXIT_DONE)
		return status;
	do {
		err_init(&cli->err, &cli->arena);
		rc = db_migrate(cli->db, &cli->err, &from, &to);
	} while (rc == RC_BUSY && ++tries < TRIES);
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
	status = check_epoch(cli);
	if (status != EXIT_DONE)
		return status;
	if (from == to)
		printf("schema %d is up to date\n", to);
	else
		printf("schema %d -> %d\n", from, to);
	return EXIT_DONE;
}
