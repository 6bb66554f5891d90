/* json_validate: checks the grammar of JSON. */
#ifndef JSON_JSON_VALIDATE_H
#define JSON_JSON_VALIDATE_H

#include <stddef.h>

/*
 * Checks that the n bytes are one JSON text by RFC 8259. The UTF-8 must be
 * well-formed and without U+0000 and lone surrogates. At most JSON_DEPTH
 * containers may be nested, and integers must be within int64. The members of
 * an object must be different after unescaping. Only white space may follow the
 * value.
 *
 * Returns NULL if the text is valid. Otherwise returns the reason, a literal
 * for users.
 */
const char	*json_validate(const char *, size_t n);

#endif
