/*
 * card: a listener as every list shows one.
 *
 * The favorites list (A) and the listeners' own pages share these members, so
 * they are written in one place.
 */
#ifndef FCGI_CARD_H
#define FCGI_CARD_H

#include "base/conf.h"
#include "dom/listener.h"
#include "wire/jout.h"

/*
 * Write A's members, user_id to is_available, into the object that is open.
 * The configuration gives the base of the image's URL.
 */
void	card_render(struct jout *, const struct conf *,
	    const struct listener_card *);

#endif
