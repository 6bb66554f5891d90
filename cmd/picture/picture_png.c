#include <string.h>

#include <png.h>

#include "cmd/picture/picture.h"

#define CHUNK_MAX	(4u << 20)	/* bytes of a chunk, decompressed */
#define CHUNKS_MAX	64		/* stored chunks */
#define OUT_MAX		((size_t)IMAGE_DECODER_SIDE * \
			    (4 * IMAGE_DECODER_SIDE + 1) + (1u << 20))

struct png_input {
	struct picture_bytes in;
	size_t at;
};

struct png_pair {
	png_structp png;
	png_infop info;
};

_Noreturn static void
png_failed(png_structp png, png_const_charp message)
{
	(void)png;
	(void)message;
	picture_fail(IMAGE_DECODER_INVALID);
}

static void
png_warned(png_structp png, png_const_charp message)
{
	(void)png;
	(void)message;
}

static void
take_bytes(png_structp png, png_bytep to, size_t n)
{
	struct png_input *i = png_get_io_ptr(png);

	if (n > i->in.n - i->at)
		picture_fail(IMAGE_DECODER_TRUNCATED);
	memcpy(to, i->in.p + i->at, n);
	i->at += n;
}

static void
destroy_reader(void *p)
{
	struct png_pair *pair = p;

	png_destroy_read_struct(&pair->png, &pair->info, NULL);
}

static void
destroy_writer(void *p)
{
	struct png_pair *pair = p;

	png_destroy_write_struct(&pair->png, &pair->info);
}

static void
read_metadata(const struct png_pair *r, struct picture_source *s)
{
	png_bytep bytes = NULL;
	png_charp name;
	png_uint_32 n = 0;
	int method;

	if (png_get_eXIf_1(r->png, r->info, &n, &bytes) != 0)
		s->orientation = picture_orientation(bytes, n);
	if (png_get_iCCP(r->png, r->info, &name, &method, &bytes, &n) != 0)
		s->icc = (struct picture_bytes){ bytes, n };
	s->gray = (png_get_color_type(r->png, r->info) &
	    PNG_COLOR_MASK_COLOR) == 0;
}

/* Lets the library convert each kind of PNG to 8-bit RGBA. */
static void
set_transforms(const struct png_pair *r)
{
	double gamma;

	png_set_expand(r->png);
	png_set_scale_16(r->png);
	png_set_gray_to_rgb(r->png);
	png_set_add_alpha(r->png, 0xff, PNG_FILLER_AFTER);
	if (!png_get_valid(r->png, r->info, PNG_INFO_sRGB | PNG_INFO_iCCP) &&
	    png_get_gAMA(r->png, r->info, &gamma) != 0 && gamma > 0.1 &&
	    gamma < 2)
		png_set_gamma(r->png, 2.2, gamma);
}

/* Interlaced pictures are decoded completely before they are scaled. */
static void
read_interlaced(const struct png_pair *r, uint32_t w, uint32_t h, int passes,
    struct picture_scaler *scaler)
{
	uint8_t *all = picture_alloc((size_t)4 * w * h);
	uint32_t y;

	while (passes-- > 0)
		for (y = 0; y < h; y++)
			png_read_row(r->png, all + (size_t)4 * w * y, NULL);
	for (y = 0; y < h; y++)
		picture_scaler_row(scaler, all + (size_t)4 * w * y);
}

void
picture_png_decode(struct picture_bytes in, struct picture_source *s)
{
	struct png_input *io = picture_alloc(sizeof(*io));
	struct png_pair *r = picture_alloc(sizeof(*r));
	struct picture_scaler *scaler;
	uint32_t w, h, y;
	uint8_t *row;
	int passes;

	io->in = in;
	picture_on_free(destroy_reader, r);
	r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, png_failed,
	    png_warned);
	r->info = r->png == NULL ? NULL : png_create_info_struct(r->png);
	if (r->info == NULL)
		picture_fail(IMAGE_DECODER_MEMORY);
	png_set_read_fn(r->png, io, take_bytes);
	png_set_user_limits(r->png, 0x7fffffff, 0x7fffffff);
	png_set_chunk_malloc_max(r->png, CHUNK_MAX);
	png_set_chunk_cache_max(r->png, CHUNKS_MAX);
	png_read_info(r->png, r->info);
	w = png_get_image_width(r->png, r->info);
	h = png_get_image_height(r->png, r->info);
	picture_check_sides(w, h);
	read_metadata(r, s);
	set_transforms(r);
	passes = png_set_interlace_handling(r->png);
	png_read_update_info(r->png, r->info);
	if (png_get_rowbytes(r->png, r->info) != (size_t)4 * w)
		picture_fail(IMAGE_DECODER_INVALID);
	scaler = picture_scaler_new(w, h, IMAGE_DECODER_SIDE);
	if (passes > 1) {
		read_interlaced(r, w, h, passes, scaler);
	} else {
		row = picture_alloc((size_t)4 * w);
		for (y = 0; y < h; y++) {
			png_read_row(r->png, row, NULL);
			picture_scaler_row(scaler, row);
		}
	}
	/* Reads to IEND. What follows is not read. */
	png_read_end(r->png, NULL);
	s->scaled = picture_scaler_end(scaler);
}

struct png_output {
	uint8_t *p;
	size_t n;
};

static void
put_bytes(png_structp png, png_bytep from, size_t n)
{
	struct png_output *o = png_get_io_ptr(png);

	if (n > OUT_MAX - o->n)
		picture_fail(IMAGE_DECODER_MEMORY);
	memcpy(o->p + o->n, from, n);
	o->n += n;
}

static void
put_flush(png_structp png)
{
	(void)png;
}

static bool
opaque(const struct picture *p)
{
	size_t i, n = (size_t)p->width * p->height;

	for (i = 0; i < n && p->rgba[4 * i + 3] == 255; i++)
		;
	return i == n;
}

struct picture_bytes
picture_png_encode(const struct picture *p)
{
	struct png_output *o = picture_alloc(sizeof(*o));
	struct png_pair *out = picture_alloc(sizeof(*out));
	bool solid = opaque(p);
	uint32_t y;

	o->p = picture_alloc(OUT_MAX);
	picture_on_free(destroy_writer, out);
	out->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL,
	    png_failed, png_warned);
	out->info = out->png == NULL ? NULL : png_create_info_struct(out->png);
	if (out->info == NULL)
		picture_fail(IMAGE_DECODER_MEMORY);
	png_set_write_fn(out->png, o, put_bytes, put_flush);
	png_set_IHDR(out->png, out->info, p->width, p->height, 8, solid ?
	    PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(out->png, out->info);
	if (solid)
		png_set_filler(out->png, 0, PNG_FILLER_AFTER);
	for (y = 0; y < p->height; y++)
		png_write_row(out->png, p->rgba + (size_t)4 * p->width * y);
	png_write_end(out->png, NULL);
	return (struct picture_bytes){ o->p, o->n };
}
