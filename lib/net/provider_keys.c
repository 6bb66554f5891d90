/*
 * The keys of payment providers: read from their files when a program starts,
 * and kept until it ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "net/provider_impl.h"

#define FILE_BYTES	2048

static struct provider_keys keys[PROVIDER_MAX];
static char reason[1500];

static bool fail(const char **why, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static bool
fail(const char **why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	*why = reason;
	return false;
}

/* A small file that others can not read, NUL behind it. */
static bool
read_file(const char *key, const char *file, char text[FILE_BYTES],
    const char **why)
{
	struct stat st;
	ssize_t n;
	int fd;

	if (file[0] == '\0')
		return fail(why, "payments.%s must name a file", key);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		fail(why, "payments.%s: %s: %s", key, file, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	n = read(fd, text, FILE_BYTES - 1);
	close(fd);
	if (st.st_mode & 07)
		return fail(why, "payments.%s: %s is open to everybody", key,
		    file);
	if (n < 0 || n == FILE_BYTES - 1 || memchr(text, '\0', (size_t)n))
		return fail(why, "payments.%s: %s is not a file of short lines",
		    key, file);
	text[n] = '\0';
	return true;
}

/* Its lines, 1 to most of them. */
static bool
read_lines(const char *key, const char *file, char (*out)[SECRET_BYTES],
    size_t most, size_t *count, const char **why)
{
	char text[FILE_BYTES], *line, *rest = text;
	bool ok = read_file(key, file, text, why);
	size_t n = 0, len;

	while (ok && (line = strsep(&rest, "\n")) != NULL) {
		len = strlen(line);
		while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL)
			line[--len] = '\0';
		if (len == 0)
			continue;
		if (n == most)
			ok = fail(why, "payments.%s: %s has more than %zu "
			    "line%s", key, file, most, most == 1 ? "" : "s");
		else if (len >= SECRET_BYTES || strpbrk(line, " \t") != NULL)
			ok = fail(why, "payments.%s: %s has a line that is no "
			    "secret", key, file);
		else
			memcpy(out[n++], line, len + 1);
	}
	explicit_bzero(text, sizeof(text));
	if (ok && n == 0)
		ok = fail(why, "payments.%s: %s is empty", key, file);
	*count = n;
	return ok;
}

/* Keys do not go over a network in clear. */
static bool
url_ok(const char *key, const char *url, const char **why)
{
	static const char *const here[] = {
		"http://127.0.0.1", "http://localhost", "http://[::1]",
	};
	size_t i, n;

	if (url[strcspn(url, "?#@ ")] != '\0' || url[0] == '\0' ||
	    url[strlen(url) - 1] == '/')
		return fail(why, "payments.%s must be like "
		    "https://api.example.com", key);
	if (str_prefix(url, "https://"))
		return true;
	for (i = 0; i < NELEM(here); i++) {
		n = strlen(here[i]);
		if (str_prefix(url, here[i]) &&
		    (url[n] == '\0' || url[n] == ':' || url[n] == '/'))
			return true;
	}
	return fail(why, "payments.%s must begin with https:// (http:// is for "
	    "this machine alone)", key);
}

static bool
start_razorpay(const struct conf *c, struct provider_keys *k, const char **why)
{
	size_t one;

	if (c->razorpay_key_id[0] == '\0')
		return fail(why, "payments.razorpay_key_id is needed");
	return url_ok("razorpay_url", c->razorpay_url, why) &&
	    read_lines("razorpay_key_file", c->razorpay_key_file, &k->key, 1,
	    &one, why) &&
	    read_lines("razorpay_webhook_file", c->razorpay_hook_file, k->hooks,
	    SECRETS, &k->n, why);
}

static bool
start_stripe(const struct conf *c, struct provider_keys *k, const char **why)
{
	size_t one;

	return url_ok("stripe_url", c->stripe_url, why) &&
	    read_lines("stripe_key_file", c->stripe_key_file, &k->key, 1, &one,
	    why) &&
	    read_lines("stripe_webhook_file", c->stripe_hook_file, k->hooks,
	    SECRETS, &k->n, why);
}

/* The next of a list with commas; 0 at its end, PROVIDER_MAX: no such. */
static enum provider
next(const char **list)
{
	const char *s = *list + strspn(*list, " \t"), *end;
	size_t n = strcspn(s, ","), len = n;
	int p;

	end = s + n;
	*list = *end == ',' ? end + 1 : end;
	while (len > 0 && strchr(" \t", s[len - 1]) != NULL)
		len--;
	if (len == 0 && *end == '\0')
		return 0;
	for (p = 1; p < PROVIDER_MAX; p++)
		if (strlen(provider_words[p]) == len &&
		    strncmp(provider_words[p], s, len) == 0)
			return (enum provider)p;
	return PROVIDER_MAX;
}

/* One of the list. */
static bool
start(const struct conf *c, enum provider p, const char **why)
{
	if (p == PROVIDER_MAX)
		return fail(why, "payments.providers: there are sandbox, "
		    "razorpay and stripe, with commas");
	if (keys[p].on)
		return fail(why, "payments.providers names %s twice",
		    provider_words[p]);
	if (p == PROVIDER_RAZORPAY && !start_razorpay(c, &keys[p], why))
		return false;
	if (p == PROVIDER_STRIPE && !start_stripe(c, &keys[p], why))
		return false;
	return keys[p].on = true;
}

bool
provider_start(const struct conf *c, const char **why)
{
	const char *list = c->providers;
	enum provider p;

	explicit_bzero(keys, sizeof(keys));
	if (provider_default(c) == 0)
		return fail(why, "payments.providers must begin with one of "
		    "sandbox, razorpay, stripe");
	while ((p = next(&list)) != 0)
		if (!start(c, p, why)) {
			explicit_bzero(keys, sizeof(keys));
			return false;
		}
	return true;
}

bool
provider_on(const struct conf *c, enum provider p)
{
	(void)c;
	return p > 0 && p < PROVIDER_MAX && keys[p].on;
}

enum provider
provider_default(const struct conf *c)
{
	const char *list = c->providers;
	enum provider p = next(&list);

	return p == PROVIDER_MAX ? 0 : p;
}

const struct provider_keys *
provider_keys(enum provider p)
{
	return &keys[p];
}
