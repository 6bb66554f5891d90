/*
 * body_file: stores the body of a request in a file instead of memory.
 *
 * Pictures of cameras have several MiB. Bodies of that size, which anybody can
 * send, must not use the memory of a worker, and waiting for a decoder would
 * keep them there. The file has no name, so it disappears with its descriptor.
 * The system may write it to the disk.
 */
#ifndef FCGI_CORE_BODY_FILE_H
#define FCGI_CORE_BODY_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Maximum bytes of the files of a worker together: as many large pictures as
 * decoders process within seconds. Further bodies are discarded; the response
 * is 503.
 */
#define BODY_FILE_TOTAL	((size_t)128 * 1024 * 1024)

struct body_file {
	int fd;			/* 0: no file. 0 is never one: it is the
				 * socket of the pool */
	size_t len;		/* bytes of the body in the file */
	/*
	 * Why there is no file: RC_BUSY, RC_FULL or RC_FAULT (logged). RC_OK:
	 * there is one, or none is needed.
	 */
	enum rc rc;
};

/* Creates an empty file in a folder. */
void	body_file_open(struct body_file *, const char *dir);
/* Appends n bytes. Does nothing if there is no file. */
void	body_file_add(struct body_file *, const uint8_t *, size_t n);
/* Closes the file, if there is one, and clears the struct. */
void	body_file_close(struct body_file *);

#endif
