#include "domain/messaging/moderation_notice.h"

#include "base/clock.h"
#include "domain/messaging/notification.h"
#include "json/json_build.h"

#define NOTICE_TTL	(7 * DAY)

static enum rc
send_notice(struct db *db, struct arena *arena, int64_t user,
    const char *template, const char *type, const struct moderation_notice *m,
    int64_t now)
{
	const struct notice n = { .kind = NOTICE_MESSAGES,
		.template = template,
		.vars = TEXT_VARS({ "title", m->title },
		    { "reason", m->reason }),
		.data = json_build_object(arena, JSON_OBJECT(
		    JSON_STR("type", type), JSON_INT("flyer_id",
		    m->flyer == 0 ? INT64_MIN : m->flyer))),
		.ttl = NOTICE_TTL,
		.channels = CHANNEL_IN_APP | CHANNEL_PUSH | CHANNEL_EMAIL };
	bool known;

	return notification_send(db, arena, user, &n, now, &known);
}

enum rc
moderation_notice_picture(struct db *db, struct arena *arena, int64_t user,
    const struct moderation_notice *m, int64_t now)
{
	return send_notice(db, arena, user, "picture_removed",
	    "picture.removed", m, now);
}

enum rc
moderation_notice_flyer(struct db *db, struct arena *arena, int64_t user,
    const struct moderation_notice *m, int64_t now)
{
	return send_notice(db, arena, user, "flyer_removed", "flyer.removed",
	    m, now);
}
