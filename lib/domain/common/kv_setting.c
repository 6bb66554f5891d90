#include "domain/common/kv_setting.h"

enum rc
setting_get(struct db *db, const char *key, int64_t dflt, int64_t *value)
{
	struct stmt *q = db_q(db, Q_SETTING_GET);

	*value = dflt;
	q_text(q, ":key", key);
	if (q_row(q))
		*value = q_col_int(q, 0);
	return q_done(q);
}

enum rc
setting_put(struct db *db, const char *key, int64_t value)
{
	struct stmt *q = db_q(db, Q_SETTING_PUT);

	q_text(q, ":key", key);
	q_int(q, ":value", value);
	return q_run(q);
}
