#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>

#include "cmd/picture/picture.h"

#define QUALITY		85

static uint32_t
little(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/*
 * Returns the bytes of the RIFF file without those that follow it. The last
 * padding byte may be absent.
 */
static struct picture_bytes
riff_bytes(struct picture_bytes in)
{
	uint64_t n;

	if (in.n < 12)
		picture_fail(IMAGE_DECODER_TRUNCATED);
	n = (uint64_t)little(in.p + 4) + 8;
	if (n > in.n + 1)
		picture_fail(IMAGE_DECODER_TRUNCATED);
	if (n < in.n)
		in.n = (size_t)n;
	return in;
}

static struct picture_bytes
chunk_bytes(WebPDemuxer *demux, const char *name)
{
	struct picture_bytes b = { NULL, 0 };
	WebPChunkIterator i;

	if (WebPDemuxGetChunk(demux, name, 1, &i)) {
		b = (struct picture_bytes){ i.chunk.bytes, i.chunk.size };
		WebPDemuxReleaseChunkIterator(&i);
	}
	return b;
}

static void
delete_demuxer(void *demux)
{
	WebPDemuxDelete(demux);
}

/* Finds metadata and the picture, or the first frame of an animation. */
static struct picture_bytes
find_frame(struct picture_bytes in, struct picture_source *s)
{
	WebPData data = { in.p, in.n };
	struct picture_bytes frame, exif;
	WebPDemuxer *demux;
	WebPIterator i;

	demux = WebPDemux(&data);
	if (demux == NULL)
		picture_fail(IMAGE_DECODER_TRUNCATED);
	picture_on_free(delete_demuxer, demux);
	picture_check_sides(WebPDemuxGetI(demux, WEBP_FF_CANVAS_WIDTH),
	    WebPDemuxGetI(demux, WEBP_FF_CANVAS_HEIGHT));
	exif = chunk_bytes(demux, "EXIF");
	s->orientation = picture_orientation(exif.p, exif.n);
	s->icc = chunk_bytes(demux, "ICCP");
	if (!WebPDemuxGetFrame(demux, 1, &i))
		picture_fail(IMAGE_DECODER_INVALID);
	frame = (struct picture_bytes){ i.fragment.bytes, i.fragment.size };
	if (!i.complete)
		picture_fail(IMAGE_DECODER_TRUNCATED);
	WebPDemuxReleaseIterator(&i);
	return frame;
}

static void
check_status(VP8StatusCode status)
{
	switch (status) {
	case VP8_STATUS_OK:
		return;
	case VP8_STATUS_OUT_OF_MEMORY:
		picture_fail(IMAGE_DECODER_MEMORY);
	case VP8_STATUS_NOT_ENOUGH_DATA:
	case VP8_STATUS_SUSPENDED:
		picture_fail(IMAGE_DECODER_TRUNCATED);
	default:
		picture_fail(IMAGE_DECODER_INVALID);
	}
}

void
picture_webp_decode(struct picture_bytes in, struct picture_source *s)
{
	struct picture_bytes frame = find_frame(riff_bytes(in), s);
	WebPDecoderConfig c;
	struct picture_scaler *size;
	struct picture *out = &s->scaled;

	if (!WebPInitDecoderConfig(&c))
		picture_fail(IMAGE_DECODER_INVALID);
	check_status(WebPGetFeatures(frame.p, frame.n, &c.input));
	picture_check_sides((uint32_t)c.input.width, (uint32_t)c.input.height);
	size = picture_scaler_new((uint32_t)c.input.width,
	    (uint32_t)c.input.height, IMAGE_DECODER_SIDE);
	*out = picture_scaler_end(size);
	c.options.use_scaling = out->width != (uint32_t)c.input.width ||
	    out->height != (uint32_t)c.input.height;
	c.options.scaled_width = (int)out->width;
	c.options.scaled_height = (int)out->height;
	c.output.colorspace = MODE_RGBA;
	c.output.is_external_memory = 1;
	c.output.u.RGBA.rgba = out->rgba;
	c.output.u.RGBA.stride = (int)(4 * out->width);
	c.output.u.RGBA.size = (size_t)4 * out->width * out->height;
	check_status(WebPDecode(frame.p, frame.n, &c));
}

static void
free_writer(void *writer)
{
	WebPMemoryWriterClear(writer);
}

struct picture_bytes
picture_webp_encode(const struct picture *p)
{
	WebPMemoryWriter *w = picture_alloc(sizeof(*w));
	WebPConfig config;
	WebPPicture pic;
	bool ok;

	if (!WebPConfigPreset(&config, WEBP_PRESET_PHOTO, QUALITY) ||
	    !WebPPictureInit(&pic))
		picture_fail(IMAGE_DECODER_INVALID);
	WebPMemoryWriterInit(w);
	picture_on_free(free_writer, w);
	pic.width = (int)p->width;
	pic.height = (int)p->height;
	pic.writer = WebPMemoryWrite;
	pic.custom_ptr = w;
	ok = WebPPictureImportRGBA(&pic, p->rgba, (int)(4 * p->width)) &&
	    WebPEncode(&config, &pic);
	WebPPictureFree(&pic);
	if (!ok)
		picture_fail(IMAGE_DECODER_MEMORY);
	return (struct picture_bytes){ w->mem, w->size };
}
