/* contact_reset: removes what a thief of the former password may have added. */
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
		rc = contact_from_password(db, acc->id, other, &from_password);
	if (rc != RC_OK || !from_password || address == NULL)
		return rc;
	*removed = identifier_mask(a, address);
	return drop_address(db, a, acc, other, now);
}
