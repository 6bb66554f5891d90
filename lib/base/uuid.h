/*
 * uuid: 16 bytes, RFC 9562. New ones are version 7 (time-ordered, so their
 * index grows at one end).
 */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_TEXT 37

struct uuid { uint8_t b[16]; };

/* A new version 7 UUID for the time given (ms). */
struct uuid	uuid_new(int64_t now);
/* The canonical 36 characters, lower case. */
void		uuid_text(const struct uuid *, char out[UUID_TEXT]);
/* 36 characters, any case; false: not a UUID, *u untouched. */
bool		uuid_parse(const char *, struct uuid *u);
/* All zero, which stands for "none". */
bool		uuid_nil(const struct uuid *);

#endif
