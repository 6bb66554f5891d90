/*
 * image_strip: removes what a picture says about its origin.
 *
 * Cameras write the position, the time, their serial number and previews into
 * pictures. This keeps only what a decoder needs: the parts of JPEG (ITU
 * T.81), PNG (ISO 15948) and WebP (RFC 9649) that are listed here, one small
 * color profile (ICC), and of a JPEG's EXIF data the orientation. Pixels are
 * not decoded and stay equal. What follows the end of the picture is removed,
 * where phones keep films and further pictures with metadata of their own.
 */
#ifndef BASE_IMAGE_STRIP_H
#define BASE_IMAGE_STRIP_H

#include <stddef.h>
#include <stdint.h>

/* The result has at most this number of bytes more than the picture. */
#define IMAGE_STRIP_MORE 64

/*
 * Copies a picture of n bytes to out, which has n + IMAGE_STRIP_MORE bytes,
 * without its metadata. type is what image_store_type() says. Returns the
 * number of bytes, or 0 if the picture is not built as its format demands. The
 * result of a second call is equal to that of the first.
 */
size_t	image_strip(const char *type, const void *, size_t n, uint8_t *out);

#endif
