/*
 * backup_task: how the commands that care for the data work: in a process of their
 * own, which stands back for everybody else, while the first one waits and
 * writes down how it ended, even where it was killed.
 */
#ifndef CMD_EARMARK_BACKUP_TASK_H
#define CMD_EARMARK_BACKUP_TASK_H

#include "cmd/earmark/cli.h"
#include "domain/ops/backup_log.h"

/* What a piece of work leaves. */
struct backup_task {
	bool unknown;			/* the database can not take a note */
	char name[64];			/* of the backup, "" : none */
	int64_t bytes;			/* INT64_MIN: none */
	char error[512];		/* "" : it is well */
};

/*
 * Do it, in a child that has no database open, and note how it ended. What it
 * returns is an exit status; what went wrong is in error then, not yet said.
 */
int	backup_task_run(struct cli *, enum backup_log_kind,
	    int (*work)(struct cli *, void *arg, struct backup_task *),
	    void *arg);
/* From here on, wait for whoever wants the processor or the disk. */
void	backup_task_lower_priority(void);
/* The error of cli->err or of an rc, into the work; its exit status. */
int	backup_task_failed(struct cli *, enum rc, struct backup_task *);

#endif
