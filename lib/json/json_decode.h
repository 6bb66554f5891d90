/*
 * json_decode: parses strict JSON (RFC 8259) into a struct described by a field
 * table.
 *
 * json-c 0.16 accepts invalid JSON even in its strict mode. Therefore
 * json_validate() checks the bytes first, and json-c only produces the values.
 */
#ifndef JSON_JSON_DECODE_H
#define JSON_JSON_DECODE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"

#define JSON_DEPTH	32
#define JSON_BYTES	(64 * 1024)
#define JSON_BYTES_PROVIDER (256 * 1024)	/* responses of other
						 * services */

/*
 * Parses a request body into *obj, which field_new() made. The body must be a
 * JSON object of at max JSON_BYTES that json_validate() accepts; otherwise
 * returns RC_BAD invalid_json. If fields are invalid, reports all of them and
 * returns RC_INVALID. Strings are allocated from the arena. If memory cannot be
 * allocated, the process ends.
 */
enum rc		 json_decode(struct arena *, const struct field_table *,
		    void *obj, const char *body, size_t n, struct err *);
/* Does the same with another maximum size in bytes. */
enum rc		 json_decode_max(struct arena *, const struct field_table *,
		    void *obj, const char *body, size_t n, size_t max,
		    struct err *);

#endif
