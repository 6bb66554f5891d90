/*
 * favorite_log_json: writes saves and unsaves of favorites.
 */
#ifndef FCGI_ROUTES_FAVORITES_FAVORITE_LOG_JSON_H
#define FCGI_ROUTES_FAVORITES_FAVORITE_LOG_JSON_H

#include "domain/common/favoritable.h"
#include "domain/favorites/favorite_log.h"
#include "json/json_write.h"

/* Writes the id: a number for listeners and flyers, a UUID for other kinds. */
static inline void
favorite_log_json_id(struct json_write *j, const char *key,
	    const struct favorite_event *e)
{
	if (e->kind <= FAVORITE_FLYER)
		json_write_int(j, key, e->entity_id);
	else
		json_write_uuid(j, key, &e->entity);
}

/* Writes {"kind","id","action","at"}. */
static inline void
favorite_log_json_render(struct json_write *j, const struct favorite_event *e)
{
	json_write_obj(j, NULL);
	json_write_str(j, "kind", favorite_kind_names[e->kind - 1]);
	favorite_log_json_id(j, "id", e);
	json_write_str(j, "action", e->saved ? "saved" : "unsaved");
	json_write_time(j, "at", e->at);
	json_write_obj_end(j);
}

#endif
