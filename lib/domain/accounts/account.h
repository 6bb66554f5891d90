/*
 * account: user accounts: identity, status, password. Sign-in is in signup,
 * login, otp and auth_session; profiles are in profile.
 *
 * An e-mail address or phone number belongs to the account that has verified it
 * (the owner). An address that is not verified is a claim: several accounts may
 * claim the same address, and the newest claim counts. Usernames are unique.
 */
#ifndef DOMAIN_ACCOUNTS_ACCOUNT_H
#define DOMAIN_ACCOUNTS_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "db/db.h"
#include "domain/common/actor.h"
#include "domain/common/identifier.h"
#include "domain/common/outbox.h"

/* Absent texts are NULL. */
struct account {
	int64_t id;			/* 0: no account */
	struct uuid uuid;
	int status;			/* enum user_status */
	unsigned roles;
	int64_t banned_until;		/* INT64_MIN: not banned, or
					 * permanently */
	int64_t version;
	const char *username, *sex, *bio, *image, *preferred_language;
	const char *country, *email, *phone, *password, *referral_code;
	struct strv interests;
	bool email_ok, phone_ok;	/* verified */
	int64_t created_at;
};

/* The accounts that an identifier may mean; each may be empty (id 0). */
struct account_match {
	struct account owner;		/* has verified it, or is so named */
	struct account first, last;	/* active ones that have not: the
					 * oldest and the newest */
	struct account pending;		/* the newest pending registration */
};

/* A new account. account_add() sets id and uuid. */
struct account_new {
	const char *username, *sex, *country, *preferred_language;
	const char *email, *phone;	/* normalized */
	const char *password;		/* its hash; NULL: codes only */
	int64_t referred_by;		/* 0: no referrer */
	unsigned roles;
	int status;
	bool proved;			/* email and phone are verified */
	int64_t id;
	struct uuid uuid;
};

/* Reads an account, also a deleted one; RC_NOT_FOUND if the id is unknown. */
enum rc	account_get(struct db *, struct arena *, int64_t id, struct account *);
/*
 * Finds accounts by a normalized identifier. Returns RC_OK with empty accounts
 * if none matches. A username matches its owner only.
 */
enum rc	account_find(struct db *, struct arena *, enum identifier,
	    const char *, struct account_match *);
/*
 * Finds accounts for sign-in with a password. `first` and `last` are the oldest
 * and the newest active accounts that claim the address. `pending` is the
 * newest with the address, even if an older one would get the code. An account
 * that claims the address later cannot displace `first`, and the newest one
 * does not learn whether it is the first.
 */
enum rc	account_find_newest(struct db *, struct arena *, enum identifier,
	    const char *, struct account_match *);
/* Reads the owner of an address; RC_OK with id 0 if it has no owner. */
enum rc	account_owner(struct db *, struct arena *, enum outbox_channel,
	    const char *address, struct account *);
/* Counts the unverified registrations with an address, up to 2. */
enum rc	account_pending_count(struct db *, enum outbox_channel,
	    const char *address, int64_t *n);
/*
 * Adds an account. Returns RC_CONFLICT username_taken, or already_exists if
 * another account owns the e-mail address or phone number.
 */
enum rc	account_add(struct db *, struct account_new *, int64_t now,
	    struct err *);
/* Finds the active account of a referral code; *id 0 if the code is unknown. */
enum rc	account_referrer(struct db *, const char *code, int64_t *id);
/*
 * Returns the address for messages about an account: a verified one first, else
 * the claimed one that receives the code. NULL if the account has no address.
 */
const char *account_address(const struct account *, enum outbox_channel *);

/*
 * Marks an address as verified, after a code was used. A pending account
 * becomes active. Returns RC_CONFLICT if another account has verified it
 * meanwhile.
 */
enum rc	account_verify(struct db *, int64_t id, enum outbox_channel,
	    int64_t now);
/*
 * Activates a pending account as account_verify(), removes its password,
 * profile, other address, service tokens, identities and pending changes,
 * replaces its referrer (0: none), and signs out its devices. For registrations
 * that the owner of the address may not have made.
 */
enum rc	account_verify_only(struct db *, int64_t id, enum outbox_channel,
	    int64_t referrer, int64_t now);
/* Deletes the networks that the account has signed in from. */
enum rc	account_drop_networks(struct db *, int64_t id);
/* Stores the hash of a new password. */
enum rc	account_set_password(struct db *, int64_t id, const char *hash,
	    int64_t now);
/* Returns whether the account is active at `now`, and not banned. */
bool	account_active(const struct account *, int64_t now);
/*
 * Deletes an account. Its live call and session end. Its favorites, devices,
 * tokens, flyers, styles, creatives, documents and personal data are deleted.
 * Readers no longer see them; a job deletes large numbers of rows later
 * (domain/common/removal.h). An anonymous row remains for sessions, payments
 * and the ledger, and keyed hashes of the verified addresses
 * (domain/money/returning_user.h). The balance is given up; earnings stay
 * payable to payout_contact (NULL: none; domain/money/wallet_close.h). Its
 * images are removed after the commit (domain/common/image_removal.h). Its
 * verified addresses are notified. Returns RC_CONFLICT last_admin
 * (domain/common/role.h).
 */
enum rc	account_delete(struct db *, struct arena *, const struct conf *,
	    int64_t id, const char *payout_contact, const char *request_id,
	    int64_t now, struct err *);

#endif
