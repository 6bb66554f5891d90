/*
 * notification_json: writes a notification as its recipient sees it.
 */
#ifndef FCGI_ROUTES_MESSAGING_NOTIFICATION_JSON_H
#define FCGI_ROUTES_MESSAGING_NOTIFICATION_JSON_H

#include "domain/messaging/notification.h"
#include "json/json_write.h"

/* Writes a notification as an object into the open array. */
void	notification_json_render(struct json_write *,
	    const struct notification *);

#endif
