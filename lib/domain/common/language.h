/*
 * language: languages by code and by English name.
 *
 * The codes are ISO 639-1, and ISO 639-3 for a few large languages that ISO
 * 639-1 lacks (Bhojpuri, Konkani, Maithili, Cantonese, ...). A language may
 * have several names; the first is for display.
 */
#ifndef DOMAIN_COMMON_LANGUAGE_H
#define DOMAIN_COMMON_LANGUAGE_H

#include <stddef.h>

/*
 * Returns the code ("hi") of a code or an English name in any case ("HI",
 * "Hindi"). Surrounding white space is ignored. Returns NULL if it is unknown.
 * The result is a literal.
 */
const char	*language_code(const char *word);
/* Returns the number of languages. */
size_t		 language_count(void);
/* Returns the code, and the names separated by ';', of language i. */
const char	*language_at(size_t i, const char **names);

#endif
