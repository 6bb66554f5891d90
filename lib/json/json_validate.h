/* json_validate: checks the grammar of JSON. */
#ifndef JSON_JSON_VALIDATE_H
#define JSON_JSON_VALIDATE_H

#include <stddef.h>

/*
 * Checks that the n bytes are one JSON text by RFC 8259: well-formed UTF-8, at
 * most JSON_DEPTH nested containers, integers within int64, no duplicate
 * members of an object (compared after unescaping), no U+0000, no lone
 * surrogates, and only white space after the value. Returns NULL if so;
 * otherwise the reason, a literal for users.
 */
const char	*json_validate(const char *, size_t n);

#endif
