/*
 * favorite_admin_log: lists the changes of all users' favorites, for
 * administrators.
 */
#ifndef DOMAIN_FAVORITES_FAVORITE_ADMIN_LOG_H
#define DOMAIN_FAVORITES_FAVORITE_ADMIN_LOG_H

#include "domain/favorites/favorite_log.h"

/* The filters. 0, nil, -1, INT64_MIN and INT64_MAX do not filter. */
struct favorite_admin_log_query {
	int64_t user;			/* 0: by UUID, or all */
	struct uuid user_uuid;
	int kind;			/* enum favorite_kind, 0: all */
	int64_t entity;			/* 0: by UUID, or all; needs a kind */
	struct uuid entity_uuid;
	int saved;			/* -1, 0, 1 */
	int64_t from, to;		/* from <= at < to */
	int64_t limit, offset;
	bool given;			/* starts after this row: */
	int64_t before_at, before_seq;
};

/*
 * Lists changes, newest first. *total is the number of all matching rows, at
 * most 10,000. An unknown user or object has no rows.
 */
enum rc	favorite_admin_log_list(struct db *, struct arena *,
	    const struct favorite_admin_log_query *, struct favorite_events *,
	    int64_t *total);

#endif
