/*
 * realtime_keepalive: pings silent WebSockets and ends dead ones.
 *
 * libwebsockets can do this, but it keeps its timers in a sorted list, and each
 * message moves the timer of its connection to the end of the list. With 15,000
 * connections this took all the time of a core.
 */
#ifndef CMD_REALTIME_REALTIME_KEEPALIVE_H
#define CMD_REALTIME_REALTIME_KEEPALIVE_H

#include <stdint.h>

#define KEEPALIVE_EVERY	2	/* s between two checks of all connections */
#define KEEPALIVE_PING	20	/* s without a message before a ping */
#define KEEPALIVE_HANGUP 60	/* s without a message before the end */

/*
 * Checks all WebSockets every KEEPALIVE_EVERY seconds: sends a ping to those
 * that are silent for KEEPALIVE_PING, and closes those that are silent for
 * KEEPALIVE_HANGUP. now: ms, monotonic.
 */
void	realtime_keepalive_tick(int64_t now);

#endif
