/*
 * account_notice: notices about the security of an account. They are sent by
 * e-mail even if the user disabled other notifications.
 */
#ifndef DOMAIN_MESSAGING_ACCOUNT_NOTICE_H
#define DOMAIN_MESSAGING_ACCOUNT_NOTICE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

/*
 * Notifies a user of a new login session on a device that the account has not
 * used. Nothing is sent for the first sign-in of an account, or if another
 * login session has the same user agent.
 */
enum rc	account_notice_sign_in(struct db *, struct arena *, int64_t user,
	    int64_t session, int64_t now);
/*
 * Notifies a user that a login session was ended because its refresh token was
 * used twice: another device may have a copy.
 */
enum rc	account_notice_reused(struct db *, struct arena *, int64_t user,
	    int64_t now);
/*
 * Notifies a user, by the app and push, that a contact address was added,
 * changed or removed. masked: the new address, shortened for display, or "".
 */
enum rc	account_notice_contact(struct db *, struct arena *, int64_t user,
	    const char *masked, int64_t now);

#endif
