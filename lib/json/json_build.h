/*
 * json_build: builds JSON texts in one expression, from a list of members.
 *
 *	text = json_build_object(arena, JSON_OBJECT(
 *	    JSON_INT("call_id", call->id), JSON_STR("cause", cause)));
 *
 * The names are literals that need no escape. The texts are written by
 * json_write.h, which escapes the values.
 */
#ifndef JSON_JSON_BUILD_H
#define JSON_JSON_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

enum json_member_kind {
	JSON_MEMBER_INT, JSON_MEMBER_STR, JSON_MEMBER_BOOL, JSON_MEMBER_TIME,
	JSON_MEMBER_RAW, JSON_MEMBER_REST
};

struct json_member {
	const char *name;
	enum json_member_kind kind;
	int64_t number;
	const char *text;
};

/* An integer. INT64_MIN is written as null. */
#define JSON_INT(key, v) \
	{ .name = (key), .kind = JSON_MEMBER_INT, .number = (v) }
/* A string in UTF-8. NULL is written as null. */
#define JSON_STR(key, v) \
	{ .name = (key), .kind = JSON_MEMBER_STR, .text = (v) }
#define JSON_BOOL(key, v) \
	{ .name = (key), .kind = JSON_MEMBER_BOOL, .number = (v) }
/* A time in Unix ms, written as RFC 3339. INT64_MIN is written as null. */
#define JSON_TIME(key, v) \
	{ .name = (key), .kind = JSON_MEMBER_TIME, .number = (v) }
/* A well-formed JSON text. NULL is written as null. */
#define JSON_RAW(key, v) \
	{ .name = (key), .kind = JSON_MEMBER_RAW, .text = (v) }
/* All members of a well-formed JSON object. NULL: none. */
#define JSON_REST(v) \
	{ .name = "", .kind = JSON_MEMBER_REST, .text = (v) }

/* A list of members for the functions below. */
#define JSON_OBJECT(...) \
	((const struct json_member []){ __VA_ARGS__, { .name = NULL } })

/* Appends an object to a buffer. */
void	 json_build_append(struct buf *, const struct json_member *);

/* Each returns a text in arena memory. */
char	*json_build_object(struct arena *, const struct json_member *);
char	*json_build_ints(struct arena *, const int64_t *, size_t n);
char	*json_build_strings(struct arena *, const struct strv *);

#endif
