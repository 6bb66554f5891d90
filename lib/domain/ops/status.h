/*
 * status: what runs and how it does, for the operator: `earmark status` and
 * GET /admin/status say the same. Nothing is scanned for it and nothing proved.
 */
#ifndef DOMAIN_OPS_STATUS_H
#define DOMAIN_OPS_STATUS_H

#include "base/conf.h"
#include "base/status_tree.h"
#include "db/db.h"

/*
 * Versions, files, disk, workers, programs; and, where the schema is this
 * program's, what the database tells. In a read transaction.
 */
enum rc	status_gather(struct db *, const struct conf *, int64_t now,
	    const char *version, const char *commit, struct status_tree *);

#endif
