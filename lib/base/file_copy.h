/*
 * file_copy: copies the bytes of a file.
 */
#ifndef BASE_FILE_COPY_H
#define BASE_FILE_COPY_H

#include <stdint.h>

struct hashing;

/*
 * Reads from the position of a descriptor to the end of its file, and writes the
 * bytes to `to` unless it is -1. h: also computes their digest, or NULL. Returns
 * the number of bytes, or -1 with errno.
 */
int64_t	file_copy(int from, int to, struct hashing *h);

#endif
