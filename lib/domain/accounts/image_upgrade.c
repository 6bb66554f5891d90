#include "domain/accounts/image_upgrade.h"

#include <inttypes.h>

#include "base/image_decoder.h"
#include "base/image_store.h"
#include "base/image_type.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/common/kv_setting.h"

#define BATCH		2	/* Each decoder takes up to some seconds. */
#define FILE_MAX	(3 << 20)	/* bytes; these versions took 2 MiB */

struct image {
	int64_t user;
	const char *name;
	const char *encoded;		/* name of the new image; NULL: it is
					 * not valid, and removed */
};

struct progress {
	int64_t last;			/* id of the last account */
	size_t n;			/* images to replace */
	struct image image[BATCH];
};

static struct image *
add_image(struct progress *p, int64_t user, const char *name)
{
	struct image *i = &p->image[p->n++];

	*i = (struct image){ .user = user, .name = name };
	return i;
}

/* Marks an image as invalid, so that image_upgrade_run() removes it. */
static void
remove_later(int64_t user, const char *name, const char *why,
    struct progress *p)
{
	log_warn("image", "the image of account %" PRId64
	    " cannot be used; it is removed: %s", user, why);
	(void)add_image(p, user, name);
}

/* Encodes the bytes of an image and stores them as a new one. */
static enum rc
encode(struct job_run *run, const char *type, const uint8_t *bytes, size_t n,
    char name[IMAGE_STORE_NAME], struct err *err)
{
	const char *dir = run->conf->media_dir;
	struct image_store_files files;
	enum rc rc;

	image_store_name(type, name);
	rc = image_store_create(dir, name, &files);
	if (rc != RC_OK)
		return rc;
	rc = image_decoder_run(run->conf, type, bytes, n,
	    &(struct image_decoder_files){ .full = files.full,
	    .thumb = files.thumb, .folder = files.folder }, err);
	image_store_close(&files);
	if (rc != RC_OK)
		image_store_drop(dir, name);
	return rc;
}

/* Encodes an image, unless it was encoded before. */
static enum rc
rewrite(struct job_run *run, int64_t user, const char *name,
    struct progress *p)
{
	const char *dir = run->conf->media_dir, *type, *dot;
	char thumb[IMAGE_STORE_THUMB_NAME], *encoded;
	struct err err;
	uint8_t *old;
	size_t n;
	enum rc rc;

	image_store_thumb(name, thumb);
	if (image_store_has(dir, thumb))
		return RC_OK;
	rc = image_store_get(dir, name, run->arena, FILE_MAX, &old, &n);
	if (rc == RC_NOT_FOUND || rc == RC_TOO_LARGE)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	err_init(&err, run->arena);
	type = image_type(old, n);
	dot = strrchr(name, '.');
	if (type == NULL || dot == NULL || !str_eq(dot + 1, type)) {
		remove_later(user, name, "its format is another one", p);
		return RC_OK;
	}
	encoded = arena_alloc(run->arena, IMAGE_STORE_NAME);
	rc = encode(run, type, old, n, encoded, &err);
	if (rc == RC_OK)
		add_image(p, user, name)->encoded = encoded;
	if (rc != RC_MEDIA)
		return rc;
	remove_later(user, name, err.message, p);
	return RC_OK;
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
	/* No decoder was free: continues there the next time. */
	if (rc == RC_BUSY && i == 1)
		return RC_OK;
	if (rc == RC_BUSY)
		p->last = users[i - 2];
	else if (rc != RC_OK)
		return rc;
	else
		p->last = n < BATCH ? INT64_MAX : users[n - 1];
	run->found = p;
	run->work = true;
	return RC_OK;
}

/*
 * Replaces the image of an account, unless it has another one by now:
 * image_sweep then removes the new files.
 */
static enum rc
set_image(struct job_run *run, const struct image *i)
{
	struct stmt *q = stmt_get(run->db, Q_IMAGE_UPGRADE_SET);

	stmt_int(q, ":id", i->user);
	stmt_text(q, ":name", i->name);
	if (i->encoded != NULL)
		stmt_text(q, ":encoded", i->encoded);
	stmt_int(q, ":now", run->now);
	return stmt_run(q);
}

enum rc
image_upgrade_run(struct job_run *run)
{
	const struct progress *p = run->found;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; i < p->n && rc == RC_OK; i++) {
		rc = set_image(run, &p->image[i]);
		run->done += p->image[i].encoded != NULL;
	}
	if (rc != RC_OK)
		return rc;
	run->more = p->last != INT64_MAX;
	return kv_setting_put(run->db, IMAGE_UPGRADE, p->last);
}
