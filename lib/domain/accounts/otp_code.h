/*
 * otp_code: the rows behind one-time codes, for domain/accounts/otp.c and domain/accounts/otp_use.c.
 *
 * Table otp has the codes, by account, purpose and address. Table otp_request
 * has what a client that knows only an identifier is told about them. All keys
 * are keyed hashes.
 */
#ifndef DOMAIN_ACCOUNTS_OTP_CODE_H
#define DOMAIN_ACCOUNTS_OTP_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"
#include "domain/accounts/otp.h"

#define OTP_REQUEST_MAX	100000	/* rows of otp_request */
#define OTP_NEWEST	3	/* codes that an address may be valid with */

/* A row of table otp. */
struct otp_code {
	int64_t user;			/* 0: none; matches no code */
	struct hash key, hash, sent;
	struct otp_limits_net network;	/* where has_network */
	bool has_network, used;
	int64_t tries_left, created_at, expires_at;
};

/* A row of table otp_request. */
struct otp_code_request_row {
	bool found;
	struct hash code;		/* the key of the code it leads to */
	int64_t created_at, expires_at;
};

/* The key of a request with an identifier in its normalized form. */
struct hash	otp_code_request_key(const struct conf *, enum otp_purpose,
		    const char *identifier);
/* What otp.sent is for an address; its case does not matter. */
struct hash	otp_code_address_key(const struct conf *, const char *address);
/* The key of an account's code; user 0: that of no account, always the same. */
struct hash	otp_code_key(const struct conf *, enum otp_purpose,
		    int64_t user, const char *address);
/* The hash of a code of OTP_DIGITS digits, bound to its key and account. */
struct hash	otp_code_hash(const struct conf *, const struct hash *key,
		    int64_t user, const char *digits);

/* Reads a code by its key; RC_OK with user 0 if there is none. */
enum rc	otp_code_get(struct db *, const struct hash *key, struct otp_code *);
/* Reads up to `max` codes sent to an address, the newest first. */
enum rc	otp_code_newest(struct db *, enum otp_purpose, const struct hash *sent,
	    struct otp_code *, size_t max, size_t *n);
/* Stores a code, with all its attempts; replaces the one with that key. */
enum rc	otp_code_put(struct db *, const struct conf *, enum otp_purpose,
	    const struct otp_code *, int64_t now);
/* Counts a failed attempt. */
enum rc	otp_code_miss(struct db *, const struct hash *key);
/* Marks a code as used. */
enum rc	otp_code_spend(struct db *, const struct hash *key, int64_t now);

enum rc	otp_code_request_get(struct db *, const struct hash *key,
	    struct otp_code_request_row *);
/* Stores a request that was made now, and deletes the oldest if need be. */
enum rc	otp_code_request_put(struct db *, const struct conf *,
	    const struct hash *key, const struct hash *code, int64_t now);

#endif
