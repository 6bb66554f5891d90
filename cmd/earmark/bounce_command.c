/*
 * bounce_command: processes reports about mail that could not be delivered.
 *
 * The mail server runs it with a message on standard input. A status other than
 * 0 and 75 would make the mail server send another report.
 */
#include <unistd.h>

#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "domain/messaging/mail_address.h"
#include "net/bounce.h"
#include "providers/smtp_reply.h"

#define TRY_LATER	75		/* EX_TEMPFAIL of sysexits.h */

/* Reads standard input up to BOUNCE_BYTES, and discards the rest. */
static char *
read_message(struct arena *a, size_t *n)
{
	char *text = arena_alloc(a, BOUNCE_BYTES), rest[4096];
	ssize_t got;

	for (*n = 0; *n < BOUNCE_BYTES; *n += (size_t)got) {
		got = read(STDIN_FILENO, text + *n, BOUNCE_BYTES - *n);
		if (got <= 0)
			return text;
	}
	while (read(STDIN_FILENO, rest, sizeof(rest)) > 0)
		;
	return text;
}

/* Finds the recipient of the original message. */
static bool
find_key(const struct conf *conf, const char *recipient,
    const struct bounce *b, struct mail_key *key)
{
	if (recipient != NULL)
		return mail_address_read_sender(conf, recipient, key);
	for (size_t i = 0; i < b->n_to; i++)
		if (mail_address_read_sender(conf, b->to[i], key))
			return true;
	return false;
}

/* Returns why a report has no effect, or NULL. */
static const char *
find_reason(const struct bounce *b)
{
	const int *s = b->status;

	if (!b->report)
		return "not a delivery report";
	if (!b->failed)
		return "not a permanent failure";
	/* 5.0.0 is any permanent failure, 5.4.4 a domain without a server. */
	if (!smtp_reply_bad_address(s) && !(s[1] == 0 && s[2] == 0) &&
	    !(s[1] == 4 && s[2] == 4))
		return "the failure does not concern the address";
	return NULL;
}

static int
suppress(struct cli *cli, const struct mail_key *key, const struct bounce *b)
{
	const char *status = arena_fmt(&cli->arena, "%d.%d.%d", b->status[0],
	    b->status[1], b->status[2]);
	enum rc rc;

	if (cli_db(cli, DB_SERVE) != EXIT_DONE)
		return TRY_LATER;
	rc = db_write(cli->db);
	if (rc == RC_OK)
		rc = cli_end(cli, mail_address_suppress(cli->db, key,
		    MAIL_BOUNCED, status, cli->now));
	if (rc != RC_OK)
		return TRY_LATER;
	printf("suppressed: %s\n", status);
	return EXIT_DONE;
}

int
command_bounce(struct cli *cli, int argc, char **argv)
{
	const char *recipient, *reason;
	struct mail_key key;
	struct bounce b;
	char *text;
	size_t n;
	int at = cli_options(cli, argc, argv, NULL, 0, 0, 1);

	if (at < 0)
		return EXIT_USAGE;
	recipient = at == 1 ? argv[0] : NULL;
	if (cli_conf(cli) != EXIT_DONE)
		return TRY_LATER;
	text = read_message(&cli->arena, &n);
	bounce_read(&cli->arena, text, n, &b);
	reason = find_reason(&b);
	if (reason == NULL && !find_key(cli->conf, recipient, &b, &key))
		reason = "the recipient is not a sender of this installation";
	if (reason == NULL)
		return suppress(cli, &key, &b);
	printf("ignored: %s\n", reason);
	return EXIT_DONE;
}

int
command_bounce_allow(struct cli *cli, int argc, char **argv)
{
	int status = cli_begin_db(cli, argc, argv, 1, DB_SERVE);
	struct mail_key key;
	bool found;
	enum rc rc;

	if (status != EXIT_DONE)
		return status;
	key = mail_address_key(cli->conf, argv[0]);
	rc = db_write(cli->db);
	if (rc == RC_OK)
		rc = cli_end(cli, mail_address_allow(cli->db, &key, &found));
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	if (!found)
		return cli_fail(EXIT_FAILED, "the address is not suppressed");
	printf("mail is sent to the address again\n");
	return EXIT_DONE;
}
