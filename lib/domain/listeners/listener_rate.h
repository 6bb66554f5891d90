/*
 * listener_rate: the prices of a listener for each kind of call.
 *
 * A listener offers at least one kind and has a rate per minute for each. The
 * column listener.rate_per_minute is the audio rate or, without audio, the
 * lowest offered rate. Searches sort and filter by it. billing.max_rate may be
 * lower than a stored rate: then the maximum is shown and charged.
 */
#ifndef DOMAIN_LISTENERS_LISTENER_RATE_H
#define DOMAIN_LISTENERS_LISTENER_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"
#include "domain/common/job.h"

/* Kinds of calls and sessions. Clients use the names. */
enum listener_kind { LISTENER_AUDIO, LISTENER_VIDEO, LISTENER_KINDS };
extern const char *const listener_kind_names[];	/* NULL at the end */

#define LISTENER_RATE_MAX 1000000000	/* in the currency's minor unit */

/* Rates per minute by kind. INT64_MIN: the kind is not offered or not set. */
struct listener_rates {
	int64_t v[LISTENER_KINDS];
};

/* Sets all kinds to INT64_MIN. */
void	listener_rate_init(struct listener_rates *);
/*
 * Returns the audio rate or, without audio, the lowest rate; INT64_MIN if no
 * kind is offered.
 */
int64_t	listener_rate_main(const struct listener_rates *);
/* Returns a stored rate, or billing.max_rate if that is lower. */
int64_t	listener_rate_shown(const struct conf *, int64_t rate);

/*
 * Returns in *rate what a minute with a listener costs at present. Returns
 * RC_NOT_FOUND "Listener not found" if the user is not a listener, and
 * RC_CONFLICT kind_not_offered.
 */
enum rc	listener_rate(struct db *, const struct conf *, int64_t listener,
	    enum listener_kind, int64_t *rate, struct err *);

/*
 * The input of a change. rate is the member rate_per_minute. It applies to the
 * first offered kind and to kinds without another rate. If `kinds` or `rates`
 * is given, the listener then offers exactly the named kinds. A new listener
 * without them offers audio.
 */
struct listener_rate_input {
	int64_t rate;			/* INT64_MIN: not given */
	unsigned kinds;			/* bits 1 << kind; 0: not given */
	struct listener_rates rates;
};

/*
 * Checks the given rates against billing.min_rate and billing.max_rate. Returns
 * RC_INVALID with the fields.
 */
enum rc	listener_rate_check(struct arena *, const struct conf *,
	    const struct listener_rate_input *, struct err *);
/*
 * Computes the rates after a change of `old`. Returns RC_INVALID if rate and
 * rates contradict each other.
 */
enum rc	listener_rate_apply(const struct listener_rates *old,
	    const struct listener_rate_input *, struct listener_rates *,
	    struct err *);

/* Reads the stored rates. *found: the user is a listener. */
enum rc	listener_rate_get(struct db *, int64_t listener,
	    struct listener_rates *, bool *found);
/*
 * Stores the rates of a new registration, and logs them. They do not count
 * toward billing.rate_changes.
 */
enum rc	listener_rate_register(struct db *, int64_t listener,
	    const struct listener_rates *, int64_t now);
/*
 * Changes the rates of a listener; logged and audited. Does nothing if all
 * rates are the same. Changing several kinds is one change. Returns RC_LIMITED
 * rate_change_limited after billing.rate_changes changes in 24 hours.
 */
enum rc	listener_rate_set(struct db *, struct arena *,
	    const struct conf *, int64_t listener,
	    const struct listener_rate_input *, const struct audit_by *,
	    struct err *);

/* A row of the log of changes. */
struct listener_rate_change {
	int64_t id, at;
	bool registration;		/* else a change by the listener */
	struct listener_rates before, after;
};

struct listener_rate_page {
	int64_t before, offset, limit;	/* input: ids below `before` */
	struct listener_rate_change *v;
	size_t n;
	int64_t total;
	bool more;
};

/* Lists the changes of a listener, newest first. */
enum rc	listener_rate_list(struct db *, struct arena *, int64_t listener,
	    struct listener_rate_page *);

/*
 * Job: notifies listeners whose stored rate exceeds billing.max_rate, once for
 * each value of the maximum.
 */
enum rc	listener_rate_pending(struct job_run *);
enum rc	listener_rate_run(struct job_run *);

#endif
