/*
 * media_credentials: the configuration and the credentials that a device needs
 * to join the media network of a call.
 *
 * {"provider": "agora", "app_id", "channel", "uid", "token", "expires_at"}
 * {"provider": "webrtc", "channel", "ice_servers":
 *     [{"urls": [...], "username", "credential"}], "expires_at"}
 *
 * Before a call is accepted, the object contains no credentials:
 *
 * {"provider": "agora", "app_id", "channel"}
 * {"provider": "webrtc", "channel", "ice_servers": [{"urls": [...]}]}
 *
 * The caller decides when a credential expires (calls/call_credential.h). The
 * network itself then ends a call even if this service cannot.
 */
#ifndef PROVIDERS_MEDIA_CREDENTIALS_H
#define PROVIDERS_MEDIA_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "json/json_write.h"

/*
 * Reads the secrets, once per process. Returns false, and sets *why to a
 * message, if one is missing or invalid.
 */
bool	media_credentials_start(const struct conf *, const char **why);
/* Returns whether Agora is configured, independently of rtc.provider. */
bool	media_credentials_agora_on(const struct conf *);
/*
 * Returns the secret of Agora's notifications, or NULL if it is not configured.
 * It is valid until the process ends.
 */
const char *media_credentials_callback_secret(void);

/* The user, the channel and the rights of a credential. Unix times in ms. */
struct media_access {
	int64_t user;
	const char *channel;
	bool video;			/* the call is a video call */
	int64_t until;			/* expiry; 0: no credentials */
	int64_t now;
};

/* Writes the object under a key. */
void	media_credentials_write(struct json_write *, const char *key,
	    struct arena *, const struct conf *, const struct media_access *);
/*
 * Returns an Agora token in the arena. A publisher may send audio and data, and
 * also video in a video call. So a listener who offers only audio receives no
 * pictures. *expires is its expiry in seconds since 1970.
 */
char	*media_credentials_agora_token(struct arena *, const struct conf *,
	    const struct media_access *, bool publisher, int64_t *expires);
/*
 * Adds a member "rtc" to the data of an event (the text of a JSON object) for
 * its recipient, the user of the access. Returns the data unchanged if it is
 * not an object.
 */
const char *media_credentials_event(struct arena *, const struct conf *,
	    const char *data, const struct media_access *);

#endif
