/*
 * image_strip: removes metadata from images.
 *
 * Cameras write the position, the time, their serial number and previews into
 * images. image_strip() keeps only the parts that a decoder needs. They are
 * listed here for JPEG (ITU T.81), PNG (ISO 15948) and WebP (RFC 9649). A small
 * color profile (ICC) and the orientation in the EXIF data of a JPEG are kept
 * too. Pixels are not decoded and do not change. Data after the end of the
 * image is removed, because phones append films and further images with
 * metadata there.
 */
#ifndef BASE_IMAGE_STRIP_H
#define BASE_IMAGE_STRIP_H

#include <stddef.h>
#include <stdint.h>

/* Maximum number of bytes by which the result is larger than the image. */
#define IMAGE_STRIP_MORE 64

/*
 * Copies an image of n bytes to out without its metadata. out has n +
 * IMAGE_STRIP_MORE bytes. type is a result of image_store_type(). Returns the
 * number of bytes written, or 0 if the structure of the image is invalid. A
 * second call does not change the result of the first.
 */
size_t	image_strip(const char *type, const void *, size_t n, uint8_t *out);

#endif
