/*
 * err: result codes and error details.
 *
 * Functions that can fail return an enum rc. The first group are successes, the
 * rest are failures; rc_ok() distinguishes them. One table in fcgi/core/resp.c
 * maps an rc to an HTTP status. No other file uses HTTP status numbers.
 *
 * A struct err adds a stable code for programs ("already_saved") and a message
 * for users to a failure. Code and message are either string literals or
 * allocated from the arena given to err_init().
 *
 * BUG() is for states that neither client input nor stored data can cause, and
 * for failed allocations. It ends the process, and the supervisor starts a new
 * one.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct arena;

enum rc {
	RC_OK,			/* 200 */
	RC_CREATED,		/* 201 */
	RC_ACCEPTED,		/* 202 */
	RC_NO_CONTENT,		/* 204 */
	RC_KNOWN,		/* 200, a repeat: the response is the earlier
				 * one */
	RC_NOT_MODIFIED,	/* 304, the versions are equal */
	RC_BAD,			/* 400: the request is malformed */
	RC_INVALID,		/* 400, or 422 for destinations: invalid
				 * fields */
	RC_AUTH,		/* 401 */
	RC_PAYMENT,		/* 402 */
	RC_FORBIDDEN,		/* 403 */
	RC_NOT_FOUND,		/* 404 */
	RC_METHOD,		/* 405 */
	RC_CONFLICT,		/* 409 */
	RC_TOO_LARGE,		/* 413 */
	RC_MEDIA,		/* 415 */
	RC_UNPROCESSABLE,	/* 422 */
	RC_LIMITED,		/* 429 */
	RC_FAULT,		/* 500: logged where it occurred */
	RC_UNAVAILABLE,		/* 501: not configured here */
	RC_UPSTREAM,		/* 502: failure of an external service */
	RC_BUSY,		/* 503: another process holds the database */
	RC_FULL,		/* 503: the disk is full */
	/*
	 * RC_SEE_OTHER is a success. These are last because stored responses
	 * contain the numbers of the others (domain/common/idempotency).
	 */
	RC_SEE_OTHER,		/* 303: a form was accepted */
	RC_PENDING,		/* 503: requested from an external service; the
				 * client repeats the request */
	RC_MAX
};

/* An invalid field of a request. The list is in the order of detection. */
struct err_field {
	const char *name, *why;
	struct err_field *next;
};

/* The money of an account that cannot be deleted without giving it up. */
struct err_money {
	int64_t balance, bonus, earnings, owed, pending_payments;
};

/* The ban of the account of the caller, for 403 account_inactive. */
struct err_ban {
	const char *reason;		/* NULL: none was given */
	int64_t until;			/* ms since 1970; INT64_MIN:
					 * permanently */
};

/* The favorite that exists already, for 409 already_saved. */
struct err_favorite {
	struct uuid id, entity;
	int64_t saved_at;		/* ms since 1970 */
};

struct err {
	struct arena *arena;
	enum rc rc;			/* RC_OK until something is set */
	const char *code;		/* NULL: the rc's own code */
	const char *message;		/* NULL: the rc's own sentence */
	int retry_after;		/* seconds; 0: unknown */
	int attempts_left;		/* of a one-time code; -1: not
					 * applicable */
	const char *mfa_token;		/* for 401 mfa_required; or NULL */
	const char *state;		/* current state, for 409 call_state */
	int wait_time;			/* minutes, for 409 callee_busy; or
					 * -1 */
	int64_t limit, used;		/* for 409 quota_exceeded; or -1 */
	int64_t needed, available;	/* money, for 402; or -1 */
	int64_t rate;			/* per minute, for 402 and 409
					 * rate_changed; or -1 */
	const struct err_money *money;	/* for 409 account_has_money; or NULL */
	const struct err_favorite *favorite;	/* or NULL */
	const struct err_ban *ban;	/* or NULL */
	struct err_field *fields, **tail;
	struct err_field *spellings;	/* names that the client spelled in
					 * another way, and how (why) */
};

/* Returns whether the rc is a success (2xx, 303 or 304). */
static inline bool
rc_ok(enum rc rc)
{
	return rc <= RC_NOT_MODIFIED || rc == RC_SEE_OTHER;
}

/* Returns the default error code of an rc ("not_found"), a literal. */
const char	*rc_code(enum rc);
/* Returns the default message of an rc, a literal. */
const char	*rc_message(enum rc);

/*
 * Returns RC_FULL for an errno that means that the disk or the quota is full,
 * and `other` for the rest.
 */
enum rc		 rc_errno(int error, enum rc other);

/* Clears the error. Later details are allocated from the arena. */
void		 err_init(struct err *, struct arena *);
/*
 * Sets the code and the message, and overwrites earlier ones. code is a literal
 * or in the arena; fmt is a printf format. NULL selects the default of the rc.
 * Returns rc, so a check needs one line: return err_set(err, RC_...).
 */
enum rc		 err_set(struct err *, enum rc, const char *code,
		    const char *fmt, ...)
		    __attribute__((format(printf, 4, 5)));
/*
 * Sets the message "what: " and the text of errno, and the rc to rc_errno() of
 * it. Returns the rc.
 */
enum rc		 err_errno(struct err *, enum rc other, const char *code,
		    const char *what);
/*
 * Adds an invalid field and makes the error RC_INVALID validation_failed. name
 * and why are literals or in the arena. Returns RC_INVALID.
 */
enum rc		 err_field(struct err *, const char *name, const char *why);

/* Records that the client sent a field with another spelling of its name. */
void		 err_spelling(struct err *, const char *name, const char *sent);
/* Returns the name of a field as the client spelled it. */
const char	*err_spelled(const struct err *, const char *name);

/* Prints the place and a message on standard error, and aborts. */
#define BUG(...) bug_(__FILE__, __LINE__, __VA_ARGS__)
void		 bug_(const char *, int, const char *, ...)
		    __attribute__((format(printf, 3, 4), noreturn));

#endif
