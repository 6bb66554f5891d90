/*
 * cli: what the commands of earmark(1) have in common.
 *
 * A command is a row of a table; its file is named for its subject. It gets
 * its arguments, opens what it needs, prints its result to standard output and
 * returns an exit status. What went wrong is one sentence on standard error.
 */
#ifndef CMD_EARMARK_CLI_H
#define CMD_EARMARK_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "cmd/exit.h"
#include "db/db.h"

struct cli;

struct command {
	const char *name;		/* "user add" */
	const char *args;		/* "NAME [options]", "" */
	const char *about;		/* one line, for the list */
	const char *help;		/* more lines, or NULL */
	int (*run)(struct cli *, int argc, char **argv);
};

struct cli {
	const struct command *command;
	const char *program;		/* how this program was called */
	const char *file;		/* the configuration's; may be NULL */
	const struct conf *conf;	/* after cli_conf() */
	struct db *db;			/* after cli_db() */
	struct arena arena;
	struct err err;
	int64_t now;
};

/* One sentence on standard error; returns status. */
int	cli_fail(int status, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* How the command is written, on standard error; EXIT_USAGE. */
int	cli_usage(const struct cli *);
/* What went wrong, from the rc and cli->err; its exit status. */
int	cli_failed(const struct cli *, enum rc);

/*
 * Loads the configuration. Root first becomes the owner of a file that is not
 * root's. Returns EXIT_DONE, or what the command is to return.
 */
int	cli_conf(struct cli *);
/*
 * Loads the configuration and, as root, becomes the service user: what is
 * written must be the workers' to read and write, and what the service user
 * can write (the folders of the database, of run/, of images and backups) must
 * never be opened by root. Files that only root can read are read before.
 *
 * The service user is the owner of the database's folder. If the configuration
 * is in folders of root alone, it is the first owner, other than root, of a
 * folder on the path from / to the database: such an owner can replace all
 * below. Root remains root only if the database belongs to root.
 */
int	cli_become(struct cli *);
/* ... and open the database, as its owner. */
int	cli_db(struct cli *, enum db_mode);
/* End a write transaction: commit on RC_OK, else roll back. */
enum rc	cli_end(struct cli *, enum rc);

/* The account that USER means, inside a transaction. */
enum rc	cli_user(struct cli *, const char *user, int64_t *id);

/*
 * Options of a command: "--name", "--name VALUE", "--name=VALUE"; "--" ends
 * them. Arguments that are no options are moved to the front of argv; a number
 * below zero is one.
 */
struct cli_option {
	const char *name;
	const char **value;		/* takes a value, or */
	bool *flag;			/* takes none, or */
	struct strv *list;		/* may be repeated; v has 16 places */
};

#define CLI_LIST 16

/*
 * Read them. The number of other arguments, which must be from least to most;
 * -1 after a sentence to standard error.
 */
int	cli_options(const struct cli *, int argc, char **argv,
	    const struct cli_option *, size_t n, int least, int most);

/*
 * How a command without options begins: it has that many arguments, and the
 * configuration. EXIT_DONE, or what to return.
 */
int	cli_begin(struct cli *, int argc, char **argv, int args);
/* ... and the database. */
int	cli_begin_db(struct cli *, int argc, char **argv, int args,
	    enum db_mode);

#endif
