/*
 * push_device: where a user's push messages go.
 *
 * An address is a registration token or an installation ID. It belongs to the
 * user and the login session that registered it last, and is deleted with that
 * session: a phone that was signed out, or handed on, receives nothing more.
 */
#ifndef DOMAIN_MESSAGING_PUSH_DEVICE_H
#define DOMAIN_MESSAGING_PUSH_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

enum push_platform { PUSH_ANDROID, PUSH_IOS, PUSH_WEB };
extern const char *const push_platform_names[];	/* NULL at the end */
enum push_kind { PUSH_TOKEN, PUSH_FID };
extern const char *const push_kind_names[];	/* "token", "fid", NULL */

#define PUSH_TOKEN_MAX	512		/* characters of an address */
#define PUSH_DEVICES	10		/* of one user; the oldest give way */

struct push_device {
	const char *token;
	int64_t user;
	int64_t session;		/* for push_device_put(); 0: none */
	enum push_platform platform;
	enum push_kind kind;
	int64_t created_at;
	int64_t used_at;		/* registered again; of a list alone */
};

/* token and user are given. RC_NOT_FOUND: it is not that user's. */
enum rc	push_device_get(struct db *, struct push_device *);
/* All of a user's, the newest first; v has room for PUSH_DEVICES. */
enum rc	push_device_list(struct db *, struct arena *, int64_t user,
	    struct push_device *v, size_t *n);
/* Register, or renew; *added: it was not the user's before. */
enum rc	push_device_put(struct db *, struct push_device *, int64_t now,
	    bool *added);
/* RC_NOT_FOUND: it is not that user's. */
enum rc	push_device_drop(struct db *, int64_t user, const char *token);
/* Deletes every device of a user, whichever session registered it. */
enum rc	push_device_drop_all(struct db *, int64_t user);

#endif
