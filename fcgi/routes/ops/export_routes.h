/*
 * export_routes: the parts of an account's export that other files render.
 *
 * A part renders one batch of an array per call, without its brackets, and
 * moves the place behind the last row; *more is false with the last batch.
 * Rows go into the arena, which is reset after the call.
 */
#ifndef FCGI_ROUTES_OPS_EXPORT_ROUTES_H
#define FCGI_ROUTES_OPS_EXPORT_ROUTES_H

#include "fcgi/core/req.h"

/* Where the next batch of a part begins; all zero at its beginning. */
struct export_place {
	bool given;			/* at and id are of the last row */
	int64_t at, id;
};

typedef enum rc export_part(struct req *, struct arena *,
	    struct export_place *, bool *more);

/* export_money.c; the wallet is a member, not an array. */
export_part export_wallet, export_lines, export_payments, export_sessions;
/* export_notifications.c; push devices are a member, not an array. */
export_part export_notifications, export_push_devices;

#endif
