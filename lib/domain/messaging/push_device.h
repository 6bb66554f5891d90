/*
 * push_device: the devices of users that receive push messages.
 *
 * The address of a device is a registration token or an installation ID. It
 * belongs to the user and the login session that registered it last. It is
 * deleted with that session. So a phone receives nothing after the user signed
 * out, and nothing for its previous owner.
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
/* How messages reach the device: by FCM, by APNs, or as VoIP push of APNs. */
enum push_channel { PUSH_BY_FCM, PUSH_BY_APNS, PUSH_BY_VOIP };
extern const char *const push_channel_names[];	/* NULL at the end */
/* The service of Apple that issued the token. */
enum push_environment { PUSH_PRODUCTION, PUSH_SANDBOX };
extern const char *const push_environment_names[];	/* NULL at the end */

#define PUSH_TOKEN_MAX	512		/* maximum characters of a token */
#define PUSH_DEVICES	10		/* per user; the oldest are deleted */

struct push_device {
	const char *token;
	int64_t user;
	int64_t session;		/* for push_device_put(); 0: none */
	enum push_platform platform;
	enum push_kind kind;
	enum push_channel channel;
	enum push_environment environment;
	int64_t created_at;
	int64_t used_at; /* last registration; set by push_device_list() */
};

/*
 * Loads a device by `token` and `user`. Returns RC_NOT_FOUND if the user has no
 * such device.
 */
enum rc	push_device_get(struct db *, struct push_device *);
/*
 * Lists the devices of a user, most recently registered first. `v` must have
 * PUSH_DEVICES elements.
 */
enum rc	push_device_list(struct db *, struct arena *, int64_t user,
	    struct push_device *v, size_t *n);
/*
 * Sets *rings if the user has a device that rings for a call: an Android device,
 * or an iOS device with channel fcm or voip. A browser does not ring.
 */
enum rc	push_device_rings(struct db *, int64_t user, bool *rings);
/* Registers a device, or renews it. *added is set if it is new to the user. */
enum rc	push_device_put(struct db *, struct push_device *, int64_t now,
	    bool *added);
/*
 * Deletes a device that was last registered before a time in ms (INT64_MAX: at
 * any time). Returns RC_NOT_FOUND if the user has no such device.
 */
enum rc	push_device_drop(struct db *, int64_t user, const char *token,
	    int64_t before);
/* Deletes all devices of a user, of any login session. */
enum rc	push_device_drop_all(struct db *, int64_t user);

#endif
