#include "crypto/qr_code.h"

#include <qrencode.h>

#include "base/buf.h"
#include "base/log.h"

#define MARGIN	4
#define SVG_MAX	(128 * 1024)

/* Draws each horizontal run of dark modules as one rectangle of a path. */
static void
draw(struct buf *out, const QRcode *code)
{
	int w = code->width, x, y, from;

	for (y = 0; y < w; y++)
		for (x = 0; x < w; x++) {
			for (from = x; x < w && (code->data[y * w + x] & 1);
			    x++)
				continue;
			if (x > from)
				buf_fmt(out, "M%d %dh%dv1h-%dz", from + MARGIN,
				    y + MARGIN, x - from, x - from);
		}
}

const char *
qr_code_svg(struct arena *a, const char *text)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	const char *svg;
	struct buf out;
	int size;

	if (code == NULL) {
		log_error("qr_code", "libqrencode: %m");
		return NULL;
	}
	size = code->width + 2 * MARGIN;
	buf_init(&out, SVG_MAX);
	buf_fmt(&out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "
	    "%d %d\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\""
	    "M0 0h%dv%dh-%dz\"/><path d=\"", size, size, size, size, size);
	draw(&out, code);
	buf_lit(&out, "\"/></svg>");
	svg = arena_str(a, out.data);
	buf_free(&out);
	QRcode_free(code);
	return svg;
}
