/*
 * language: the languages people speak, by code and by the English names they
 * type.
 *
 * ISO 639-1, and by their ISO 639-3 code a few large languages that it lacks
 * (Bhojpuri, Konkani, Maithili, Cantonese, ...). A language may have several
 * names; the first is the one to show.
 */
#ifndef DOMAIN_COMMON_LANGUAGE_H
#define DOMAIN_COMMON_LANGUAGE_H

#include <stddef.h>

/*
 * The code ("hi") of a code or an English name in any case ("HI", "Hindi"),
 * white space around it ignored; a literal. NULL: none we know.
 */
const char	*language_code(const char *word);
/* How many languages there are; the code and names (';' between) of one. */
size_t		 language_count(void);
const char	*language_at(size_t i, const char **names);

#endif
