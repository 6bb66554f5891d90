/*
 * call_block: blocks a user and ends what both users have in common.
 */
#ifndef DOMAIN_CALLS_CALL_BLOCK_H
#define DOMAIN_CALLS_CALL_BLOCK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

/*
 * Blocks a user as user_block_add() does. A live call or session between the
 * users ends as if the blocking user ended it; a ringing call is rejected or
 * cancelled.
 */
enum rc	call_block(struct db *, struct arena *, const struct conf *,
	    int64_t user, int64_t blocked, int64_t now, int64_t *at,
	    struct err *);

#endif
