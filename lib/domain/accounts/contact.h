/*
 * contact: changes of the e-mail address, the phone number and the password of
 * an account.
 *
 * A new address is verified by a code. The response to a request does not depend
 * on whether another account owns the address: then its owner is notified, no
 * code is sent, and each code is wrong.
 *
 * Each change stores the former addresses. A notice with a link goes to a
 * verified one of them. For CONTACT_UNDO ms the link restores all addresses as
 * they were before the first change since the sign-in of the session that made
 * this one. It removes the password, the identities (identity.h), and a second
 * factor that was set up since that sign-in or less than CONTACT_UNDO before the
 * change. It ends all sessions, and prevents other changes for CONTACT_LOCK ms.
 * It remains valid after later changes, and using it makes the links of the
 * changes that it undoes invalid: an attacker received these.
 */
#ifndef DOMAIN_ACCOUNTS_CONTACT_H
#define DOMAIN_ACCOUNTS_CONTACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/accounts/otp.h"
#include "domain/common/audit.h"
#include "domain/common/outbox.h"

#define CONTACT_UNDO	(72 * HOUR)
#define CONTACT_LOCK	DAY

struct account;

struct contact_change {
	int64_t user, session;		/* session: 0: none */
	enum outbox_channel channel;
	const char *address;		/* normalized; of contact_begin() */
	const char *code;		/* OTP_DIGITS; of contact_verify() */
	const char *from;		/* IP address of the client */
};

/*
 * Requests a change. Returns RC_INVALID if the account has verified the address,
 * RC_FORBIDDEN contact_locked, or RC_LIMITED.
 */
enum rc	contact_begin(struct db *, struct arena *, const struct conf *,
	    const struct contact_change *, int64_t now, struct otp_sent *,
	    struct err *);
/*
 * Completes a change by its code. Returns RC_BAD otp_invalid (attempts_left in
 * err) or otp_expired, RC_LIMITED otp_locked, or RC_FORBIDDEN contact_locked. The
 * caller must commit the failed attempt despite the error.
 */
enum rc	contact_verify(struct db *, struct arena *, const struct conf *,
	    const struct contact_change *, int64_t now, struct err *);
/*
 * Undoes changes by the token of the link. An address that another account has
 * verified meanwhile is not restored. Returns RC_NOT_FOUND link_invalid, or
 * RC_CONFLICT address_in_use if none could be restored.
 */
enum rc	contact_restore(struct db *, struct arena *, const char *token,
	    int64_t now, struct err *);
/*
 * Changes an address for the operator: it counts as verified, all sessions end,
 * and a former address is notified. Audited. Returns RC_CONFLICT address_in_use
 * if another account has verified it.
 */
enum rc	contact_set(struct db *, struct arena *, const struct conf *,
	    const struct contact_change *, const struct audit_by *,
	    struct err *);
/*
 * Counts the active staff without a verified address. *name: the first
 * one, or NULL.
 */
enum rc	contact_staff_without(struct db *, struct arena *, int64_t *n,
	    const char **name);
/*
 * Stores the hash of a new password, ends the other sessions, and notifies the
 * user. The caller has checked the old password.
 */
enum rc	contact_password(struct db *, struct arena *, int64_t user,
	    int64_t session, const char *hash, int64_t now);
/*
 * Removes what a thief of the former password may have added, after a reset by a
 * code that was sent to the address of the channel `proved`: changes that wait
 * for a code, links that undo changes and that a later address received, and the
 * other address, if a session added it that had only proved the password.
 * *removed: that address, masked, or NULL.
 */
enum rc	contact_reset(struct db *, struct arena *, const struct account *,
	    enum outbox_channel proved, int64_t now, const char **removed);
/*
 * Sets *from_password if the address of a channel was added by a session that
 * had only proved the password (auth_session_issue()).
 */
enum rc	contact_from_password(struct db *, int64_t user, enum outbox_channel,
	    bool *from_password);

#endif
