#include "domain/support/ticket.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/field.h"
#include "base/str.h"
#include "domain/calls/session.h"
#include "domain/catalog/catalog.h"
#include "domain/common/actor.h"
#include "domain/common/role.h"
#include "domain/common/throttle.h"
#include "domain/messaging/notification.h"
#include "json/json_build.h"

#define EXCERPT	400	/* characters of a reply in a notification */
#define BATCH	50

const char *const ticket_status_names[] = {
	"open", "pending", "solved", "closed", NULL
};
const char *const ticket_category_names[] = {
	"account", "payment", "call", "listener", "safety", "other", NULL
};

enum rc
ticket_open(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, int64_t now, struct ticket *t, struct err *err)
{
	struct session s;
	struct stmt *q;
	enum rc rc = RC_OK;

	if (t->session != INT64_MIN)
		rc = session_core(db, t->session, user, &s, err);
	if (rc == RC_OK)
		rc = throttle_user(db, conf, "ticket", user,
		    conf->tickets_daily, DAY, now, err);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_TICKET_ADD);
	stmt_int(q, ":user", user);
	stmt_text(q, ":subject", t->subject);
	stmt_text(q, ":body", t->body);
	stmt_int(q, ":category", t->category);
	stmt_opt(q, ":session", t->session);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	return rc != RC_OK ? rc :
	    ticket_get(db, a, db_last_id(db), user, t, err);
}

/* Stores the changed members of the struct. */
static enum rc
update_ticket(struct db *db, const struct ticket *t)
{
	struct stmt *q = stmt_get(db, Q_TICKET_UPDATE);

	stmt_int(q, ":id", t->id);
	stmt_int(q, ":status", t->status);
	stmt_int(q, ":category", t->category);
	stmt_opt(q, ":assignee", t->assignee);
	stmt_int(q, ":version", t->version);
	stmt_int(q, ":updated", t->updated_at);
	stmt_opt(q, ":solved", t->solved_at);
	return stmt_run(q);
}

/* Sets the status, and the version and time that the customer sees. */
static void
set_status(struct ticket *t, enum ticket_status status, int64_t now)
{
	if (status != t->status)
		t->solved_at = status == TICKET_SOLVED ? now : INT64_MIN;
	t->status = status;
	t->version++;
	if (t->updated_at < now)
		t->updated_at = now;
}

static enum rc
add_reply(struct db *db, struct ticket *t, int64_t author,
    struct ticket_reply *r, int64_t now, struct err *err)
{
	struct stmt *q;
	enum rc rc;

	if (t->replies + t->notes >= TICKET_REPLIES)
		return err_set(err, RC_CONFLICT, "ticket_full",
		    "The ticket has the maximum number of replies");
	q = stmt_get(db, Q_TICKET_REPLY_ADD);
	stmt_int(q, ":ticket", t->id);
	stmt_int(q, ":author", author);
	stmt_int(q, ":kind", r->kind);
	stmt_text(q, ":body", r->body);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	r->id = db_last_id(db);
	r->author = author;
	r->created_at = now;
	if (r->kind == REPLY_NOTE)
		t->notes++;
	else
		t->replies++;
	return rc;
}

/* Returns the text, shortened to `max` characters and an ellipsis. */
static const char *
excerpt(struct arena *a, const char *text, int max)
{
	const char *p = text;

	for (int n = 0; *p != '\0'; p++)
		if (((unsigned char)*p & 0xc0) != 0x80 && n++ == max)
			return arena_fmt(a, "%.*s…", (int)(p - text), text);
	return text;
}

/* Returns the type of a notification: "ticket.reply" for "ticket_reply". */
static const char *
notice_type(struct arena *a, const char *template)
{
	char *type = arena_str(a, template);

	type[strcspn(type, "_")] = '.';
	return type;
}

/* Notifies a user. Users without an active account are skipped. */
static enum rc
notify_ticket(struct db *db, struct arena *a, int64_t user,
    const struct ticket *t, const char *template, const char *body,
    unsigned channels, int64_t now)
{
	const struct notice n = { .kind = NOTICE_MESSAGES,
		.template = template, .vars = TEXT_VARS(
		    { "name", t->username }, { "subject", t->subject },
		    { "text", excerpt(a, body, EXCERPT) }),
		.data = json_build_object(a, JSON_OBJECT(
		    JSON_STR("type", notice_type(a, template)),
		    JSON_INT("ticket_id", t->id))),
		.channels = channels, .ttl = DAY };
	bool known;

	return notification_send(db, a, user, &n, now, &known);
}

static enum rc
notify_customer(struct db *db, struct arena *a, const struct ticket *t,
    const struct ticket_reply *r, int64_t now)
{
	const unsigned all = CHANNEL_IN_APP | CHANNEL_PUSH | CHANNEL_EMAIL;

	if (r == NULL)
		return notify_ticket(db, a, t->user, t, "ticket_solved", "",
		    all, now);
	return notify_ticket(db, a, t->user, t, "ticket_reply", r->body, all,
	    now);
}

enum rc
ticket_say(struct db *db, struct arena *a, const struct conf *conf,
    int64_t id, int64_t user, int64_t now, struct ticket_reply *r,
    struct ticket *t, struct err *err)
{
	enum rc rc = ticket_get(db, a, id, user, t, err);

	if (rc == RC_OK && t->status == TICKET_CLOSED)
		return err_set(err, RC_CONFLICT, "ticket_closed",
		    "This ticket is closed; open a new one");
	if (rc == RC_OK)
		rc = throttle_user(db, conf, "ticket_reply", user,
		    conf->replies_hourly, HOUR, now, err);
	r->kind = REPLY_CUSTOMER;
	r->author_name = t->username;
	if (rc == RC_OK)
		rc = add_reply(db, t, user, r, now, err);
	if (rc != RC_OK)
		return rc;
	set_status(t, TICKET_OPEN, now);
	rc = update_ticket(db, t);
	if (rc == RC_OK && t->assignee != INT64_MIN && t->assignee != user)
		rc = notify_ticket(db, a, t->assignee, t, "ticket_said",
		    r->body, CHANNEL_IN_APP, now);
	return rc;
}

static enum rc
audit_ticket(struct db *db, struct arena *a, int64_t id, const char *action,
    const char *before, const struct audit_by *by)
{
	const char *after;
	enum rc rc = catalog_editor_state(db, a, Q_TICKET_STATE, id, &after);

	return rc != RC_OK ? rc : audit_add(db, by, action,
	    arena_fmt(a, "ticket:%" PRId64, id), before, after);
}

/* Reads the reply from the database. */
static enum rc
reload_reply(struct db *db, struct arena *a, int64_t id, struct ticket_reply *r)
{
	struct reply_page page = { .after = r->id - 1, .limit = 1,
		.notes = true };
	enum rc rc = ticket_replies(db, a, id, &page);

	if (rc == RC_OK && page.n == 1)
		*r = page.v[0];
	return rc;
}

enum rc
ticket_answer(struct db *db, struct arena *a, int64_t id,
    enum ticket_status status, const struct audit_by *by,
    struct ticket_reply *r, struct ticket *t, struct err *err)
{
	bool note = r->kind == REPLY_NOTE;
	const char *before;
	enum rc rc = ticket_get(db, a, id, 0, t, err);

	if (rc != RC_OK)
		return rc;
	if (status == 0)
		status = !note && t->status == TICKET_OPEN ? TICKET_PENDING :
		    t->status;
	if (!note && t->status == TICKET_CLOSED && status == TICKET_CLOSED)
		return err_set(err, RC_CONFLICT, "ticket_closed",
		    "This ticket is closed; set a status to reopen it");
	rc = catalog_editor_state(db, a, Q_TICKET_STATE, id, &before);
	if (rc == RC_OK)
		rc = add_reply(db, t, by->actor, r, by->now, err);
	if (rc != RC_OK)
		return rc;
	if (!note && t->assignee == INT64_MIN)
		t->assignee = by->actor;
	if (!note || status != t->status)
		set_status(t, status, by->now);
	rc = update_ticket(db, t);
	if (rc == RC_OK)
		rc = audit_ticket(db, a, id, note ? "ticket.note" :
		    "ticket.reply", before, by);
	if (rc == RC_OK && !note)
		rc = notify_customer(db, a, t, r, by->now);
	if (rc == RC_OK)
		rc = reload_reply(db, a, id, r);
	return rc == RC_OK ? ticket_get(db, a, id, 0, t, err) : rc;
}

/* Checks that the user is an active administrator or member of support. */
static enum rc
check_assignee(struct db *db, int64_t user, int64_t now, struct err *err)
{
	const struct credential none = { .user = user };
	struct actor_row row;
	enum rc rc = actor_load(db, &none, now, &row);

	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	if (rc == RC_OK && row.active && (row.roles &
	    (role_bit("admin") | role_bit("support"))))
		return RC_OK;
	return err_field(err, "assignee", "must be an administrator or a member of support");
}

enum rc
ticket_change(struct db *db, struct arena *a, int64_t id,
    const struct ticket_edit *e, const struct audit_by *by, struct ticket *t,
    struct err *err)
{
	const char *before;
	bool other = false, seen = false;
	enum ticket_status was;
	enum rc rc = RC_OK;

	rc = ticket_get(db, a, id, 0, t, err);
	if (rc == RC_OK && e->assignee != FIELD_NONE &&
	    e->assignee != FIELD_CLEARED)
		rc = check_assignee(db, e->assignee, by->now, err);
	if (rc == RC_OK)
		rc = catalog_editor_state(db, a, Q_TICKET_STATE, id, &before);
	if (rc != RC_OK)
		return rc;
	was = t->status;
	catalog_edit_num(&t->assignee, e->assignee, &other);
	if (e->category != 0 && e->category != t->category) {
		t->category = e->category;
		seen = true;
	}
	if (seen || (e->status != 0 && e->status != (int)was)) {
		set_status(t, e->status != 0 ?
		    (enum ticket_status)e->status : was, by->now);
		seen = true;
	}
	if (!other && !seen)
		return RC_OK;
	rc = update_ticket(db, t);
	if (rc == RC_OK)
		rc = audit_ticket(db, a, id, "ticket.change", before, by);
	if (rc == RC_OK && t->status == TICKET_SOLVED && was != TICKET_SOLVED)
		rc = notify_customer(db, a, t, NULL, by->now);
	return rc == RC_OK ? ticket_get(db, a, id, 0, t, err) : rc;
}

enum rc
ticket_close_pending(struct job_run *run)
{
	struct stmt *q = stmt_get(run->db, Q_TICKET_STALE);

	stmt_int(q, ":before", run->now - run->conf->close_days * DAY);
	stmt_int(q, ":max", 1);
	run->work = stmt_row(q);
	return stmt_done(q);
}

enum rc
ticket_close_run(struct job_run *run)
{
	struct stmt *q = stmt_get(run->db, Q_TICKET_CLOSE);
	enum rc rc;

	stmt_int(q, ":before", run->now - run->conf->close_days * DAY);
	stmt_int(q, ":max", BATCH);
	stmt_int(q, ":now", run->now);
	rc = stmt_run(q);
	run->done = db_changes(run->db);
	run->more = run->done >= BATCH;
	return rc;
}
