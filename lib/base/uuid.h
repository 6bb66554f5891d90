/*
 * uuid: UUIDs of 16 bytes (RFC 9562). New UUIDs are version 7, ordered by time,
 * so inserts append to the index.
 */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_TEXT 37

struct uuid { uint8_t b[16]; };

/* Returns a new version 7 UUID for a time in ms. */
struct uuid	uuid_new(int64_t now);
/* Writes the canonical 36 characters in lower case. */
void		uuid_text(const struct uuid *, char out[UUID_TEXT]);
/*
 * Parses 36 characters in any case. Returns false, and leaves *u unchanged, if
 * the text is not a UUID.
 */
bool		uuid_parse(const char *, struct uuid *u);
/*
 * Parses a UUID that a client sent. The nil UUID is valid, but struct members of
 * zero mean "none". So it becomes a UUID that no row has, like all bits set
 * (FIELD_CLEAR), which is rejected.
 */
bool		uuid_read(const char *, struct uuid *u);
/* Returns whether all bytes are zero, which means "none". */
bool		uuid_nil(const struct uuid *);

#endif
