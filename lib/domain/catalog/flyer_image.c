#include "domain/catalog/flyer_image.h"

#include "base/image_store.h"
#include "domain/common/quota.h"
#include "domain/messaging/moderation_notice.h"

/* Stores an image, or none if name is NULL, and audits the change. */
static enum rc
store_flyer_image(struct db *db, struct arena *arena, const struct editor *by,
    const struct flyer *f, const char *name, int64_t bytes)
{
	const char *before;
	struct stmt *q;
	enum rc rc;

	rc = catalog_editor_state(db, arena, Q_FLYER_STATE, f->id, &before);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_FLYER_IMAGE_SET);
	stmt_int(q, ":id", f->id);
	stmt_text(q, ":image", name);
	stmt_int(q, ":bytes", bytes);
	stmt_int(q, ":now", by->now);
	rc = stmt_run(q);
	return rc != RC_OK ? rc :
	    flyer_audit(db, arena, by, "flyer.change", f, before);
}

enum rc
flyer_image_set(struct db *db, struct arena *arena, const struct editor *by,
    int64_t id, const char *name, int64_t bytes, struct flyer *f, bool *used,
    struct err *err)
{
	struct quota_usage usage;
	enum rc rc;

	*used = false;
	rc = flyer_editable(db, arena, by, id, f, err);
	if (rc != RC_OK || (f->image != NULL &&
	    image_store_same(by->conf->media_dir, f->image, name)))
		return rc;
	*used = true;
	rc = quota_usage(db, f->publisher_id, &usage);
	if (rc == RC_OK)
		rc = store_flyer_image(db, arena, by, f, name, bytes);
	if (rc == RC_OK)
		rc = quota_check(db, by->conf, f->publisher_id, &usage, err);
	f->image_url = NULL;
	f->image = name;
	return rc;
}

enum rc
flyer_image_drop(struct db *db, struct arena *arena, const struct editor *by,
    int64_t id, struct err *err)
{
	struct moderation_notice notice = { .flyer = id };
	struct flyer f;
	enum rc rc = flyer_editable(db, arena, by, id, &f, err);

	if (rc != RC_OK || (f.image == NULL && f.image_url == NULL))
		return rc;
	rc = store_flyer_image(db, arena, by, &f, NULL, 0);
	if (rc != RC_OK || f.publisher_id == by->user)
		return rc;
	notice.title = f.title;
	return moderation_notice_picture(db, arena, f.publisher_id, &notice,
	    by->now);
}
