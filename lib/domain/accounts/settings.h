/*
 * settings: the language, the time zone and the privacy of a user.
 *
 * The time zone is used for quiet hours (messaging/preference.h). If a user hides
 * last_seen, it is not stored, so no user can see it. `news` is whether any
 * channel of news is enabled.
 */
#ifndef DOMAIN_ACCOUNTS_SETTINGS_H
#define DOMAIN_ACCOUNTS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

struct settings {
	const char *language;		/* a code, "hi"; NULL: not set */
	const char *time_zone;		/* "Asia/Kolkata"; NULL: not set */
	bool show_last_seen, news;
	int64_t version;		/* of the profile, which has the
					 * language */
};

/* NULL and -1 keep a member, "" clears it. */
struct settings_change {
	const char *language, *time_zone;
	int show_last_seen, news;
};

enum rc	settings_get(struct db *, struct arena *, int64_t user,
	    struct settings *);
/* Changes settings. Returns RC_INVALID with all invalid fields in err. */
enum rc	settings_put(struct db *, struct arena *, int64_t user,
	    const struct settings_change *, int64_t now, struct err *);

#endif
