/*
 * url_policy: checks the URLs of the configuration to which secrets are sent.
 * They must not be sent unencrypted over a network.
 */
#ifndef NET_URL_POLICY_H
#define NET_URL_POLICY_H

#include <stdbool.h>

enum url_kind {
	URL_BASE,		/* paths are appended */
	URL_WEB,		/* used unchanged */
	URL_MAIL		/* smtp:// requires STARTTLS, except to this
				 * host */
};

/* Returns whether the host is localhost, 127.0.0.1 or [::1]. */
bool	url_policy_here(const char *url);
/*
 * Returns whether the host can be reached only from this host or a private
 * network. That is an address of RFC 1918, RFC 4193, RFC 6598 or of a link,
 * localhost or a name below it, or a name of one label. Names below .internal,
 * .local, .lan and .home.arpa are private too.
 */
bool	url_policy_private(const char *url);
/*
 * Checks the URL of a configuration key. Returns false, and sets *why as
 * secret_file_wrong() does, if it is not allowed.
 */
bool	url_policy_ok(const char *key, const char *url, enum url_kind,
	    const char **why);

#endif
