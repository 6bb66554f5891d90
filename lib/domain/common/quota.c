#include "domain/common/quota.h"

enum rc
quota_usage(struct db *db, int64_t user, struct quota_usage *u)
{
	struct stmt *q = stmt_get(db, Q_QUOTA_USAGE);

	*u = (struct quota_usage){ 0 };
	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		u->rows = stmt_col_int(q, 0);
		u->bytes = stmt_col_int(q, 1);
		u->image_bytes = stmt_col_int(q, 2);
	}
	return stmt_done(q);
}

static enum rc
exceeded(struct err *err, int64_t limit, int64_t used, const char *message)
{
	err->limit = limit;
	err->used = used;
	return err_set(err, RC_CONFLICT, "quota_exceeded", "%s", message);
}

enum rc
quota_check(struct db *db, const struct conf *conf, int64_t user,
    const struct quota_usage *before, struct err *err)
{
	struct quota_usage u;
	enum rc rc = quota_usage(db, user, &u);

	if (rc != RC_OK)
		return rc;
	if (u.rows > conf->quota_rows && u.rows > before->rows)
		return exceeded(err, conf->quota_rows, before->rows,
		    "The account has the maximum number of flyers, "
		    "styles, creatives and documents");
	if (u.bytes > conf->quota_bytes && u.bytes > before->bytes)
		return exceeded(err, conf->quota_bytes, before->bytes,
		    "The flyers, styles, creatives and documents of the "
		    "account have reached the maximum size");
	if (u.image_bytes > conf->quota_image_bytes &&
	    u.image_bytes > before->image_bytes)
		return exceeded(err, conf->quota_image_bytes,
		    before->image_bytes, "The images of the account's flyers "
		    "have reached the maximum size");
	return RC_OK;
}

enum rc
quota_check_favorite(struct db *db, const struct conf *conf, int64_t user,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_QUOTA_FAVORITES);
	int64_t n = 0;
	enum rc rc;

	stmt_int(q, ":user", user);
	if (stmt_row(q))
		n = stmt_col_int(q, 0);
	rc = stmt_done(q);
	if (rc != RC_OK || n <= conf->quota_favorites)
		return rc;
	return exceeded(err, conf->quota_favorites, n - 1,
	    "The account has the maximum number of favorites");
}
