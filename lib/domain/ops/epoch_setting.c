#include "domain/ops/epoch_setting.h"

#include <stddef.h>

#include "base/str.h"
#include "domain/common/kv_setting.h"

static const struct {
	const char *key;
	size_t off;
	int64_t dflt;
} members[] = {
	{ "epoch", offsetof(struct epoch, number), 1 },
	{ "epoch_id", offsetof(struct epoch, id), 0 },
	{ "epoch_base_at", offsetof(struct epoch, base_at), 0 },
	{ "epoch_generation", offsetof(struct epoch, generation), 0 },
	{ "epoch_frames", offsetof(struct epoch, frames), 0 },
};

enum rc
epoch_setting_get(struct db *db, struct epoch *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < NELEM(members); i++)
		rc = kv_setting_get(db, members[i].key, members[i].dflt,
		    (int64_t *)((char *)e + members[i].off));
	return rc;
}

enum rc
epoch_setting_put(struct db *db, const struct epoch *e)
{
	enum rc rc = kv_setting_put(db, DB_FENCED, 0);

	for (size_t i = 0; rc == RC_OK && i < NELEM(members); i++)
		rc = kv_setting_put(db, members[i].key,
		    *(const int64_t *)((const char *)e + members[i].off));
	return rc;
}

enum rc
epoch_setting_fence(struct db *db, int64_t newer)
{
	enum rc rc = db_write(db);

	if (rc != RC_OK)
		return rc;
	rc = kv_setting_put(db, DB_FENCED, newer);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}
