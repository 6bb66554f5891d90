#include "domain/accounts/image_upgrade.h"

#include <inttypes.h>

#include "base/image_store.h"
#include "base/image_strip.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/common/kv_setting.h"

#define BATCH		8
#define FILE_MAX	(3 << 20)	/* bytes; uploads have at most 2 MiB */

struct progress {
	int64_t last;			/* id of the last account */
	int64_t rewritten;
	size_t n;			/* invalid images */
	int64_t user[BATCH];
	const char *name[BATCH];
};

/* Rewrites an image if it has metadata. */
static enum rc
rewrite(struct job_run *run, int64_t user, const char *name,
    struct progress *p)
{
	const char *dir = run->conf->media_dir, *type;
	uint8_t *old, *new;
	size_t n, len = 0;
	enum rc rc;

	rc = image_store_get(dir, name, run->arena, FILE_MAX, &old, &n);
	if (rc == RC_NOT_FOUND || rc == RC_TOO_LARGE)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	type = image_store_type(old, n);
	new = arena_alloc(run->arena, n + IMAGE_STRIP_MORE);
	if (type != NULL)
		len = image_strip(type, old, n, new);
	if (len == 0) {
		log_warn("image", "the image of account %" PRId64
		    " is not valid; it is removed", user);
		p->user[p->n] = user;
		p->name[p->n++] = name;
		return RC_OK;
	}
	if (len == n && memcmp(old, new, n) == 0) {
		image_store_drop(dir, arena_fmt(run->arena, IMAGE_STORE_LEFT,
		    name));
		return RC_OK;
	}
	rc = image_store_replace(dir, name, new, len);
	p->rewritten += rc == RC_OK;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc
image_upgrade_pending(struct job_run *run)
{
	struct progress *p = arena_zalloc(run->arena, 1, sizeof(*p));
	const char *names[BATCH];
	int64_t users[BATCH];
	struct stmt *q;
	size_t n = 0, i;
	enum rc rc;

	rc = kv_setting_get(run->db, IMAGE_UPGRADE, 0, &p->last);
	if (rc != RC_OK || p->last == INT64_MAX)
		return rc;
	q = stmt_get(run->db, Q_IMAGE_UPGRADE_NEXT);
	stmt_int(q, ":after", p->last);
	stmt_int(q, ":max", BATCH);
	for (; n < BATCH && stmt_row(q); n++) {
		users[n] = stmt_col_int(q, 0);
		names[n] = stmt_col_text(q, 1, run->arena);
	}
	rc = stmt_done(q);
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = rewrite(run, users[i], names[i], p);
	if (rc != RC_OK)
		return rc;
	p->last = n < BATCH ? INT64_MAX : users[n - 1];
	run->found = p;
	run->work = true;
	return RC_OK;
}

enum rc
image_upgrade_run(struct job_run *run)
{
	const struct progress *p = run->found;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; i < p->n && rc == RC_OK; i++) {
		struct stmt *q = stmt_get(run->db, Q_IMAGE_UPGRADE_DROP);

		stmt_int(q, ":id", p->user[i]);
		stmt_text(q, ":name", p->name[i]);
		stmt_int(q, ":now", run->now);
		rc = stmt_run(q);
		/* A new image has another name. */
		if (rc == RC_OK)
			image_store_drop(run->conf->media_dir, p->name[i]);
	}
	if (rc != RC_OK)
		return rc;
	run->done = p->rewritten;
	run->more = p->last != INT64_MAX;
	return kv_setting_put(run->db, IMAGE_UPGRADE, p->last);
}
