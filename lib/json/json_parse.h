/* json_parse: the parser of lib/json. */
#ifndef JSON_JSON_PARSE_H
#define JSON_JSON_PARSE_H

#include <json-c/json.h>
#include <stddef.h>

/*
 * Parses a text that json_validate() accepted. Calls BUG() if memory is missing.
 * The caller releases the result by json_object_put().
 */
struct json_object	*json_parse_text(const char *, size_t n);

#endif
