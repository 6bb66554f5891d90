/*
 * catalog_json: flyers, destinations, styles, creatives and documents as JSON.
 *
 * The catalogs' own lists and the favorites lists show the same objects, so
 * they are written in one place. x_render() writes the whole object, under a
 * key or (NULL) as an item of an array; x_members() writes its members into
 * the object that is open, for lists that add something of their own.
 */
#ifndef FCGI_ROUTES_CATALOG_CATALOG_JSON_H
#define FCGI_ROUTES_CATALOG_CATALOG_JSON_H

#include "domain/catalog/creative.h"
#include "domain/catalog/destination.h"
#include "domain/catalog/document.h"
#include "domain/catalog/flyer.h"
#include "domain/catalog/style.h"
#include "json/json_write.h"

/* With favorites_count and is_favorited. */
void	catalog_json_flyer_render(struct json_write *, const char *key,
	    const struct flyer *);
void	catalog_json_destination_render(struct json_write *, const char *key,
	    const struct destination *);

/* The objects of studio favorites, without is_favorite. */
void	catalog_json_style_members(struct json_write *, const struct style *);
void	catalog_json_style_render(struct json_write *, const char *key,
	    const struct style *);
void	catalog_json_creative_members(struct json_write *,
	    const struct creative *);
void	catalog_json_creative_render(struct json_write *, const char *key,
	    const struct creative *);
void	catalog_json_document_members(struct json_write *,
	    const struct document *);
void	catalog_json_document_render(struct json_write *, const char *key,
	    const struct document *);

#endif
