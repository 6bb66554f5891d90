#include "providers/agora.h"

#include <openssl/evp.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"

#define PREFIX		"007"
#define SERVICE_RTC	1
#define SALT_MOST	99999999
#define PRIVILEGES	4
#define TOKEN_MOST	4096		/* bytes of one that is read */
#define INFLATED	8192

/* ---- little-endian packing */

static void
put16(struct buf *b, uint32_t n)
{
	buf_ch(b, (char)(n & 0xff));
	buf_ch(b, (char)(n >> 8 & 0xff));
}

static void
put32(struct buf *b, uint32_t n)
{
	put16(b, n & 0xffff);
	put16(b, n >> 16);
}

static void
put_bytes(struct buf *b, const void *p, size_t n)
{
	put16(b, (uint32_t)n);
	buf_add(b, p, n);
}

static void
put_text(struct buf *b, const char *text)
{
	put_bytes(b, text, strlen(text));
}

struct in {
	const unsigned char *p;
	size_t left;
	bool bad;
};

static const unsigned char *
take_agora(struct in *in, size_t n)
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
take16(struct in *in)
{
	const unsigned char *p = take_agora(in, 2);

	return p == NULL ? 0 : (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t
take32(struct in *in)
{
	uint32_t low = take16(in);

	return low | take16(in) << 16;
}

static const char *
take_text(struct in *in, struct arena *arena)
{
	size_t n = take16(in);
	const unsigned char *p = take_agora(in, n);

	if (p == NULL || memchr(p, '\0', n) != NULL) {
		in->bad = true;
		return NULL;
	}
	return arena_strn(arena, (const char *)p, n);
}

/* ---- the forms */

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

/* ---- signing: the numbers are the keys, in this order */

static struct hash
hmac_number(uint32_t number, const void *p, size_t n)
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
sign(const char *certificate, uint32_t issued, uint32_t salt, const void *p,
    size_t n)
{
	struct hash k;

	k = hmac_number(issued, certificate, strlen(certificate));
	k = hmac_number(salt, k.b, sizeof(k.b));
	return hash_hmac(k.b, sizeof(k.b), p, n);
}

/* ---- making one */

static void
put_body(struct buf *b, const struct agora_token *t, uint32_t salt)
{
	uint32_t n = 0;
	unsigned i;

	put_text(b, t->app_id);
	put32(b, t->issued);
	put32(b, t->expire);
	put32(b, salt);
	put16(b, 1);
	put16(b, SERVICE_RTC);
	for (i = 0; i < PRIVILEGES; i++)
		n += t->privileges >> i & 1;
	put16(b, n);
	for (i = 0; i < PRIVILEGES; i++) {
		if (!(t->privileges >> i & 1))
			continue;
		put16(b, i + 1);
		put32(b, t->privilege_expire);
	}
	put_text(b, t->channel);
	put_text(b, t->uid);
}

char *
agora_build(struct arena *arena, const struct agora_token *t)
{
	unsigned char packed[TOKEN_MOST];
	uint32_t salt = t->salt != 0 ? t->salt : 1 + random_below(SALT_MOST);
	uLongf len = sizeof(packed);
	struct buf body, all;
	struct hash h;
	char *token;

	if (!agora_id(t->app_id) || !agora_id(t->certificate) ||
	    !agora_channel(t->channel) || t->uid[0] == '\0' ||
	    str_eq(t->uid, "0") || strlen(t->uid) > 255)
		BUG("no form for an Agora token");
	buf_init(&body, TOKEN_MOST / 2);
	buf_init(&all, TOKEN_MOST / 2);
	put_body(&body, t, salt);
	h = sign(t->certificate, t->issued, salt, body.data, body.len);
	put_bytes(&all, h.b, sizeof(h.b));
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

/* ---- reading one */

/* Undo base64 and zlib; 0 bytes: it is neither. */
static size_t
unpack(const char *text, unsigned char out[INFLATED])
{
	unsigned char packed[TOKEN_MOST];
	size_t n = strlen(text), pad = 0;
	uLongf len = INFLATED;
	int got;

	if (n == 0 || n % 4 != 0 || n > TOKEN_MOST)
		return 0;
	while (pad < 2 && text[n - 1 - pad] == '=')
		pad++;
	got = EVP_DecodeBlock(packed, (const unsigned char *)text, (int)n);
	if (got < 0 || uncompress(out, &len, packed, (uLong)got - pad) != Z_OK)
		return 0;
	return len;
}

/* The privileges of a service, and the expiry of joining. */
static void
take_privileges(struct in *in, struct agora_token *t)
{
	uint32_t n = take16(in), which, until;

	for (uint32_t i = 0; i < n && !in->bad; i++) {
		which = take16(in);
		until = take32(in);
		if (which >= 1 && which <= PRIVILEGES)
			t->privileges |= 1u << (which - 1);
		if (which == 1)
			t->privilege_expire = until;
	}
}

bool
agora_read(struct arena *arena, const char *token, const char *certificate,
    struct agora_token *t)
{
	const unsigned char *mac;
	struct hash want;
	unsigned char plain[INFLATED];
	struct in in = { .p = plain }, body;
	uint32_t services;
	size_t mac_len;

	*t = (struct agora_token){ .certificate = certificate };
	if (!str_prefix(token, PREFIX))
		return false;
	in.left = unpack(token + sizeof(PREFIX) - 1, plain);
	mac_len = take16(&in);
	mac = take_agora(&in, mac_len);
	if (mac == NULL || mac_len != sizeof(want.b))
		return false;
	body = in;
	t->app_id = take_text(&in, arena);
	t->issued = take32(&in);
	t->expire = take32(&in);
	t->salt = take32(&in);
	services = take16(&in);
	want = sign(certificate, t->issued, t->salt, body.p, body.left);
	if (in.bad || !hash_eq(want.b, mac, sizeof(want.b)) || services == 0 ||
	    take16(&in) != SERVICE_RTC)
		return false;
	take_privileges(&in, t);
	t->channel = take_text(&in, arena);
	t->uid = take_text(&in, arena);
	return !in.bad;
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
