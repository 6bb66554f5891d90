#include "base/hash.h"
#include "base/str.h"
#include "base/uuid.h"

struct uuid
uuid_new(int64_t now)
{
	struct uuid u;
	int i;

	rand_bytes(u.b, sizeof(u.b));
	for (i = 0; i < 6; i++)
		u.b[i] = (uint8_t)(now >> (40 - 8 * i));
	u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x70);
	u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
	return u;
}

void
uuid_text(const struct uuid *u, char out[UUID_TEXT])
{
	static const char digit[] = "0123456789abcdef";
	int i;

	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digit[u->b[i] >> 4];
		*out++ = digit[u->b[i] & 15];
	}
	*out = '\0';
}

bool
uuid_parse(const char *s, struct uuid *u)
{
	struct uuid v;
	char pair[3] = "";
	int i;

	if (strlen(s) != UUID_TEXT - 1)
		return false;
	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			if (*s++ != '-')
				return false;
		pair[0] = *s++;
		pair[1] = *s++;
		if (!hash_unhex(pair, &v.b[i], 1))
			return false;
	}
	*u = v;
	return true;
}

bool
uuid_nil(const struct uuid *u)
{
	static const struct uuid nil;

	return memcmp(u, &nil, sizeof(nil)) == 0;
}
