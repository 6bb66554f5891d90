#include "cmd/earmark/standby_proof.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "db/db.h"
#include "domain/common/audit.h"
#include "domain/money/ledger.h"

#define MEMORY	((size_t)1 << 30)
#define MESSAGE	512

/* Tells the parent that a check has succeeded: one byte each. */
static void
tell(int fd, enum standby_proof done)
{
	char byte = (char)done;

	if (write(fd, &byte, 1) != 1)
		_exit(1);
}

static enum rc
run_checks(const char *file, int fd, struct arena *a, struct err *err)
{
	const char *lock = arena_fmt(a, "%s-lock", file);
	struct db *db = db_open(file, lock, DB_SOURCE, err);
	struct ledger_proof books;
	struct audit_proof audit;
	enum rc rc;

	(void)unlink(lock);
	if (db == NULL)
		return RC_FAULT;
	rc = ledger_verify(db, a, &books);
	if (rc == RC_OK && !books.ok)
		rc = err_set(err, RC_FAULT, "ledger",
		    "the ledger is broken: %s", books.wrong);
	if (rc != RC_OK)
		return rc;
	tell(fd, STANDBY_PROOF_LEDGER);
	rc = audit_verify(db, a, NULL, &audit);
	if (rc == RC_OK && !audit.ok)
		rc = err_set(err, RC_FAULT, "audit",
		    "the audit log is broken: %s", audit.wrong);
	if (rc != RC_OK)
		return rc;
	tell(fd, STANDBY_PROOF_AUDIT);
	rc = db_verify(db, err);
	if (rc == RC_OK)
		tell(fd, STANDBY_PROOF_ALL);
	return rc;
}

static _Noreturn void
prove(const char *file, int fd)
{
	struct arena arena;
	struct err err;
	enum rc rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	arena_init(&arena, MEMORY);
	err_init(&err, &arena);
	rc = run_checks(file, fd, &arena, &err);
	if (rc != RC_OK) {
		const char *why = err.message != NULL ? err.message :
		    rc_message(rc);

		(void)!write(fd, why, strlen(why) + 1);
	}
	log_flush();
	_exit(rc == RC_OK ? 0 : 1);
}

/* Reads what the process reports, until its end or the time limit. */
static void
listen_for(int fd, int64_t until, enum standby_proof *done,
    char why[MESSAGE])
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t now;
	size_t used = 0;
	char byte;

	why[0] = '\0';
	for (;;) {
		now = clock_mono() / 1000;
		if (now >= until)
			return;
		if (poll(&p, 1, (int)(until - now)) <= 0)
			continue;
		if (read(fd, &byte, 1) != 1)
			return;
		if (used == 0 && byte > 0 && byte <= STANDBY_PROOF_ALL) {
			*done = (enum standby_proof)byte;
		} else if (used < MESSAGE - 1) {
			why[used++] = byte;
			why[used] = '\0';
		}
	}
}

enum rc
standby_proof_run(const char *file, int64_t ms, enum standby_proof *done,
    struct err *err)
{
	int64_t until = clock_mono() / 1000 + ms;
	char why[MESSAGE];
	int pair[2], status = 0;
	bool late;
	pid_t pid;

	*done = STANDBY_PROOF_NONE;
	if (pipe2(pair, O_CLOEXEC) != 0)
		return err_set(err, RC_FAULT, "proof", "pipe: %s",
		    strerror(errno));
	log_flush();
	pid = fork();
	if (pid == 0)
		prove(file, pair[1]);
	close(pair[1]);
	if (pid > 0)
		listen_for(pair[0], until, done, why);
	close(pair[0]);
	if (pid < 0)
		return err_set(err, RC_FAULT, "proof", "fork: %s",
		    strerror(errno));
	late = clock_mono() / 1000 >= until;
	if (late)
		kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	if ((WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	    (WIFSIGNALED(status) && late))
		return RC_OK;
	return err_set(err, RC_FAULT, "proof", "the database of the standby "
	    "cannot be used: %s", why[0] == '\0' ? "the check was ended" : why);
}
