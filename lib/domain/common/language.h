/*
 * language: languages by code, by English name and by their own name.
 *
 * The codes are ISO 639-1, and ISO 639-3 for a few large languages that ISO
 * 639-1 lacks (Bhojpuri, Konkani, Maithili, Cantonese, ...). A language may
 * have several names; the first is for display.
 */
#ifndef DOMAIN_COMMON_LANGUAGE_H
#define DOMAIN_COMMON_LANGUAGE_H

#include "base/arena.h"

/*
 * Returns the code ("hi") of a code or a name ("HI", "Hindi", "हिन्दी"). Case,
 * accents and punctuation are ignored (base/words.h). Returns NULL if it is
 * unknown. The result is a literal.
 */
const char	*language_code(const char *word);
/*
 * Returns the codes of a list of codes and names, separated by commas, as a JSON
 * array. Unknown ones are ignored. Returns NULL if all are unknown.
 */
char		*language_codes(struct arena *, const char *list);
/*
 * Finds names of languages in a text, such as "Hindi music": whole words, but
 * no codes, because "hi" and "no" are words too. Returns the codes as a JSON
 * array and sets *rest to the text without the names. Returns NULL if the text
 * contains none.
 */
char		*language_names_in(struct arena *, const char *text,
		    const char **rest);
/* Returns the first name of a code, in English, or NULL if it is unknown. */
char		*language_name(struct arena *, const char *code);
/* Returns the number of languages. */
size_t		 language_count(void);
/* Returns the code, and the names separated by ';', of language i. */
const char	*language_at(size_t i, const char **names);

#endif
