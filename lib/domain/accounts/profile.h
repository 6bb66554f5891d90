/*
 * profile: what people say of themselves.
 */
#ifndef DOMAIN_ACCOUNTS_PROFILE_H
#define DOMAIN_ACCOUNTS_PROFILE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"

#define BIO_MAX		2000	/* code points */
#define INTERESTS_MAX	30
#define INTEREST_MAX	50

/* NULL leaves a member as it is, "" clears it (a username can not be). */
struct profile_change {
	const char *username, *sex, *bio, *preferred_language, *country;
	struct strv interests;		/* v NULL: as it is */
};

/*
 * One spelling of each ("IN", "hi"), or a field of err: an ISO 3166 code of two
 * letters; a language by code or English name. NULL and "" pass.
 */
void	profile_check_country(struct arena *, const char **, struct err *);
void	profile_check_language(const char **, struct err *);

/* RC_INVALID with all wrong fields; RC_CONFLICT username_taken. */
enum rc	profile_update(struct db *, struct arena *, int64_t user,
	    struct profile_change *, int64_t now, struct err *);
/*
 * A new image's file name (base/image_store). *drop is the file that nobody needs
 * now: the one before, the new one when it is the same image, or NULL.
 */
enum rc	profile_set_image(struct db *, struct arena *, int64_t user,
	    const char *name, int64_t now, const char **drop);

#endif
