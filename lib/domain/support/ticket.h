/*
 * ticket: support requests of users, and the replies to them.
 *
 * An open ticket waits for the support staff (administrators), a pending one
 * for its customer. A reply of the staff makes an open ticket pending. A reply
 * of the customer reopens any ticket, except for a closed one. A job closes
 * tickets support.close_days after they were solved.
 *
 * A note is a reply that only the staff sees. It does not change the count, the
 * times and the version that the customer sees.
 */
#ifndef DOMAIN_SUPPORT_TICKET_H
#define DOMAIN_SUPPORT_TICKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"
#include "domain/common/job.h"

#define TICKET_SUBJECT	150		/* maximum characters */
#define TICKET_BODY	5000
#define TICKET_REPLIES	200		/* maximum per ticket, with notes */

enum ticket_status {
	TICKET_OPEN = 1, TICKET_PENDING, TICKET_SOLVED, TICKET_CLOSED
};
/* For F_ENUM; index: status - 1 or category - 1. */
extern const char *const ticket_status_names[], *const ticket_category_names[];

struct ticket {
	int64_t id, user;
	const char *username;
	const char *subject;
	const char *body;		/* set by ticket_get() only */
	int category;
	int64_t session;		/* INT64_MIN: none */
	enum ticket_status status;
	int64_t assignee;		/* INT64_MIN: none */
	const char *assignee_name;
	int64_t replies, notes;
	int64_t version;		/* of what the customer sees */
	int64_t created_at, updated_at, solved_at;
};

enum reply_kind { REPLY_CUSTOMER = 1, REPLY_STAFF, REPLY_NOTE };

struct ticket_reply {
	int64_t id;
	int64_t author;
	const char *author_name;
	enum reply_kind kind;
	const char *body;
	int64_t created_at;
};

/*
 * Opens a ticket of a customer with the subject, body, category and session of
 * the struct. Returns RC_NOT_FOUND "Session not found" if it is not a session
 * of the user, or RC_LIMITED.
 */
enum rc	ticket_open(struct db *, struct arena *, const struct conf *,
	    int64_t user, int64_t now, struct ticket *, struct err *);
/*
 * Loads a ticket of a user (0: any user). Returns RC_NOT_FOUND "Ticket not
 * found".
 */
enum rc	ticket_get(struct db *, struct arena *, int64_t id, int64_t user,
	    struct ticket *, struct err *);
/*
 * Adds a reply of the customer, with the body of the struct. *t is the
 * resulting ticket. Returns RC_CONFLICT ticket_closed or ticket_full, or
 * RC_LIMITED.
 */
enum rc	ticket_say(struct db *, struct arena *, const struct conf *,
	    int64_t id, int64_t user, int64_t now, struct ticket_reply *,
	    struct ticket *, struct err *);

/*
 * Adds a reply of the staff, with the body and kind of the struct, and sets the
 * given status. If the status is 0, an open ticket becomes pending, and other
 * tickets keep their status. The customer is notified, unless it is a note. If
 * the ticket has no assignee, the author of a reply becomes the assignee. A
 * closed ticket accepts notes, and replies that reopen it. Returns RC_CONFLICT
 * ticket_closed or ticket_full.
 */
enum rc	ticket_answer(struct db *, struct arena *, int64_t id,
	    enum ticket_status, const struct audit_by *,
	    struct ticket_reply *, struct ticket *, struct err *);

/*
 * The members that an administrator changes. 0 and FIELD_NONE do not change
 * them.
 */
struct ticket_edit {
	int status, category;
	int64_t assignee;		/* FIELD_CLEARED: none */
};
/*
 * Changes a ticket. If it becomes solved, the customer is notified. Returns
 * RC_INVALID if the assignee is not an administrator.
 */
enum rc	ticket_change(struct db *, struct arena *, int64_t id,
	    const struct ticket_edit *, const struct audit_by *,
	    struct ticket *, struct err *);

/* The filters. 0, NULL and INT64_MIN do not filter. */
struct ticket_query {
	int64_t user;
	int status, category;
	int64_t assignee;		/* 0: tickets without an assignee */
	const char *q;			/* words, or an id */
	int64_t limit, offset;
	int64_t before;			/* ids below `before`; INT64_MAX: all */
};
struct ticket_page {
	struct ticket *v;
	size_t n;
	int64_t total;
	bool more;
};
/* Lists tickets, newest first. */
enum rc	ticket_list(struct db *, struct arena *, const struct ticket_query *,
	    struct ticket_page *);

/* Returns the number of open tickets. */
enum rc	ticket_waiting(struct db *, int64_t *n);

struct reply_page {
	int64_t after, limit, offset;	/* input: ids above `after` */
	bool notes;			/* input: include notes */
	struct ticket_reply *v;
	size_t n;
	bool more;
};
/* Lists replies, oldest first. */
enum rc	ticket_replies(struct db *, struct arena *, int64_t id,
	    struct reply_page *);

/* The job that closes solved tickets. */
enum rc	ticket_close_pending(struct job_run *);
enum rc	ticket_close_run(struct job_run *);

#endif
