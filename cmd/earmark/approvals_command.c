/*
 * approvals_command: lists, approves and rejects requests of administrators.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "domain/calls/approval.h"
#include "domain/money/ledger.h"

#define LINES	1000

/* Prints one request on a line: its fields, separated by tabs. */
static void
print_approval(const struct approval *p)
{
	const struct approval_request *r = &p->request;
	char at[CLOCK_TEXT];

	clock_text(p->requested_at, at);
	printf("%" PRId64 "\t%s\t%s\t%s\t%" PRId64 "\t%s\t%" PRId64 "\t%"
	    PRId64 "\t%" PRId64 "\t%s\n", p->id,
	    approval_state_names[p->state], at,
	    approval_kind_names[r->kind - 1], r->target,
	    r->kind == APPROVAL_ADJUST ? ledger_kind_names[r->account] : "-",
	    r->amount, r->earnings, p->requested_by, r->reason);
}

int
command_approvals_list(struct cli *cli, int argc, char **argv)
{
	struct approval_query query = { .state = APPROVAL_PENDING,
	    .limit = LINES, .before = INT64_MAX };
	bool all = false;
	const struct cli_option options[] = {
		{ .name = "all", .flag = &all },
	};
	struct approval_page page;
	int status;
	enum rc rc;

	if (cli_options(cli, argc, argv, options, NELEM(options), 0, 0) < 0)
		return EXIT_USAGE;
	if (all)
		query.state = -1;
	status = cli_db(cli, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = db_read(cli->db);
	if (rc == RC_OK) {
		rc = approval_list(cli->db, &cli->arena, &query, &page);
		db_read_end(cli->db);
	}
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	for (size_t i = 0; i < page.n; i++)
		print_approval(&page.approvals[i]);
	return EXIT_DONE;
}

typedef enum rc decide_fn(struct db *, struct arena *, int64_t id,
    const char *note, const struct audit_by *, struct approval *,
    struct err *);

static int
decide(struct cli *cli, int argc, char **argv, decide_fn *f)
{
	const struct audit_by by = { .now = cli->now };
	const char *note = NULL;
	const struct cli_option options[] = {
		{ .name = "note", .value = &note },
	};
	struct approval p;
	int64_t id;
	int status;
	enum rc rc;

	if (cli_options(cli, argc, argv, options, NELEM(options), 1, 1) < 0)
		return EXIT_USAGE;
	if (!str_int(argv[0], &id) || id <= 0)
		return cli_fail(EXIT_USAGE, "'%s' is not the number of a "
		    "request", argv[0]);
	if (note != NULL && !cli_line_ok(note))
		return cli_fail(EXIT_USAGE, "--note needs one line of text of "
		    "at most 500 bytes");
	status = cli_db(cli, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = db_write(cli->db);
	if (rc == RC_OK)
		rc = cli_end(cli, f(cli->db, &cli->arena, id, note, &by, &p,
		    &cli->err));
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	print_approval(&p);
	return EXIT_DONE;
}

int
command_approvals_approve(struct cli *cli, int argc, char **argv)
{
	return decide(cli, argc, argv, approval_approve);
}

int
command_approvals_reject(struct cli *cli, int argc, char **argv)
{
	return decide(cli, argc, argv, approval_reject);
}
