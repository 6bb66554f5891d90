/*
 * status: the state of the installation for the operator. `earmark status` and
 * GET /admin/status show the same. It reads no large tables and does not verify
 * chains.
 */
#ifndef DOMAIN_OPS_STATUS_H
#define DOMAIN_OPS_STATUS_H

#include "base/conf.h"
#include "base/status_tree.h"
#include "db/db.h"

/*
 * Collects versions, files, disk space, workers and programs, in a read
 * transaction. If the schema is that of this program, also the state of outbox,
 * backups and chains.
 */
enum rc	status_gather(struct db *, const struct conf *, int64_t now,
	    const char *version, const char *commit, struct status_tree *);

#endif
