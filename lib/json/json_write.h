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

struct jout {
	struct buf *buf;
	int depth;
	uint64_t array, more;		/* a bit a level: in an array; not the first */
};

/* Write to the end of buf (not cleared). */
void	jout_init(struct jout *, struct buf *);
void	jout_obj(struct jout *, const char *key);
void	jout_obj_end(struct jout *);
void	jout_arr(struct jout *, const char *key);
void	jout_arr_end(struct jout *);
void	jout_str(struct jout *, const char *key, const char *); /* NULL: null */
void	jout_strn(struct jout *, const char *key, const char *, size_t n);
void	jout_int(struct jout *, const char *key, int64_t);
/* INT64_MIN (an absent integer or time) is null. */
void	jout_opt(struct jout *, const char *key, int64_t);
void	jout_bool(struct jout *, const char *key, bool);
void	jout_null(struct jout *, const char *key);
/*
 * A number of 10^-scale units (scale <= 18) without trailing zeros but one: 48,
 * 1 is 4.8. INT64_MIN is null.
 */
void	jout_fixed(struct jout *, const char *key, int64_t, int scale);
/* RFC 3339 text; INT64_MIN is null. */
void	jout_time(struct jout *, const char *key, int64_t ms);
void	jout_uuid(struct jout *, const char *key, const struct uuid *); /* nil: null */
void	jout_strv(struct jout *, const char *key, const struct strv *);
/* JSON text that is known to be well-formed, as it is; NULL: null. */
void	jout_raw(struct jout *, const char *key, const char *json);

#endif
