/*
 * audit_command: verifies the hash chain of the audit log.
 */
#include <inttypes.h>

#include "cmd/earmark/commands.h"
#include "domain/common/audit.h"

int
command_audit_proof(struct cli *cli, int argc, char **argv)
{
	struct audit_proof p;
	char head[65];
	int status;
	enum rc rc;

	status = cli_begin_db(cli, argc, argv, 0, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = audit_verify(cli->db, &cli->arena, NULL, &p);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	if (!p.ok)
		return cli_fail(EXIT_FAILED, "the audit log is broken: %s",
		    p.wrong);
	hash_hex(p.head.b, sizeof(p.head.b), head);
	printf("ok: %" PRId64 " rows, %" PRId64 " of them older than the "
	    "chain; head %s\n", p.rows, p.rows - p.chained, head);
	return EXIT_DONE;
}
