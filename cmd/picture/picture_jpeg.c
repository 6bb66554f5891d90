#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "cmd/picture/picture.h"

#define QUALITY		85
#define MEMORY_MAX	(240L << 20)	/* bytes; progressive pictures need
					 * all coefficients */
/*
 * Each scan of a progressive picture is a pass over all coefficients but may
 * have a few bytes. Encoders write about 10 scans.
 */
#define SCANS_MAX	100

static void
jpeg_error(j_common_ptr info)
{
	if (info->err->msg_code == JERR_IMAGE_TOO_BIG)
		picture_fail(IMAGE_DECODER_SIDES);
	picture_fail(info->err->msg_code == JERR_OUT_OF_MEMORY ||
	    info->err->msg_code == JERR_NO_BACKING_STORE ?
	    IMAGE_DECODER_MEMORY : IMAGE_DECODER_INVALID);
}

/*
 * Accepts warnings, except that the data of a scan ended before its last rows
 * and the picture ends there. Such a file was cut and then closed.
 */
static void
jpeg_message(j_common_ptr info, int level)
{
	j_decompress_ptr d = (j_decompress_ptr)info;

	if (level >= 0 || !info->is_decompressor)
		return;
	if (info->err->msg_code == JWRN_HIT_MARKER &&
	    d->unread_marker == JPEG_EOI &&
	    d->input_iMCU_row + 1 < d->total_iMCU_rows)
		picture_fail(IMAGE_DECODER_TRUNCATED);
}

/* The library calls this for each row of a scan. */
static void
check_scans(j_common_ptr info)
{
	if (((j_decompress_ptr)info)->input_scan_number > SCANS_MAX)
		picture_fail(IMAGE_DECODER_INVALID);
}

static void
jpeg_no_output(j_common_ptr info)
{
	(void)info;
}

static void
init_errors(struct jpeg_error_mgr *err)
{
	jpeg_std_error(err);
	err->error_exit = jpeg_error;
	err->emit_message = jpeg_message;
	err->output_message = jpeg_no_output;
}

static void
source_begin(j_decompress_ptr d)
{
	(void)d;
}

static boolean
source_ended(j_decompress_ptr d)
{
	(void)d;
	picture_fail(IMAGE_DECODER_TRUNCATED);
}

static void
source_skip(j_decompress_ptr d, long n)
{
	if (n <= 0)
		return;
	if ((size_t)n > d->src->bytes_in_buffer)
		picture_fail(IMAGE_DECODER_TRUNCATED);
	d->src->next_input_byte += n;
	d->src->bytes_in_buffer -= (size_t)n;
}

static void
destroy_jpeg(void *info)
{
	jpeg_destroy(info);
}

static void
free_jpeg_memory(void *p)
{
	free(*(unsigned char **)p);
}

/* Copies the profile, which may be in several segments. */
static void
read_profile(j_decompress_ptr d, struct picture_source *s)
{
	JOCTET **p = picture_alloc(sizeof(*p));
	unsigned n = 0;

	if (!jpeg_read_icc_profile(d, p, &n))
		return;
	picture_on_free(free_jpeg_memory, p);
	s->icc = (struct picture_bytes){ *p, n };
}

static void
read_markers(j_decompress_ptr d, struct picture_source *s)
{
	jpeg_saved_marker_ptr m;

	for (m = d->marker_list; m != NULL && s->orientation == 1; m = m->next)
		if (m->marker == JPEG_APP0 + 1 && m->data_length > 6 &&
		    memcmp(m->data, "Exif\0", 6) == 0)
			s->orientation = picture_orientation(m->data,
			    m->data_length);
	read_profile(d, s);
}

/* Converts a row of CMYK or gray in place, or RGBA as it is. */
static void
row_to_rgba(j_decompress_ptr d, uint8_t *row)
{
	bool inverted = d->saw_Adobe_marker;
	unsigned k, v, i, x;

	if (d->out_color_space != JCS_CMYK)
		return;
	for (x = 0; x < d->output_width; x++, row += 4) {
		k = inverted ? row[3] : 255u - row[3];
		for (i = 0; i < 3; i++) {
			v = inverted ? row[i] : 255u - row[i];
			row[i] = (uint8_t)((v * k + 127) / 255);
		}
		row[3] = 255;
	}
}

/* Lets the decoder scale by 1/2, 1/4 or 1/8 while enough pixels remain. */
static void
choose_scale(j_decompress_ptr d)
{
	unsigned longer = d->image_width > d->image_height ? d->image_width :
	    d->image_height;

	d->scale_num = 1;
	d->scale_denom = 1;
	while (d->scale_denom < 8 &&
	    longer / (d->scale_denom * 2) >= IMAGE_DECODER_SIDE)
		d->scale_denom *= 2;
}

void
picture_jpeg_decode(struct picture_bytes in, struct picture_source *s)
{
	struct jpeg_decompress_struct *d = picture_alloc(sizeof(*d));
	struct jpeg_error_mgr *err = picture_alloc(sizeof(*err));
	struct jpeg_source_mgr *src = picture_alloc(sizeof(*src));
	struct jpeg_progress_mgr *progress = picture_alloc(sizeof(*progress));
	struct picture_scaler *scaler;
	uint8_t *row;

	init_errors(err);
	d->err = err;
	picture_on_free(destroy_jpeg, d);
	jpeg_create_decompress(d);
	d->mem->max_memory_to_use = MEMORY_MAX;
	*src = (struct jpeg_source_mgr){ in.p, in.n, source_begin,
	    source_ended, source_skip, jpeg_resync_to_restart, source_begin };
	d->src = src;
	progress->progress_monitor = check_scans;
	d->progress = progress;
	jpeg_save_markers(d, JPEG_APP0 + 1, 0xffff);
	jpeg_save_markers(d, JPEG_APP0 + 2, 0xffff);
	jpeg_read_header(d, TRUE);
	picture_check_sides(d->image_width, d->image_height);
	read_markers(d, s);
	s->gray = d->num_components == 1 || d->num_components == 4;
	d->out_color_space = d->jpeg_color_space == JCS_CMYK ||
	    d->jpeg_color_space == JCS_YCCK ? JCS_CMYK : JCS_EXT_RGBA;
	choose_scale(d);
	jpeg_start_decompress(d);
	row = picture_alloc((size_t)4 * d->output_width);
	scaler = picture_scaler_new(d->output_width, d->output_height,
	    IMAGE_DECODER_SIDE);
	while (d->output_scanline < d->output_height) {
		jpeg_read_scanlines(d, &row, 1);
		row_to_rgba(d, row);
		picture_scaler_row(scaler, row);
	}
	/* Reads to the end of the picture. What follows is not read. */
	jpeg_finish_decompress(d);
	s->scaled = picture_scaler_end(scaler);
}

struct encoded {
	unsigned char *p;
	unsigned long n;
};

struct picture_bytes
picture_jpeg_encode(const struct picture *p)
{
	struct jpeg_compress_struct *c = picture_alloc(sizeof(*c));
	struct jpeg_error_mgr *err = picture_alloc(sizeof(*err));
	struct encoded *out = picture_alloc(sizeof(*out));
	JSAMPROW row;

	init_errors(err);
	c->err = err;
	picture_on_free(free_jpeg_memory, &out->p);
	picture_on_free(destroy_jpeg, c);
	jpeg_create_compress(c);
	jpeg_mem_dest(c, &out->p, &out->n);
	c->image_width = p->width;
	c->image_height = p->height;
	c->input_components = 4;
	c->in_color_space = JCS_EXT_RGBX;
	jpeg_set_defaults(c);
	jpeg_set_quality(c, QUALITY, TRUE);
	c->optimize_coding = TRUE;
	jpeg_start_compress(c, TRUE);
	while (c->next_scanline < p->height) {
		row = p->rgba + (size_t)4 * p->width * c->next_scanline;
		jpeg_write_scanlines(c, &row, 1);
	}
	jpeg_finish_compress(c);
	return (struct picture_bytes){ out->p, out->n };
}
