/*
 * media_credentials: what a device needs to hear another: the media network of a call.
 *
 *	{"provider": "agora", "app_id", "channel", "uid", "token", "expires_at"}
 *	{"provider": "webrtc", "channel", "ice_servers": [{"urls": [...],
 *	    "username", "credential"}], "expires_at"}
 *
 * Every credential ends when the caller's money does, or after 24 hours, so the
 * network itself ends a call that nobody else can.
 */
#ifndef PROVIDERS_MEDIA_CREDENTIALS_H
#define PROVIDERS_MEDIA_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "json/json_write.h"

/* Read the secrets, once a process. False: *why says which is not there. */
bool	media_credentials_start(const struct conf *, const char **why);
/* Is Agora configured, whatever rtc.provider says? */
bool	media_credentials_agora_on(const struct conf *);
/*
 * The secret of Agora's notifications; NULL: not configured. It lives as long
 * as the process.
 */
const char *media_credentials_callback_secret(void);

/* Write the object under a key. until and now: ms. */
void	media_credentials_write(struct json_write *, const char *key,
	    struct arena *, const struct conf *, int64_t user,
	    const char *channel, int64_t until, int64_t now);
/* An Agora token and its expiry in seconds since 1970. */
char	*media_credentials_agora_token(struct arena *, const struct conf *,
	    const char *channel, int64_t user, bool publisher, int64_t until,
	    int64_t now, int64_t *expires);
/*
 * An event's data (a JSON object's text) with a last member "rtc", for who is
 * let into the channel by it. Data that is no object is returned as it is.
 */
const char *media_credentials_event(struct arena *, const struct conf *,
	    const char *data, int64_t user, const char *channel, int64_t until,
	    int64_t now);

#endif
