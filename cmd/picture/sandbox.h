/*
 * sandbox: takes all permissions from a process that decodes pictures.
 *
 * Afterwards the process can read memory that it has mapped, allocate a bounded
 * amount of memory, and write a bounded number of bytes to each of the two files
 * of the result, which it cannot read, and sync them and their folder. The
 * kernel kills it if it opens a file or a socket, starts or signals a process,
 * or makes any other system call.
 */
#ifndef CMD_PICTURE_SANDBOX_H
#define CMD_PICTURE_SANDBOX_H

#include <stdbool.h>

#define SANDBOX_MEMORY	(320L << 20)	/* bytes of the address space */
#define SANDBOX_CPU	8		/* s */

/* Returns false if the kernel does not support it. */
bool	sandbox_enter(void);

/*
 * Returns the filter of system calls that sandbox_enter() loads, for the
 * processor of this program, or NULL on failure. It is an scmp_filter_ctx, which
 * the caller releases with seccomp_release().
 */
void	*sandbox_filter(void);

#endif
