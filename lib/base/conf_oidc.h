/*
 * conf_oidc: the sections [oidc.NAME] of earmark.conf, each an OpenID provider.
 *
 * Their number and names are free, so they are not rows of conf_keys. Private to
 * conf.c, except conf_oidc_find().
 */
#ifndef BASE_CONF_OIDC_H
#define BASE_CONF_OIDC_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"

/* Returns the provider of a name; NULL: unknown, or it has no audiences. */
const struct conf_oidc	*conf_oidc_find(const struct conf *, const char *name);

/* Adds the predefined providers. */
void	conf_oidc_init(struct arena *, struct conf *);
/* Returns whether a section is that of a provider. */
bool	conf_oidc_section(const char *section);
/*
 * Sets a key of a provider, which is added if it is new. Returns NULL, or why
 * the key or its value is invalid, in the arena.
 */
const char *conf_oidc_set(struct arena *, struct conf *, const char *section,
	    const char *key, const char *value, int line);
/*
 * Returns why a provider is not complete or contradicts another one, or NULL.
 * *line: the line of its first key.
 */
const char *conf_oidc_wrong(struct arena *, const struct conf *, size_t i,
	    int *line);
/* Writes all providers in the form of the file. */
void	conf_oidc_show(const struct conf *, FILE *);
/* Writes one value. Returns false if the provider or the key is unknown. */
bool	conf_oidc_get(const struct conf *, const char *provider,
	    const char *key, FILE *);

#endif
