#include "cmd/picture/sandbox.h"

#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/image_decoder.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

static bool
limit(int resource, rlim_t max)
{
	/* The signal of the soft limit of CPU time tells why it ended. */
	const struct rlimit r = { max, max + (resource == RLIMIT_CPU) };

	return setrlimit((__rlimit_resource_t)resource, &r) == 0;
}

static bool
limit_all(void)
{
#ifndef SANITIZED
	/* The sanitizers reserve terabytes of addresses. */
	if (!limit(RLIMIT_AS, SANDBOX_MEMORY))
		return false;
#endif
	return limit(RLIMIT_CPU, SANDBOX_CPU) && limit(RLIMIT_CORE, 0) &&
	    limit(RLIMIT_FSIZE, IMAGE_DECODER_OUT_MAX) &&
	    limit(RLIMIT_NPROC, 0);
}

/* Returns the condition that argument n has the bits `value` of `mask`. */
static struct scmp_arg_cmp
masked(unsigned n, scmp_datum_t mask, scmp_datum_t value)
{
	return (struct scmp_arg_cmp){ .arg = n, .op = SCMP_CMP_MASKED_EQ,
	    .datum_a = mask, .datum_b = value };
}

/* Anonymous memory that is not executable. */
static bool
allow_memory(scmp_filter_ctx f)
{
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
	    masked(2, PROT_EXEC, 0),
	    masked(3, MAP_ANONYMOUS, MAP_ANONYMOUS)) == 0 &&
	    seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	    masked(2, PROT_EXEC, 0)) == 0;
}

/* Allows a call whose first argument is this descriptor. */
static bool
allow_fd(scmp_filter_ctx f, int call, int fd)
{
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 1,
	    masked(0, UINT32_MAX, (scmp_datum_t)fd)) == 0;
}

/* Writing and syncing the result. */
static bool
allow_files(scmp_filter_ctx f)
{
	return allow_fd(f, SCMP_SYS(write), IMAGE_DECODER_FD_FULL) &&
	    allow_fd(f, SCMP_SYS(write), IMAGE_DECODER_FD_THUMB) &&
	    allow_fd(f, SCMP_SYS(fsync), IMAGE_DECODER_FD_FULL) &&
	    allow_fd(f, SCMP_SYS(fsync), IMAGE_DECODER_FD_THUMB) &&
	    allow_fd(f, SCMP_SYS(fsync), IMAGE_DECODER_FD_FOLDER);
}

/*
 * A rule for a call that the processor does not have never matches: arm64 has no
 * time().
 */
void *
sandbox_filter(void)
{
	static const int calls[] = {
		SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
		SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(getrandom),
		SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
		SCMP_SYS(time), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
		/* qsort() asks for the size of the memory. */
		SCMP_SYS(sysinfo),
#ifdef SANITIZED
		/* Called before functions that do not return. */
		SCMP_SYS(sigaltstack),
#endif
	};
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	bool ok;
	size_t i;

	if (f == NULL)
		return NULL;
	ok = allow_memory(f) && allow_files(f);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]) && ok; i++)
		ok = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 0) == 0;
	if (ok)
		return f;
	seccomp_release(f);
	return NULL;
}

bool
sandbox_enter(void)
{
	scmp_filter_ctx f;
	bool ok;

	/* A decoder does not outlive the process that waits for it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0) != 0 || !limit_all())
		return false;
	f = sandbox_filter();
	if (f == NULL)
		return false;
	ok = seccomp_load(f) == 0;
	seccomp_release(f);
	return ok;
}
