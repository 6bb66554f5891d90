/*
 * json_read_only: finds members of a request that the server would ignore.
 *
 * Clients read an object, change some members and send all of them back. So a
 * read-only member is accepted with its present value only.
 */
#ifndef JSON_JSON_READ_ONLY_H
#define JSON_JSON_READ_ONLY_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"

/* A read-only member. A list ends with a NULL name. */
struct json_read_only {
	const char *name;
	const char *why;	/* for users: what changes it */
};

/*
 * Returns the normal form of a text as a person typed it (arena memory), or NULL
 * if it has none.
 */
typedef const char *json_normalize(struct arena *, const struct conf *,
	    const char *text);

/* The reason for members that never change. */
#define JSON_READ_ONLY_FIXED	"cannot be changed"

/*
 * Compares the read-only members of a body, also in camelCase, with those of
 * the object that the response shows. Adds each one with another value to err
 * and returns RC_INVALID, else RC_OK. null equals an absent member. Strings are
 * equal if they differ in case only, or if they have the same normal form; the
 * function may be NULL. Both texts must be valid JSON objects.
 */
enum rc	json_read_only_check(struct arena *a, const struct conf *conf,
	    const struct json_read_only *list, json_normalize *normalize,
	    const char *body, size_t n, const char *object, size_t object_n,
	    struct err *err);

#endif
