/*
 * user_account: changes the addresses of an account, prints all its data, and
 * erases it. All of this is audited.
 */
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "domain/accounts/account.h"
#include "domain/accounts/contact.h"
#include "domain/money/wallet_close.h"

static const char *
target_of(struct cli *cli, int64_t user)
{
	return arena_fmt(&cli->arena, "user:%" PRId64, user);
}

static int
set_address(struct cli *cli, int argc, char **argv, enum outbox_channel channel)
{
	const struct audit_by by = { .now = cli->now };
	struct contact_change c = { .channel = channel };
	int status = cli_begin_db(cli, argc, argv, 2, DB_SERVE);
	enum rc rc;

	if (status != EXIT_DONE)
		return status;
	c.address = argv[1];
	if (channel == OUTBOX_EMAIL ? !identifier_check_email(&cli->arena,
	    &c.address, &cli->err) : !identifier_check_phone(&cli->arena,
	    cli->conf->default_country, &c.address, &cli->err))
		return cli_failed(cli, RC_INVALID);
	rc = db_write(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	rc = cli_user(cli, argv[0], &c.user);
	if (rc == RC_OK)
		rc = contact_set(cli->db, &cli->arena, cli->conf, &c, &by,
		    &cli->err);
	rc = cli_end(cli, rc);
	return rc == RC_OK ? EXIT_DONE : cli_failed(cli, rc);
}

int
command_user_set_email(struct cli *cli, int argc, char **argv)
{
	return set_address(cli, argc, argv, OUTBOX_EMAIL);
}

int
command_user_set_phone(struct cli *cli, int argc, char **argv)
{
	return set_address(cli, argc, argv, OUTBOX_SMS);
}

int
command_user_export(struct cli *cli, int argc, char **argv)
{
	const struct audit_by by = { .now = cli->now };
	int status = cli_begin_db(cli, argc, argv, 1, DB_SERVE);
	const char *program, *id;
	int64_t user;
	enum rc rc;

	if (status != EXIT_DONE)
		return status;
	rc = db_write(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	rc = cli_user(cli, argv[0], &user);
	if (rc == RC_OK)
		rc = audit_add(cli->db, &by, "user.export",
		    target_of(cli, user), NULL, NULL);
	rc = cli_end(cli, rc);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	program = cli_program(cli, "export");
	id = arena_fmt(&cli->arena, "%" PRId64, user);
	db_close(cli->db);
	cli->db = NULL;
	execl(program, program, "-c", cli->file, id, (char *)NULL);
	return cli_fail(EXIT_FAILED, "%s: %s", program, strerror(errno));
}

/* Deletes the account like DELETE /user/profile. */
static enum rc
erase(struct cli *cli, const char *who, const char *contact, bool forfeit)
{
	const struct audit_by by = { .now = cli->now };
	struct account acc;
	int64_t user;
	enum rc rc;

	rc = cli_user(cli, who, &user);
	if (rc == RC_OK)
		rc = account_get(cli->db, &cli->arena, user, &acc);
	if (rc != RC_OK)
		return rc;
	if (acc.status == USER_DELETED)
		return err_set(&cli->err, RC_CONFLICT, NULL,
		    "the account was erased before");
	if (!forfeit)
		rc = wallet_close_check(cli->db, &cli->arena, user, &cli->err);
	if (rc == RC_OK)
		rc = account_delete(cli->db, &cli->arena, cli->conf, user,
		    contact, "earmark", cli->now, &cli->err);
	/* The state before it would keep personal data. */
	return rc == RC_OK ? audit_add(cli->db, &by, "user.erase",
	    target_of(cli, user), NULL, NULL) : rc;
}

int
command_user_erase(struct cli *cli, int argc, char **argv)
{
	const char *contact = NULL;
	bool forfeit = false;
	const struct cli_option options[] = {
		{ .name = "forfeit", .flag = &forfeit },
		{ .name = "payout-contact", .value = &contact },
	};
	int status;
	enum rc rc;

	if (cli_options(cli, argc, argv, options, NELEM(options), 1, 1) < 0)
		return EXIT_USAGE;
	if (contact != NULL && !cli_line_ok(contact))
		return cli_fail(EXIT_USAGE, "--payout-contact must be one line "
		    "of at most 500 bytes");
	status = cli_db(cli, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = db_write(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	rc = cli_end(cli, erase(cli, argv[0], contact, forfeit));
	return rc == RC_OK ? EXIT_DONE : cli_failed(cli, rc);
}
