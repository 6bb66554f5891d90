/*
 * user_block: users that a user has blocked.
 *
 * A block acts in both directions: if either user blocked the other, they do
 * not find each other in searches, see each other as offline, and receive no
 * notifications about each other. The blocked user is not told. Statements look
 * up table user_block_pair, which triggers keep.
 */
#ifndef DOMAIN_LISTENERS_USER_BLOCK_H
#define DOMAIN_LISTENERS_USER_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

/*
 * Blocks a user, and returns the time of the block in *at. A repeat changes
 * nothing. Returns RC_BAD cannot_block_self, RC_NOT_FOUND "User not found", or
 * RC_CONFLICT quota_exceeded after limits.blocks. call_block() also ends a live
 * call between the users.
 */
enum rc	user_block_add(struct db *, const struct conf *, int64_t user,
	    int64_t blocked, int64_t now, int64_t *at, struct err *);
/* Unblocks a user. Does nothing if the user is not blocked. */
enum rc	user_block_remove(struct db *, int64_t user, int64_t blocked);

/*
 * Returns whether at least one of two users blocked the other. A request that is
 * rejected for this must get the same response as if the other were offline.
 */
enum rc	user_block_between(struct db *, int64_t one, int64_t other,
	    bool *blocked);
/*
 * Copies the blocks of a deleted account, and the blocks of it by other users,
 * to an account that returned. They may exceed limits.blocks. Its type is
 * returning_user_watcher (domain/money/returning_user.h). Blocks of a deleted
 * account are kept as long as the hash of one of its addresses.
 */
enum rc	user_block_carry_over(struct db *, int64_t former, int64_t user,
	    int64_t deleted_at, int64_t now, struct err *);

struct user_block {
	int64_t user;
	const char *username, *image;	/* NULL: deleted, or no image */
	int64_t created_at;
};

struct user_block_page {
	int64_t limit, offset;		/* input */
	bool after;			/* input: starts after (at, id) */
	int64_t at, id;
	struct user_block *v;
	size_t n;
	int64_t total;
	bool more;
};

/* Lists the users that a user has blocked, the latest first. */
enum rc	user_block_list(struct db *, struct arena *, int64_t user,
	    struct user_block_page *);

#endif
