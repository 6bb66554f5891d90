/*
 * exit: the exit statuses of all programs.
 */
#ifndef CMD_EXIT_H
#define CMD_EXIT_H

enum exit_status {
	EXIT_DONE,		/* 0: success */
	EXIT_FAILED,		/* 1: failure */
	EXIT_USAGE,		/* 2: invalid command line */
	EXIT_CONF,		/* 3: invalid configuration */
	EXIT_DB			/* 4: no database, or another schema */
};

#endif
