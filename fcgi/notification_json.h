/*
 * notification_json: a notification as who was told sees it.
 */
#ifndef FCGI_NOTIFICATION_JSON_H
#define FCGI_NOTIFICATION_JSON_H

#include "dom/notification.h"
#include "wire/jout.h"

/* An object, into the open array. */
void	notification_render(struct jout *, const struct notification *);

#endif
