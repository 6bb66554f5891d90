/*
 * json_write: JSON out, written straight into a buffer, no tree.
 *
 * Commas are its business: inside an object each value has a key (jout_*
 * functions with a key), inside an array the key is NULL. Text must be UTF-8;
 * bytes that are not become U+FFFD. A key is a literal that needs no escape.
 * Nesting deeper than 32, an end without a begin, a key at the wrong place or a
 * second value outside of all is a BUG().
 */
#ifndef JSON_JSON_WRITE_H
#define JSON_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/uuid.h"

struct json_write {
	struct buf *buf;
	int depth;
	uint64_t array, more;		/* a bit a level: in an array; not the first */
};

/* Write to the end of buf (not cleared). */
void	json_write_init(struct json_write *, struct buf *);
void	json_write_obj(struct json_write *, const char *key);
void	json_write_obj_end(struct json_write *);
void	json_write_arr(struct json_write *, const char *key);
void	json_write_arr_end(struct json_write *);
/* NULL: null */
void	json_write_str(struct json_write *, const char *key, const char *);
void	json_write_strn(struct json_write *, const char *key, const char *,
	    size_t n);
void	json_write_int(struct json_write *, const char *key, int64_t);
/* INT64_MIN (an absent integer or time) is null. */
void	json_write_opt(struct json_write *, const char *key, int64_t);
void	json_write_bool(struct json_write *, const char *key, bool);
void	json_write_null(struct json_write *, const char *key);
/*
 * A number of 10^-scale units (scale <= 18) without trailing zeros but one: 48,
 * 1 is 4.8. INT64_MIN is null.
 */
void	json_write_fixed(struct json_write *, const char *key, int64_t,
	    int scale);
/* RFC 3339 text; INT64_MIN is null. */
void	json_write_time(struct json_write *, const char *key, int64_t ms);
/* nil: null */
void	json_write_uuid(struct json_write *, const char *key,
	    const struct uuid *);
void	json_write_strv(struct json_write *, const char *key,
	    const struct strv *);
/* JSON text that is known to be well-formed, as it is; NULL: null. */
void	json_write_raw(struct json_write *, const char *key, const char *json);

#endif
