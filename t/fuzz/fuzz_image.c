/*
 * Fuzzes the decoders of earmark-picture, without its sandbox: a picture that
 * is accepted becomes one that is accepted again and not enlarged.
 */
#include "fuzz.h"

#include <setjmp.h>
#include <stdlib.h>

#include "base/image_type.h"
#include "cmd/picture/picture.h"

static jmp_buf failed;

_Noreturn void
picture_fail(enum image_decoder_exit status)
{
	longjmp(failed, status);
}

/* Returns the exit status that the program would have. */
static int
encode(const char *type, const uint8_t *data, size_t n,
    struct picture_bytes *full, struct picture_bytes *thumb)
{
	int status = setjmp(failed);

	if (status == 0)
		picture_encode(type, (struct picture_bytes){ data, n }, full,
		    thumb);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const types[] = { "jpg", "png", "webp" };
	struct picture_bytes full, thumb, again, small;
	static bool ready;
	size_t i;

	if (!ready)
		picture_color_init();
	ready = true;
	picture_orientation(data, n);
	for (i = 0; i < NELEM(types); i++) {
		if (encode(types[i], data, n, &full, &thumb) == 0) {
			MUST(str_eq(image_type(full.p, full.n), types[i]));
			MUST(str_eq(image_type(thumb.p, thumb.n), types[i]));
			MUST(encode(types[i], full.p, full.n, &again,
			    &small) == 0);
		}
		picture_free_all();
	}
	return 0;
}
