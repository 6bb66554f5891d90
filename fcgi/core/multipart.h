/*
 * multipart: finds the file in a multipart/form-data body (RFC 7578).
 */
#ifndef FCGI_CORE_MULTIPART_H
#define FCGI_CORE_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

/* Returns whether a Content-Type is multipart/form-data. */
bool	multipart_is(const char *content_type);
/*
 * Sets *file and *n to the content of the first part with a file name, or of the
 * first part if none has one. They point into the body. Returns false if the
 * body has no such part, is not terminated, has more than 32 parts before the
 * file, or more than 4 KiB of headers in a part.
 */
bool	multipart_file(const char *content_type, const char *body, size_t len,
	    const char **file, size_t *n);

#endif
