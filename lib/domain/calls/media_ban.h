/*
 * media_ban: bans of users from the media channel of a call that has ended.
 *
 * A credential remains valid until it expires. The media provider therefore
 * bans both parties from the channel when the call ends. The transaction of the
 * end inserts one row for each party. A dispatcher of earmark-jobs then calls
 * the provider. A ban ends with the last credential of the call, and is deleted
 * if the two users call again.
 */
#ifndef DOMAIN_CALLS_MEDIA_BAN_H
#define DOMAIN_CALLS_MEDIA_BAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/job.h"

/* Returns whether a provider that can ban users is configured. */
bool	media_ban_on(const struct conf *);
/*
 * Inserts bans of both parties of a session that has ended, if credentials are
 * still valid and such a provider was configured when they were issued.
 */
enum rc	media_ban_add(struct db *, int64_t session, int64_t now);
/* Ends the bans of two users from the channels of their earlier calls. */
enum rc	media_ban_end(struct db *, int64_t user, int64_t other, int64_t now);

struct media_ban {
	int64_t id;
	const char *channel;
	int64_t user;
	bool delete;			/* delete the rule; otherwise create it */
	int64_t rule;			/* at the provider; 0: unknown */
	int64_t attempts;		/* before this one */
	int64_t expires_at;
};
/* Sets *any if a ban is due. */
enum rc	media_ban_due(struct db *, int64_t now, bool *any);
/*
 * Claims the next ban that is due for `lease` ms. *found is false if there is
 * none. Bans that have expired are finished instead.
 */
enum rc	media_ban_claim(struct db *, struct arena *, int64_t now,
	    int64_t lease, struct media_ban *, bool *found);
/*
 * Stores that the provider created the rule (0: it needs no rule any more) or
 * deleted it.
 */
enum rc	media_ban_done(struct db *, const struct media_ban *, int64_t rule,
	    int64_t now);
/* Stores a failure. The ban is retried after at least `after` ms. */
enum rc	media_ban_failed(struct db *, const struct media_ban *,
	    const char *error, int64_t after, int64_t now);

/* The job that deletes expired rows. */
enum rc	media_ban_prune_pending(struct job_run *);
enum rc	media_ban_prune_run(struct job_run *);

#endif
