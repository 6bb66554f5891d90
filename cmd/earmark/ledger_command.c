/*
 * ledger_command: verifies the ledger, and shows and adjusts wallets.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "domain/money/wallet.h"

#define LINES	20			/* default number of entries */
#define LINES_MAX 1000

int
command_ledger_proof(struct cli *cli, int argc, char **argv)
{
	struct ledger_proof p;
	char head[65];
	int status;
	enum rc rc;

	status = cli_begin_db(cli, argc, argv, 0, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = ledger_verify(cli->db, &cli->arena, &p);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	if (!p.ok)
		return cli_fail(EXIT_FAILED, "the ledger is broken: %s",
		    p.wrong);
	hash_hex(p.head.b, sizeof(p.head.b), head);
	printf("ok: %" PRId64 " transfers, %" PRId64 " entries, %" PRId64
	    " accounts, %" PRId64 " wallet entries; head %s\n",
	    p.transfers, p.entries, p.accounts, p.wallet_entries, head);
	return EXIT_DONE;
}

/* Returns a reference such as "session:12", or "-". */
static const char *
reference_text(struct cli *cli, const struct wallet_entry *l)
{
	const char *what = wallet_reference(l->transfer);

	return what == NULL || l->reference == INT64_MIN ? "-" :
	    arena_fmt(&cli->arena, "%s:%" PRId64, what, l->reference);
}

static void
print_wallet(const struct wallet *w)
{
	printf("balance\t%" PRId64 "\nwallet\t%" PRId64 "\nbonus\t%" PRId64
	    "\nheld\t%" PRId64 "\nowed\t%" PRId64 "\nearnings\t%" PRId64
	    "\nfree_minutes\t%" PRId64 "\n", w->balance, w->wallet, w->bonus,
	    w->held, w->owed, w->earnings, w->free_minutes);
}

static void
print_entry(struct cli *cli, const struct wallet_entry *l)
{
	char at[CLOCK_TEXT];

	clock_text(l->at, at);
	printf("%" PRId64 "\t%s\t%s\t%s\t%" PRId64 "\t%" PRId64 "\t%s\n",
	    l->id, at, l->earned ? "earnings" : "wallet",
	    wallet_entry_type_names[l->type - 1], l->amount, l->balance,
	    reference_text(cli, l));
}

int
command_ledger_show(struct cli *cli, int argc, char **argv)
{
	struct wallet_query query = { .from = INT64_MIN, .to = INT64_MAX,
	    .limit = LINES };
	const char *number = NULL;
	const struct cli_option options[] = {
		{ .name = "limit", .value = &number },
	};
	struct wallet_page page;
	struct wallet w;
	int status;
	enum rc rc;

	if (cli_options(cli, argc, argv, options, NELEM(options), 1, 1) < 0)
		return EXIT_USAGE;
	if (number != NULL && (!str_int(number, &query.limit) ||
	    query.limit < 1 || query.limit > LINES_MAX))
		return cli_fail(EXIT_USAGE, "'%s' is not a number from 1 to "
		    "%d", number, LINES_MAX);
	status = cli_db(cli, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = db_read(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	rc = cli_user(cli, argv[0], &query.user);
	if (rc == RC_OK)
		rc = wallet_get(cli->db, query.user, &w);
	if (rc == RC_OK)
		rc = wallet_entries(cli->db, &cli->arena, &query, &page);
	db_read_end(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	print_wallet(&w);
	for (size_t i = 0; i < page.n; i++)
		print_entry(cli, &page.entries[i]);
	return EXIT_DONE;
}

/* A change of an account of a user, with its reason. */
struct change {
	int64_t user, amount;
	enum ledger_kind account;
	const char *text;
	struct audit_by by;
};

typedef enum rc change_fn(struct cli *, const struct change *);

static enum rc
adjust(struct cli *cli, const struct change *c)
{
	return wallet_adjust(cli->db, &cli->arena, c->user, c->account,
	    c->amount, c->text, &c->by, &cli->err);
}

static enum rc
payout(struct cli *cli, const struct change *c)
{
	return wallet_payout(cli->db, &cli->arena, c->user, c->amount,
	    c->text, &c->by, &cli->err);
}

/* Returns the account that an argument names, or 0. NULL: the wallet. */
static enum ledger_kind
parse_account(const char *name)
{
	static const enum ledger_kind kinds[] = {
		LEDGER_WALLET, LEDGER_BONUS, LEDGER_EARNINGS
	};

	for (size_t i = 0; i < NELEM(kinds); i++)
		if (name == NULL || str_eq(name, ledger_kind_names[kinds[i]]))
			return kinds[i];
	return 0;
}

/*
 * Runs a command with the arguments USER AMOUNT and a reason, in one
 * transaction.
 */
static int
run_change(struct cli *cli, int argc, char **argv, const char *option,
    change_fn *act)
{
	const char *text = NULL, *account = NULL;
	const struct cli_option options[] = {
		{ .name = option, .value = &text },
		{ .name = "account", .value = &account },
	};
	size_t n = act == adjust ? 2 : 1;	/* options of the command */
	struct change c = { .by.now = cli->now };
	struct wallet w;
	int status;
	enum rc rc;

	if (cli_options(cli, argc, argv, options, n, 2, 2) < 0)
		return EXIT_USAGE;
	c.account = parse_account(account);
	if (c.account == 0)
		return cli_fail(EXIT_USAGE, "'%s' is not wallet, bonus or "
		    "earnings", account);
	if (!str_int(argv[1], &c.amount) || c.amount > WALLET_BY_HAND_MAX ||
	    c.amount < -WALLET_BY_HAND_MAX)
		return cli_fail(EXIT_USAGE,
		    "'%s' is not an amount in the minor "
		    "unit of the currency", argv[1]);
	if (text == NULL || *text == '\0' || strlen(text) > LEDGER_NOTE_MAX ||
	    str_utf8(text, strlen(text)) < 0)
		return cli_fail(EXIT_USAGE, "--%s needs UTF-8 text of at "
		    "most %d bytes", option, LEDGER_NOTE_MAX);
	c.text = text;
	status = cli_db(cli, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = db_write(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	rc = cli_user(cli, argv[0], &c.user);
	if (rc == RC_OK)
		rc = act(cli, &c);
	if (rc == RC_OK)
		rc = wallet_get(cli->db, c.user, &w);
	rc = cli_end(cli, rc);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	print_wallet(&w);
	return EXIT_DONE;
}

int
command_ledger_adjust(struct cli *cli, int argc, char **argv)
{
	return run_change(cli, argc, argv, "reason", adjust);
}

int
command_ledger_payout(struct cli *cli, int argc, char **argv)
{
	return run_change(cli, argc, argv, "note", payout);
}
