/*
 * image_upload: receives an uploaded image, for the routes that store one.
 *
 * A row with ROUTE_IMAGE calls image_upload_begin() in its before(), with the
 * image as the body or as a file of multipart/form-data. The request then waits
 * for a decoder (fcgi/core/deferred.h). When the handler runs, the encoded
 * image and its thumbnail are in the media folder. If the request fails, they
 * are removed.
 */
#ifndef FCGI_CORE_IMAGE_UPLOAD_H
#define FCGI_CORE_IMAGE_UPLOAD_H

#include "fcgi/core/req.h"

/*
 * Maximum bytes of a body with an image. Phones write JPEG files of 2 to 8 MiB,
 * and up to 12 MiB at 50 megapixels. Larger pictures have more pixels than
 * IMAGE_DECODER_INPUT_SIDE permits, or are not JPEG. nginx has the same limit.
 */
#define IMAGE_UPLOAD_MAX	((size_t)12 * 1024 * 1024)

/*
 * Starts to receive the image in the body. Returns RC_MEDIA if it has no known
 * type, and RC_LIMITED if decoders took too long for images of the account
 * (limits.picture_seconds), or if too many of its uploads wait.
 */
enum rc		 image_upload_begin(struct req *);
/*
 * The file name of the stored image, and the bytes of it and its thumbnail. For
 * the handler.
 */
const char	*image_upload_name(const struct req *);
int64_t		 image_upload_bytes(const struct req *);
/* Removes the files after the commit: no row refers to them. */
void		 image_upload_discard(struct req *);

#endif
