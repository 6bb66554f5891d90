/*
 * qr_code: draws QR codes (libqrencode) as SVG.
 */
#ifndef CRYPTO_QR_CODE_H
#define CRYPTO_QR_CODE_H

#include "base/arena.h"

/*
 * Returns a text as an SVG document in the arena: black squares on white, with
 * the margin of four modules that readers need. Returns NULL, after a log entry,
 * if the text is too long or memory is missing.
 */
const char	*qr_code_svg(struct arena *, const char *text);

#endif
