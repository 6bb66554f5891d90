#include "domain/support/report.h"

#include <inttypes.h>

#include "base/clock.h"
#include "domain/accounts/account_ban.h"
#include "domain/calls/call.h"
#include "domain/calls/review.h"
#include "domain/catalog/flyer.h"
#include "domain/common/id_page.h"
#include "domain/common/throttle.h"
#include "domain/listeners/listener_approval.h"
#include "domain/messaging/notification.h"
#include "json/json_build.h"

#define WARNING_TTL	(7 * DAY)

const char *const report_status_names[] = { "open", "closed", NULL };
const char *const report_action_names[] = {
	"dismiss", "hide", "warn", "ban", NULL
};

/* Reads the columns of fragment report_columns. */
static void
read_report(struct stmt *q, struct arena *arena, struct report *r)
{
	r->id = stmt_col_int(q, 0);
	r->reporter = stmt_col_opt(q, 1);
	r->reporter_name = stmt_col_text(q, 2, arena);
	r->user = stmt_col_int(q, 3);
	r->username = stmt_col_text(q, 4, arena);
	r->reason = stmt_col_text(q, 5, arena);
	r->text = stmt_col_text(q, 6, arena);
	r->call = stmt_col_opt(q, 7);
	r->review = stmt_col_opt(q, 8);
	r->flyer = stmt_col_opt(q, 9);
	r->flyer_title = stmt_col_text(q, 10, arena);
	r->image = stmt_col_text(q, 11, arena);
	r->status = (enum report_status)stmt_col_int(q, 12);
	r->action = (int)stmt_col_int(q, 13);
	r->note = stmt_col_text(q, 14, arena);
	r->decided_by = stmt_col_opt(q, 15);
	r->decided_at = stmt_col_opt(q, 16);
	r->created_at = stmt_col_int(q, 17);
	r->open_reports = stmt_col_int(q, 18);
}

enum rc
report_get(struct db *db, struct arena *arena, int64_t id, struct report *r,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_REPORT_GET);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", id);
	found = stmt_row(q);
	if (found)
		read_report(q, arena, r);
	rc = stmt_done(q);
	return rc != RC_OK || found ? rc :
	    err_set(err, RC_NOT_FOUND, NULL, "Report not found");
}

/* Finishes a statement. Returns RC_NOT_FOUND if it has no row. */
static enum rc
must_find(struct stmt *q, const char *message, struct err *err)
{
	bool found = stmt_row(q);
	enum rc rc = stmt_done(q);

	return rc != RC_OK || found ? rc :
	    err_set(err, RC_NOT_FOUND, NULL, "%s", message);
}

/* Returns the statement that finds the flyer of a report. */
static struct stmt *
find_flyer(struct db *db, const struct report *r)
{
	struct stmt *q = stmt_get(db, Q_REPORT_FLYER);

	stmt_int(q, ":flyer", r->flyer);
	stmt_int(q, ":user", r->user);
	return q;
}

static enum rc
check_report(struct db *db, int64_t reporter, const struct report *r,
    struct err *err)
{
	struct stmt *q;
	enum rc rc;

	if (r->user == reporter)
		return err_set(err, RC_BAD, "cannot_report_self",
		    "You cannot report your own account");
	if (r->review != INT64_MIN && r->flyer != INT64_MIN)
		return err_field(err, "flyer_id",
		    "cannot be combined with review_id");
	q = stmt_get(db, Q_REPORT_USER);
	stmt_int(q, ":user", r->user);
	rc = must_find(q, "User not found", err);
	if (rc == RC_OK && r->call != INT64_MIN) {
		q = stmt_get(db, Q_REPORT_CALL);
		stmt_int(q, ":call", r->call);
		stmt_int(q, ":user", r->user);
		stmt_int(q, ":reporter", reporter);
		rc = must_find(q, "Call not found", err);
	}
	if (rc == RC_OK && r->review != INT64_MIN) {
		q = stmt_get(db, Q_REPORT_REVIEW);
		stmt_int(q, ":review", r->review);
		rc = must_find(q, "Review not found", err);
	}
	if (rc == RC_OK && r->flyer != INT64_MIN)
		rc = must_find(find_flyer(db, r), "Flyer not found", err);
	return rc;
}

static void
bind_report(struct stmt *q, int64_t reporter, const struct report *r)
{
	stmt_int(q, ":reporter", reporter);
	stmt_int(q, ":user", r->user);
	stmt_text(q, ":reason", r->reason);
	stmt_text(q, ":text", r->text);
	stmt_opt(q, ":call", r->call);
	stmt_opt(q, ":review", r->review);
	stmt_opt(q, ":flyer", r->flyer);
}

enum rc
report_add(struct db *db, struct arena *arena, const struct conf *conf,
    int64_t reporter, int64_t now, struct report *r, bool *again,
    struct err *err)
{
	struct stmt *q;
	int64_t id = 0;
	enum rc rc = check_report(db, reporter, r, err);

	*again = false;
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_REPORT_SAME);
	bind_report(q, reporter, r);
	*again = stmt_row(q);
	if (*again)
		id = stmt_col_int(q, 0);
	rc = stmt_done(q);
	if (rc == RC_OK && *again)
		return report_get(db, arena, id, r, err);
	if (rc == RC_OK)
		rc = throttle_user(db, conf, "report", reporter,
		    conf->reports_daily, DAY, now, err);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_REPORT_ADD);
	bind_report(q, reporter, r);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	return rc == RC_OK ?
	    report_get(db, arena, db_last_id(db), r, err) : rc;
}

/* ---- decisions */

/* Sends the reported user a warning. It does not mention the report. */
static enum rc
warn_user(struct db *db, struct arena *arena, const struct report *r,
    const char *note, int64_t now)
{
	const struct notice n = { .kind = NOTICE_MESSAGES,
		.template = "account_warning",
		.vars = TEXT_VARS({ "text", note }),
		.data = json_build_object(arena, JSON_OBJECT(
		    JSON_STR("type", "account.warning"))), .ttl = WARNING_TTL,
		.channels = CHANNEL_IN_APP | CHANNEL_PUSH | CHANNEL_EMAIL };
	bool known;

	return notification_send(db, arena, r->user, &n, now, &known);
}

/* Deletes the reported flyer, unless this was done already. */
static enum rc
hide_flyer(struct db *db, struct arena *arena, const struct report *r,
    const char *note, const struct audit_by *by, struct err *err)
{
	const struct editor editor = { .user = by->actor, .admin = true,
		.request_id = by->request_id, .now = by->now };
	struct stmt *q = find_flyer(db, r);
	bool found = stmt_row(q);
	enum rc rc = stmt_done(q);

	return rc != RC_OK || !found ? rc :
	    flyer_remove(db, arena, &editor, r->flyer, note, err);
}

/*
 * Hides the reported review, or the reported flyer or, without either, the
 * reported listener.
 */
static enum rc
hide_reported(struct db *db, struct arena *arena, const struct report *r,
    const char *note, const struct audit_by *by, struct err *err)
{
	struct review review;
	struct stmt *q;
	bool is_listener;
	enum rc rc;

	if (r->review != INT64_MIN)
		return review_moderate(db, arena, r->review, true, note, by,
		    &review, err);
	if (r->flyer != INT64_MIN)
		return hide_flyer(db, arena, r, note, by, err);
	q = stmt_get(db, Q_REPORT_LISTENER);
	stmt_int(q, ":user", r->user);
	is_listener = stmt_row(q) && stmt_col_int(q, 0) != 0;
	rc = stmt_done(q);
	if (rc == RC_OK && !is_listener)
		return err_set(err, RC_CONFLICT, "nothing_to_hide",
		    "The report names no review or flyer, and the user is "
		    "not a listener");
	if (rc == RC_OK)
		rc = listener_approval_reject(db, arena, r->user, note, by,
		    err);
	return rc == RC_OK ?
	    call_end_listener(db, r->user, by->now, err) : rc;
}

static enum rc
apply_decision(struct db *db, struct arena *arena, const struct report *r,
    const struct report_decision *d, const struct audit_by *by,
    struct err *err)
{
	switch (d->action) {
	case REPORT_DISMISS:
		break;
	case REPORT_HIDE:
		return hide_reported(db, arena, r, d->note, by, err);
	case REPORT_WARN:
		return warn_user(db, arena, r, d->note, by->now);
	case REPORT_BAN:
		return account_ban_add(db, arena, r->user, d->note, d->until,
		    by, err);
	}
	return RC_OK;
}

static enum rc
close_report(struct db *db, int64_t id, const struct report_decision *d,
    const struct audit_by *by)
{
	struct stmt *q = stmt_get(db, Q_REPORT_CLOSE);

	stmt_int(q, ":id", id);
	stmt_int(q, ":action", d->action);
	stmt_text(q, ":note", d->note);
	stmt_opt(q, ":by", by->actor == 0 ? INT64_MIN : by->actor);
	stmt_int(q, ":now", by->now);
	return stmt_run(q);
}

enum rc
report_decide(struct db *db, struct arena *arena, int64_t id,
    const struct report_decision *d, const struct audit_by *by,
    struct report *r, struct err *err)
{
	const char *before, *after;
	enum rc rc = report_get(db, arena, id, r, err);

	if (rc != RC_OK)
		return rc;
	if ((d->action == REPORT_WARN || d->action == REPORT_BAN) &&
	    d->note == NULL)
		return err_field(err, "note", "is required");
	if (r->status == REPORT_CLOSED)
		return r->action == (int)d->action ? RC_OK : err_set(err,
		    RC_CONFLICT, "report_closed",
		    "The report was decided already");
	rc = catalog_editor_state(db, arena, Q_REPORT_STATE, id, &before);
	if (rc == RC_OK)
		rc = apply_decision(db, arena, r, d, by, err);
	if (rc == RC_OK)
		rc = close_report(db, id, d, by);
	if (rc == RC_OK)
		rc = catalog_editor_state(db, arena, Q_REPORT_STATE, id,
		    &after);
	if (rc == RC_OK)
		rc = audit_add(db, by, arena_fmt(arena, "report.%s",
		    report_action_names[d->action - 1]), arena_fmt(arena,
		    "report:%" PRId64, id), before, after);
	return rc == RC_OK ? report_get(db, arena, id, r, err) : rc;
}

/* ---- lists */

enum rc
report_list(struct db *db, struct arena *arena,
    const struct report_query *query, struct report_page *page)
{
	bool user = query->user != 0;
	struct stmt *q = stmt_get(db, user ? Q_REPORT_IDS_USER :
	    query->status != 0 ? Q_REPORT_IDS_STATUS : Q_REPORT_IDS);
	struct id_page ids;
	enum rc rc;

	*page = (struct report_page){ 0 };
	if (user)
		stmt_int(q, ":user", query->user);
	if (user || query->status != 0)
		stmt_int(q, ":status", query->status);
	rc = id_page_before(q, arena, query->before, query->limit,
	    query->offset, &ids);
	page->more = ids.more;
	page->v = arena_zalloc(arena, ids.n, sizeof(*page->v));
	if (rc == RC_OK && ids.n > 0) {
		q = stmt_get(db, Q_REPORT_ITEMS);
		stmt_text(q, ":ids", id_page_json(arena, ids.v, ids.n));
		while (page->n < ids.n && stmt_row(q))
			read_report(q, arena, &page->v[page->n++]);
		rc = stmt_done(q);
	}
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, user ? Q_REPORT_COUNT_USER : Q_REPORT_COUNT);
	stmt_int(q, ":status", query->status);
	if (user)
		stmt_int(q, ":user", query->user);
	return catalog_count(q, &page->total);
}
