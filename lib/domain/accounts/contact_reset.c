/* contact_reset: removes what a thief of the former password may have added. */
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/contact.h"
#include "domain/accounts/contact_notice.h"
#include "domain/accounts/security_log.h"

enum rc
contact_from_password(struct db *db, int64_t user, enum outbox_channel channel,
    bool *from_password)
{
	struct stmt *q = stmt_get(db, Q_CONTACT_PASSWORD_ADDRESS_GET);

	stmt_int(q, ":user", user);
	stmt_int(q, ":channel", channel);
	*from_password = stmt_row(q);
	return stmt_done(q);
}

/* Removes the address of a channel, and tells the address. */
static enum rc
drop_address(struct db *db, struct arena *a, const struct account *acc,
    enum outbox_channel channel, int64_t now)
{
	bool sms = channel == OUTBOX_SMS;
	struct stmt *q;
	enum rc rc;

	q = stmt_get(db, sms ? Q_CONTACT_DROP_PHONE : Q_CONTACT_DROP_EMAIL);
	stmt_int(q, ":user", acc->id);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_CONTACT_PASSWORD_ADDRESS_DROP);
	stmt_int(q, ":user", acc->id);
	stmt_int(q, ":channel", channel);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = security_log_add(db, acc->id, sms ?
		    SECURITY_PHONE_CHANGED : SECURITY_EMAIL_CHANGED, 0, NULL,
		    now);
	return rc == RC_OK ? contact_notice_changed(db, a, acc->id, channel,
	    sms ? acc->phone : acc->email, "", NULL, now) : rc;
}

/*
 * Ends the links that addresses received which were added later than the address
 * of the channel `proved`: a thief who added one would undo changes of the owner.
 * The first link remains, and those that an address of that time received: the
 * thief may have done this reset.
 */
static enum rc
drop_links(struct db *db, struct arena *a, const struct account *acc,
    enum outbox_channel proved, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_CONTACT_UNDO_FIRST);
	const char *email = NULL, *phone = NULL, *then, *at;
	int64_t id = 0;
	enum rc rc;

	stmt_int(q, ":user", acc->id);
	stmt_int(q, ":since", 0);
	stmt_int(q, ":now", now);
	if (stmt_row(q)) {
		id = stmt_col_int(q, 0);
		if (stmt_col_int(q, 3) != 0)
			email = stmt_col_text(q, 1, a);
		if (stmt_col_int(q, 4) != 0)
			phone = stmt_col_text(q, 2, a);
	}
	rc = stmt_done(q);
	then = proved == OUTBOX_SMS ? phone : email;
	at = proved == OUTBOX_SMS ? acc->phone : acc->email;
	if (rc != RC_OK || then == NULL || at == NULL || !str_eq(then, at))
		return rc;
	q = stmt_get(db, Q_CONTACT_UNDO_DROP_OTHERS);
	stmt_int(q, ":user", acc->id);
	stmt_int(q, ":id", id);
	stmt_text(q, ":email", email);
	stmt_text(q, ":phone", phone);
	return stmt_run(q);
}

enum rc
contact_reset(struct db *db, struct arena *a, const struct account *acc,
    enum outbox_channel proved, int64_t now, const char **removed)
{
	enum outbox_channel other = proved == OUTBOX_SMS ? OUTBOX_EMAIL :
	    OUTBOX_SMS;
	const char *address = other == OUTBOX_SMS ? acc->phone : acc->email;
	struct stmt *q = stmt_get(db, Q_CONTACT_CHANGE_DROP_ALL);
	bool from_password = false;
	enum rc rc;

	*removed = NULL;
	stmt_int(q, ":user", acc->id);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = drop_links(db, a, acc, proved, now);
	if (rc == RC_OK)
		rc = contact_from_password(db, acc->id, other, &from_password);
	if (rc != RC_OK || !from_password || address == NULL)
		return rc;
	*removed = identifier_mask(a, address);
	return drop_address(db, a, acc, other, now);
}
