/*
 * archive_epoch: the epochs of an archive.
 *
 * The archive has a file epoch-N for each epoch N from 2. It is never replaced
 * by another one, so a machine of an older epoch cannot hide it. The files
 * "bases" and "head" are named bases-N and head-N from epoch 2, so that such a
 * machine cannot replace those of a newer one either.
 */
#ifndef ARCHIVE_ARCHIVE_EPOCH_H
#define ARCHIVE_ARCHIVE_EPOCH_H

#include "archive/archive_store.h"
#include "base/arena.h"
#include "base/epoch.h"

/* How the archive is read. */
struct archive_source {
	const char *dir, *fetch;	/* one of them is NULL */
	int64_t timeout;		/* s, of the command */
	const struct hash *key;		/* or NULL */
	const char *part;		/* path of a temporary file */
};

/* Returns the name of "bases" or "head" in an epoch. */
const char	*archive_epoch_name(struct arena *, const char *name,
	    int64_t number);
/*
 * Reads the file of an epoch. Returns RC_NOT_FOUND if the archive does not
 * contain it.
 */
enum rc	archive_epoch_get(const struct archive_source *, int64_t number,
	    struct epoch *, struct err *);
/*
 * Stores the file of an epoch, unless it is there. Returns RC_CONFLICT with the
 * code "fenced" if the archive has another history of this number.
 */
enum rc	archive_epoch_put(const struct conf *, const struct archive_source *,
	    const struct epoch *, struct err *);
/*
 * Looks for a history that replaces `mine`: a newer epoch, or another one of
 * the same number. Returns RC_CONFLICT with the code "fenced", and sets
 * *newer, if there is one; RC_OK if not; other codes if the archive cannot be
 * read.
 */
enum rc	archive_epoch_check(const struct archive_source *,
	    const struct epoch *mine, int64_t *newer, struct err *);
/* Returns whether the configuration says how the archive is read. */
bool	archive_epoch_source(const struct conf *, const struct hash *key,
	    const char *part, struct archive_source *);

#endif
