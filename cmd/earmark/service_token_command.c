/*
 * service_token_command: manages the tokens with which other backends
 * authenticate.
 */
#include "base/clock.h"
#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "domain/accounts/service_token.h"

int
command_service_add(struct cli *cli, int argc, char **argv)
{
	const struct audit_by by = { .now = cli->now };
	char text[SERVICE_TOKEN_TEXT];
	int status;
	enum rc rc;

	status = cli_begin_db(cli, argc, argv, 1, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = db_write(cli->db);
	if (rc == RC_OK)
		rc = cli_end(cli, service_token_add(cli->db, argv[0], &by,
		    text, &cli->err));
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	printf("%s\n", text);
	return EXIT_DONE;
}

int
command_service_revoke(struct cli *cli, int argc, char **argv)
{
	const struct audit_by by = { .now = cli->now };
	int status;
	enum rc rc;

	status = cli_begin_db(cli, argc, argv, 1, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = db_write(cli->db);
	if (rc == RC_OK)
		rc = cli_end(cli, service_token_revoke(cli->db, argv[0], &by,
		    &cli->err));
	return rc == RC_OK ? EXIT_DONE : cli_failed(cli, rc);
}

int
command_service_list(struct cli *cli, int argc, char **argv)
{
	struct service_token *list;
	char made[CLOCK_TEXT], over[CLOCK_TEXT];
	size_t n, i;
	int status;
	enum rc rc;

	status = cli_begin_db(cli, argc, argv, 0, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = db_read(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	rc = service_token_list(cli->db, &cli->arena, &list, &n);
	db_read_end(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	for (i = 0; i < n; i++) {
		clock_text(list[i].created_at, made);
		over[0] = '\0';
		if (list[i].revoked_at != INT64_MIN)
			clock_text(list[i].revoked_at, over);
		printf("%s %s%s%s\n", list[i].name, made,
		    over[0] == '\0' ? "" : " revoked ", over);
	}
	return EXIT_DONE;
}
