#include "domain/accounts/network.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "domain/common/identifier.h"
#include "domain/common/public_counter.h"
#include "domain/common/throttle.h"

#define SITE_FACTOR 4		/* limit of a /48, in limits of a network */
#define WHAT_MAX (4 * IDENTIFIER_MAX + 32)	/* bytes of `what` */

void
network_name(const char *from, char out[IPADDR_NET])
{
	if (!ipaddr_network(from, 24, 64, out))
		out[0] = '\0';
}

bool
network_counted(const struct conf *conf, const char *from)
{
	char net[IPADDR_NET];

	return ipaddr_net(from, net) && !ipaddr_in(conf->exempt_networks, from);
}

/* Returns the key of a network, or of its site (/48). */
static struct hash
counter_key(const struct conf *conf, const char *scope, const char *what,
    const char *from, bool site)
{
	char net[IPADDR_NET], text[IPADDR_NET + WHAT_MAX];

	if (!ipaddr_network(from, 24, site ? 48 : 64, net))
		net[0] = '\0';
	snprintf(text, sizeof(text), "%s%s %s", net, site ? " /48" : "", what);
	return throttle_key(conf, scope, text);
}

struct hash
network_key(const struct conf *conf, const char *scope, const char *what,
    const char *from)
{
	return counter_key(conf, scope, what, from, false);
}

enum rc
network_full(struct db *db, const struct conf *conf, const char *scope,
    const char *what, const char *from, int64_t max, int64_t now, bool *full,
    int64_t *wait)
{
	struct hash net = counter_key(conf, scope, what, from, false);
	struct hash site = counter_key(conf, scope, what, from, true);
	int64_t n, m, until;
	enum rc rc;

	*full = false;
	*wait = 0;
	if (max == 0 || !network_counted(conf, from))
		return RC_OK;
	rc = public_counter_get(db, scope, &net, now, &n, wait);
	if (rc == RC_OK)
		rc = public_counter_get(db, scope, &site, now, &m, &until);
	if (rc != RC_OK)
		return rc;
	*full = n >= max || m >= max * SITE_FACTOR;
	if (n < max)
		*wait = until;
	return RC_OK;
}

enum rc
network_count(struct db *db, const struct conf *conf, const char *scope,
    const char *what, const char *from, int64_t window, int64_t now)
{
	struct hash net = counter_key(conf, scope, what, from, false);
	struct hash site = counter_key(conf, scope, what, from, true);
	enum rc rc;

	if (!network_counted(conf, from))
		return RC_OK;
	rc = public_counter_add(db, scope, &net, window, now);
	if (rc != RC_OK || strchr(from, ':') == NULL)
		return rc;
	return public_counter_add(db, scope, &site, window, now);
}

static struct hash
known_key(const struct conf *conf, int64_t user, const char *from)
{
	char net[IPADDR_NET], text[IPADDR_NET + 24];

	network_name(from, net);
	snprintf(text, sizeof(text), "%" PRId64 " %s", user, net);
	return throttle_key(conf, "sign_in_network", text);
}

enum rc
network_known(struct db *db, const struct conf *conf, int64_t user,
    const char *from, int64_t now, bool *known)
{
	struct hash key = known_key(conf, user, from);
	struct stmt *q = stmt_get(db, Q_NETWORK_KNOWN);

	stmt_int(q, ":user", user);
	stmt_blob(q, ":network", key.b, sizeof(key.b));
	stmt_int(q, ":since", now - NETWORK_KNOWN);
	*known = stmt_row(q);
	return stmt_done(q);
}

enum rc
network_signed_in(struct db *db, const struct conf *conf, int64_t user,
    const char *from, int64_t now)
{
	struct hash key = known_key(conf, user, from);
	struct stmt *q;
	char net[IPADDR_NET];

	if (!ipaddr_net(from, net))
		return RC_OK;
	q = stmt_get(db, Q_NETWORK_USED);
	stmt_int(q, ":user", user);
	stmt_blob(q, ":network", key.b, sizeof(key.b));
	stmt_int(q, ":now", now);
	return stmt_run(q);
}
