/*
 * rollup: counts business events by hour, day and week (UTC; weeks begin on
 * Monday), so that statistics do not scan the tables.
 *
 * Three steps:
 *
 *	1. The transaction of a business event inserts a row into table fact:
 *	   metric, amount and time. Triggers do it for rows of other tables,
 *	   rollup_add() for the rest. Facts are never changed.
 *	2. The job reads facts in the order of their ids, which is the order of
 *	   the commits, and adds them to table rollup. The same transaction
 *	   stores the id of the last counted fact. So each fact is counted
 *	   exactly once, also if the job is killed.
 *	3. An hour is closed ten minutes after its end, if all facts are
 *	   counted. A row of table rollup_watermark has the last fact and the
 *	   time from which hours are open. Triggers prevent changes to closed
 *	   hours.
 *
 * The metrics, with the row and the time that they are counted by:
 *
 *	registrations	accounts verified by the user or an administrator, once
 *	active_users	distinct users that signed in or renewed their token.
 *			An app in use does so each auth.access_ttl. A value
 *			over an hour makes the hours imprecise. A day is not
 *			the sum of its hours: a user counts once
 *	calls		ended calls, in any state: call.ended_at
 *	minutes		billed minutes of ended sessions, including free ones:
 *			session.ended_at
 *	revenue		commission on money that customers paid, less refunds
 *			(money/revenue.h): the end of the session as written
 *	topups		credited payments (transfers topup): transfer.at
 *	refunds		refunds of sessions (transfers refund), and refunds and
 *			disputes of payments, less disputes won (transfers
 *			reversal): transfer.at
 *	favorites	added favorites, also if removed later: favorite_log.at
 *	supply		minutes that listeners were online. Each minute, every
 *			online listener counts one in total and one in each of
 *			their languages. Minutes without a running job are
 *			missing
 *	demand		call attempts to a listener that can be called,
 *			including refused ones (offline, busy, no money). They
 *			count in the caller's language if the listener speaks
 *			it, else in the listener's first language
 *	promotions	cost of promotions and referrals: the change of the
 *			account `promotion`: transfer.at
 *
 * Later changes (a refund, a removed favorite, a deleted account) do not change
 * an hour. The hour of a fact is
 *
 *	the later of the hour of its time, and `open` of the last mark whose
 *	fact_id is less than its id.
 *
 * Tests rely on this: rollup always equals the sums of the facts. If the clock
 * never goes back, it is the hour of the time. If a fact is inserted late (a
 * session that ended during an outage), its hour is still open. Either the jobs
 * were down as well, or the end is less than ten minutes ago.
 *
 * If the clock is set back past a closed hour, facts count in the first open
 * hour until the clock has caught up. If that hour is more than a day in the
 * future, the earlier time was wrong. The job then logs a warning and opens
 * hours from the present one on. Facts with the wrong time remain where they
 * are.
 *
 * Retention: facts are deleted when they are counted and 31 days old. The
 * active users (table active, so that a user counts once) are kept as long.
 * Sums and marks are kept permanently.
 */
#ifndef DOMAIN_COMMON_ROLLUP_H
#define DOMAIN_COMMON_ROLLUP_H

#include <stdint.h>

#include "db/db.h"
#include "domain/common/job.h"

enum metric_id {
	METRIC_REGISTRATIONS = 1, METRIC_ACTIVE, METRIC_CALLS, METRIC_MINUTES,
	METRIC_REVENUE, METRIC_TOPUPS, METRIC_REFUNDS, METRIC_FAVORITES,
	METRIC_SUPPLY, METRIC_DEMAND, METRIC_PROMOTIONS
};
#define ROLLUP_METRICS	12	/* size of arrays by metric, from 1 */

enum rollup_span { ROLLUP_SPAN_HOUR = 1, ROLLUP_SPAN_DAY, ROLLUP_SPAN_WEEK };

/*
 * Return the length of a span in ms, and the start of the span that contains a
 * time (1970-01-05 or later).
 */
int64_t	rollup_span_length(enum rollup_span);
int64_t	rollup_span_start(enum rollup_span, int64_t at);

/* Adds a fact, in the transaction of the business event. */
enum rc	rollup_add(struct db *, enum metric_id, const char *label, int64_t n,
	    int64_t at);

/* The job that counts facts and closes hours. */
enum rc	rollup_pending(struct job_run *);
enum rc	rollup_run(struct job_run *);
/* The job that samples, once a minute, which listeners are online. */
enum rc	rollup_supply_pending(struct job_run *);
enum rc	rollup_supply_run(struct job_run *);
/* Deletes a small batch of old facts; called by domain/ops/retention.h. */
enum rc	rollup_prune(struct job_run *);

#endif
