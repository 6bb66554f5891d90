/*
 * json_decode: JSON in, strict (RFC 8259), into a struct by its field table.
 *
 * json-c 0.16 is lax even in its strict mode, so the bytes pass json_validate()
 * first. What json_validate() lets through json-c reads the one right way.
 */
#ifndef JSON_JSON_DECODE_H
#define JSON_JSON_DECODE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"

#define JSON_DEPTH	32
#define JSON_BYTES	(64 * 1024)
#define JSON_BYTES_PROVIDER (256 * 1024)	/* answers of other services */

/*
 * Read a body. It must be an object that json_validate() accepts, else RC_BAD
 * invalid_json. Members are stored into *obj (made by field_new()); all wrong
 * fields are reported together: RC_INVALID. Strings live in the arena.
 */
enum rc		 json_decode(struct arena *, const struct field_table *,
		    void *obj, const char *body, size_t n, struct err *);
/* The same of at most so many bytes; json_decode() takes JSON_BYTES. */
enum rc		 json_decode_max(struct arena *, const struct field_table *,
		    void *obj, const char *body, size_t n, size_t most,
		    struct err *);

#endif
