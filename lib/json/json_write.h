/*
 * json_write: writes JSON directly into a buffer, without a tree.
 *
 * The functions write the commas. Inside an object each value has a key; inside
 * an array the key is NULL. A key is a literal that needs no escape. Text must
 * be UTF-8; invalid bytes become U+FFFD. More than 32 levels, an end without a
 * begin, a misplaced key or a second outermost value is a BUG().
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
	uint64_t array, more;		/* one bit per level: inside an
					 * array; not the first value */
};

/* Begins to write at the end of buf. */
void	json_write_init(struct json_write *, struct buf *);
void	json_write_obj(struct json_write *, const char *key);
void	json_write_obj_end(struct json_write *);
void	json_write_arr(struct json_write *, const char *key);
void	json_write_arr_end(struct json_write *);
/* NULL is written as null. */
void	json_write_str(struct json_write *, const char *key, const char *);
void	json_write_strn(struct json_write *, const char *key, const char *,
	    size_t n);
void	json_write_int(struct json_write *, const char *key, int64_t);
/* INT64_MIN (an absent integer or time) is written as null. */
void	json_write_opt(struct json_write *, const char *key, int64_t);
void	json_write_bool(struct json_write *, const char *key, bool);
void	json_write_null(struct json_write *, const char *key);
/*
 * Writes a number of 10^-scale units (scale <= 18). Trailing zeros are removed,
 * but one decimal is kept: (48, 1) is 4.8. INT64_MIN is written as null.
 */
void	json_write_fixed(struct json_write *, const char *key, int64_t,
	    int scale);
/* Writes RFC 3339 text. INT64_MIN is written as null. */
void	json_write_time(struct json_write *, const char *key, int64_t ms);
/* The nil UUID is written as null. */
void	json_write_uuid(struct json_write *, const char *key,
	    const struct uuid *);
void	json_write_strv(struct json_write *, const char *key,
	    const struct strv *);
/*
 * Writes JSON text unchanged. It must be well-formed. NULL is written as null.
 */
void	json_write_raw(struct json_write *, const char *key, const char *json);
/*
 * Writes the members of an object, given as well-formed JSON text without white
 * space around it, into the current object. NULL writes nothing.
 */
void	json_write_members(struct json_write *, const char *object);
/* The same for an object of n bytes. */
void	json_write_members_n(struct json_write *, const char *object, size_t n);

#endif
