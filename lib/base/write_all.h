/*
 * write_all: writes to a file or a socket.
 */
#ifndef BASE_WRITE_ALL_H
#define BASE_WRITE_ALL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/*
 * Writes n bytes, in several calls of write(2) if necessary. Returns false, with
 * errno, if one fails; some bytes may have been written then.
 */
bool	write_all(int fd, const void *, size_t n);
/* The same for n pieces and writev(2). Changes the array. */
bool	write_all_vec(int fd, struct iovec *, int n);

#endif
