#include "cmd/earmark/stopped.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/process_status.h"
#include "base/str.h"
#include "cmd/earmark/standby.h"
#include "db/db.h"

/*
 * Takes a lock that a running program holds. Returns false if the program runs.
 */
static bool
take_lock(const char *file, mode_t mode)
{
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, mode);

	/*
	 * If the folder is missing, no program runs. The lock is held until
	 * exit.
	 */
	return fd < 0 ? errno == ENOENT : flock(fd, LOCK_EX | LOCK_NB) == 0;
}

enum rc
stopped_check(const struct conf *conf, struct arena *a, struct err *err)
{
	static const char *const programs[] = { "jobs", "realtime" };
	struct process_status w;
	pid_t follower = standby_process(conf);

	if (follower > 0)
		return err_set(err, RC_CONFLICT, "following", "process %d "
		    "follows the archive (restore --follow): end it first",
		    (int)follower);
	for (int i = 0; i < POOL_MAX; i++) {
		process_status_ready(conf, (enum pool)i, &w);
		if (w.n > 0)
			return err_set(err, RC_CONFLICT, "running",
			    "workers of %s are running: stop all programs "
			    "first",
			    pool_names[i]);
	}
	for (size_t i = 0; i < NELEM(programs); i++)
		if (!take_lock(arena_fmt(a, "%s/%s.lock",
		    conf->run_dir, programs[i]), 0640))
			return err_set(err, RC_CONFLICT, "running",
			    "earmark-%s is running: stop all programs first",
			    programs[i]);
	if (!take_lock(conf->lock_file, 0600))
		return err_set(err, RC_CONFLICT, "running",
		    "another program writes to the database: stop all programs "
		    "first");
	if (db_in_use(conf->db_file))
		return err_set(err, RC_CONFLICT, "running",
		    "another program has %s open: stop all programs first",
		    conf->db_file);
	return RC_OK;
}
