/*
 * receipt: explains the cost of a session, line by line.
 *
 * Each line has a text and the number that it adds. The lines are: the
 * duration, the free time, the started minutes that remain, the discount of a
 * promotion, the rate, and the transfers of money. So support can settle a
 * dispute with the receipt.
 */
#ifndef FCGI_ROUTES_CALLS_RECEIPT_H
#define FCGI_ROUTES_CALLS_RECEIPT_H

#include "fcgi/routes/calls/session_json.h"

/*
 * Renders the receipt of a session. Returns RC_CONFLICT with the code
 * session_live if the session has not ended.
 */
enum rc	receipt_render(struct req *, const struct session *,
	    enum session_json_viewer);

#endif
