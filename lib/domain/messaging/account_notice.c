#include "domain/messaging/account_notice.h"

#include "base/clock.h"
#include "base/str.h"
#include "domain/messaging/notification.h"
#include "json/json_build.h"

#define TTL		DAY
#define DEVICE_MAX	100		/* bytes of a user agent in a text */

/* A part of a user agent, and the name of the browser or system. */
struct agent_part {
	const char *text, *name;
};

/* The first one that a user agent contains counts. */
static const struct agent_part browsers[] = {
	{ "Edg/", "Edge" },
	{ "OPR/", "Opera" },
	{ "Firefox/", "Firefox" },
	{ "Chrome/", "Chrome" },
	{ "Safari/", "Safari" },
};
static const struct agent_part systems[] = {
	{ "Android", "Android" },
	{ "iPhone", "iPhone" },
	{ "iPad", "iPad" },
	{ "Windows", "Windows" },
	{ "Mac OS X", "macOS" },
	{ "Linux", "Linux" },
};

static enum rc
send_notice(struct db *db, struct arena *a, int64_t user, const char *template,
    const char *type, unsigned channels, const struct template_var *vars,
    int64_t now)
{
	const struct notice n = { .kind = NOTICE_ACCOUNT, .security = true,
		.template = template, .vars = vars,
		.data = json_build_object(a, JSON_OBJECT(
		    JSON_STR("type", type))), .channels = channels, .ttl = TTL };
	bool known;

	return notification_send(db, a, user, &n, now, &known);
}

/* Returns the name of the first part that a user agent contains, or NULL. */
static const char *
part_name(const char *user_agent, const struct agent_part *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(user_agent, parts[i].text) != NULL)
			return parts[i].name;
	return NULL;
}

/*
 * Returns a short name of a known browser such as "Chrome (Windows)", or the
 * beginning of the user agent of another program.
 */
static const char *
device_name(struct arena *a, const char *user_agent)
{
	const char *browser, *system;

	if (user_agent == NULL)
		return "-";
	browser = part_name(user_agent, browsers, NELEM(browsers));
	system = part_name(user_agent, systems, NELEM(systems));
	if (str_prefix(user_agent, "Mozilla/") && browser != NULL &&
	    system != NULL)
		return arena_fmt(a, "%s (%s)", browser, system);
	/* Stored user agents are ASCII. */
	return arena_strn(a, user_agent, strnlen(user_agent, DEVICE_MAX));
}

struct sessions {
	int64_t all, same;		/* same: with the same user agent */
	const char *user_agent;
};

/* Counts the login sessions of a user, including the new one. */
static enum rc
count_sessions(struct db *db, struct arena *a, int64_t user, int64_t session,
    struct sessions *s)
{
	struct stmt *q = stmt_get(db, Q_ACCOUNT_NOTICE_SESSIONS);

	*s = (struct sessions){ 0 };
	stmt_int(q, ":user", user);
	stmt_int(q, ":session", session);
	if (stmt_row(q)) {
		s->all = stmt_col_int(q, 0);
		s->same = stmt_col_int(q, 1);
		s->user_agent = stmt_col_text(q, 2, a);
	}
	return stmt_done(q);
}

enum rc
account_notice_sign_in(struct db *db, struct arena *a, int64_t user,
    int64_t session, int64_t now)
{
	time_t at = (time_t)(now / SECOND);
	struct sessions s;
	char text[32];
	struct tm tm;
	enum rc rc = count_sessions(db, a, user, session, &s);

	if (rc != RC_OK || s.all <= 1 || s.same > 1)
		return rc;
	gmtime_r(&at, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm);
	return send_notice(db, a, user, "new_device", "account.new_device",
	    CHANNEL_IN_APP | CHANNEL_PUSH | CHANNEL_EMAIL,
	    TEXT_VARS({ "device", device_name(a, s.user_agent) },
	    { "time", text }), now);
}

enum rc
account_notice_reused(struct db *db, struct arena *a, int64_t user,
    int64_t now)
{
	return send_notice(db, a, user, "refresh_reused",
	    "account.refresh_reused",
	    CHANNEL_IN_APP | CHANNEL_PUSH | CHANNEL_EMAIL,
	    TEXT_VARS({ NULL, NULL }), now);
}

enum rc
account_notice_contact(struct db *db, struct arena *a, int64_t user,
    const char *masked, int64_t now)
{
	return send_notice(db, a, user, "contact_changed",
	    "account.contact_changed", CHANNEL_IN_APP | CHANNEL_PUSH,
	    TEXT_VARS({ "contact", masked[0] == '\0' ? "-" : masked }), now);
}
