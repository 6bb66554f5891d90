#include "net/url_policy.h"

#include "base/ipaddr.h"
#include "base/str.h"
#include "crypto/secret_file.h"

bool
url_policy_here(const char *url)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost",
		"[::1]" };
	const char *at = strstr(url, "://"), *end;
	size_t i;

	if (at == NULL)
		return false;
	at += 3;
	for (i = 0; i < NELEM(hosts); i++) {
		if (!str_prefix(at, hosts[i]))
			continue;
		end = at + strlen(hosts[i]);
		if (*end == ':')
			end += 1 + strspn(end + 1, "0123456789");
		return *end == '\0' || *end == '/' || *end == '?';
	}
	return false;
}

/*
 * Copies the host of a URL without port and brackets. Returns false if it has
 * none.
 */
static bool
copy_host(const char *url, char *out, size_t size)
{
	const char *at = strstr(url, "://");
	size_t n;

	if (at == NULL)
		return false;
	at += 3;
	n = *at == '[' ? strcspn(++at, "]") : strcspn(at, ":/?#");
	if (n == 0 || n >= size || memchr(at, '@', n) != NULL)
		return false;
	memcpy(out, at, n);
	out[n] = '\0';
	str_lower(out);
	return true;
}

bool
url_policy_private(const char *url)
{
	static const char networks[] = "127.0.0.0/8, 10.0.0.0/8, "
	    "172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 169.254.0.0/16, "
	    "::1, fc00::/7, fe80::/10";
	static const char *const ends[] = { ".localhost", ".internal",
		".local", ".lan", ".home.arpa" };
	char host[256];
	size_t i, n, len;

	if (!copy_host(url, host, sizeof(host)))
		return false;
	if (ipaddr_in(networks, host))
		return true;
	/* Another notation of an address, such as 2130706433, is not a name. */
	n = strlen(host);
	if (strchr(host, '.') == NULL)
		return strchr(host, ':') == NULL && host[0] >= 'a' &&
		    host[0] <= 'z';
	for (i = 0; i < NELEM(ends); i++) {
		len = strlen(ends[i]);
		if (n > len && str_eq(host + n - len, ends[i]))
			return true;
	}
	return false;
}

/* Checks that the URL has a host and no parts that could change the host. */
static bool
has_valid_form(const char *url, enum url_kind kind)
{
	const char *at = strstr(url, "://");
	size_t n = strlen(url);

	if (at == NULL || strchr("/:?", at[3]) != NULL)	/* includes '\0' */
		return false;
	if (url[strcspn(url, "#@ \\")] != '\0')
		return false;
	return kind == URL_WEB || (strchr(url, '?') == NULL &&
	    url[n - 1] != '/');
}

bool
url_policy_ok(const char *key, const char *url, enum url_kind kind,
    const char **why)
{
	const char *like = kind == URL_MAIL ? "smtp://mail.example.com:587" :
	    "https://api.example.com";

	if (!has_valid_form(url, kind))
		return secret_file_wrong(why, "%s must have the form %s", key,
		    like);
	if (kind == URL_MAIL)
		return str_prefix(url, "smtps://") ||
		    str_prefix(url, "smtp://") || secret_file_wrong(why,
		    "%s must begin with smtp:// or smtps://", key);
	return str_prefix(url, "https://") ||
	    (str_prefix(url, "http://") && url_policy_here(url)) ||
	    secret_file_wrong(why,
	    "%s must begin with https:// (http:// is allowed only "
	    "for this host)", key);
}
