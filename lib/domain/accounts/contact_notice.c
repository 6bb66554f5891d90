#include "domain/accounts/contact_notice.h"

#include <inttypes.h>

#include "base/clock.h"

/* Variables of a text that has none. */
#define NO_VARS TEXT_VARS({ NULL, NULL })

enum rc
contact_notice_code(struct db *db, struct arena *a, const struct conf *conf,
    bool send, int64_t user, enum outbox_channel channel, const char *address,
    const char *code, int64_t now)
{
	const char *minutes = arena_fmt(a, "%" PRId64,
	    (conf->otp_ttl + 59) / 60);

	return notification_to_address_if(db, a, send, channel, user, address,
	    "otp_contact", code, TEXT_VARS({ "code", code },
	    { "minutes", minutes }), conf->otp_ttl * SECOND, now);
}

enum rc
contact_notice_taken(struct db *db, struct arena *a, bool send, int64_t owner,
    enum outbox_channel channel, const char *address, int64_t now)
{
	return notification_to_address_if(db, a, send, channel, owner, address,
	    "contact_taken", NULL, NO_VARS, DAY, now);
}

enum rc
contact_notice_changed(struct db *db, struct arena *a, int64_t user,
    enum outbox_channel channel, const char *address, const char *masked,
    const char *link, int64_t now)
{
	const char *contact = masked[0] == '\0' ? "-" : masked;

	return link != NULL ? notification_to_address(db, a, channel, user,
	    address, "contact_undo", NULL, TEXT_VARS({ "contact", contact },
	    { "link", link }), DAY, now) : notification_to_address(db, a,
	    channel, user, address, "contact_changed", NULL,
	    TEXT_VARS({ "contact", contact }), DAY, now);
}

enum rc
contact_notice_restored(struct db *db, struct arena *a, int64_t user,
    enum outbox_channel channel, const char *address, int64_t now)
{
	return notification_to_address(db, a, channel, user, address,
	    "contact_restored", NULL, NO_VARS, DAY, now);
}

/*
 * Returns whether a notice may be sent by SMS. Otherwise the owner of an
 * expensive number could make the operator pay for any number of messages.
 */
static enum rc
sms_allowed(struct db *db, int64_t user, const char *type, int64_t now,
    bool *yes)
{
	struct stmt *q = stmt_get(db, Q_CONTACT_NOTICE_SMS);

	stmt_int(q, ":user", user);
	stmt_text(q, ":type", type);
	stmt_int(q, ":since", now - DAY);
	stmt_int(q, ":max", CONTACT_NOTICE_SMS);
	*yes = stmt_row(q) && stmt_col_int(q, 0) < CONTACT_NOTICE_SMS;
	return stmt_done(q);
}

enum rc
contact_notice_owner(struct db *db, struct arena *a, const struct account *acc,
    const char *type, const struct template_var *vars, int64_t now)
{
	bool sms = acc->phone != NULL && acc->phone_ok;
	enum rc rc = RC_OK;

	if (acc->email != NULL && acc->email_ok)
		rc = notification_to_address(db, a, OUTBOX_EMAIL, acc->id,
		    acc->email, type, NULL, vars, DAY, now);
	if (rc == RC_OK && sms)
		rc = sms_allowed(db, acc->id, type, now, &sms);
	if (rc == RC_OK && sms)
		rc = notification_to_address(db, a, OUTBOX_SMS, acc->id,
		    acc->phone, type, NULL, vars, DAY, now);
	return rc;
}

enum rc
contact_notice_deleted(struct db *db, struct arena *a,
    const struct account *acc, int64_t now)
{
	enum rc rc = RC_OK;

	if (acc->email != NULL && acc->email_ok)
		rc = notification_to_former_user(db, a, OUTBOX_EMAIL, acc->id,
		    acc->email, "account_deleted", DAY, now);
	if (rc == RC_OK && acc->phone != NULL && acc->phone_ok)
		rc = notification_to_former_user(db, a, OUTBOX_SMS, acc->id,
		    acc->phone, "account_deleted", DAY, now);
	return rc;
}
