/*
 * url_policy: an address of the configuration that secrets will be sent to. They do
 * not go over a network in clear.
 */
#ifndef NET_URL_POLICY_H
#define NET_URL_POLICY_H

#include <stdbool.h>

enum url_kind {
	URL_BASE,		/* paths are put behind it */
	URL_WEB,		/* it is asked as it is */
	URL_MAIL		/* smtp:// is with STARTTLS, but to this machine */
};

/* Is it at this machine, by its name: localhost, 127.0.0.1 or [::1]? */
bool	url_policy_here(const char *url);
/*
 * Returns whether the host can only be reached from this machine or a private
 * network: an address of RFC 1918, RFC 4193, RFC 6598 or a link, the name
 * localhost or one below it, a name of one label, or a name below .internal,
 * .local, .lan or .home.arpa.
 */
bool	url_policy_private(const char *url);
/* key is the configuration's; false: *why, a sentence as of secret_file_wrong(). */
bool	url_policy_ok(const char *key, const char *url, enum url_kind,
	    const char **why);

#endif
