/*
 * catalog_json: writes flyers, destinations, styles, creatives and documents.
 *
 * The catalog and the favorites use these functions, so that both show the same
 * objects. x_render() writes the object under a key, or as an array item if key
 * is NULL. x_members() writes its members into the open object, for lists that
 * add members.
 */
#ifndef FCGI_ROUTES_CATALOG_CATALOG_JSON_H
#define FCGI_ROUTES_CATALOG_CATALOG_JSON_H

#include "domain/catalog/creative.h"
#include "domain/catalog/destination.h"
#include "domain/catalog/document.h"
#include "domain/catalog/flyer.h"
#include "domain/catalog/style.h"
#include "json/json_write.h"

/* Members that are the same for all users, without favorites_count. */
void	catalog_json_flyer_members(struct json_write *, const struct conf *,
	    const struct flyer *);
/* The other members: favorites_count and is_favorited. */
void	catalog_json_flyer_favorites(struct json_write *, int64_t count,
	    bool is_favorited);
/* All members of an object. */
void	catalog_json_flyer_render(struct json_write *, const struct conf *,
	    const char *key, const struct flyer *);
void	catalog_json_destination_render(struct json_write *, const char *key,
	    const struct destination *);

/* Objects of the studio, without is_favorite. */
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
