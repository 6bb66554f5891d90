#include "dom/presence.h"

int
presence_row(struct stmt *q, int col, int64_t now, struct presence *p)
{
	int64_t status = q_col_int(q, col);
	int64_t online = q_col_int(q, col + 1);
	int64_t reachable = q_col_int(q, col + 2);

	p->until = online > reachable ? online : reachable;
	p->is_online = status != PRESENCE_OFFLINE && p->until > now;
	p->status = p->is_online ? (enum presence_status)status :
	    PRESENCE_OFFLINE;
	p->busy_since = q_col_opt(q, col + 3);
	p->is_busy = p->busy_since != INT64_MIN;
	p->last_seen = q_col_opt(q, col + 4);
	return col + 5;
}
