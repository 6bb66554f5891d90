/*
 * realtime_feed: delivers events from the database to the connections, and
 * writes presence to the database.
 *
 * Events are rows that were committed before the wakeup was sent. The feed
 * reads the events of all users after the last number and delivers them to the
 * connected clients. A new connection, or one with a gap, reads its own events
 * from the table until it has all of them. So each event is delivered exactly
 * once, even if a process dies.
 */
#ifndef CMD_REALTIME_REALTIME_FEED_H
#define CMD_REALTIME_REALTIME_FEED_H

#include "base/conf.h"
#include "cmd/realtime/realtime_connection.h"
#include "db/db.h"

/* Starts at the newest event. Returns false if the database fails (logged). */
bool	realtime_feed_open(struct db *, const struct conf *);
/* Delivers all new events. */
void	realtime_feed_run(void);
/*
 * Adds a connection. after: number of the last event that the client has, or -1
 * to receive only new events.
 */
void	realtime_feed_join(struct realtime_conn *, int64_t after);
/* Queues more missed events for a connection whose queue has space. */
void	realtime_feed_more(struct realtime_conn *);
/*
 * Timer function. mono: monotonic time in ms. Writes the presence of users who
 * connected or disconnected, tracks the parties of new sessions, and sends
 * keep-alive messages to streams.
 */
void	realtime_feed_tick(int64_t mono);

#endif
