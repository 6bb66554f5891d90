/*
 * notification_json: writes a notification as its recipient sees it, and the
 * preferences of the recipient.
 */
#ifndef FCGI_ROUTES_MESSAGING_NOTIFICATION_JSON_H
#define FCGI_ROUTES_MESSAGING_NOTIFICATION_JSON_H

#include "domain/messaging/notification.h"
#include "domain/messaging/preference.h"
#include "json/json_write.h"

/* Writes a notification as an object into the open array. */
void	notification_json_render(struct json_write *,
	    const struct notification *);
/* Writes the preferences as an object under key. NULL: as the response itself. */
void	notification_json_preference(struct json_write *, const char *key,
	    const struct preference *, int64_t now);

#endif
