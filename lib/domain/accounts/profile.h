/* profile: the profiles of users, and their images. */
#ifndef DOMAIN_ACCOUNTS_PROFILE_H
#define DOMAIN_ACCOUNTS_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "domain/common/audit.h"

#define BIO_MAX		2000	/* code points */
#define INTERESTS_MAX	30
#define INTEREST_MAX	50

/* NULL keeps a member, "" clears it. */
struct profile_change {
	const char *sex, *bio, *preferred_language, *country;
	struct strv interests;		/* v NULL: keep */
};

/*
 * Normalize a country (an ISO 3166 code, "IN") or a language (a code or an
 * English name, to "hi"), or add a field to err. NULL and "" are valid.
 */
void	profile_check_country(struct arena *, const char **, struct err *);
void	profile_check_language(const char **, struct err *);

/* Changes a profile. Returns RC_INVALID with all invalid fields in err. */
enum rc	profile_update(struct db *, struct arena *, int64_t user,
	    struct profile_change *, int64_t now, struct err *);
/*
 * Stores the file name of a new image (base/image_store.h). *used is false if
 * the account has an image with the same content, which it keeps. The file of
 * an earlier image is removed after the commit (domain/common/image_removal.h).
 */
enum rc	profile_set_image(struct db *, struct arena *,
	    const struct conf *, int64_t user,
	    const char *name, int64_t now, bool *used);
/* Removes the image, if there is one. */
enum rc	profile_drop_image(struct db *, struct arena *, int64_t user,
	    int64_t now);
/*
 * Removes the image of another user, who is notified of the reason (or NULL);
 * audited. Without an image, changes nothing. Returns RC_NOT_FOUND "User not
 * found" or RC_FORBIDDEN staff_protected.
 */
enum rc	profile_moderate_image(struct db *, struct arena *, int64_t user,
	    const char *reason, const struct audit_by *, struct err *);

#endif
