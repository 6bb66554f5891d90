/*
 * one_time_link: links that work once.
 *
 * The token of a link has 256 random bits; the database stores its SHA-256. A
 * link is deleted when it is used, and a job deletes expired ones.
 */
#ifndef DOMAIN_ACCOUNTS_ONE_TIME_LINK_H
#define DOMAIN_ACCOUNTS_ONE_TIME_LINK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

/* one_time_link.kind */
enum one_time_link_kind {
	ONE_TIME_LINK_SIGN_IN = 1,	/* signs `user` in */
	ONE_TIME_LINK_STAFF		/* grants `roles` to anybody */
};

struct one_time_link {
	int64_t id;
	enum one_time_link_kind kind;
	int64_t user;			/* 0: anybody may use it */
	unsigned roles;			/* bits as in domain/common/role.h */
	int64_t created_by;		/* 0: `earmark` */
	int64_t created_at, expires_at;	/* ms */
};

/*
 * Adds a link and sets its id. *token is the only copy of the token, in the
 * arena.
 */
enum rc	one_time_link_add(struct db *, struct arena *, struct one_time_link *,
	    const char **token);
/*
 * Finds a link. Returns RC_NOT_FOUND link_invalid if the token is unknown, used
 * or expired.
 */
enum rc	one_time_link_find(struct db *, const char *token, int64_t now,
	    struct one_time_link *, struct err *);
/* Deletes a link; RC_NOT_FOUND if another request has used it meanwhile. */
enum rc	one_time_link_drop(struct db *, int64_t id);
/* Returns the URL of the page that uses a link, in the arena. */
const char *one_time_link_url(struct arena *, const char *base_url,
	    enum one_time_link_kind, const char *token);

#endif
