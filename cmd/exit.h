/*
 * exit: what our programs tell scripts when they end.
 */
#ifndef CMD_EXIT_H
#define CMD_EXIT_H

enum exit_status {
	EXIT_DONE,		/* 0: it was done */
	EXIT_FAILED,		/* 1: it could not be done */
	EXIT_USAGE,		/* 2: the command line is wrong */
	EXIT_CONF,		/* 3: the configuration is wrong */
	EXIT_DB			/* 4: no database, or of another version */
};

#endif
