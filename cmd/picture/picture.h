/*
 * picture: decodes, scales and encodes pictures for earmark-picture.
 *
 * The input is hostile, and the decoders of other projects read it. This code
 * runs only in a process that sandbox_enter() restricted, or in a fuzz target.
 * picture_encode() produces a picture that is upright and sRGB, has no
 * metadata, and has the format of the input.
 */
#ifndef CMD_PICTURE_PICTURE_H
#define CMD_PICTURE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image_decoder.h"

/* Bytes of the input or of the output. */
struct picture_bytes {
	const uint8_t *p;
	size_t n;
};

/* A picture of 8-bit RGBA pixels without padding. */
struct picture {
	uint32_t width, height;
	uint8_t *rgba;
};

/* What a decoder produces: at most IMAGE_DECODER_SIDE pixels per side. */
struct picture_source {
	struct picture scaled;
	struct picture_bytes icc;	/* color profile, or n 0 */
	unsigned orientation;		/* of EXIF, 1 to 8 */
	bool gray;			/* a profile of gray does not apply */
};

/*
 * Ends the work on this input. The program that uses this code defines it: it
 * ends the process, or in the fuzz target returns to the next input.
 */
_Noreturn void	 picture_fail(enum image_decoder_exit);
/*
 * Allocates memory that picture_free_all() frees. Calls picture_fail() if
 * memory is missing.
 */
void		*picture_alloc(size_t n);
/* Registers a function that picture_free_all() calls. */
void		 picture_on_free(void (*fn)(void *), void *arg);
void		 picture_free_all(void);

/* Checks width and height before anything is decoded. */
void		 picture_check_sides(uint64_t width, uint64_t height);
/*
 * Returns the orientation (1 to 8) in TIFF data of EXIF, or 1 if it has none.
 * A prefix "Exif\0\0" is accepted.
 */
unsigned	 picture_orientation(const uint8_t *, size_t n);

/* Decodes the complete input. Calls picture_fail() if that is not possible. */
void		 picture_jpeg_decode(struct picture_bytes,
		    struct picture_source *);
void		 picture_png_decode(struct picture_bytes,
		    struct picture_source *);
void		 picture_webp_decode(struct picture_bytes,
		    struct picture_source *);
/* Encodes without metadata. The result is allocated by picture_alloc(). */
struct picture_bytes picture_jpeg_encode(const struct picture *);
struct picture_bytes picture_png_encode(const struct picture *);
struct picture_bytes picture_webp_encode(const struct picture *);

/* Creates the sRGB profile. Call it before the sandbox, because it reads files. */
void		 picture_color_init(void);
/* Converts to sRGB, if the picture has a usable profile of RGB. */
void		 picture_to_srgb(struct picture *, struct picture_bytes icc);

/* Scales row by row, by the average of the covered area. */
struct picture_scaler;
/*
 * Prepares scaling so that the longer side has at most `side` pixels. Pictures
 * are never enlarged.
 */
struct picture_scaler *picture_scaler_new(uint32_t width, uint32_t height,
		    uint32_t side);
/* Takes the next row of 4 * width bytes, RGBA. */
void		 picture_scaler_row(struct picture_scaler *, const uint8_t *);
/* Returns the result after the last row. */
struct picture	 picture_scaler_end(struct picture_scaler *);
struct picture	 picture_scale(const struct picture *, uint32_t side);
/* Returns the picture turned and mirrored as the orientation says. */
struct picture	 picture_upright(const struct picture *, unsigned orientation);

/*
 * Produces the picture and its thumbnail. type is a result of
 * image_type().
 */
void		 picture_encode(const char *type, struct picture_bytes,
		    struct picture_bytes *full, struct picture_bytes *thumb);

#endif
