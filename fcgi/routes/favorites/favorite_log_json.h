/*
 * favorite_log_json: saves and unsaves, and the id of what was saved as its kind
 * shows it.
 */
#ifndef FCGI_ROUTES_FAVORITES_FAVORITE_LOG_JSON_H
#define FCGI_ROUTES_FAVORITES_FAVORITE_LOG_JSON_H

#include "domain/favorites/favorite_log.h"
#include "json/json_write.h"

/* A number for listeners and flyers, a UUID for the other kinds. */
static inline void
event_id(struct jout *j, const char *key, const struct fav_event *e)
{
	if (e->kind <= FAV_FLYER)
		jout_int(j, key, e->entity_id);
	else
		jout_uuid(j, key, &e->entity);
}

/* {"kind","id","action","at"} */
static inline void
event_render(struct jout *j, const struct fav_event *e)
{
	jout_obj(j, NULL);
	jout_str(j, "kind", fav_kind_words[e->kind - 1]);
	event_id(j, "id", e);
	jout_str(j, "action", e->saved ? "saved" : "unsaved");
	jout_time(j, "at", e->at);
	jout_obj_end(j);
}

#endif
