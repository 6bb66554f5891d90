#include "base/conf_oidc.h"

#include "base/str.h"

#define PREFIX		"oidc."
#define LIST_MAX	20
#define NAME_MAX_BYTES	20

static const char *const emails[] = {
	[CONF_OIDC_VERIFIED] = "verified", [CONF_OIDC_GOOGLE] = "google",
	[CONF_OIDC_NEVER] = "never", NULL
};

#define LIST(key, member) \
	{ .name = key, .type = F_STRV, .off = offsetof(struct conf_oidc, \
	    member), .max = LIST_MAX, .max2 = 255 }

static const struct field keys[] = {
	LIST("issuer", issuers),
	LIST("audiences", audiences),
	LIST("authorized_parties", parties),
	{ .name = "jwks_url", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct conf_oidc, jwks_url), .max = 500 },
	{ .name = "email", .type = F_ENUM, .words = emails,
	    .off = offsetof(struct conf_oidc, email),
	    .dflt = CONF_OIDC_VERIFIED },
};
static const struct field_table table = FIELD_TABLE(keys, struct conf_oidc);

static const char *const docs[] = {
	"Issuers of ID tokens (iss). The first one identifies accounts.",
	"Accepted client IDs (aud). None: the provider is off.",
	"Other client IDs that may request these tokens (azp).",
	"URL of the provider's public keys.",
	"Which addresses of the provider are verified.",
};

static struct conf_oidc *
find(const struct conf *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->oidc_n; i++)
		if (str_eq(c->oidc[i].name, name))
			return (struct conf_oidc *)(uintptr_t)&c->oidc[i];
	return NULL;
}

static struct conf_oidc *
add(struct arena *a, struct conf *c, const char *name)
{
	struct conf_oidc *p;

	if (c->oidc_n == CONF_OIDC_MAX)
		return NULL;
	p = &c->oidc[c->oidc_n++];
	field_init(&table, p);
	p->name = arena_str(a, name);
	p->jwks_url = "";
	return p;
}

static void
set(struct arena *a, struct conf_oidc *p, const char *key, const char *value)
{
	struct err err;
	size_t i;

	err_init(&err, a);
	for (i = 0; i < table.n; i++)
		if (str_eq(keys[i].name, key) && field_text(a, &keys[i], p,
		    arena_str(a, value), &err) != RC_OK)
			BUG("the default of oidc.%s.%s", p->name, key);
}

void
conf_oidc_init(struct arena *a, struct conf *c)
{
	struct conf_oidc *p = add(a, c, "google");

	set(a, p, "issuer", "https://accounts.google.com,accounts.google.com");
	set(a, p, "jwks_url", "https://www.googleapis.com/oauth2/v3/certs");
	p->email = CONF_OIDC_GOOGLE;
	p = add(a, c, "apple");
	set(a, p, "issuer", "https://appleid.apple.com");
	set(a, p, "jwks_url", "https://appleid.apple.com/auth/keys");
}

const struct conf_oidc *
conf_oidc_find(const struct conf *c, const char *name)
{
	const struct conf_oidc *p = find(c, name);

	return p != NULL && p->audiences.n > 0 ? p : NULL;
}

bool
conf_oidc_section(const char *section)
{
	return str_prefix(section, PREFIX);
}

static bool
name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return n > 0 && n <= NAME_MAX_BYTES && name[n] == '\0';
}

const char *
conf_oidc_set(struct arena *a, struct conf *c, const char *section,
    const char *key, const char *value, int line)
{
	const char *name = section + strlen(PREFIX);
	struct conf_oidc *p = find(c, name);
	struct err err;
	size_t i;

	if (!name_ok(name))
		return arena_fmt(a, "[%s] must have a name of up to %d small "
		    "letters, digits, '-' and '_'", section, NAME_MAX_BYTES);
	if (p == NULL)
		p = add(a, c, name);
	if (p == NULL)
		return arena_fmt(a, "there are more than %d sections [oidc.*]",
		    CONF_OIDC_MAX);
	for (i = 0; i < table.n && !str_eq(keys[i].name, key); i++)
		;
	if (i == table.n)
		return arena_fmt(a, "unknown key '%s' in [%s]", key, section);
	if (p->lines[i] != 0)
		return arena_fmt(a, "%s is already set in line %d", key,
		    p->lines[i]);
	p->lines[i] = line;
	if (p->line == 0)
		p->line = line;
	err_init(&err, a);
	return field_text(a, &keys[i], p, arena_str(a, value), &err) == RC_OK ?
	    NULL : arena_fmt(a, "%s %s", key, err.fields->why);
}

static bool
shares_issuer(const struct conf_oidc *a, const struct conf_oidc *b)
{
	size_t i, k;

	for (i = 0; i < a->issuers.n; i++)
		for (k = 0; k < b->issuers.n; k++)
			if (str_eq(a->issuers.v[i], b->issuers.v[k]))
				return true;
	return false;
}

const char *
conf_oidc_wrong(struct arena *a, const struct conf *c, size_t i, int *line)
{
	const struct conf_oidc *p = &c->oidc[i];
	size_t k;

	*line = p->line;
	if (p->audiences.n == 0)
		return NULL;
	if (p->issuers.n == 0 || p->jwks_url[0] == '\0')
		return arena_fmt(a, "[oidc.%s] requires issuer and jwks_url",
		    p->name);
	for (k = 0; k < i; k++)
		if (c->oidc[k].audiences.n > 0 &&
		    shares_issuer(p, &c->oidc[k]))
			return arena_fmt(a, "[oidc.%s] has an issuer of "
			    "[oidc.%s]", p->name, c->oidc[k].name);
	return NULL;
}

static void
print(const struct conf_oidc *p, const struct field *f, FILE *out)
{
	const void *at = (const char *)p + f->off;
	const struct strv *list = at;
	size_t i;

	if (f->type == F_ENUM)
		fputs(f->words[*(const int *)at], out);
	else if (f->type == F_STR)
		fputs(*(const char *const *)at, out);
	else
		for (i = 0; i < list->n; i++)
			fprintf(out, "%s%s", i > 0 ? "," : "", list->v[i]);
}

void
conf_oidc_show(const struct conf *c, FILE *out)
{
	const struct conf_oidc *p;
	size_t i;

	for (p = c->oidc; p < c->oidc + c->oidc_n; p++) {
		fprintf(out, "\n[oidc.%s]\n", p->name);
		for (i = 0; i < table.n; i++) {
			fprintf(out, "# %s\n%s = ", docs[i],
			    keys[i].name);
			print(p, &keys[i], out);
			fputc('\n', out);
		}
	}
}

bool
conf_oidc_get(const struct conf *c, const char *provider, const char *key,
    FILE *out)
{
	const struct conf_oidc *p = find(c, provider);
	size_t i;

	for (i = 0; p != NULL && i < table.n; i++) {
		if (!str_eq(keys[i].name, key))
			continue;
		print(p, &keys[i], out);
		fputc('\n', out);
		return true;
	}
	return false;
}
