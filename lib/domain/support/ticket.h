/*
 * ticket: what a user asks us, and what is said about it until it is solved.
 *
 * An open ticket waits for us, a pending one for its customer. Our reply makes an
 * open one pending; the customer's makes any open again, but a closed one, which
 * is over for them. Solved ones are closed by a job after support.close_days.
 *
 * A note is a reply that the staff alone sees: nothing that a customer is shown
 * has it, or moves with it, neither count nor time nor version.
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

#define TICKET_SUBJECT	150		/* characters, at most */
#define TICKET_BODY	5000
#define TICKET_REPLIES	200		/* of one ticket, with the notes */

enum ticket_status {
	TICKET_OPEN = 1, TICKET_PENDING, TICKET_SOLVED, TICKET_CLOSED
};
/* For F_ENUM: the index is the status, or the category, less 1. */
extern const char *const ticket_status_names[], *const ticket_category_names[];

struct ticket {
	int64_t id, user;
	const char *username;
	const char *subject;
	const char *body;		/* of ticket_get() alone */
	int category;
	int64_t session;		/* INT64_MIN: none */
	enum ticket_status status;
	int64_t assignee;		/* INT64_MIN: nobody */
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
 * A customer opens one: subject, body, category and session of the struct are
 * given. RC_NOT_FOUND "Session not found": not a session of theirs; RC_LIMITED.
 */
enum rc	ticket_open(struct db *, struct arena *, const struct conf *,
	    int64_t user, int64_t now, struct ticket *, struct err *);
/* One of this user (0: of anybody). RC_NOT_FOUND "Ticket not found". */
enum rc	ticket_get(struct db *, struct arena *, int64_t id, int64_t user,
	    struct ticket *, struct err *);
/*
 * The customer says more; body of the reply is given. *t is the ticket then.
 * RC_CONFLICT ticket_closed, ticket_full; RC_LIMITED.
 */
enum rc	ticket_say(struct db *, struct arena *, const struct conf *,
	    int64_t id, int64_t user, int64_t now, struct ticket_reply *,
	    struct ticket *, struct err *);

/*
 * We say something; body and kind of the reply are given, and the status that
 * the ticket then has (0: pending where it was open, else as it is). The customer
 * is told of it, unless it is a note. Who replies to a ticket of nobody has it
 * from then on. A closed ticket takes notes, and what reopens it. RC_CONFLICT
 * ticket_closed, ticket_full.
 */
enum rc	ticket_answer(struct db *, struct arena *, int64_t id,
	    enum ticket_status, const struct audit_by *,
	    struct ticket_reply *, struct ticket *, struct err *);

/* What an administrator changes; 0 and FIELD_NONE leave it as it is. */
struct ticket_edit {
	int status, category;
	int64_t assignee;		/* FIELD_CLEARED: nobody's */
};
/* The customer is told where it is solved. RC_INVALID: assignee is no admin. */
enum rc	ticket_change(struct db *, struct arena *, int64_t id,
	    const struct ticket_edit *, const struct audit_by *,
	    struct ticket *, struct err *);

/* What to list; 0, NULL and INT64_MIN do not filter. */
struct ticket_query {
	int64_t user;
	int status, category;
	int64_t assignee;		/* 0: nobody's */
	const char *q;			/* words, or an id */
	int64_t limit, offset;
	int64_t before;			/* ids below this; INT64_MAX: all */
};
struct ticket_page {
	struct ticket *v;
	size_t n;
	int64_t total;
	bool more;
};
/* Newest first. */
enum rc	ticket_list(struct db *, struct arena *, const struct ticket_query *,
	    struct ticket_page *);

/* How many wait for us. */
enum rc	ticket_waiting(struct db *, int64_t *n);

struct reply_page {
	int64_t after, limit, offset;	/* given: ids above after */
	bool notes;			/* given: with the notes */
	struct ticket_reply *v;
	size_t n;
	bool more;
};
/* Oldest first. */
enum rc	ticket_replies(struct db *, struct arena *, int64_t id,
	    struct reply_page *);

/* The job that closes what was solved long ago. */
enum rc	ticket_close_pending(struct job_run *);
enum rc	ticket_close_run(struct job_run *);

#endif
