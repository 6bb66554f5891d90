/*
 * notification: notifies users by the channels that they prefer.
 *
 * The notification in the app is a row, which the user reads and marks as read,
 * and an event notification.new. Each other channel is a row of the outbox. The
 * rows are inserted in one transaction.
 */
#ifndef DOMAIN_MESSAGING_NOTIFICATION_H
#define DOMAIN_MESSAGING_NOTIFICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/outbox.h"
#include "domain/messaging/preference.h"
#include "domain/messaging/text.h"

#define NOTICE_TITLE	200		/* maximum, characters */
#define NOTICE_BODY	1000
#define NOTICE_DATA	2000		/* bytes */

struct notice {
	enum notice_kind kind;
	const char *template;		/* name of a text type (text.h) */
	const struct template_var *vars;	/* of the template, or NULL */
	const char *title, *body;	/* without vars: sent unchanged */
	const char *data;		/* JSON object, or NULL */
	unsigned channels;	/* requested; preferences may remove some */
	/*
	 * About the security of the account: e-mail cannot be disabled, and
	 * quiet hours do not apply
	 */
	bool security;
	int64_t ttl;			/* of the messages in the outbox, ms */
};

/*
 * Notifies a user. *known is set if such an active account exists. SMS and
 * email are sent only to verified addresses. A user without a push device gets
 * no push message.
 */
enum rc	notification_send(struct db *, struct arena *, int64_t user,
	    const struct notice *, int64_t now, bool *known);

/*
 * Sends a text to an address that need not be the verified one of a user, in
 * the language of that user or, for user 0, of the current request. Preferences
 * do not apply. code may be NULL.
 */
enum rc	notification_to_address(struct db *, struct arena *,
	    enum outbox_channel, int64_t user, const char *address,
	    const char *type, const char *code, const struct template_var *,
	    int64_t ttl, int64_t now);
/*
 * As notification_to_address(), for a text without variables. The message does
 * not belong to the user, so the deletion of the account does not delete it.
 */
enum rc	notification_to_former_user(struct db *, struct arena *,
	    enum outbox_channel, int64_t user, const char *address,
	    const char *type, int64_t ttl, int64_t now);
/*
 * As notification_to_address() if `send` is set. Otherwise the message is added
 * and removed, so that the time of a request does not reveal whether it sends.
 */
enum rc	notification_to_address_if(struct db *, struct arena *, bool send,
	    enum outbox_channel, int64_t user, const char *address,
	    const char *type, const char *code, const struct template_var *,
	    int64_t ttl, int64_t now);

struct notification {
	int64_t id;
	enum notice_kind kind;
	const char *title, *body, *data;
	int64_t created_at, read_at;	/* INT64_MIN: not read */
};

struct notification_total {
	int64_t n, unread, version;
};

struct notification_page {
	int64_t before, offset, limit;	/* input: ids below `before` */
	bool unread;			/* input: only unread ones */
	struct notification *v;
	size_t n;
	bool more;
};

enum rc	notification_total(struct db *, int64_t user,
	    struct notification_total *);
/* Lists notifications, newest first. */
enum rc	notification_list(struct db *, struct arena *, int64_t user,
	    struct notification_page *);
/*
 * Marks notifications of the user as read. Ids of other users and of read
 * notifications are ignored.
 */
enum rc	notification_read(struct db *, int64_t user, const int64_t *ids,
	    size_t n, int64_t now);
enum rc	notification_read_all(struct db *, int64_t user, int64_t now);

#endif
