/*
 * stun_probe: finds out whether a STUN or TURN server can be reached. It gets a
 * Binding request (RFC 8489), which needs no authentication.
 */
#ifndef NET_STUN_PROBE_H
#define NET_STUN_PROBE_H

#include "base/arena.h"

/*
 * Contacts the server of a URL such as "stun:HOST:PORT" or
 * "turn:HOST?transport=tcp", for at most timeout_ms in all. With "stuns:" and
 * "turns:", only connects with TLS. Returns NULL if it responded, or the reason
 * in the arena.
 */
const char	*stun_probe(struct arena *, const char *url, long timeout_ms);

#endif
