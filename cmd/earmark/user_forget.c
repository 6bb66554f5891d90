/* user_forget: deletes the stored hash of an address of a deleted account. */
#include "cmd/earmark/commands.h"
#include "domain/common/identifier.h"
#include "domain/money/returning_user.h"

int
command_user_forget(struct cli *cli, int argc, char **argv)
{
	const struct audit_by by = { .now = cli->now };
	enum identifier kind;
	char *address;
	int status;
	enum rc rc;

	status = cli_begin_db(cli, argc, argv, 1, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	kind = identifier_read(&cli->arena, cli->conf->default_country, argv[0],
	    &address);
	if (kind != ID_EMAIL && kind != ID_PHONE)
		return cli_fail(EXIT_USAGE, "'%s' is not an e-mail address or "
		    "phone number", argv[0]);
	rc = db_write(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	rc = returning_user_forget(cli->db, &cli->arena, cli->conf, address,
	    &by, &cli->err);
	rc = cli_end(cli, rc);
	return rc == RC_OK ? EXIT_DONE : cli_failed(cli, rc);
}
