#include "cmd/realtime/realtime_keepalive.h"

#include "cmd/realtime/realtime_connection.h"

static void
check_conn(struct realtime_conn *c, int64_t now)
{
	int64_t silent = now - c->heard;

	if (c->sse || c->closing != 0)
		return;
	if (silent >= KEEPALIVE_HANGUP * 1000)
		realtime_conn_kill(c);
	else if (silent >= KEEPALIVE_PING * 1000 && c->pinged <= c->heard)
		realtime_conn_ping(c, now);
}

static void
check_user(void *arg, struct realtime_user *p)
{
	const int64_t *now = arg;
	struct realtime_conn *c;

	for (c = p->conns; c != NULL; c = c->next)
		check_conn(c, *now);
}

void
realtime_keepalive_tick(int64_t now)
{
	static int64_t checked;

	if (now - checked < KEEPALIVE_EVERY * 1000)
		return;
	checked = now;
	realtime_user_each(check_user, &now);
}
