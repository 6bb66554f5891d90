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
#define RANKING_SEQ	"popular_seq"
#define RANKING_MAX	100

enum ranking_window {
	RANKING_24H, RANKING_7D, RANKING_30D, RANKING_WINDOWS
};

/* The job that counts what is new in the log. */
enum rc	ranking_count_pending(struct job_run *);
enum rc	ranking_count_run(struct job_run *);
/* The job that ranks window `arg`; writes only what has changed. */
enum rc	ranking_rank_pending(struct job_run *);
enum rc	ranking_rank_run(struct job_run *);

#endif
