/*
 * archive_shipper: stores the files of the spool and the media files in the
 * archive. It runs in its own process, because the archive may be slow or hang.
 */
#ifndef CMD_JOBS_ARCHIVE_SHIPPER_H
#define CMD_JOBS_ARCHIVE_SHIPPER_H

#include <signal.h>

#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

struct archive_shipper;

/* Returns NULL if no archive is configured. */
struct archive_shipper	*archive_shipper_new(struct db *, const struct conf *);
void		 archive_shipper_free(struct archive_shipper *);
/*
 * Stores what is in the spool, in order, until it is empty, a file cannot be
 * stored, or *stop. New media files come first, because the database in the
 * segments may name them. *stored is the number of files.
 *
 * Before that, it looks whether a standby was promoted: with archive.dir each
 * time, with archive.fetch now and then. If so, it fences the database and
 * returns RC_CONFLICT. This machine must then not serve or archive any more.
 */
enum rc		 archive_shipper_run(struct archive_shipper *,
	    const volatile sig_atomic_t *stop, int64_t *stored);
/* Returns how long to wait until the next call, in ms. */
int		 archive_shipper_pause(const struct archive_shipper *);

#endif
