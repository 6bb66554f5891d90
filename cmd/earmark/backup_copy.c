#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/earmark/backup_copy.h"

/* Replaces the child by the shell. The copy may be long, so no time limit. */
static void __attribute__((noreturn))
run_shell(const char *command, const char *path)
{
	if (dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", command, "earmark-backup-copy",
		    path, (char *)NULL);
	_exit(126);
}

enum rc
backup_copy(const char *command, const char *path, struct err *err)
{
	pid_t child = fork(), ended;
	int status = 0;

	if (child == 0)
		run_shell(command, path);
	if (child < 0)
		return err_set(err, RC_FAULT, NULL, "fork: %s",
		    strerror(errno));
	do
		ended = waitpid(child, &status, 0);
	while (ended < 0 && errno == EINTR);
	if (ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return RC_OK;
	if (WIFSIGNALED(status))
		return err_set(err, RC_UPSTREAM, NULL, "backup.copy_command was "
		    "ended by signal %d", WTERMSIG(status));
	return err_set(err, RC_UPSTREAM, NULL, "backup.copy_command ended with "
	    "status %d", WEXITSTATUS(status));
}
