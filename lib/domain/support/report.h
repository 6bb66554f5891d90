/*
 * report: reports of users about other users, and the decisions on them.
 *
 * A moderator dismisses a report, hides what was reported, or warns or bans the
 * reported user. Each decision closes the report and is audited. The
 * reported user never learns who reported.
 */
#ifndef DOMAIN_SUPPORT_REPORT_H
#define DOMAIN_SUPPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"

#define REPORT_REASON	60		/* maximum characters */
#define REPORT_TEXT	2000
#define REPORT_NOTE	500		/* of a decision */

enum report_status { REPORT_OPEN = 1, REPORT_CLOSED };
enum report_action {
	REPORT_DISMISS = 1, REPORT_HIDE, REPORT_WARN, REPORT_BAN
};
/* For F_ENUM; index: status - 1 or action - 1. */
extern const char *const report_status_names[], *const report_action_names[];

struct report {
	int64_t id;
	int64_t reporter;		/* INT64_MIN: deleted */
	const char *reporter_name;	/* NULL: deleted */
	int64_t user;			/* the reported user */
	const char *username;		/* NULL: deleted */
	const char *reason;		/* a word or phrase of the client */
	const char *text;		/* NULL: none */
	int64_t call, review, flyer;	/* INT64_MIN: none */
	const char *flyer_title;	/* NULL: none, or deleted */
	const char *image;		/* of the reported user, or NULL */
	enum report_status status;
	int action;			/* enum report_action; 0: open */
	const char *note;		/* of the decision, or NULL */
	int64_t decided_by, decided_at;	/* INT64_MIN: open, or deleted */
	int64_t created_at;
	int64_t open_reports;		/* about the same user */
};

/*
 * Adds a report with the user, reason, text, call, review and flyer of the
 * struct. If the same user has an equal open report, sets *again and returns
 * that one. Returns RC_BAD cannot_report_self; RC_INVALID if it names a review
 * and a flyer; RC_NOT_FOUND "User not found", "Call not found" (not a call of
 * both users), "Review not found" or "Flyer not found" (not one of the user); or
 * RC_LIMITED after support.reports_daily. Whether the user wrote the review is not checked,
 * because the response would reveal the author.
 */
enum rc	report_add(struct db *, struct arena *, const struct conf *,
	    int64_t reporter, int64_t now, struct report *, bool *again,
	    struct err *);
/* Reads a report. Returns RC_NOT_FOUND "Report not found". */
enum rc	report_get(struct db *, struct arena *, int64_t id, struct report *,
	    struct err *);

struct report_decision {
	enum report_action action;
	/*
	 * The note of the decision, or NULL. It is the text of a warning, the
	 * reason of a ban, and the reason that a hidden listener or the
	 * publisher of a deleted flyer sees.
	 */
	const char *note;
	int64_t until;			/* of a ban; INT64_MIN: permanent */
};
/*
 * Decides an open report; audited. REPORT_HIDE hides the reported review,
 * deletes the reported flyer or, without either, rejects the reported listener,
 * who is then not listed. A repeat
 * of the same action changes nothing. Returns RC_NOT_FOUND "Report not found";
 * RC_CONFLICT report_closed, or nothing_to_hide if the user is not a listener;
 * RC_INVALID if a warning has no note; and the errors of account_ban_add().
 */
enum rc	report_decide(struct db *, struct arena *, int64_t id,
	    const struct report_decision *, const struct audit_by *,
	    struct report *, struct err *);

struct report_query {
	int status;			/* enum report_status; 0: all */
	int64_t user;			/* reported user; 0: all */
	int64_t limit, offset;
	int64_t before;			/* ids below it; INT64_MAX: all */
};
struct report_page {
	struct report *v;
	size_t n;
	int64_t total;
	bool more;
};
/* Lists reports, newest first. */
enum rc	report_list(struct db *, struct arena *, const struct report_query *,
	    struct report_page *);

#endif
