/*
 * service_probe: finds out whether the services of the configuration can be
 * reached: the mail server, the SMS gateway, push, payments, OpenID providers and
 * media networks.
 */
#ifndef PROVIDERS_SERVICE_PROBE_H
#define PROVIDERS_SERVICE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/conf.h"

struct service_probe {
	const char *name;		/* "mail server" */
	const char *url;		/* scheme and host, without secrets */
	const char *keys;		/* to check if it fails */
	const char *why;		/* the reason, or NULL if it is ready */
	bool by_devices;		/* only devices use it */
};
/* Maximum number. Further STUN and TURN servers are not contacted. */
#define SERVICE_PROBES	32

/*
 * Connects to each service, with a time limit for each one. Connections use
 * TLS; with the mail server, also EHLO and the sign-in. Sends neither messages
 * nor requests, except for the public keys of OpenID providers and a Binding
 * request to STUN and TURN servers. message_start() and provider_start() must
 * have succeeded.
 * Returns the number of services.
 */
size_t	service_probe_all(struct arena *, const struct conf *,
	    long timeout_ms, struct service_probe out[SERVICE_PROBES]);

#endif
