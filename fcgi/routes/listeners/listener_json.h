/*
 * listener_json: writes a listener. The lists of listeners, favorites and
 * administrators share these members.
 */
#ifndef FCGI_ROUTES_LISTENERS_LISTENER_JSON_H
#define FCGI_ROUTES_LISTENERS_LISTENER_JSON_H

#include "base/conf.h"
#include "domain/listeners/listener.h"
#include "json/json_write.h"

/*
 * Writes "profile_image_url" and "profile_image_thumb_url" for a file in
 * media/. NULL gives null.
 */
void	listener_json_image(struct json_write *, const struct conf *,
	    const char *image);
/*
 * Writes the members that all lists have, user_id to next_available_at, into
 * the open object. The configuration gives the base URL of images.
 */
void	listener_json_render(struct json_write *, const struct conf *,
	    const struct listener_card *);

/* Viewer of a listener: any client, an authenticated user, or the listener. */
enum listener_json_view { LISTENER_JSON_OPEN, LISTENER_JSON_SIGNED_IN,
	    LISTENER_JSON_OWN };
/*
 * Writes the members of all lists and those of the listeners' routes.
 * Authenticated users also see whether it is a favorite. The listener also sees
 * the approval.
 */
void	listener_json_members(struct json_write *, const struct conf *,
	    const struct listener_item *, enum listener_json_view);

#endif
