/*
 * event_json: the id of what was saved, as its kind shows it.
 */
#ifndef FCGI_EVENT_JSON_H
#define FCGI_EVENT_JSON_H

#include "dom/favorite_feed.h"
#include "wire/jout.h"

/* A number for listeners and flyers, a UUID for the other kinds. */
static inline void
event_id(struct jout *j, const char *key, const struct fav_event *e)
{
	if (e->kind <= FAV_FLYER)
		jout_int(j, key, e->entity_id);
	else
		jout_uuid(j, key, &e->entity);
}

#endif
