/*
 * rollup: what happened, counted by hour, day and week (UTC; weeks begin on
 * Monday), so that nobody who asks about a year waits for a scan.
 *
 * Three steps:
 *
 *	1. The transaction in which something happens writes a row of table
 *	   fact: what, how much, and its time. Triggers do that where the thing
 *	   is a row; rollup_add() where it is none. A fact is never changed.
 *	2. The job takes facts in the order of their ids, which is the order of
 *	   the commits, and adds them to table rollup. How far it came is
 *	   written by the same transaction, so a job that is killed has counted
 *	   each fact once or not at all.
 *	3. Ten minutes after its end an hour is closed, if all facts are
 *	   counted: a row of table rollup_mark says which one was the last, and
 *	   from where on hours are open. Triggers refuse to change what is
 *	   closed.
 *
 * What is counted, by which row, at which time:
 *
 *	registrations	an account is verified, or made verified: once
 *	active_users	people (not devices) that signed in or renewed their
 *			token. An app in use does that each auth.access_ttl; a
 *			longer one than an hour makes the hours coarse. A day's
 *			are not the sum of its hours': a person is one
 *	calls		a call is over, in whatever way: call.ended_at
 *	minutes		a session has ended: its billed minutes, free ones
 *			among them: session.ended_at
 *	revenue		entries of the house's account `fee` by sessions, and
 *			by refunds, which take from it: transfer.at
 *	topups		payments credited: transfers topup, transfer.at
 *	refunds		given back for a session (transfers refund); gone back
 *			to a payer by refund or dispute, less disputes won
 *			(transfers reversal): transfer.at
 *	favorites	saves, whatever became of them: favorite_log.at
 *	supply		minutes that listeners were online: each minute those
 *			who are count one, and one in each of their languages.
 *			Minutes without a running job are not there
 *	demand		calls that somebody asked for, of a listener whom one
 *			can call, refused ones (offline, busy, no money) too; in
 *			the caller's language if the listener speaks it, else
 *			in the listener's first
 *
 * So nothing that comes later (a refund, an unsave, an account that is deleted)
 * changes what an hour was, and the hour of a fact is
 *
 *	the later of the hour of its time, and `open` of the last mark whose
 *	fact_id is less than its id.
 *
 * That is what tests count by: rollup equals the sums of the facts, always.
 * Where clocks go forward it is the hour of the time. What is written down late
 * (the end of a session that fell into an outage) finds its hour open, since
 * the jobs were down as well, or that end is less than ten minutes ago.
 *
 * A clock that is set back, past a closed hour: until it has caught up, things
 * count in the first open hour. If it is more than a day behind, it was wrong
 * before: the job says so in the log, and hours are open again from the present
 * one on. What the wrong clock had dated stays where it is.
 *
 * Pruning: facts go when they are counted and 31 days old; then the rollup is
 * all there is. Who was active (table active, so that a person counts once) is
 * kept for as long. Sums and marks stay.
 */
#ifndef DOMAIN_COMMON_ROLLUP_H
#define DOMAIN_COMMON_ROLLUP_H

#include <stdint.h>

#include "db/db.h"
#include "domain/common/job.h"

enum metric_id {
	METRIC_REGISTRATIONS = 1, METRIC_ACTIVE, METRIC_CALLS, METRIC_MINUTES,
	METRIC_REVENUE, METRIC_TOPUPS, METRIC_REFUNDS, METRIC_FAVORITES,
	METRIC_SUPPLY, METRIC_DEMAND
};
#define ROLLUP_METRICS	11			/* places for all of them, from 1 */

enum rollup_span { ROLLUP_SPAN_HOUR = 1, ROLLUP_SPAN_DAY, ROLLUP_SPAN_WEEK };

/* How long one is, ms; its start, for a time of 1970-01-05 or later. */
int64_t	rollup_span_length(enum rollup_span);
int64_t	rollup_span_start(enum rollup_span, int64_t at);

/* Write one down, in the transaction in which it happens. */
enum rc	rollup_add(struct db *, enum metric_id, const char *word, int64_t n,
	    int64_t at);

/* The job that counts facts and closes hours. */
enum rc	rollup_pending(struct job_run *);
enum rc	rollup_run(struct job_run *);
/* The job that looks, once a minute, who is online. */
enum rc	rollup_supply_pending(struct job_run *);
enum rc	rollup_supply_run(struct job_run *);
/* Remove what has had its time, a small batch; for domain/ops/retention.h. */
enum rc	rollup_prune(struct job_run *);

#endif
