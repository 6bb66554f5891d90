/*
 * contact_notice: messages about changes of the contact addresses of an account.
 */
#ifndef DOMAIN_ACCOUNTS_CONTACT_NOTICE_H
#define DOMAIN_ACCOUNTS_CONTACT_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/accounts/account.h"
#include "domain/common/outbox.h"
#include "domain/messaging/notification.h"

/*
 * Sends the code to the new address, or does the same work without effect if
 * `send` is not set.
 */
enum rc	contact_notice_code(struct db *, struct arena *, const struct conf *,
	    bool send, int64_t user, enum outbox_channel, const char *address,
	    const char *code, int64_t now);
/*
 * Tells the owner of an address that another account tried to use it, or does
 * the same work without effect if `send` is not set.
 */
enum rc	contact_notice_taken(struct db *, struct arena *, bool send,
	    int64_t owner, enum outbox_channel, const char *address,
	    int64_t now);
/*
 * Tells a former address that a contact address is now `masked` ("": removed).
 * link: undoes the change; NULL: an operator made it.
 */
enum rc	contact_notice_changed(struct db *, struct arena *, int64_t user,
	    enum outbox_channel, const char *address, const char *masked,
	    const char *link, int64_t now);
/* Confirms to a restored address that a change was undone. */
enum rc	contact_notice_restored(struct db *, struct arena *, int64_t user,
	    enum outbox_channel, const char *address, int64_t now);
/* Maximum SMS of each type of a notice about security that a user gets a day. */
#define CONTACT_NOTICE_SMS	5

/*
 * Sends a notice about security to each verified address of an account, because
 * an attacker may have added one of them. vars: as in notification.h. After
 * CONTACT_NOTICE_SMS messages of a type in 24 hours, the phone gets no more.
 */
enum rc	contact_notice_owner(struct db *, struct arena *,
	    const struct account *, const char *type,
	    const struct template_var *vars, int64_t now);
/*
 * Tells each verified address of an account that the account is deleted. Call
 * it before account_delete() removes the addresses.
 */
enum rc	contact_notice_deleted(struct db *, struct arena *,
	    const struct account *, int64_t now);

#endif
