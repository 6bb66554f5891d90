#include "domain/messaging/push_device.h"

#include "base/str.h"

const char *const push_platform_words[] = { "android", "ios", "web", NULL };
const char *const push_kind_words[] = { "token", "fid", NULL };

enum rc
push_device_get(struct db *db, struct push_device *d)
{
	struct stmt *q = db_q(db, Q_PUSH_DEVICE_GET);
	bool found = false;
	enum rc rc;

	q_text(q, ":token", d->token);
	if (q_row(q)) {
		found = q_col_int(q, 0) == d->user;
		d->platform = (enum push_platform)q_col_int(q, 1);
		d->kind = (enum push_kind)q_col_int(q, 2);
		d->created_at = q_col_int(q, 3);
	}
	rc = q_done(q);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc
push_device_list(struct db *db, struct arena *a, int64_t user,
    struct push_device *v, size_t *n)
{
	struct stmt *q = db_q(db, Q_PUSH_DEVICE_LIST);

	*n = 0;
	q_int(q, ":user", user);
	q_int(q, ":most", PUSH_DEVICES);
	while (*n < PUSH_DEVICES && q_row(q)) {
		v->token = q_col_text(q, 0, a);
		v->user = user;
		v->platform = (enum push_platform)q_col_int(q, 1);
		v->kind = (enum push_kind)q_col_int(q, 2);
		v->created_at = q_col_int(q, 3);
		v->used_at = q_col_int(q, 4);
		v++;
		++*n;
	}
	return q_done(q);
}

enum rc
push_device_put(struct db *db, struct push_device *d, int64_t now, bool *added)
{
	struct push_device old = { .token = d->token, .user = d->user };
	enum rc rc = push_device_get(db, &old);
	struct stmt *q;

	*added = rc == RC_NOT_FOUND;
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	d->created_at = *added ? now : old.created_at;
	q = db_q(db, Q_PUSH_DEVICE_PUT);
	q_text(q, ":token", d->token);
	q_int(q, ":user", d->user);
	if (d->session != 0)
		q_int(q, ":session", d->session);
	else
		q_null(q, ":session");
	q_int(q, ":platform", d->platform);
	q_int(q, ":kind", d->kind);
	q_int(q, ":now", now);
	rc = q_run(q);
	if (rc != RC_OK || !*added)
		return rc;
	q = db_q(db, Q_PUSH_DEVICE_TRIM);
	q_int(q, ":user", d->user);
	q_int(q, ":most", PUSH_DEVICES);
	return q_run(q);
}

enum rc
push_device_drop(struct db *db, int64_t user, const char *token)
{
	struct stmt *q = db_q(db, Q_PUSH_DEVICE_DROP);
	enum rc rc;

	q_text(q, ":token", token);
	q_int(q, ":user", user);
	rc = q_run(q);
	return rc == RC_OK && db_changes(db) == 0 ? RC_NOT_FOUND : rc;
}

enum rc
push_device_drop_all(struct db *db, int64_t user)
{
	struct stmt *q = db_q(db, Q_PUSH_DEVICE_DROP_ALL);

	q_int(q, ":user", user);
	return q_run(q);
}
