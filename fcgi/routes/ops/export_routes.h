/*
 * export_routes: the parts of an account export that other files render.
 *
 * A part renders one batch of an array per call, without the brackets, and
 * moves the place to the last row. It sets *more to false with the last batch.
 * Rows are allocated in the arena, which is reset after the call.
 */
#ifndef FCGI_ROUTES_OPS_EXPORT_ROUTES_H
#define FCGI_ROUTES_OPS_EXPORT_ROUTES_H

#include <stdio.h>

#include "fcgi/core/req.h"

/* Position of a part, all zero at the beginning. */
struct export_place {
	bool given;			/* at and id are set */
	int64_t at, id;
};

typedef enum rc export_part(struct req *, struct arena *,
	    struct export_place *, bool *more);

/*
 * Writes the export of req->actor.user as JSON, for earmark-export. Call it in a
 * read transaction. Returns RC_FAULT if f cannot be written.
 */
enum rc	export_routes_write(struct req *, FILE *f);

/*
 * export_account.c. Settings, with the preferences and the second factor, are
 * members of the export; the others are arrays.
 */
export_part export_account_settings, export_account_identities,
    export_account_security, export_account_calls, export_account_referrals;
/* export_money.c. The wallet is an object, the others are arrays. */
export_part export_wallet, export_lines, export_payments, export_sessions;
/* export_notifications.c. Push devices are an object with an array. */
export_part export_notifications, export_push_devices;

#endif
