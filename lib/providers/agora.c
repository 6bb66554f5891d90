#include "providers/agora.h"

#include <openssl/evp.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"

#define PREFIX		"007"
#define SERVICE_RTC	1
#define SALT_MAX	99999999
#define PRIVILEGES_MAX	4
#define TOKEN_MAX	4096		/* maximum bytes of a token that is
					 * read */
#define INFLATED_MAX	8192

/* Little-endian packing. */

static void
write16(struct buf *b, uint32_t n)
{
	buf_ch(b, (char)(n & 0xff));
	buf_ch(b, (char)(n >> 8 & 0xff));
}

static void
write32(struct buf *b, uint32_t n)
{
	write16(b, n & 0xffff);
	write16(b, n >> 16);
}

static void
write_bytes(struct buf *b, const void *p, size_t n)
{
	write16(b, (uint32_t)n);
	buf_add(b, p, n);
}

static void
write_text(struct buf *b, const char *text)
{
	write_bytes(b, text, strlen(text));
}

struct reader {
	const unsigned char *p;
	size_t left;
	bool bad;
};

static const unsigned char *
read_bytes(struct reader *in, size_t n)
{
	const unsigned char *p = in->p;

	if (in->bad || in->left < n) {
		in->bad = true;
		return NULL;
	}
	in->p += n;
	in->left -= n;
	return p;
}

static uint32_t
read16(struct reader *in)
{
	const unsigned char *p = read_bytes(in, 2);

	return p == NULL ? 0 : (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t
read32(struct reader *in)
{
	uint32_t low = read16(in);

	return low | read16(in) << 16;
}

static const char *
read_text(struct reader *in, struct arena *arena)
{
	size_t n = read16(in);
	const unsigned char *p = read_bytes(in, n);

	if (p == NULL || memchr(p, '\0', n) != NULL) {
		in->bad = true;
		return NULL;
	}
	return arena_strn(arena, (const char *)p, n);
}

/* Validation of the parts. */

bool
agora_id(const char *id)
{
	return strlen(id) == AGORA_ID &&
	    strspn(id, "0123456789abcdefABCDEF") == AGORA_ID;
}

bool
agora_channel(const char *name)
{
	size_t n = strlen(name);

	return n >= 1 && n <= AGORA_CHANNEL &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    " !#$%&()+-:;<=.>?@[]^_{}|~,") == n;
}

/* Signing: the numbers are the keys, in this order. */

static struct hash
hmac_with_number(uint32_t number, const void *p, size_t n)
{
	const unsigned char key[4] = {
		(unsigned char)(number & 0xff),
		(unsigned char)(number >> 8 & 0xff),
		(unsigned char)(number >> 16 & 0xff),
		(unsigned char)(number >> 24),
	};

	return hash_hmac(key, sizeof(key), p, n);
}

static struct hash
sign_body(const char *certificate, uint32_t issued, uint32_t salt,
    const void *p, size_t n)
{
	struct hash k;

	k = hmac_with_number(issued, certificate, strlen(certificate));
	k = hmac_with_number(salt, k.b, sizeof(k.b));
	return hash_hmac(k.b, sizeof(k.b), p, n);
}

/* Building a token. */

static void
write_body(struct buf *b, const struct agora_token *t, uint32_t salt)
{
	uint32_t n = 0;
	unsigned i;

	write_text(b, t->app_id);
	write32(b, t->issued);
	write32(b, t->expire);
	write32(b, salt);
	write16(b, 1);
	write16(b, SERVICE_RTC);
	for (i = 0; i < PRIVILEGES_MAX; i++)
		n += t->privileges >> i & 1;
	write16(b, n);
	for (i = 0; i < PRIVILEGES_MAX; i++) {
		if (!(t->privileges >> i & 1))
			continue;
		write16(b, i + 1);
		write32(b, t->privilege_expire);
	}
	write_text(b, t->channel);
	write_text(b, t->uid);
}

char *
agora_build(struct arena *arena, const struct agora_token *t)
{
	unsigned char packed[TOKEN_MAX];
	uint32_t salt = t->salt != 0 ? t->salt : 1 + random_below(SALT_MAX);
	uLongf len = sizeof(packed);
	struct buf body, all;
	struct hash h;
	char *token;

	if (!agora_id(t->app_id) || !agora_id(t->certificate) ||
	    !agora_channel(t->channel) || t->uid[0] == '\0' ||
	    str_eq(t->uid, "0") || strlen(t->uid) > 255)
		BUG("invalid parts of an Agora token");
	buf_init(&body, TOKEN_MAX / 2);
	buf_init(&all, TOKEN_MAX / 2);
	write_body(&body, t, salt);
	h = sign_body(t->certificate, t->issued, salt, body.data, body.len);
	write_bytes(&all, h.b, sizeof(h.b));
	buf_add(&all, body.data, body.len);
	if (all.full || compress(packed, &len, (const Bytef *)all.data,
	    all.len) != Z_OK)
		BUG("an Agora token of %zu bytes", all.len);
	token = arena_zalloc(arena, sizeof(PREFIX) + (len + 2) / 3 * 4, 1);
	memcpy(token, PREFIX, sizeof(PREFIX) - 1);
	EVP_EncodeBlock((unsigned char *)token + sizeof(PREFIX) - 1, packed,
	    (int)len);
	buf_free(&all);
	buf_free(&body);
	return token;
}

/* Parsing a token. */

/*
 * Decodes base64 and decompresses the result. Returns RC_AUTH if the text is
 * invalid and RC_FAULT if zlib could not allocate memory.
 */
static enum rc
decompress_token(const char *text, unsigned char out[INFLATED_MAX],
    size_t *size)
{
	unsigned char packed[TOKEN_MAX];
	size_t n = strlen(text), pad = 0;
	uLongf len = INFLATED_MAX;
	int got, rc;

	if (n == 0 || n % 4 != 0 || n > TOKEN_MAX)
		return RC_AUTH;
	while (pad < 2 && text[n - 1 - pad] == '=')
		pad++;
	got = EVP_DecodeBlock(packed, (const unsigned char *)text, (int)n);
	if (got < 0)
		return RC_AUTH;
	rc = uncompress(out, &len, packed, (uLong)got - pad);
	*size = len;
	return rc == Z_OK ? RC_OK : rc == Z_MEM_ERROR ? RC_FAULT : RC_AUTH;
}

/* Reads the privileges of a service and the expiry of AGORA_JOIN. */
static void
read_privileges(struct reader *in, struct agora_token *t)
{
	uint32_t n = read16(in), which, until;

	for (uint32_t i = 0; i < n && !in->bad; i++) {
		which = read16(in);
		until = read32(in);
		if (which >= 1 && which <= PRIVILEGES_MAX)
			t->privileges |= 1u << (which - 1);
		if (which == 1)
			t->privilege_expire = until;
	}
}

enum rc
agora_read(struct arena *arena, const char *token, const char *certificate,
    struct agora_token *t)
{
	const unsigned char *mac;
	struct hash want;
	unsigned char plain[INFLATED_MAX];
	struct reader in = { .p = plain }, body;
	uint32_t services;
	size_t mac_len;
	enum rc rc;

	*t = (struct agora_token){ .certificate = certificate };
	if (!str_prefix(token, PREFIX))
		return RC_AUTH;
	rc = decompress_token(token + sizeof(PREFIX) - 1, plain, &in.left);
	if (rc != RC_OK)
		return rc;
	mac_len = read16(&in);
	mac = read_bytes(&in, mac_len);
	if (mac == NULL || mac_len != sizeof(want.b))
		return RC_AUTH;
	body = in;
	t->app_id = read_text(&in, arena);
	t->issued = read32(&in);
	t->expire = read32(&in);
	t->salt = read32(&in);
	services = read16(&in);
	want = sign_body(certificate, t->issued, t->salt, body.p, body.left);
	if (in.bad || !hash_eq(want.b, mac, sizeof(want.b)) || services == 0 ||
	    read16(&in) != SERVICE_RTC)
		return RC_AUTH;
	read_privileges(&in, t);
	t->channel = read_text(&in, arena);
	t->uid = read_text(&in, arena);
	return in.bad ? RC_AUTH : RC_OK;
}

bool
agora_signed(const char *secret, const char *signature, const void *body,
    size_t len)
{
	struct hash h = hash_hmac(secret, strlen(secret), body, len);
	char hex[2 * sizeof(h.b) + 1];

	hash_hex(h.b, sizeof(h.b), hex);
	return signature != NULL && strlen(signature) == sizeof(hex) - 1 &&
	    hash_eq(hex, signature, sizeof(hex) - 1);
}
