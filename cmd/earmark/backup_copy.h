/*
 * backup_copy: runs the operator's command that copies a backup to another
 * machine.
 */
#ifndef CMD_EARMARK_BACKUP_COPY_H
#define CMD_EARMARK_BACKUP_COPY_H

#include "base/err.h"

/*
 * Runs `sh -c COMMAND` and waits. The path of the backup is its argument $1.
 * Its standard output is standard error. Returns RC_UPSTREAM and a message with
 * the exit status or signal if it fails.
 */
enum rc	backup_copy(const char *command, const char *path, struct err *);

#endif
