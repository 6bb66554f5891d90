/*
 * feedback: what users think of it, in a sentence and up to five stars. Nobody
 * answers it; who wants an answer opens a ticket.
 */
#ifndef DOMAIN_SUPPORT_FEEDBACK_H
#define DOMAIN_SUPPORT_FEEDBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

#define FEEDBACK_BODY	2000		/* characters, at most */
#define FEEDBACK_APP	60

/* For F_ENUM: the index is the kind less 1. */
extern const char *const feedback_kind_names[];

struct feedback {
	int64_t id, user;
	const char *username;
	int kind;
	int64_t rating;			/* 0: none was given */
	const char *body;
	const char *app;		/* name and version, or NULL */
	int64_t created_at;
};

/* Fills id and created_at. RC_LIMITED: enough for today. */
enum rc	feedback_add(struct db *, const struct conf *, struct feedback *,
	    int64_t now, struct err *);

struct feedback_query {
	int kind;			/* 0: all */
	int64_t rating;			/* -1: all */
	int64_t limit, offset;
	int64_t before;			/* ids below this; INT64_MAX: all */
};
struct feedback_page {
	struct feedback *v;
	size_t n;
	int64_t total;
	bool more;
};
/* Newest first. */
enum rc	feedback_list(struct db *, struct arena *,
	    const struct feedback_query *, struct feedback_page *);

#endif
