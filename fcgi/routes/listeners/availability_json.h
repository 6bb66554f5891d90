/*
 * availability_json: writes the availability of a listener, for its route and
 * for the export.
 */
#ifndef FCGI_ROUTES_LISTENERS_AVAILABILITY_JSON_H
#define FCGI_ROUTES_LISTENERS_AVAILABILITY_JSON_H

#include "domain/listeners/listener_availability.h"
#include "json/json_write.h"

/* The days of a week, Monday first. NULL at the end. */
extern const char *const availability_days[];

/* Writes the object. key is NULL for the body of a response. */
void	availability_json_render(struct json_write *, const char *key,
	    const struct listener_availability *);

#endif
