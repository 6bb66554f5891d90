#include "domain/catalog/flyer.h"
#include "domain/common/removal.h"
#include "domain/messaging/moderation_notice.h"

static enum rc
drop_flyer(struct db *db, const struct editor *by, int64_t id)
{
	struct uuid none = { { 0 } };
	struct stmt *q;
	enum rc rc;

	rc = removal_entity(db, FAVORITE_FLYER, id, &none, by->request_id,
	    by->now);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_FLYER_DROP);
	stmt_int(q, ":id", id);
	return stmt_run(q);
}

enum rc
flyer_remove(struct db *db, struct arena *arena, const struct editor *by,
    int64_t id, const char *reason, struct err *err)
{
	struct moderation_notice notice = { .flyer = id, .reason = reason };
	const char *before;
	struct flyer f;
	enum rc rc;

	rc = flyer_editable(db, arena, by, id, &f, err);
	if (rc == RC_OK)
		rc = catalog_editor_state(db, arena, Q_FLYER_STATE, id,
		    &before);
	if (rc == RC_OK)
		rc = drop_flyer(db, by, id);
	if (rc == RC_OK)
		rc = flyer_audit(db, arena, by, "flyer.delete", &f, before);
	if (rc != RC_OK || f.publisher_id == by->user)
		return rc;
	notice.title = f.title;
	return moderation_notice_flyer(db, arena, f.publisher_id, &notice,
	    by->now);
}
