/*
 * ranking: what was saved most in the last 24 hours, 7 and 30 days.
 *
 * Counted from the log of saves and unsaves, hour by hour: a save adds one to
 * its hour, an unsave takes it back from the hour of the save. So a count is
 * of those who saved in the window and kept it, and nobody can raise it by
 * saving and unsaving in turn. Rankings of the best 100 are made from the
 * hours; table popular is read by the favorites.
 */
#ifndef DOMAIN_FAVORITES_RANKING_H
#define DOMAIN_FAVORITES_RANKING_H

#include "domain/common/job.h"

/* The setting that holds the last seq that was counted. */
#define POPULAR_SEQ	"popular_seq"
#define POPULAR_MOST	100

enum popular_window {
	POPULAR_24H, POPULAR_7D, POPULAR_30D, POPULAR_WINDOWS
};

/* The job that counts what is new in the log. */
enum rc	popular_count_look(struct job_run *);
enum rc	popular_count_act(struct job_run *);
/* The job that ranks window `arg`; writes only what has changed. */
enum rc	popular_rank_look(struct job_run *);
enum rc	popular_rank_act(struct job_run *);

#endif
