#include "domain/accounts/contact_notice.h"

#include "base/clock.h"

enum rc
contact_notice_code(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, enum outbox_channel channel, const char *address,
    const char *code, int64_t now)
{
	const char *text = arena_fmt(a, "%s is your code to confirm this "
	    "address. It is valid for %lld minutes. Do not share it.", code,
	    (long long)((conf->otp_ttl + 59) / 60));

	return outbox_add(db, channel, user, address, "otp_contact", code,
	    "Your code", text, NULL, now, conf->otp_ttl * SECOND);
}

enum rc
contact_notice_taken(struct db *db, int64_t owner, enum outbox_channel channel,
    const char *address, int64_t now)
{
	return outbox_add(db, channel, owner, address, "contact_taken", NULL,
	    "Your address is in use", "Another account tried to use this "
	    "address. It belongs to your account, so nothing was changed. If "
	    "both accounts are yours, remove it from this one first.", NULL,
	    now, DAY);
}

enum rc
contact_notice_changed(struct db *db, struct arena *a, int64_t user,
    enum outbox_channel channel, const char *address, const char *masked,
    const char *link, int64_t now)
{
	const char *undo = link == NULL ? "If you did not ask for this, "
	    "contact us." : arena_fmt(a, "If this was not you, open %s within "
	    "72 hours. This restores your addresses and signs all devices out.",
	    link);
	const char *what = masked[0] == '\0' ? "An address of your account was "
	    "removed." : arena_fmt(a, "An address of your account is now %s.",
	    masked);

	return outbox_add(db, channel, user, address, "contact_changed", NULL,
	    "Your account was changed", arena_fmt(a, "%s %s", what, undo),
	    NULL, now, DAY);
}

enum rc
contact_notice_restored(struct db *db, int64_t user,
    enum outbox_channel channel, const char *address, int64_t now)
{
	return outbox_add(db, channel, user, address, "contact_restored", NULL,
	    "Your account was restored", "The addresses of your account were "
	    "restored, its password was removed, and all devices were signed "
	    "out. Sign in with a code, then set a new password. For 24 hours, "
	    "the addresses cannot be changed.", NULL, now, DAY);
}

enum rc
contact_notice_password(struct db *db, int64_t user,
    enum outbox_channel channel, const char *address, int64_t now)
{
	return outbox_add(db, channel, user, address, "password_changed", NULL,
	    "Your password was changed", "Your password was changed and your "
	    "other devices were signed out. If you did not do this, set a new "
	    "password now.", NULL, now, DAY);
}
