/*
 * json_validate: the grammar of JSON, without values.
 */
#ifndef JSON_JSON_VALIDATE_H
#define JSON_JSON_VALIDATE_H

#include <stddef.h>

/*
 * Is this one JSON text: RFC 8259 grammar, well-formed UTF-8, depth <= 32
 * containers, integers within int64, no duplicate members of an object
 * (compared after unescaping), no U+0000, no lone surrogates, nothing but
 * white space behind it? NULL: yes; else why not, a literal for people.
 */
const char	*json_validate(const char *, size_t n);

#endif
