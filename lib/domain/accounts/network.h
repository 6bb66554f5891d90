/*
 * network: the network that a request comes from, as limits count it: the /24
 * of an IPv4 address, the /64 of an IPv6 address. Limits of a network also
 * count the /48 of an IPv6 address, with four times the limit, since a customer
 * of a hosting provider has all 65,536 networks in it.
 *
 * The networks that an account has signed in from are kept as keyed hashes for
 * 30 days.
 */
#ifndef DOMAIN_ACCOUNTS_NETWORK_H
#define DOMAIN_ACCOUNTS_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/ipaddr.h"
#include "db/db.h"

#define NETWORK_KNOWN	(30 * DAY)

/* Writes the network's name; "" if `from` is NULL or not an address. */
void	network_name(const char *from, char out[IPADDR_NET]);
/* Returns false for addresses in limits.exempt_networks and for what is no address. */
bool	network_counted(const struct conf *, const char *from);
/*
 * Stores whether the network of `from` (and the /48 around it) has reached
 * `max` in the scope, and in *wait the ms until it has not. `what` is part of
 * the key. Networks that are not counted never reach it; max 0: no limit.
 */
enum rc	network_full(struct db *, const struct conf *, const char *scope,
	    const char *what, const char *from, int64_t max, int64_t now,
	    bool *full, int64_t *wait);
/*
 * Returns the key of `what` in one network: what a client there does does not
 * count for clients elsewhere. `from` NULL or not an address: a network of its
 * own.
 */
struct hash network_key(const struct conf *, const char *scope,
	    const char *what, const char *from);
/* Counts one for the network and the /48 around it. */
enum rc	network_count(struct db *, const struct conf *, const char *scope,
	    const char *what, const char *from, int64_t window, int64_t now);

/* Stores whether the user signed in from that network in the last 30 days. */
enum rc	network_known(struct db *, const struct conf *, int64_t user,
	    const char *from, int64_t now, bool *known);
/* Records a sign-in. */
enum rc	network_signed_in(struct db *, const struct conf *, int64_t user,
	    const char *from, int64_t now);

#endif
