/*
 * listener_json: a listener as every list shows one.
 *
 * The list of favorite listeners, the listeners' pages and the administrators'
 * share these members, so they are written in one place.
 */
#ifndef FCGI_ROUTES_LISTENERS_LISTENER_JSON_H
#define FCGI_ROUTES_LISTENERS_LISTENER_JSON_H

#include "base/conf.h"
#include "domain/listeners/listener.h"
#include "json/json_write.h"

/* Write "profile_image_url" for a file under media/, null for NULL. */
void	listener_json_image(struct json_write *, const struct conf *,
	    const char *image);
/*
 * Writes the members that all lists show, user_id to is_available, into the
 * object that is open. The configuration gives the base of the image's URL.
 */
void	listener_json_render(struct json_write *, const struct conf *,
	    const struct listener_card *);

/* Who looks at a listener. */
enum listener_json_view { LISTENER_JSON_OPEN, LISTENER_JSON_SIGNED_IN,
	    LISTENER_JSON_OWN };
/*
 * Write the card's members and what the listeners' pages have beyond it:
 * signed in, whether it is a favorite; as one's own, the verification.
 */
void	listener_json_members(struct json_write *, const struct conf *,
	    const struct listener_item *, enum listener_json_view);

#endif
