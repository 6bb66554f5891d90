/*
 * notification: telling a user something, by the ways they want.
 *
 * In the app it is a row, which the user reads and marks, and an event
 * notification.new; to the world it is a row of the outbox for each channel,
 * in the same transaction.
 */
#ifndef DOMAIN_MESSAGING_NOTIFICATION_H
#define DOMAIN_MESSAGING_NOTIFICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/messaging/preference.h"

#define NOTICE_TITLE	200		/* characters, at most */
#define NOTICE_BODY	1000
#define NOTICE_DATA	2000		/* bytes */

struct notice {
	enum notice_kind kind;
	const char *template;		/* a fixed word, for the outbox */
	const char *title, *body;
	const char *data;		/* a JSON object's text, or NULL */
	unsigned channels;		/* of those, the ones that are wanted */
	int64_t ttl;			/* of what goes out, ms */
};

/*
 * Tell one user. *known: there is such an active account. An SMS or e-mail
 * goes to what the account has proved, where it has.
 */
enum rc	notification_send(struct db *, struct arena *, int64_t user,
	    const struct notice *, int64_t now, bool *known);

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
	int64_t before, offset, limit;	/* given: ids below before */
	bool unread;			/* given: those alone */
	struct notification *v;
	size_t n;
	bool more;
};

enum rc	notification_total(struct db *, int64_t user,
	    struct notification_total *);
/* Newest first. */
enum rc	notification_list(struct db *, struct arena *, int64_t user,
	    struct notification_page *);
/* Mark those as read; ids of others and read ones do not matter. */
enum rc	notification_read(struct db *, int64_t user, const int64_t *ids,
	    size_t n, int64_t now);
enum rc	notification_read_all(struct db *, int64_t user, int64_t now);

#endif
