#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "domain/money/payment.h"

/* Parses a positive integer. */
static bool
parse_number(const char *text, int64_t *n)
{
	return str_int(text, n) && *n > 0;
}

int
command_pay_refund(struct cli *cli, int argc, char **argv)
{
	const char *reason = NULL;
	bool even = false;
	const struct cli_option options[] = {
		{ .name = "reason", .value = &reason },
		{ .name = "even-if-spent", .flag = &even },
	};
	struct payment_reversal r;
	int64_t id, amount = 0;
	int n, status;
	enum rc rc;

	n = cli_options(cli, argc, argv, options, NELEM(options), 1, 2);
	if (n < 0)
		return EXIT_USAGE;
	if (!parse_number(argv[0], &id))
		return cli_fail(EXIT_USAGE, "'%s' is not a payment number",
		    argv[0]);
	if (n == 2 && !parse_number(argv[1], &amount))
		return cli_fail(EXIT_USAGE,
		    "'%s' is not an amount in the minor "
		    "unit of the currency", argv[1]);
	if (reason == NULL || reason[0] == '\0' || !cli_line_ok(reason))
		return cli_fail(EXIT_USAGE,
		    "--reason needs one line of text of "
		    "at most 500 bytes");
	status = cli_db(cli, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = db_write(cli->db);
	if (rc == RC_OK)
		rc = cli_end(cli, payment_refund(cli->db, &cli->arena, id,
		    amount, reason, even, &(const struct audit_by){
		    .now = cli->now }, &r, &cli->err));
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	printf("%lld\n", (long long)r.id);
	return EXIT_DONE;
}
