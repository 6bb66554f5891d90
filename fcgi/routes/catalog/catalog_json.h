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
void	flyer_render(struct jout *, const char *key, const struct flyer *);
void	destination_render(struct jout *, const char *key,
	    const struct destination *);

/* E's entities, without is_favorite. */
void	style_members(struct jout *, const struct style *);
void	style_render(struct jout *, const char *key, const struct style *);
void	creative_members(struct jout *, const struct creative *);
void	creative_render(struct jout *, const char *key,
	    const struct creative *);
void	document_members(struct jout *, const struct document *);
void	document_render(struct jout *, const char *key,
	    const struct document *);

#endif
