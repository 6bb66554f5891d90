/*
 * username: generated usernames, and their replacement by the user.
 *
 * A client that signs up with an address only has no username to offer, so one
 * is generated. The user can choose another one, once.
 */
#ifndef DOMAIN_ACCOUNTS_USERNAME_H
#define DOMAIN_ACCOUNTS_USERNAME_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

#define USERNAME_GENERATED	sizeof("user_xxxxxxxxxx")

/* Writes a random username, such as "user_k7q2m9xdab". */
void	username_generate(char out[USERNAME_GENERATED]);
/* Marks the username of an account as generated. */
enum rc	username_set_generated(struct db *, int64_t user);
/* Deletes the mark. */
enum rc	username_unset_generated(struct db *, int64_t user);
/*
 * Replaces a generated username. Returns RC_INVALID, RC_FORBIDDEN username_fixed
 * if it was not generated, or RC_CONFLICT username_taken.
 */
enum rc	username_choose(struct db *, struct arena *, int64_t user,
	    const char *username, int64_t now, struct err *);

#endif
