#include "domain/messaging/push_device.h"

#include "base/str.h"

const char *const push_platform_names[] = { "android", "ios", "web", NULL };
const char *const push_kind_names[] = { "token", "fid", NULL };
const char *const push_channel_names[] = { "fcm", "apns", "voip", NULL };
const char *const push_environment_names[] = { "production", "sandbox", NULL };

enum rc
push_device_get(struct db *db, struct push_device *d)
{
	struct stmt *q = stmt_get(db, Q_PUSH_DEVICE_GET);
	bool found = false;
	enum rc rc;

	stmt_text(q, ":token", d->token);
	if (stmt_row(q)) {
		found = stmt_col_int(q, 0) == d->user;
		d->platform = (enum push_platform)stmt_col_int(q, 1);
		d->kind = (enum push_kind)stmt_col_int(q, 2);
		d->channel = (enum push_channel)stmt_col_int(q, 3);
		d->environment = (enum push_environment)stmt_col_int(q, 4);
		d->created_at = stmt_col_int(q, 5);
	}
	rc = stmt_done(q);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc
push_device_list(struct db *db, struct arena *a, int64_t user,
    struct push_device *v, size_t *n)
{
	struct stmt *q = stmt_get(db, Q_PUSH_DEVICE_LIST);

	*n = 0;
	stmt_int(q, ":user", user);
	stmt_int(q, ":max", PUSH_DEVICES);
	while (*n < PUSH_DEVICES && stmt_row(q)) {
		v->token = stmt_col_text(q, 0, a);
		v->user = user;
		v->platform = (enum push_platform)stmt_col_int(q, 1);
		v->kind = (enum push_kind)stmt_col_int(q, 2);
		v->channel = (enum push_channel)stmt_col_int(q, 3);
		v->environment = (enum push_environment)stmt_col_int(q, 4);
		v->created_at = stmt_col_int(q, 5);
		v->used_at = stmt_col_int(q, 6);
		v++;
		++*n;
	}
	return stmt_done(q);
}

enum rc
push_device_rings(struct db *db, int64_t user, bool *rings)
{
	struct stmt *q = stmt_get(db, Q_PUSH_DEVICE_RINGS);

	stmt_int(q, ":user", user);
	stmt_int(q, ":android", PUSH_ANDROID);
	stmt_int(q, ":ios", PUSH_IOS);
	stmt_int(q, ":apns", PUSH_BY_APNS);
	*rings = stmt_row(q);
	return stmt_done(q);
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
	q = stmt_get(db, Q_PUSH_DEVICE_PUT);
	stmt_text(q, ":token", d->token);
	stmt_int(q, ":user", d->user);
	stmt_id(q, ":session", d->session);
	stmt_int(q, ":platform", d->platform);
	stmt_int(q, ":kind", d->kind);
	stmt_int(q, ":channel", d->channel);
	stmt_int(q, ":environment", d->environment);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc != RC_OK || !*added)
		return rc;
	q = stmt_get(db, Q_PUSH_DEVICE_TRIM);
	stmt_int(q, ":user", d->user);
	stmt_int(q, ":max", PUSH_DEVICES);
	return stmt_run(q);
}

enum rc
push_device_drop(struct db *db, int64_t user, const char *token, int64_t before)
{
	struct stmt *q = stmt_get(db, Q_PUSH_DEVICE_DROP);
	enum rc rc;

	stmt_text(q, ":token", token);
	stmt_int(q, ":user", user);
	stmt_int(q, ":before", before);
	rc = stmt_run(q);
	return rc == RC_OK && db_changes(db) == 0 ? RC_NOT_FOUND : rc;
}

enum rc
push_device_drop_all(struct db *db, int64_t user)
{
	struct stmt *q = stmt_get(db, Q_PUSH_DEVICE_DROP_ALL);

	stmt_int(q, ":user", user);
	return stmt_run(q);
}
