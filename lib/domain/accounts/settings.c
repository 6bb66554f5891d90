#include "domain/accounts/settings.h"

#include "base/str.h"
#include "base/time_zone.h"
#include "domain/common/language.h"
#include "domain/messaging/preference.h"

#define NEWS_CHANNELS \
	(CHANNEL_IN_APP | CHANNEL_PUSH | CHANNEL_SMS | CHANNEL_EMAIL)

enum rc
settings_get(struct db *db, struct arena *a, int64_t user, struct settings *s)
{
	struct stmt *q = stmt_get(db, Q_SETTINGS_GET);
	struct preference p;
	enum rc rc;

	*s = (struct settings){ 0 };
	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		s->language = stmt_col_text(q, 0, a);
		s->time_zone = stmt_col_text(q, 1, a);
		s->show_last_seen = stmt_col_int(q, 2) == 0;
		s->version = stmt_col_int(q, 3);
	}
	rc = stmt_done(q);
	if (rc == RC_OK)
		rc = preference_get(db, user, &p);
	if (rc == RC_OK)
		s->news = preference_allows(&p, NOTICE_NEWS,
		    NEWS_CHANNELS) != 0;
	return rc;
}

static enum rc
set_language(struct db *db, int64_t user, const char *language, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_SETTINGS_LANGUAGE);

	stmt_int(q, ":user", user);
	stmt_text(q, ":language", language);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/* Enables or disables all channels of news, if that changes `news`. */
static enum rc
set_news(struct db *db, int64_t user, bool news)
{
	unsigned bits = preference_bit(NOTICE_NEWS, NEWS_CHANNELS);
	struct preference p;
	enum rc rc;

	rc = preference_get(db, user, &p);
	if (rc != RC_OK || news == (preference_allows(&p, NOTICE_NEWS,
	    NEWS_CHANNELS) != 0))
		return rc;
	p.off = news ? p.off & ~bits : p.off | bits;
	return preference_put(db, user, &p);
}

static enum rc
set_others(struct db *db, int64_t user, const char *time_zone, bool show)
{
	struct stmt *q = stmt_get(db, Q_SETTINGS_PUT);
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_text(q, ":time_zone", time_zone);
	stmt_int(q, ":hide", !show);
	rc = stmt_run(q);
	if (rc != RC_OK || show)
		return rc;
	q = stmt_get(db, Q_SETTINGS_FORGET_LAST_SEEN);
	stmt_int(q, ":user", user);
	return stmt_run(q);
}

enum rc
settings_put(struct db *db, struct arena *a, int64_t user,
    const struct settings_change *c, int64_t now, struct err *err)
{
	const char *language = c->language, *zone = c->time_zone;
	struct settings s;
	int64_t offset;
	enum rc rc;

	if (language != NULL && language[0] != '\0') {
		language = language_code(language);
		if (language == NULL)
			err_field(err, "language", "must be the code or the "
			    "English name of a language");
	}
	if (zone != NULL && zone[0] != '\0' &&
	    !time_zone_offset(zone, now, &offset))
		err_field(err, "time_zone", "must be the name of a time zone, "
		    "such as Asia/Kolkata");
	if (err->fields != NULL)
		return RC_INVALID;
	rc = settings_get(db, a, user, &s);
	if (rc == RC_OK && language != NULL)
		rc = set_language(db, user, language[0] == '\0' ? NULL :
		    language, now);
	if (rc == RC_OK && c->news >= 0)
		rc = set_news(db, user, c->news != 0);
	if (zone != NULL)
		s.time_zone = zone[0] == '\0' ? NULL : zone;
	if (c->show_last_seen >= 0)
		s.show_last_seen = c->show_last_seen != 0;
	return rc == RC_OK ? set_others(db, user, s.time_zone,
	    s.show_last_seen) : rc;
}
