/* Fuzzes uploaded images: detection of the type, and removal of metadata. */
#include "fuzz.h"

#include <stdlib.h>

#include "base/image_store.h"
#include "base/image_strip.h"

/* Returns the image without metadata in memory of exactly the maximum size. */
static uint8_t *
strip(const char *type, const uint8_t *data, size_t n, size_t *len)
{
	uint8_t *out = malloc(n + IMAGE_STRIP_MORE);

	if (out == NULL)
		BUG("out of memory");
	*len = image_strip(type, data, n, out);
	return out;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const types[] = { "jpg", "png", "webp" };
	const char *type = image_store_type(data, n);
	uint8_t *once, *twice;
	size_t len, again, i;

	for (i = 0; i < NELEM(types); i++) {
		once = strip(types[i], data, n, &len);
		MUST(len <= n + IMAGE_STRIP_MORE);
		if (len > 0 && type != NULL && str_eq(type, types[i])) {
			MUST(len < 30 || image_store_type(once, len) == type);
			twice = strip(type, once, len, &again);
			MUST(again == len && memcmp(once, twice, len) == 0);
			free(twice);
		}
		free(once);
	}
	return 0;
}
