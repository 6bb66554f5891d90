/*
 * mime: text that a mail may carry anywhere: ASCII, in short lines.
 */
#ifndef NET_MIME_H
#define NET_MIME_H

#include "base/buf.h"

/*
 * The value of a header that is text, UTF-8; `used` characters of its line are
 * taken. What is not plain is encoded words (RFC 2047), a line each.
 */
void	mime_header(struct buf *, const char *text, size_t used);
/* A text as quoted-printable (RFC 2045 6.7), lines with CR LF, the last too. */
void	mime_text(struct buf *, const char *text);

#endif
