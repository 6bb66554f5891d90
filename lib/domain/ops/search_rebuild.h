/*
 * search_rebuild: the job that rebuilds full-text indexes after an upgrade that
 * changed their words (db/search_index.h).
 */
#ifndef DOMAIN_OPS_SEARCH_REBUILD_H
#define DOMAIN_OPS_SEARCH_REBUILD_H

#include "domain/common/job.h"

enum rc	search_rebuild_pending(struct job_run *);
enum rc	search_rebuild_run(struct job_run *);

#endif
