/* image_json: writes the URLs of stored images (base/image_store.h). */
#ifndef FCGI_CORE_IMAGE_JSON_H
#define FCGI_CORE_IMAGE_JSON_H

#include "base/conf.h"
#include "json/json_write.h"

/* Writes the URL of an image as a member. A NULL name is written as null. */
void	image_json_url(struct json_write *, const struct conf *,
	    const char *key, const char *name);
/* The same for the thumbnail of the image. */
void	image_json_thumb(struct json_write *, const struct conf *,
	    const char *key, const char *name);

#endif
