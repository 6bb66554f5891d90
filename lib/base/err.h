/*
 * err: what a function of ours answers.
 *
 * Every function that can fail returns an enum rc. The first group are
 * successes, the rest failures; rc_ok() tells them apart. fcgi/core/resp.c turns an
 * rc into a status, in one table; nobody else knows HTTP numbers.
 *
 * A struct err refines a failure with a stable code for programs
 * ("already_saved") and a sentence for people. Code and message are either
 * string literals or live in the arena given to err_init(). BUG() is for
 * states that neither client input nor stored data can cause: it ends the
 * process, and another one is started.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum rc {
	RC_OK,			/* 200 */
	RC_CREATED,		/* 201 */
	RC_ACCEPTED,		/* 202 */
	RC_NO_CONTENT,		/* 204 */
	RC_KNOWN,		/* 200, the answer is the one given before */
	RC_NOT_MODIFIED,	/* 304, decided from versions */
	RC_BAD,			/* 400: the request breaks a rule */
	RC_INVALID,		/* 400, or 422 for destinations: fields are wrong */
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
	RC_FAULT,		/* 500: logged where it happened */
	RC_UNAVAILABLE,		/* 501: not configured here */
	RC_UPSTREAM,		/* 502: somebody else's service */
	RC_BUSY,		/* 503: the database is held by others */
	RC_FULL,		/* 503: no space left */
	/* A success, but here: the numbers of the others are kept (domain/common/idempotency). */
	RC_SEE_OTHER,		/* 303: a form was taken, look there */
	RC_MAX
};

/* One wrong field of a request; a list, in the order found. */
struct err_field {
	const char *name, *why;
	struct err_field *next;
};

struct err {
	struct arena *arena;
	enum rc rc;			/* RC_OK until something is set */
	const char *code;		/* NULL: the rc's own code */
	const char *message;		/* NULL: the rc's own sentence */
	int retry_after;		/* seconds, 0: none */
	int attempts_left;		/* of a one-time code; -1: not about one */
	const char *state;		/* present state, for 409 call_state */
	int wait_time;			/* minutes, for 409 callee_busy; -1 */
	int64_t limit, used;		/* for 409 quota_exceeded; -1 */
	struct err_field *fields, **tail;
};

/* Is this rc a success (2xx, 303 or 304)? */
static inline bool
rc_ok(enum rc rc)
{
	return rc <= RC_NOT_MODIFIED || rc == RC_SEE_OTHER;
}

/* The rc's own wire code ("not_found"), a literal. */
const char	*rc_code(enum rc);
/* The rc's own sentence, a literal. */
const char	*rc_message(enum rc);

/* Empty the error; what is set later is allocated from the arena. */
void		 err_init(struct err *, struct arena *);
/*
 * Set code (a literal or arena memory; NULL for the rc's own) and message
 * (printf format; NULL for the rc's own). Overwrites what was set. Returns rc,
 * so that a guard is one line: return err_set(err, RC_...).
 */
enum rc		 err_set(struct err *, enum rc, const char *code,
		    const char *fmt, ...)
		    __attribute__((format(printf, 4, 5)));
/*
 * Add a wrong field (name and why are literals or arena memory) and make the
 * error RC_INVALID validation_failed. Returns RC_INVALID.
 */
enum rc		 err_field(struct err *, const char *name, const char *why);

/* Our mistake: print where and what, abort. */
#define BUG(...) bug_(__FILE__, __LINE__, __VA_ARGS__)
void		 bug_(const char *, int, const char *, ...)
		    __attribute__((format(printf, 3, 4), noreturn));

#endif
