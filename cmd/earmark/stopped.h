/*
 * stopped: checks that no program of the installation runs.
 */
#ifndef CMD_EARMARK_STOPPED_H
#define CMD_EARMARK_STOPPED_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"

/*
 * Returns RC_CONFLICT if workers, earmark-jobs, earmark-realtime or another
 * program that writes to the database run. Otherwise they cannot start until
 * this process ends, because it holds their locks.
 */
enum rc	stopped_check(const struct conf *, struct arena *, struct err *);

#endif
