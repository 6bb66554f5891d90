/*
 * feedback: short opinions of users with a rating of up to five stars. Feedback
 * is not answered; users who need a reply open a ticket.
 */
#ifndef DOMAIN_SUPPORT_FEEDBACK_H
#define DOMAIN_SUPPORT_FEEDBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

#define FEEDBACK_BODY	2000		/* maximum characters */
#define FEEDBACK_APP	60

/* For F_ENUM; index: kind - 1. */
extern const char *const feedback_kind_names[];

struct feedback {
	int64_t id, user;
	const char *username;
	int kind;
	int64_t rating;			/* 0: no rating */
	const char *body;
	const char *app;		/* name and version, or NULL */
	int64_t created_at;
};

/*
 * Adds feedback and sets id and created_at. Returns RC_LIMITED if the user has
 * reached the daily maximum.
 */
enum rc	feedback_add(struct db *, const struct conf *, struct feedback *,
	    int64_t now, struct err *);

struct feedback_query {
	int kind;			/* 0: all */
	int64_t rating;			/* -1: all */
	int64_t limit, offset;
	int64_t before;			/* ids below `before`; INT64_MAX: all */
};
struct feedback_page {
	struct feedback *v;
	size_t n;
	int64_t total;
	bool more;
};
/* Lists feedback, newest first. */
enum rc	feedback_list(struct db *, struct arena *,
	    const struct feedback_query *, struct feedback_page *);

#endif
