/*
 * otp_code: the rows of one-time codes, for otp.c and otp_use.c.
 *
 * Table otp contains the codes by account, purpose and address. Table
 * otp_request contains the state that clients can observe, by identifier. All
 * keys are keyed hashes.
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
#define OTP_NEWEST	3	/* codes that are valid with an address */

/* A row of table otp. */
struct otp_code {
	int64_t user;			/* 0: never valid; or OTP_OPEN */
	struct hash key, hash, sent;
	struct otp_limits_net network;	/* if has_network */
	bool has_network, used;
	int64_t tries_left, created_at, expires_at;
};

/* A row of table otp_request. */
struct otp_code_request_row {
	bool found;
	int64_t id;			/* of this request; never reused */
	struct hash code;		/* key of the code that was requested */
	int64_t created_at, expires_at;
};

/* Returns the key of a request by a normalized identifier. */
struct hash	otp_code_request_key(const struct conf *, enum otp_purpose,
		    const char *identifier);
/* Returns the value of otp.sent for an address, in any case. */
struct hash	otp_code_address_key(const struct conf *, const char *address);
/* Returns the key of an account's code; for user 0 it is constant. */
struct hash	otp_code_key(const struct conf *, enum otp_purpose,
		    int64_t user, const char *address);
/*
 * Writes the name of what has a code, for counters: the account, or the address
 * if the code is open. sent: otp_code_address_key() of the address.
 */
#define OTP_CODE_OWNER	64
void		otp_code_owner(int64_t user, const struct hash *sent,
		    char out[OTP_CODE_OWNER]);
/* Returns the hash of OTP_DIGITS digits, bound to key and account. */
struct hash	otp_code_hash(const struct conf *, const struct hash *key,
		    int64_t user, const char *digits);

/* Reads a code by its key; RC_OK with user 0 if it does not exist. */
enum rc	otp_code_get(struct db *, const struct hash *key, struct otp_code *);
/* Reads up to `max` codes sent to an address, the newest first. */
enum rc	otp_code_newest(struct db *, enum otp_purpose, const struct hash *sent,
	    struct otp_code *, size_t max, size_t *n);
/* Stores a code with all attempts left; replaces one with the same key. */
enum rc	otp_code_put(struct db *, const struct conf *, enum otp_purpose,
	    const struct otp_code *, int64_t now);
/* Counts a failed attempt at a code. */
enum rc	otp_code_miss(struct db *, const struct hash *key);
/* Marks a code as used. */
enum rc	otp_code_spend(struct db *, const struct hash *key, int64_t now);

/* Reads a request; found is false if it does not exist. */
enum rc	otp_code_request_get(struct db *, const struct hash *key,
	    struct otp_code_request_row *);
/* Stores a request, and deletes the oldest one if there are too many. */
enum rc	otp_code_request_put(struct db *, const struct conf *,
	    const struct hash *key, const struct hash *code, int64_t now);

#endif
