#include "domain/common/kv_setting.h"

enum rc
kv_setting_get(struct db *db, const char *key, int64_t dflt, int64_t *value)
{
	struct stmt *q = stmt_get(db, Q_KV_SETTING_GET);

	*value = dflt;
	stmt_text(q, ":key", key);
	if (stmt_row(q))
		*value = stmt_col_int(q, 0);
	return stmt_done(q);
}

enum rc
kv_setting_put(struct db *db, const char *key, int64_t value)
{
	struct stmt *q = stmt_get(db, Q_KV_SETTING_PUT);

	stmt_text(q, ":key", key);
	stmt_int(q, ":value", value);
	return stmt_run(q);
}
