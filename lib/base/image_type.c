#include "base/image_type.h"

#include <string.h>

const char *
image_type(const void *bytes, size_t n)
{
	if (n >= 4 && memcmp(bytes, "\xff\xd8\xff", 3) == 0)
		return "jpg";
	if (n >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
		return "png";
	return n >= 12 && memcmp(bytes, "RIFF", 4) == 0 &&
	    memcmp((const char *)bytes + 8, "WEBP", 4) == 0 ? "webp" : NULL;
}
