#include "domain/messaging/preference.h"

#include "base/clock.h"
#include "base/str.h"

const char *const notice_kind_names[] = {
	"calls", "available", "messages", "news", "account", NULL
};
const char *const channel_names[] = {
	"in_app", "push", "sms", "email", NULL
};

/* The kind account has a column of its own. */
#define ACCOUNT_SHIFT	(CHANNELS * (NOTICE_ACCOUNT - 1))
#define ACCOUNT_MASK	((1u << ACCOUNT_SHIFT) - 1)

unsigned
preference_off(int64_t off, int64_t account_off)
{
	return (unsigned)off | (unsigned)account_off << ACCOUNT_SHIFT;
}

unsigned
preference_allows(const struct preference *p, enum notice_kind kind,
    unsigned channels)
{
	return channels & ~(p->off >> CHANNELS * (kind - 1));
}

void
preference_time_zone(struct preference *p, const char *name)
{
	snprintf(p->time_zone, sizeof(p->time_zone), "%s",
	    name == NULL ? "" : name);
}

int64_t
preference_offset(const struct preference *p, int64_t at)
{
	int64_t offset;

	/* A zone that was removed from the database counts as none. */
	return p->time_zone[0] != '\0' && time_zone_offset(p->time_zone, at,
	    &offset) ? offset : p->utc_offset * MINUTE;
}

int64_t
preference_awake(const struct preference *p, int64_t now)
{
	int64_t offset = preference_offset(p, now), local, midnight, at, end;

	if (p->quiet_start == INT64_MIN || p->quiet_start == p->quiet_end)
		return now;
	local = now + offset;
	midnight = local - (local % DAY + DAY) % DAY;
	at = local - midnight;
	end = p->quiet_end * MINUTE;
	if (p->quiet_start < p->quiet_end) {
		if (at < p->quiet_start * MINUTE || at >= end)
			return now;
	} else if (at >= p->quiet_start * MINUTE) {
		end += DAY;
	} else if (at >= end) {
		return now;
	}
	end += midnight;
	return end - preference_offset(p, end - offset);
}

enum rc
preference_get(struct db *db, int64_t user, struct preference *p)
{
	struct stmt *q = stmt_get(db, Q_PREFERENCE_GET);

	*p = (struct preference){ .quiet_start = INT64_MIN,
	    .quiet_end = INT64_MIN };
	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		p->off = preference_off(stmt_col_int(q, 0), stmt_col_int(q, 4));
		p->quiet_start = stmt_col_opt(q, 1);
		p->quiet_end = stmt_col_opt(q, 2);
		p->utc_offset = stmt_col_int(q, 3);
		preference_time_zone(p, stmt_col_peek(q, 5));
	}
	return stmt_done(q);
}

enum rc
preference_put(struct db *db, int64_t user, const struct preference *p)
{
	struct stmt *q = stmt_get(db, Q_PREFERENCE_PUT);
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":off", p->off & ACCOUNT_MASK);
	stmt_int(q, ":account_off", p->off >> ACCOUNT_SHIFT);
	if (p->quiet_start == INT64_MIN) {
		stmt_null(q, ":start");
		stmt_null(q, ":end");
	} else {
		stmt_int(q, ":start", p->quiet_start);
		stmt_int(q, ":end", p->quiet_end);
	}
	stmt_int(q, ":offset", p->utc_offset);
	rc = stmt_run(q);
	if (rc != RC_OK || p->time_zone[0] != '\0')
		return rc;
	q = stmt_get(db, Q_PREFERENCE_DROP_TIME_ZONE);
	stmt_int(q, ":user", user);
	return stmt_run(q);
}

enum rc
preference_disable(struct db *db, int64_t user, enum notice_kind kind,
    unsigned channels)
{
	struct preference p;
	enum rc rc = preference_get(db, user, &p);

	if (rc != RC_OK)
		return rc;
	p.off |= preference_bit(kind, channels);
	return preference_put(db, user, &p);
}
