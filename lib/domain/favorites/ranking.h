/*
 * ranking: the objects that were saved most in the last 24 hours, 7 and 30
 * days.
 *
 * The counts are computed from the favorites log, by hour. A save adds one to
 * its hour. An unsave subtracts one from the hour of the save. So a count is
 * the number of users that saved the object in the window and kept it. Repeated
 * saves and unsaves do not raise it. The 100 objects with the highest counts
 * are stored in table popular, which popular_list() reads.
 */
#ifndef DOMAIN_FAVORITES_RANKING_H
#define DOMAIN_FAVORITES_RANKING_H

#include "domain/common/job.h"

/* The name in kv_setting of the last counted seq. */
#define RANKING_SEQ	"popular_seq"
#define RANKING_MAX	100

enum ranking_window {
	RANKING_24H, RANKING_7D, RANKING_30D, RANKING_WINDOWS
};

/* The job that counts new log rows. */
enum rc	ranking_count_pending(struct job_run *);
enum rc	ranking_count_run(struct job_run *);
/* The job that ranks window `arg`. It writes only rankings that changed. */
enum rc	ranking_rank_pending(struct job_run *);
enum rc	ranking_rank_run(struct job_run *);

#endif
