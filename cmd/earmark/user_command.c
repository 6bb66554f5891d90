/*
 * user_command: adds and bans accounts, and grants and revokes roles.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "crypto/password.h"
#include "domain/accounts/account.h"
#include "domain/accounts/account_ban.h"
#include "domain/accounts/mfa.h"
#include "domain/accounts/profile.h"
#include "domain/accounts/sign_in_link.h"
#include "domain/common/role.h"

/*
 * Returns the set of roles for the given names. Prints an error and returns 0
 * if a name is unknown.
 */
static unsigned
roles_of(const char *const *words, size_t n)
{
	unsigned set = 0, bit;
	size_t i;

	for (i = 0; i < n; i++) {
		bit = role_bit(words[i]);
		if (bit == 0) {
			cli_fail(EXIT_USAGE, "unknown role '%s'; use customer, "
			    "listener, admin, finance, support, moderator or "
			    "service", words[i]);
			return 0;
		}
		set |= bit;
	}
	return set;
}

/*
 * user add
 */

/*
 * Reads the password from the first line of a file, or of standard input if
 * file is NULL.
 */
static bool
read_password(struct cli *cli, const char *file, const char **password)
{
	FILE *f = file == NULL ? stdin : fopen(file, "re");
	char text[1024];
	bool ok;

	if (f == NULL) {
		cli_fail(EXIT_FAILED, "%s: %m", file);
		return false;
	}
	setvbuf(f, NULL, _IONBF, 0);
	ok = fgets(text, sizeof(text), f) != NULL;
	if (file != NULL)
		fclose(f);
	if (!ok) {
		cli_fail(EXIT_FAILED, "%s: no password found",
		    file == NULL ? "standard input" : file);
		return false;
	}
	text[strcspn(text, "\r\n")] = '\0';
	*password = arena_str(&cli->arena, text);
	explicit_bzero(text, sizeof(text));
	return true;
}

static int
hash_password(struct cli *cli, const char *password, const char *username,
    const char **hash)
{
	int64_t n = str_utf8(password, strlen(password));
	const char *weak = NULL;

	if (n < 0)
		return cli_fail(EXIT_FAILED, "the password is not UTF-8 text");
	if (n < PASSWORD_MIN || n > PASSWORD_MAX)
		return cli_fail(EXIT_FAILED, "the password must have %d to %d "
		    "characters", PASSWORD_MIN, PASSWORD_MAX);
	weak = password_weak(password, cli->conf, username, NULL);
	if (weak != NULL)
		return cli_fail(EXIT_FAILED, "the password %s", weak);
	if (!password_init(cli->conf))
		return cli_fail(EXIT_FAILED, "passwords cannot be hashed");
	*hash = password_hash(&cli->arena, password);
	if (*hash == NULL)
		return cli_fail(EXIT_FAILED, "no memory for a password hash");
	return EXIT_DONE;
}

/*
 * Normalizes and checks the values like a registration. Sets the invalid fields
 * in cli->err.
 */
static enum rc
check_new(struct cli *cli, struct account_new *n)
{
	struct err *err = &cli->err;

	identifier_check_username(&cli->arena, &n->username, err);
	if (n->email != NULL)
		identifier_check_email(&cli->arena, &n->email, err);
	if (n->phone != NULL)
		identifier_check_phone(&cli->arena, cli->conf->default_country,
		    &n->phone, err);
	if (n->sex != NULL && !str_eq(n->sex, "male") &&
	    !str_eq(n->sex, "female") && !str_eq(n->sex, "other"))
		err_field(err, "sex", "must be male, female or other");
	profile_check_country(&cli->arena, &n->country, err);
	profile_check_language(&n->preferred_language, err);
	return err->fields == NULL ? RC_OK : RC_INVALID;
}

/* Prints a sign-in link, and until when it works. */
static void
print_link(const struct cli *cli, const char *url)
{
	char until[CLOCK_TEXT];

	clock_text(cli->now + SIGN_IN_LINK_TTL, until);
	printf("%s\n", url);
	fprintf(stderr, "Open this link to sign in. It works once, until %s.\n",
	    until);
}

/* Adds the account, and a sign-in link if `link` is set. */
static int
add_user(struct cli *cli, struct account_new *n, bool link)
{
	const struct audit_by by = { .now = cli->now };
	const char *after, *url = NULL;
	int status = cli_db(cli, DB_SERVE);
	enum rc rc;

	if (status != EXIT_DONE)
		return status;
	rc = db_write(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	rc = account_add(cli->db, n, cli->now, &cli->err);
	if (rc == RC_OK)
		rc = audit_user(cli->db, &cli->arena, n->id, &after);
	if (rc == RC_OK)
		rc = audit_add(cli->db, &by, "user.add",
		    arena_fmt(&cli->arena, "user:%" PRId64, n->id), NULL,
		    after);
	if (rc == RC_OK && link)
		rc = sign_in_link_add(cli->db, &cli->arena, cli->conf, n->id,
		    &by, &url, &cli->err);
	rc = cli_end(cli, rc);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	printf("%" PRId64 "\n", n->id);
	if (!link && n->roles & role_bit("admin") && n->email == NULL &&
	    n->phone == NULL)
		fprintf(stderr, "earmark: warning: %s has no address, so the "
		    "console cannot send a code: sign in with the password, or "
		    "use 'earmark user set-email'\n", n->username);
	if (link)
		print_link(cli, url);
	return EXIT_DONE;
}

int
command_user_add(struct cli *cli, int argc, char **argv)
{
	const char *password = NULL, *file = NULL, *words[CLI_LIST];
	struct strv roles = { 0, words };
	struct account_new n = { .status = USER_ACTIVE, .proved = true };
	bool by_stdin = false, link;
	const struct cli_option options[] = {
		{ .name = "role", .list = &roles },
		{ .name = "password", .value = &password },
		{ .name = "password-file", .value = &file },
		{ .name = "password-stdin", .flag = &by_stdin },
		{ .name = "email", .value = &n.email },
		{ .name = "phone", .value = &n.phone },
		{ .name = "sex", .value = &n.sex },
		{ .name = "language", .value = &n.preferred_language },
		{ .name = "country", .value = &n.country },
	};
	int status;

	if (cli_options(cli, argc, argv, options, NELEM(options), 1, 1) < 0)
		return EXIT_USAGE;
	if ((password != NULL) + (file != NULL) + by_stdin > 1)
		return cli_fail(EXIT_USAGE, "only one password can be given");
	n.roles = roles.n == 0 ? role_bit("customer") :
	    roles_of(roles.v, roles.n);
	if (n.roles == 0)
		return EXIT_USAGE;
	link = password == NULL && file == NULL && !by_stdin &&
	    n.email == NULL && n.phone == NULL;
	status = cli_conf(cli);
	if (status != EXIT_DONE)
		return status;
	n.username = argv[0];
	if (check_new(cli, &n) != RC_OK)
		return cli_failed(cli, RC_INVALID);
	if (link && !(n.roles & role_bit("admin")))
		return cli_fail(EXIT_USAGE, "the user could not sign in: add a "
		    "password, --email or --phone");
	if (password != NULL)
		fputs("earmark: warning: other users of this machine can see "
		    "--password; use --password-file or --password-stdin\n",
		    stderr);
	if ((file != NULL || by_stdin) && !read_password(cli, file, &password))
		return EXIT_FAILED;
	if (password != NULL) {
		status = hash_password(cli, password, n.username, &n.password);
		if (status != EXIT_DONE)
			return status;
	}
	return add_user(cli, &n, link);
}

int
command_user_link(struct cli *cli, int argc, char **argv)
{
	const struct audit_by by = { .now = cli->now };
	const char *url;
	int64_t id;
	enum rc rc;
	int status = cli_begin_db(cli, argc, argv, 1, DB_SERVE);

	if (status != EXIT_DONE)
		return status;
	rc = db_write(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	rc = cli_user(cli, argv[0], &id);
	if (rc == RC_OK)
		rc = sign_in_link_add(cli->db, &cli->arena, cli->conf, id, &by,
		    &url, &cli->err);
	rc = cli_end(cli, rc);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	print_link(cli, url);
	return EXIT_DONE;
}

/* A change of an existing account. */

struct account_change {
	unsigned give, take;		/* roles */
	const char *reason;
	int64_t until;
	enum { ROLE, BAN, UNBAN, RESET_MFA } what;
};

/* Applies the change to one user, in one transaction. */
static int
apply_change(struct cli *cli, const char *user, const struct account_change *d)
{
	const struct audit_by by = { .now = cli->now };
	int status = cli_db(cli, DB_SERVE);
	int64_t id;
	enum rc rc;

	if (status != EXIT_DONE)
		return status;
	rc = db_write(cli->db);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	rc = cli_user(cli, user, &id);
	if (rc == RC_OK && d->what == ROLE)
		rc = role_change(cli->db, &cli->arena, id, d->give, d->take,
		    &by, &cli->err);
	else if (rc == RC_OK && d->what == BAN)
		rc = account_ban_add(cli->db, &cli->arena, id, d->reason,
		    d->until, &by, &cli->err);
	else if (rc == RC_OK && d->what == RESET_MFA)
		rc = mfa_reset(cli->db, &cli->arena, id, &by, &cli->err);
	else if (rc == RC_OK)
		rc = account_ban_lift(cli->db, &cli->arena, id, &by, &cli->err);
	rc = cli_end(cli, rc);
	return rc == RC_OK ? EXIT_DONE : cli_failed(cli, rc);
}

static int
change_roles(struct cli *cli, int argc, char **argv, bool give)
{
	struct account_change d = { .what = ROLE };
	unsigned set;
	int n = cli_options(cli, argc, argv, NULL, 0, 2, 1 + ROLES);

	if (n < 0)
		return EXIT_USAGE;
	set = roles_of((const char *const *)argv + 1, (size_t)n - 1);
	if (set == 0)
		return EXIT_USAGE;
	*(give ? &d.give : &d.take) = set;
	return apply_change(cli, argv[0], &d);
}

int
command_user_grant(struct cli *cli, int argc, char **argv)
{
	return change_roles(cli, argc, argv, true);
}

int
command_user_revoke(struct cli *cli, int argc, char **argv)
{
	return change_roles(cli, argc, argv, false);
}

int
command_user_ban(struct cli *cli, int argc, char **argv)
{
	struct account_change d = { .what = BAN, .until = INT64_MIN };
	const char *until = NULL;
	const struct cli_option options[] = {
		{ .name = "reason", .value = &d.reason },
		{ .name = "until", .value = &until },
	};

	if (cli_options(cli, argc, argv, options, NELEM(options), 1, 1) < 0)
		return EXIT_USAGE;
	if (until != NULL && !clock_parse(until, &d.until))
		return cli_fail(EXIT_USAGE, "'%s' is not an RFC 3339 time",
		    until);
	if (d.reason != NULL && (str_utf8(d.reason, strlen(d.reason)) < 0 ||
	    strlen(d.reason) > 1000))
		return cli_fail(EXIT_USAGE, "the reason must be UTF-8 text of "
		    "at most 1000 bytes");
	return apply_change(cli, argv[0], &d);
}

int
command_user_unban(struct cli *cli, int argc, char **argv)
{
	struct account_change d = { .what = UNBAN };

	if (cli_options(cli, argc, argv, NULL, 0, 1, 1) < 0)
		return EXIT_USAGE;
	return apply_change(cli, argv[0], &d);
}

int
command_user_reset_mfa(struct cli *cli, int argc, char **argv)
{
	struct account_change d = { .what = RESET_MFA };

	if (cli_options(cli, argc, argv, NULL, 0, 1, 1) < 0)
		return EXIT_USAGE;
	return apply_change(cli, argv[0], &d);
}
