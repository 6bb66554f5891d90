/*
 * archive_bases: the list of the bases in the archive.
 *
 * It is the file "bases" in the spool, with one line for each base, and a copy
 * in the archive. A restore chooses a base from it. Bases that are not needed
 * any more after archive.keep are removed from it and from archive.dir.
 */
#ifndef CMD_JOBS_ARCHIVE_BASES_H
#define CMD_JOBS_ARCHIVE_BASES_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/epoch.h"
#include "base/err.h"
#include "base/hash.h"

struct archive_bases {
	const struct conf *conf;
	const struct hash *key;		/* or NULL */
	const struct epoch *epoch;
	struct arena *arena;
};

/*
 * Adds a base that is in the archive to the list, and removes old ones. path: a
 * copy of its file. If the list cannot be read, nothing changes.
 */
enum rc	archive_bases_add(const struct archive_bases *, const char *path,
	    struct err *);

#endif
