#include "domain/ops/search_rebuild.h"

#include "db/search_index.h"

enum rc
search_rebuild_pending(struct job_run *run)
{
	return search_index_outdated(run->db, &run->work);
}

enum rc
search_rebuild_run(struct job_run *run)
{
	enum rc rc = search_index_step(run->db, &run->more);

	run->done = run->more;
	return rc;
}
