/*
 * favoritable: the kinds of objects that users can add to their favorites.
 * Catalogs and favorites share them.
 */
#ifndef DOMAIN_COMMON_FAVORITABLE_H
#define DOMAIN_COMMON_FAVORITABLE_H

#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "db/db.h"

enum favorite_kind {
	FAVORITE_LISTENER = 1, FAVORITE_FLYER, FAVORITE_DESTINATION,
	FAVORITE_STYLE, FAVORITE_CREATIVE, FAVORITE_DOCUMENT, FAVORITE_MAX
};

/* "listener" ... "document", NULL at the end; index: kind - 1. */
extern const char *const favorite_kind_names[];

#endif
