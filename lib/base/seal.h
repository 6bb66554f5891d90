/*
 * seal: encrypts short texts that are stored in the database (AES-256-GCM). A
 * stolen database or backup without the key of the installation does not reveal
 * them.
 */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include "base/arena.h"
#include "base/hash.h"

/*
 * Returns the encrypted text as printable characters in the arena. NULL returns
 * NULL.
 */
char	*seal_text(struct arena *, const struct hash *key, const char *text);
/*
 * Returns the original text in the arena. A text that was not encrypted by
 * seal_text() is returned unchanged; earlier versions stored such texts. Returns
 * NULL if the key is another one or the text was changed.
 */
char	*seal_open(struct arena *, const struct hash *key, const char *text);

#endif
