/*
 * network: limits by the network of a client: the /24 of an IPv4 address, the
 * /64 of an IPv6 address. The /48 of an IPv6 address is counted, too, with four
 * times the limit, because a customer of a hosting provider may have all of its
 * 65,536 networks.
 *
 * The networks that an account has signed in from are stored as keyed hashes
 * for 30 days.
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

/* Writes the name of a network; "" if `from` is NULL or not an IP address. */
void	network_name(const char *from, char out[IPADDR_NET]);
/* Returns false if `from` is in limits.exempt_networks or not an IP address. */
bool	network_counted(const struct conf *, const char *from);
/*
 * Sets *full if the network of `from`, or its /48, has reached `max` (0: no
 * limit) in the scope, and *wait to the ms until the counter expires. `what` is
 * part of the key. Networks that are not counted are never full.
 */
enum rc	network_full(struct db *, const struct conf *, const char *scope,
	    const char *what, const char *from, int64_t max, int64_t now,
	    bool *full, int64_t *wait);
/*
 * Returns the key of a counter of `what` in the network of `from`. Clients of
 * other networks have other counters. All values of `from` that are not an
 * address, and NULL, share one counter.
 */
struct hash network_key(const struct conf *, const char *scope,
	    const char *what, const char *from);
/* Counts one for the network of `from` and its /48. */
enum rc	network_count(struct db *, const struct conf *, const char *scope,
	    const char *what, const char *from, int64_t window, int64_t now);

/* Sets *known if the user signed in from the network in the last 30 days. */
enum rc	network_known(struct db *, const struct conf *, int64_t user,
	    const char *from, int64_t now, bool *known);
/* Records a sign-in from the network of `from`. */
enum rc	network_signed_in(struct db *, const struct conf *, int64_t user,
	    const char *from, int64_t now);

#endif
