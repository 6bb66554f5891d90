/*
 * quota: limits on the rows and bytes that an account may store.
 *
 * Triggers count rows and bytes of flyers, styles, creatives and documents, the
 * bytes of the images of flyers (quota_usage), and favorites
 * (favorite_user_count) in the transaction of each change. Writers compare the
 * counts before and after their change, so that parallel requests cannot exceed
 * a limit. If a limit is lowered below the usage of an account, it only
 * prevents growth.
 */
#ifndef DOMAIN_COMMON_QUOTA_H
#define DOMAIN_COMMON_QUOTA_H

#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

struct quota_usage {
	int64_t rows, bytes;
	int64_t image_bytes;		/* of flyers */
};

/* Reads the usage of an account. */
enum rc	quota_usage(struct db *, int64_t user, struct quota_usage *);
/*
 * Compares the current usage of the account with its usage before a change in
 * this transaction. If a count grew beyond its limit, returns RC_CONFLICT
 * quota_exceeded, with limit and used in err. The caller must then roll back.
 */
enum rc	quota_check(struct db *, const struct conf *, int64_t user,
	    const struct quota_usage *before, struct err *);
/* As quota_check(), for one favorite that this transaction has added. */
enum rc	quota_check_favorite(struct db *, const struct conf *, int64_t user,
	    struct err *);

#endif
