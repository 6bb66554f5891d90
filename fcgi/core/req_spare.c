#include "fcgi/core/req_spare.h"

#include "base/log.h"

#define SPARE_MAX 64

static struct req *spare[SPARE_MAX];
static size_t nspare;

struct req *
req_spare_take(struct db *db, const struct conf *conf)
{
	struct req *req;

	if (nspare > 0)
		req = spare[--nspare];
	else
		req = calloc(1, sizeof(*req));
	if (req != NULL && req_init(req, db, conf))
		return req;
	free(req);
	log_error("request", "out of memory");
	return NULL;
}

void
req_spare_give(struct req *req)
{
	req_reset(req);
	/* Long responses need requests in addition to those of the pass. */
	if (nspare == SPARE_MAX) {
		req_free(req);
		return;
	}
	/*
	 * Only the last spare request keeps its memory for a long time. So a
	 * burst of writes does not leave many large requests.
	 */
	if (nspare > 0)
		req_trim(spare[nspare - 1]);
	spare[nspare++] = req;
}
