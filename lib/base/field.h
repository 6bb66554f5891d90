/*
 * field: typed tables of inputs.
 *
 * A table describes the members of a C struct. JSON bodies (json/json_decode),
 * query strings (fcgi/core/route) and the configuration file (base/conf) use
 * the same tables. The reader sets the defaults, then the given values, and
 * reports all invalid fields together.
 *
 *	type		C member	absent		notes
 *	F_STR		const char *	NULL		min/max in code points
 *	F_INT		int64_t		dflt		min/max
 *	F_FIXED		int64_t		dflt		decimal, 10^-scale units
 *	F_BOOL		int		dflt		true/false; text: 1/0
 *	F_UUID		struct uuid	all zero
 *	F_TIME		int64_t (ms)	dflt		RFC 3339 text
 *	F_ENUM		int		dflt		index into words
 *	F_ID		const char *	NULL		integer or string
 *	F_STRV		struct strv	v == NULL	max2: code points of one
 *	F_INTV		struct intv	v == NULL	text: "1,2,3"
 *	F_OBJ		void *		NULL		a struct by sub
 *	F_OBJV		struct objv	v == NULL	structs by sub
 *	F_JSON		const char *	NULL		any JSON value as text
 *
 * For lists, min and max bound the number of items.
 *
 * The default of an optional F_BOOL or F_ENUM must be given as .dflt = -1. If
 * min and max are both 0, there are no bounds. If max is below min, there is no
 * maximum. A list never contains an empty text.
 *
 * JSON null counts as absent. With FIELD_CLEAR it clears the member: "" in an
 * F_STR, FIELD_CLEARED in an F_INT, F_FIXED or F_TIME, all bits set in an
 * F_UUID, the empty list in an F_STRV. Unknown members are ignored. Strings
 * never contain NUL.
 */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

enum field_type {
	F_STR, F_INT, F_FIXED, F_BOOL, F_UUID, F_TIME, F_ENUM, F_ID, F_STRV,
	F_INTV, F_OBJ, F_OBJV, F_JSON
};

#define FIELD_REQUIRED	01u	/* "is required" when absent */
#define FIELD_CLEAR	02u	/* null clears */
#define FIELD_CLAMP	04u	/* above max: max, not an error (page sizes) */
#define FIELD_TRIM	010u	/* remove white space at both ends */
#define FIELD_CTL	020u	/* allow control characters (long texts) */
#define FIELD_ROUND	040u	/* F_FIXED: round excess decimals (places) */
#define FIELD_EXACT	0100u	/* no camelCase spelling (other formats) */

/* Means "not given" in an F_INT, F_FIXED or F_TIME whose dflt is this. */
#define FIELD_NONE	INT64_MIN
/* Means that null was given (FIELD_CLEAR). */
#define FIELD_CLEARED	(INT64_MIN + 1)
/*
 * The maximum of an identifier or an amount that has no other: 2^53 - 1, the
 * largest integer that every JSON reader represents exactly (RFC 8259 6). Sums
 * and small multiples of such numbers do not overflow an int64_t.
 */
#define FIELD_INT_MAX	INT64_C(9007199254740991)

struct field {
	const char *name;
	const char *alias;		/* another accepted name, or NULL */
	enum field_type type;
	unsigned flags;
	size_t off;			/* offsetof the member */
	int64_t min, max;
	int64_t dflt;
	int64_t max2;			/* F_STRV: maximum code points of an
					 * item */
	int scale;			/* F_FIXED */
	const char *const *words;	/* F_ENUM: NULL-terminated */
	const struct field_table *sub;	/* F_OBJ, F_OBJV */
};

struct field_table {
	const struct field *fields;
	size_t n;
	size_t size;			/* of the struct */
};

/* A list of structs of the size of the sub table. */
struct objv {
	size_t n;
	void *v;
};

#define FIELD_TABLE(fields, type) \
	{ (fields), sizeof(fields) / sizeof((fields)[0]), sizeof(type) }

/*
 * Writes the camelCase spelling of a name in snake_case, which clients may use
 * instead. Returns false if the name has no other spelling.
 */
#define FIELD_NAME_MAX	64
bool	 field_camel(const char *name, char out[FIELD_NAME_MAX]);
/* Parses a JSON number with an integral value, as in "2", "2.0" or "1e3". */
bool	 field_integer(const char *number, int64_t *out);

/* Returns a zeroed struct in which each member is absent or has its default. */
void	*field_new(struct arena *, const struct field_table *);
/* Does the same for an existing zeroed struct. */
void	 field_init(const struct field_table *, void *obj);
/*
 * Sets one member from text (a query value, a configuration value). Lists are
 * comma-separated. If the value is invalid, adds the field to err and returns
 * RC_INVALID. F_OBJ, F_OBJV and F_JSON cannot be set from text.
 */
enum rc	 field_text(struct arena *, const struct field *, void *obj,
	    const char *text, struct err *);
/*
 * Functions shared with the JSON reader. Each validates type and bounds, and
 * then stores the value. Except field_put_int() and field_put_bool(), they
 * store the pointers they are given, which must live as long as the struct.
 */
/* For F_STR, F_ID, F_UUID, F_TIME and F_ENUM. */
enum rc	 field_put_str(struct arena *, const struct field *, void *obj,
	    const char *text, struct err *);
/* For F_INT, and F_FIXED in its units. */
enum rc	 field_put_int(const struct field *, void *obj, int64_t, struct err *);
/* For F_INT and F_FIXED, from a JSON number, without loss of precision. */
enum rc	 field_put_num(const struct field *, void *obj, const char *number,
	    struct err *);
enum rc	 field_put_bool(const struct field *, void *obj, bool);
enum rc	 field_put_strv(struct arena *, const struct field *, void *obj,
	    struct strv, struct err *);
enum rc	 field_put_intv(const struct field *, void *obj, struct intv,
	    struct err *);
/*
 * Checks that n is within the bounds of a list. Otherwise adds the field to err
 * and returns RC_INVALID.
 */
enum rc	 field_count(const struct field *, size_t n, struct err *);
/*
 * Adds "is required" for each required field that is absent in seen[], which
 * has a flag for each field of the table. Returns RC_INVALID if it added any.
 */
enum rc	 field_missing(const struct field_table *, const bool *seen,
	    struct err *);

#endif
