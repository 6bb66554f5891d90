#include "domain/common/image_removal.h"

#include "base/image_store.h"

#define BATCH 50

struct removed {
	int64_t n;
	const char *name[BATCH];
};

enum rc
image_removal_pending(struct job_run *run)
{
	struct removed *r = arena_zalloc(run->arena, 1, sizeof(*r));
	struct stmt *q = stmt_get(run->db, Q_IMAGE_REMOVAL_NEXT);
	enum rc rc;
	int64_t i;

	stmt_int(q, ":max", BATCH);
	for (; r->n < BATCH && stmt_row(q); r->n++)
		r->name[r->n] = stmt_col_text(q, 0, run->arena);
	rc = stmt_done(q);
	if (rc != RC_OK || r->n == 0)
		return rc;
	for (i = 0; i < r->n; i++)
		image_store_drop(run->conf->media_dir, r->name[i]);
	run->found = r;
	run->work = true;
	return RC_OK;
}

enum rc
image_removal_run(struct job_run *run)
{
	const struct removed *r = run->found;
	enum rc rc = RC_OK;
	int64_t i;

	for (i = 0; i < r->n && rc == RC_OK; i++) {
		struct stmt *q = stmt_get(run->db, Q_IMAGE_REMOVAL_DONE);

		stmt_text(q, ":name", r->name[i]);
		rc = stmt_run(q);
	}
	run->done = r->n;
	run->more = r->n == BATCH;
	return rc;
}
