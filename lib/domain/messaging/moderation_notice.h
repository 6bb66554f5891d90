/*
 * moderation_notice: notifies users that the operator removed their content.
 */
#ifndef DOMAIN_MESSAGING_MODERATION_NOTICE_H
#define DOMAIN_MESSAGING_MODERATION_NOTICE_H

#include <stdint.h>

#include "base/arena.h"
#include "db/db.h"

/* What was removed. */
struct moderation_notice {
	int64_t flyer;			/* its id; 0: the profile picture */
	const char *title;		/* of the flyer, or NULL */
	const char *reason;		/* that the user sees, or NULL */
};

/*
 * Notify a user by all channels except SMS: that the profile picture or the
 * image of a flyer was removed, or that a flyer was.
 */
enum rc	moderation_notice_picture(struct db *, struct arena *, int64_t user,
	    const struct moderation_notice *, int64_t now);
enum rc	moderation_notice_flyer(struct db *, struct arena *, int64_t user,
	    const struct moderation_notice *, int64_t now);

#endif
