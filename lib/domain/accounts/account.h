/*
 * account: a person's row: identity, state, password. What signs people in is
 * in signup, login, otp and token; what they say of themselves in profile.
 *
 * An e-mail address or phone number belongs to the account that has proved it
 * (the owner). An unproved one is a claim: any number of accounts may claim
 * the same, and the newest counts. Usernames are unique from the start.
 */
#ifndef DOMAIN_ACCOUNTS_ACCOUNT_H
#define DOMAIN_ACCOUNTS_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "db/db.h"
#include "domain/common/actor.h"
#include "domain/common/identifier.h"
#include "domain/common/outbox.h"

/* Absent texts are NULL; banned_until is INT64_MIN: for good. */
struct account {
	int64_t id;			/* 0: none */
	struct uuid uuid;
	int status;			/* enum user_status */
	unsigned roles;
	int64_t banned_until, version;
	const char *username, *sex, *bio, *image, *preferred_language;
	const char *country, *email, *phone, *password, *referral_code;
	struct strv interests;
	bool email_ok, phone_ok;	/* proved */
	int64_t created_at;
};

/* Who an identifier may stand for; each may be empty (id 0). */
struct account_match {
	struct account owner;		/* has proved it, or has the username */
	struct account first, last;	/* active ones that have not: the
					 * oldest and the newest */
	struct account pending;		/* the newest that waits for its code */
};

/* A new account; the id and UUID come back in it. */
struct account_new {
	const char *username, *sex, *country, *preferred_language;
	const char *email, *phone;	/* in their one spelling */
	const char *password;		/* its hash; NULL: codes only */
	int64_t referred_by;		/* 0: nobody */
	unsigned roles;
	int status;
	bool proved;			/* email and phone */
	int64_t id;
	struct uuid uuid;
};

/* By id; RC_NOT_FOUND. Deleted ones are found too. */
enum rc	account_get(struct db *, struct arena *, int64_t id, struct account *);
/*
 * By an identifier in its one spelling. RC_OK with all empty where nobody
 * fits. A username fits its owner alone.
 */
enum rc	account_find(struct db *, struct arena *, enum identifier,
	    const char *, struct account_match *);
/*
 * The same for signing in with a password: also finds `first` and `last`, and
 * `pending` is the newest with the address, also if an older one would get the
 * code. Nobody can take an address away from the first who claimed it, and the
 * newest does not learn whether it is the first.
 */
enum rc	account_find_newest(struct db *, struct arena *, enum identifier,
	    const char *, struct account_match *);
/* Reads the account that has verified an address; RC_OK with id 0: none. */
enum rc	account_owner(struct db *, struct arena *, enum outbox_channel,
	    const char *address, struct account *);
/* Counts the unverified registrations with an address, up to 2. */
enum rc	account_pending_count(struct db *, enum outbox_channel,
	    const char *address, int64_t *n);
/*
 * Add one. RC_CONFLICT: username_taken (fields in err), or an address that
 * another account has proved.
 */
enum rc	account_add(struct db *, struct account_new *, int64_t now,
	    struct err *);
/* The active account that a referral code belongs to; *id 0: none. */
enum rc	account_referrer(struct db *, const char *code, int64_t *id);
/*
 * Where messages about an account go: the proved phone or address first, else
 * the claimed one a registration is verified by. NULL: nowhere.
 */
const char *account_address(const struct account *, enum outbox_channel *);

/*
 * The address is proved: by the account's own code. A pending account becomes
 * active. RC_CONFLICT: another account has proved it meanwhile.
 */
enum rc	account_prove(struct db *, int64_t id, enum outbox_channel,
	    int64_t now);
/*
 * Activates a pending account for the owner of its address, who may not be the
 * person who registered it: removes its password, profile, referrer, other
 * address, devices and service tokens. RC_CONFLICT as account_prove().
 */
enum rc	account_prove_only(struct db *, int64_t id, enum outbox_channel,
	    int64_t now);
/* Forgets the networks that the account has signed in from. */
enum rc	account_drop_networks(struct db *, int64_t id);
enum rc	account_set_password(struct db *, int64_t id, const char *hash,
	    int64_t now);
/* May it act at `now`? */
bool	account_active(const struct account *, int64_t now);
/*
 * Delete: a live paid session ends; favorites, devices, tokens, own flyers,
 * styles, creatives and documents go, and everything that says who it was; of
 * many rows the jobs delete most, after readers no longer see them (domain/common/removal).
 * The row stays, nameless, for what refers to it: sessions, payments, the ledger.
 * *image is the file to remove, or NULL.
 */
enum rc	account_delete(struct db *, struct arena *, int64_t id,
	    const char *request_id, int64_t now, const char **image);

#endif
