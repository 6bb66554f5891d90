/*
 * realtime_store_feed: from the database to the connections, and back.
 *
 * Events are rows that were committed before anybody was told. The feed reads
 * those of all users behind one number, and gives them to who is connected; a
 * connection that is new, or has a gap, is given its own from the table until
 * it has caught up. So nothing is sent twice, and nothing is left out, whatever
 * dies in between.
 */
#ifndef CMD_REALTIME_REALTIME_FEED_H
#define CMD_REALTIME_REALTIME_FEED_H

#include "base/conf.h"
#include "cmd/realtime/realtime_connection.h"
#include "db/db.h"

/* Begin at the newest event; false (logged): the database does not answer. */
bool	realtime_feed_open(struct db *, const struct conf *);
/* Give all that is new. */
void	realtime_feed_run(void);
/*
 * A connection is there: after is the last seq that its client has, -1: it
 * wants what comes from now on.
 */
void	realtime_feed_join(struct realtime_conn *, int64_t after);
/* It has room: more of what it missed. */
void	realtime_feed_more(struct realtime_conn *);
/*
 * By the clock, ms monotonic: presence of who came and went, signed-out
 * devices, signs of life for streams.
 */
void	realtime_feed_tick(int64_t mono);

#endif
