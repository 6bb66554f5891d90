#include "providers/jwks.h"

#include "base/field.h"
#include "base/hash.h"
#include "base/str.h"
#include "json/json_decode.h"

#define LISTED_MAX	1000		/* keys in the text */

struct listed {
	const char *kty, *kid, *alg, *use, *n, *e, *crv, *x, *y;
};

#define TEXT(key, member, upper) \
	{ .name = key, .type = F_STR, .off = offsetof(struct listed, member), \
	    .max = upper }

static const struct field key_fields[] = {
	TEXT("kty", kty, 100), TEXT("kid", kid, JWKS_KID_BYTES),
	TEXT("alg", alg, 100), TEXT("use", use, 100), TEXT("n", n, 4000),
	TEXT("e", e, 1000), TEXT("crv", crv, 100), TEXT("x", x, 1000),
	TEXT("y", y, 1000),
};
static const struct field_table key_table =
    FIELD_TABLE(key_fields, struct listed);

struct set { struct objv keys; };

static const struct field set_fields[] = {
	{ .name = "keys", .type = F_OBJV, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct set, keys), .sub = &key_table,
	    .max = LISTED_MAX },
};
static const struct field_table set_table =
    FIELD_TABLE(set_fields, struct set);

/* Decodes a number; false if it is absent or not base64url. */
static bool
number(struct arena *a, const char *text, const uint8_t **out, size_t *n)
{
	uint8_t *bytes;

	if (text == NULL)
		return false;
	*n = strlen(text);
	bytes = arena_zalloc(a, *n + 1, 1);
	*out = bytes;
	return hash_unb64(text, bytes, n);
}

/* Returns whether an optional member is absent or has a value. */
static bool
allows(const char *member, const char *value)
{
	return member == NULL || str_eq(member, value);
}

static bool
convert(struct arena *a, const struct listed *l, struct jwks_key *k)
{
	bool rsa = l->kty != NULL && str_eq(l->kty, "RSA");

	if (l->kid == NULL || l->kid[0] == '\0' || l->kty == NULL ||
	    !allows(l->use, "sig") || !allows(l->alg, rsa ? "RS256" : "ES256"))
		return false;
	if (!rsa && (!str_eq(l->kty, "EC") || l->crv == NULL ||
	    !str_eq(l->crv, "P-256")))
		return false;
	k->kid = l->kid;
	k->key.type = rsa ? PUBLIC_KEY_RSA : PUBLIC_KEY_P256;
	return number(a, rsa ? l->n : l->x, &k->key.first,
	    &k->key.first_len) && number(a, rsa ? l->e : l->y, &k->key.second,
	    &k->key.second_len) && public_key_ok(&k->key);
}

static bool
is_listed(const struct jwks_key *v, size_t n, const struct jwks_key *k)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].key.type == k->key.type && str_eq(v[i].kid, k->kid))
			return true;
	return false;
}

size_t
jwks_read(struct arena *a, const char *text, size_t len, struct jwks_key **out)
{
	struct set *set = field_new(a, &set_table);
	const struct listed *l;
	struct jwks_key *v;
	struct err err;
	size_t n = 0;

	err_init(&err, a);
	*out = v = arena_zalloc(a, JWKS_KEYS, sizeof(*v));
	if (json_decode_max(a, &set_table, set, text, len, JSON_BYTES_PROVIDER,
	    &err) != RC_OK)
		return 0;
	for (l = set->keys.v; l < (const struct listed *)set->keys.v +
	    set->keys.n && n < JWKS_KEYS; l++)
		if (convert(a, l, &v[n]) && !is_listed(v, n, &v[n]))
			n++;
	return n;
}
