/*
 * backup_task: runs a backup, a restore test or a restore in a child process
 * with low priority. The parent waits and logs the result, even if the child
 * was killed.
 */
#ifndef CMD_EARMARK_BACKUP_TASK_H
#define CMD_EARMARK_BACKUP_TASK_H

#include "cmd/earmark/cli.h"
#include "domain/ops/backup_log.h"

/* Result of a task. */
struct backup_task {
	bool unknown;			/* the database cannot store it */
	char name[64];			/* of the backup; "": no backup */
	int64_t bytes;			/* INT64_MIN: unknown */
	char error[512];		/* "": success */
};

/*
 * Runs work() in a child without an open database, and logs the result in the
 * database. work() returns an exit status and sets w->error on failure; the
 * message is not yet printed. Returns the exit status.
 */
int	backup_task_run(struct cli *, enum backup_log_kind,
	    int (*work)(struct cli *, void *arg, struct backup_task *),
	    void *arg);
/* Lowers the priority of this process for CPU and disk. */
void	backup_task_lower_priority(void);
/*
 * Stores the error message of cli->err or rc in w->error. Returns the exit
 * status.
 */
int	backup_task_failed(struct cli *, enum rc, struct backup_task *);

#endif
