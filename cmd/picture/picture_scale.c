#include <string.h>

#include "cmd/picture/picture.h"

/*
 * The unit of both axes is 1 / (width * new width) of the picture: a pixel of
 * the input is new_width units wide, a pixel of the output width units.
 */
struct picture_scaler {
	uint32_t width, height;
	struct picture out;
	float *line;			/* the row, scaled horizontally */
	float *sum;			/* rows that one row of output covers */
	uint32_t y;			/* row of the output */
	uint32_t room;			/* units that it does not cover yet */
};

static uint32_t
scaled_side(uint32_t side, uint32_t longer, uint32_t max)
{
	uint32_t n;

	if (longer <= max)
		return side;
	n = (uint32_t)(((uint64_t)side * max + longer / 2) / longer);
	return n == 0 ? 1 : n;
}

struct picture_scaler *
picture_scaler_new(uint32_t width, uint32_t height, uint32_t side)
{
	struct picture_scaler *s = picture_alloc(sizeof(*s));
	uint32_t longer = width > height ? width : height;

	s->width = width;
	s->height = height;
	s->out.width = scaled_side(width, longer, side);
	s->out.height = scaled_side(height, longer, side);
	s->out.rgba = picture_alloc((size_t)4 * s->out.width * s->out.height);
	s->line = picture_alloc(s->out.width * 4 * sizeof(float));
	s->sum = picture_alloc(s->out.width * 4 * sizeof(float));
	s->room = height;
	return s;
}

/* Adds a pixel to a sum. Colors are weighted by their opacity. */
static void
add_pixel(float *to, const uint8_t *p, float weight)
{
	float alpha = weight * (float)p[3];

	to[0] += alpha * (float)p[0];
	to[1] += alpha * (float)p[1];
	to[2] += alpha * (float)p[2];
	to[3] += alpha;
}

static void
scale_line(struct picture_scaler *s, const uint8_t *row)
{
	uint32_t room = s->width, left, part, x;
	float *to = s->line;

	memset(s->line, 0, s->out.width * 4 * sizeof(float));
	for (x = 0; x < s->width; x++, row += 4)
		for (left = s->out.width; left > 0; left -= part) {
			part = left < room ? left : room;
			add_pixel(to, row, (float)part);
			room -= part;
			if (room == 0) {
				room = s->width;
				to += 4;
			}
		}
}

static uint8_t
rounded(float v)
{
	return v >= 254.5f ? 255 : (uint8_t)(v + 0.5f);
}

/* Writes a complete row of the output and begins the next one. */
static void
put_line(struct picture_scaler *s)
{
	uint8_t *to = s->out.rgba + (size_t)4 * s->out.width * s->y++;
	float area = (float)s->width * (float)s->height;
	const float *sum = s->sum;
	uint32_t x;

	for (x = 0; x < s->out.width; x++, to += 4, sum += 4) {
		if (sum[3] <= 0)
			continue;	/* transparent black */
		to[0] = rounded(sum[0] / sum[3]);
		to[1] = rounded(sum[1] / sum[3]);
		to[2] = rounded(sum[2] / sum[3]);
		to[3] = rounded(sum[3] / area);
	}
	memset(s->sum, 0, s->out.width * 4 * sizeof(float));
	s->room = s->height;
}

void
picture_scaler_row(struct picture_scaler *s, const uint8_t *row)
{
	uint32_t left, part, i;

	scale_line(s, row);
	for (left = s->out.height; left > 0 && s->y < s->out.height;
	    left -= part) {
		part = left < s->room ? left : s->room;
		for (i = 0; i < s->out.width * 4; i++)
			s->sum[i] += s->line[i] * (float)part;
		s->room -= part;
		if (s->room == 0)
			put_line(s);
	}
}

struct picture
picture_scaler_end(struct picture_scaler *s)
{
	return s->out;
}

struct picture
picture_scale(const struct picture *p, uint32_t side)
{
	struct picture_scaler *s = picture_scaler_new(p->width, p->height,
	    side);
	uint32_t y;

	for (y = 0; y < p->height; y++)
		picture_scaler_row(s, p->rgba + (size_t)4 * p->width * y);
	return picture_scaler_end(s);
}

struct picture
picture_upright(const struct picture *p, unsigned orientation)
{
	bool swap = orientation >= 5;
	uint32_t w = p->width, h = p->height, x, y, from_x, from_y;
	struct picture out = { swap ? h : w, swap ? w : h, NULL };
	uint8_t *to;

	if (orientation <= 1)
		return *p;
	to = out.rgba = picture_alloc((size_t)4 * w * h);
	for (y = 0; y < out.height; y++)
		for (x = 0; x < out.width; x++, to += 4) {
			from_x = swap ? y : x;
			from_y = swap ? x : y;
			/* 2, 3: mirrored left to right; 7, 8 after the swap */
			if (orientation == 2 || orientation == 3 ||
			    orientation == 7 || orientation == 8)
				from_x = w - 1 - from_x;
			if (orientation == 3 || orientation == 4 ||
			    orientation == 6 || orientation == 7)
				from_y = h - 1 - from_y;
			memcpy(to, p->rgba + 4 * ((size_t)from_y * w + from_x),
			    4);
		}
	return out;
}
