/*
 * quota: how much an account may store.
 *
 * Triggers count rows and bytes of flyers, styles, creatives and documents
 * (quota_usage) and favorites (favorite_user_count) in the transaction of each
 * change. Writers compare the counts before and after their change, so that
 * parallel requests reach a limit exactly. A limit that was lowered below what
 * an account has only prevents growth.
 */
#ifndef DOMAIN_COMMON_QUOTA_H
#define DOMAIN_COMMON_QUOTA_H

#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

struct quota_usage {
	int64_t rows, bytes;
};

/* Reads what an account stores. */
enum rc	quota_usage(struct db *, int64_t user, struct quota_usage *);
/*
 * Compares what the account stores now with what it stored before a change of
 * this transaction. Returns RC_CONFLICT quota_exceeded, with limit and used in
 * err, if the change grew rows or bytes beyond their limit. The caller's
 * failure undoes the change.
 */
enum rc	quota_check(struct db *, const struct conf *, int64_t user,
	    const struct quota_usage *before, struct err *);
/*
 * The same for one favorite that this transaction has added, of any kind.
 */
enum rc	quota_check_favorite(struct db *, const struct conf *, int64_t user,
	    struct err *);

#endif
