/*
 * cli: functions that the commands of earmark(1) share.
 *
 * A command is a row of the table in earmark.c, and its file is named after its
 * subject. It parses its arguments, prints its result to standard output and
 * returns an exit status. Errors are one sentence on standard error.
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
	const char *about;		/* one line, for the list of commands */
	const char *help;		/* more lines, or NULL */
	int (*run)(struct cli *, int argc, char **argv);
};

struct cli {
	const struct command *command;
	const char *program;		/* argv[0] of this program */
	const char *file;		/* configuration file, or NULL */
	const struct conf *conf;	/* set by cli_conf() */
	struct db *db;			/* set by cli_db() */
	struct arena arena;
	struct err err;
	int64_t now;
};

/* Prints one sentence to standard error. Returns status. */
int	cli_fail(int status, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Returns whether an option is one line of text of at most 500 bytes. */
bool	cli_line_ok(const char *);
/* Prints the usage of the command to standard error. Returns EXIT_USAGE. */
int	cli_usage(const struct cli *);
/* Prints the error of rc and cli->err. Returns its exit status. */
int	cli_failed(const struct cli *, enum rc);

/*
 * Loads the configuration. As root, first changes to the owner of the file,
 * unless that is root. Returns EXIT_DONE, or the exit status of the command.
 */
int	cli_conf(struct cli *);
/*
 * Loads the configuration and, as root, changes to the service user. Workers
 * must be able to read and write the files that a command creates. Root must
 * not open files in folders that the service user can write: the folders of the
 * database, run/, images and backups. Read files that only root can read before
 * this call.
 *
 * The service user is the owner of the folder of the database. If root owns the
 * folders of the configuration, it is instead the first owner, other than root,
 * of a folder on the path from / to the database. This owner can replace
 * everything below that folder. The process remains root only if root owns the
 * database.
 */
int	cli_become(struct cli *);
/* Calls cli_become() and opens the database. */
int	cli_db(struct cli *, enum db_mode);
/*
 * Ends a write transaction: commits if rc is RC_OK, else rolls back. Returns rc
 * or the error of the commit.
 */
enum rc	cli_end(struct cli *, enum rc);

/*
 * Returns the path of the program earmark-NAME. If this program was started from
 * a folder that has it, it is there. Otherwise it is in the folder of the
 * installation. The path never depends on processes or files of the service
 * user.
 */
const char *cli_program(struct cli *, const char *name);

/* Finds the account for an argument USER. Call it in a transaction. */
enum rc	cli_user(struct cli *, const char *user, int64_t *id);

/*
 * An option of a command: "--name", "--name VALUE" or "--name=VALUE". Exactly
 * one of the last three members is set. "--" ends the options. Other arguments,
 * including negative numbers, are moved to the front of argv.
 */
struct cli_option {
	const char *name;
	const char **value;		/* takes a value */
	bool *flag;			/* takes no value */
	struct strv *list;		/* repeatable; v has 16 elements */
};

#define CLI_LIST 16

/*
 * Parses the options. Returns the number of other arguments. Prints an error
 * and returns -1 if the options are invalid or the number is not from min to
 * max.
 */
int	cli_options(const struct cli *, int argc, char **argv,
	    const struct cli_option *, size_t n, int min, int max);

/*
 * Starts a command without options: checks the number of arguments and loads
 * the configuration. Returns EXIT_DONE, or the exit status of the command.
 */
int	cli_begin(struct cli *, int argc, char **argv, int args);
/* Calls cli_begin() and cli_db(). */
int	cli_begin_db(struct cli *, int argc, char **argv, int args,
	    enum db_mode);

#endif
