/*
 * notification_json: a notification as who was told sees it.
 */
#ifndef FCGI_ROUTES_MESSAGING_NOTIFICATION_JSON_H
#define FCGI_ROUTES_MESSAGING_NOTIFICATION_JSON_H

#include "domain/messaging/notification.h"
#include "json/json_write.h"

/* An object, into the open array. */
void	notification_json_render(struct json_write *,
	    const struct notification *);

#endif
