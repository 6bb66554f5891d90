#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"
#include "base/uuid.h"

struct uuid
uuid_new(int64_t now)
{
	struct uuid u;
	int i;

	random_bytes(u.b, sizeof(u.b));
	for (i = 0; i < 6; i++)
		u.b[i] = (uint8_t)(now >> (40 - 8 * i));
	u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x70);
	u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
	return u;
}

void
uuid_text(const struct uuid *u, char out[UUID_TEXT])
{
	char hex[2 * sizeof(u->b) + 1];

	hash_hex(u->b, sizeof(u->b), hex);
	memcpy(out, hex, 8);
	memcpy(out + 9, hex + 8, 4);
	memcpy(out + 14, hex + 12, 4);
	memcpy(out + 19, hex + 16, 4);
	memcpy(out + 24, hex + 20, 12);
	out[8] = out[13] = out[18] = out[23] = '-';
	out[UUID_TEXT - 1] = '\0';
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

static bool
uuid_max(const struct uuid *u)
{
	size_t i;

	for (i = 0; i < sizeof(u->b) && u->b[i] == 0xff; i++)
		;
	return i == sizeof(u->b);
}

bool
uuid_read(const char *s, struct uuid *u)
{
	if (!uuid_parse(s, u) || uuid_max(u))
		return false;
	if (uuid_nil(u)) {
		memset(u->b, 0xff, sizeof(u->b));
		u->b[15] = 0xfe;
	}
	return true;
}

bool
uuid_nil(const struct uuid *u)
{
	static const struct uuid nil;

	return memcmp(u, &nil, sizeof(nil)) == 0;
}
