/*
 * flyer_image: the uploaded images of flyers (base/image_store.h).
 *
 * A flyer has an uploaded image or the URL of an image on another server, or
 * none. The files of images that are replaced, or whose flyer is deleted, are
 * removed after the commit (domain/common/image_removal.h).
 */
#ifndef DOMAIN_CATALOG_FLYER_IMAGE_H
#define DOMAIN_CATALOG_FLYER_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/catalog/flyer.h"

/*
 * Stores the file name of a new image, and the bytes of its files. *used is
 * false if the flyer has an image with the same content, which it keeps.
 * Returns RC_CONFLICT quota_exceeded, and the errors of flyer_editable().
 */
enum rc	flyer_image_set(struct db *, struct arena *, const struct editor *,
	    int64_t id, const char *name, int64_t bytes, struct flyer *,
	    bool *used, struct err *);
/*
 * Removes the image of either kind, if there is one. If another user removes
 * it, the publisher is notified.
 */
enum rc	flyer_image_drop(struct db *, struct arena *, const struct editor *,
	    int64_t id, struct err *);

#endif
