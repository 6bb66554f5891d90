/*
 * archive_media: stores the media files in the archive.
 *
 * Files of images never change, so each is stored once. The file "media" of the
 * spool has the names of the stored ones.
 *
 * A file that cannot be read does not delay the transactions: it is logged, and
 * retried until it can be read or is removed.
 */
#ifndef CMD_JOBS_ARCHIVE_MEDIA_H
#define CMD_JOBS_ARCHIVE_MEDIA_H

#include <signal.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"

struct archive_media;

/* key: NULL if the archive is not encrypted. */
struct archive_media	*archive_media_new(const struct conf *,
			    const struct hash *key);
void			 archive_media_free(struct archive_media *);
/*
 * Stores the complete files that are not in the archive yet, until *stop.
 * Returns an error if the archive does not accept one.
 */
enum rc			 archive_media_put(struct archive_media *,
			    const volatile sig_atomic_t *stop, struct err *);

#endif
