/*
 * image_type: recognizes the format of an image by its first bytes. Only
 * earmark-picture reads the rest (base/image_decoder.h).
 */
#ifndef BASE_IMAGE_TYPE_H
#define BASE_IMAGE_TYPE_H

#include <stddef.h>

/*
 * Returns "jpg", "png" or "webp", a literal, if the n bytes begin with the
 * signature of the format, else NULL.
 */
const char	*image_type(const void *, size_t n);

#endif
