/* mime: encodes text for mail as ASCII in short lines. */
#ifndef NET_MIME_H
#define NET_MIME_H

#include "base/buf.h"

/*
 * Writes the value of a header from UTF-8 text. `used` is the number of
 * characters already in the line. Text that is not ASCII is written as encoded
 * words (RFC 2047), one per line.
 */
void	mime_header(struct buf *, const char *text, size_t used);
/*
 * Writes the display name of an address (RFC 5322 phrase), in quotes or as
 * encoded words.
 */
void	mime_phrase(struct buf *, const char *name, size_t used);
/*
 * Writes text as quoted-printable (RFC 2045 6.7). All lines end with CR LF,
 * including the last.
 */
void	mime_text(struct buf *, const char *text);

#endif
