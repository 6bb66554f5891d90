/*
 * listener_approval: administrators list, verify and reject listeners.
 */
#ifndef DOMAIN_LISTENERS_LISTENER_APPROVAL_H
#define DOMAIN_LISTENERS_LISTENER_APPROVAL_H

#include "domain/common/audit.h"
#include "domain/listeners/listener.h"

/*
 * Verify or reject a listener (the reason may be NULL), audit it, and notify
 * the listener in the app and by push. A repeat changes nothing and sends
 * nothing. If the listener does not exist, both return RC_NOT_FOUND "Listener
 * not found".
 */
enum rc	listener_approval_verify(struct db *, struct arena *, int64_t listener,
	    const struct audit_by *, struct err *);
enum rc	listener_approval_reject(struct db *, struct arena *, int64_t listener,
	    const char *reason, const struct audit_by *, struct err *);

struct listener_approval_query {
	int verification;		/* -1: all */
	int64_t limit, offset;
	bool after;			/* starts after the row (key, id) */
	int64_t key, id;
};

struct listener_approval_page {
	struct listener_item *items;
	size_t n;
	int64_t total;
	bool more;
	int64_t key, id;		/* of the last row */
};

/* Lists registered listeners, newest first. */
enum rc	listener_approval_list(struct db *, struct arena *,
	    const struct listener_approval_query *, int64_t now,
	    struct listener_approval_page *);

#endif
