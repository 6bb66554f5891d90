#include "net/stun_probe.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/str.h"
#include "net/http.h"

#define HEADER		20		/* bytes of a message without attributes */
#define REPEAT		500		/* ms; doubles after each UDP request */
#define HOST_MAX	256

/* The parts of a URL (RFC 7064, RFC 7065). */
struct target {
	char host[HOST_MAX], port[8];
	bool tls, tcp;
};

static bool
parse_url(const char *url, struct target *t)
{
	const char *host = strchr(url, ':'), *rest;
	bool bracket;
	size_t n;

	*t = (struct target){ .port = "3478" };
	if (host == NULL)
		return false;
	t->tls = str_prefix(url, "stuns:") || str_prefix(url, "turns:");
	if (t->tls)
		snprintf(t->port, sizeof(t->port), "5349");
	bracket = *++host == '[';
	host += bracket;
	n = strcspn(host, bracket ? "]" : ":?");
	if (n == 0 || n >= sizeof(t->host))
		return false;
	snprintf(t->host, sizeof(t->host), "%.*s", (int)n, host);
	rest = host + n + (bracket && host[n] == ']');
	if (*rest == ':') {
		n = strspn(++rest, "0123456789");
		if (n == 0 || n >= sizeof(t->port))
			return false;
		snprintf(t->port, sizeof(t->port), "%.*s", (int)n, rest);
		rest += n;
	}
	t->tcp = str_eq(rest, "?transport=tcp");
	return *rest == '\0' || t->tcp || str_eq(rest, "?transport=udp");
}

/* Returns the milliseconds until a time of clock_mono(), or 0. */
static int
ms_until(int64_t end)
{
	int64_t left = (end - clock_mono()) / 1000;

	return left > 0 ? (int)left : 0;
}

/*
 * Resolves the name. Returns a reason, or NULL with the addresses. If the time
 * is up, the request is left to its thread, with its memory.
 */
static const char *
resolve(struct arena *a, const struct target *t, int64_t end,
    struct addrinfo **found)
{
	static const struct addrinfo hints[] = {
		{ .ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG },
		{ .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG },
	};
	struct job {
		struct gaicb name;
		struct target target;
	} *job = calloc(1, sizeof(*job));
	const int ms = ms_until(end);
	const struct timespec wait = { ms / 1000, ms % 1000 * 1000000 };
	struct gaicb *list[1];
	int error;

	if (job == NULL)
		return strerror(ENOMEM);
	job->target = *t;
	job->name.ar_name = job->target.host;
	job->name.ar_service = job->target.port;
	job->name.ar_request = &hints[t->tcp];
	list[0] = &job->name;
	error = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
	if (error == 0) {
		(void)gai_suspend((const struct gaicb *const *)list, 1, &wait);
		if (gai_error(&job->name) == EAI_INPROGRESS)
			(void)gai_cancel(&job->name);
		error = gai_error(&job->name);
		if (error == EAI_INPROGRESS)
			return "the name servers do not respond";
	}
	*found = error == 0 ? job->name.ar_result : NULL;
	free(job);
	return error == 0 ? NULL : error == EAI_CANCELED ?
	    "the name servers do not respond" :
	    arena_str(a, gai_strerror(error));
}

/* Waits for events on the socket. Returns false when the time is up. */
static bool
wait_for(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;

	do
		n = poll(&p, 1, ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/* Connects. Returns an errno, or 0. */
static int
connect_until(int fd, const struct addrinfo *to, int64_t end)
{
	socklen_t n = sizeof(int);
	int error = 0;

	if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	if (!wait_for(fd, POLLOUT, ms_until(end)))
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 ? error :
	    errno;
}

/* Whether it is a response, or an error response, to this request. */
static bool
responds(const unsigned char *response, ssize_t n, const unsigned char *request)
{
	return n >= HEADER && response[0] == 1 &&
	    (response[1] == 1 || response[1] == 0x11) &&
	    memcmp(response + 4, request + 4, HEADER - 4) == 0;
}

/* Sends a request, with UDP repeatedly, until the response. */
static int
exchange(int fd, bool tcp, int64_t end)
{
	unsigned char request[HEADER] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
	unsigned char response[1500];
	int pause = REPEAT, left;
	ssize_t n;

	random_bytes(request + 8, sizeof(request) - 8);
	for (bool again = true; (left = ms_until(end)) > 0; pause *= 2) {
		if (again && send(fd, request, sizeof(request), MSG_NOSIGNAL) !=
		    (ssize_t)sizeof(request))
			return errno;
		again = !tcp;
		if (!wait_for(fd, POLLIN, tcp || left < pause ? left : pause))
			continue;
		n = recv(fd, response, sizeof(response), 0);
		if (responds(response, n, request))
			return 0;
		if (n < 0 && errno != EAGAIN)
			return errno;
		if (tcp)
			return EPROTO;
	}
	return ETIMEDOUT;
}

static int
ask_address(const struct addrinfo *to, bool tcp, int64_t end)
{
	int fd = socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, to->ai_protocol), error;

	if (fd < 0)
		return errno;
	error = connect_until(fd, to, end);
	if (error == 0)
		error = exchange(fd, tcp, end);
	close(fd);
	return error;
}

const char *
stun_probe(struct arena *a, const char *url, long timeout_ms)
{
	int64_t end = clock_mono() + timeout_ms * 1000, part;
	struct addrinfo *all = NULL, *one;
	struct target t;
	const char *why;
	int error = 0, n = 0;

	if (!parse_url(url, &t))
		return "it is no URL of a STUN or TURN server";
	if (t.tls)
		return http_probe(a, &(struct http_request){ .method = "GET",
		    .url = arena_fmt(a, strchr(t.host, ':') == NULL ?
		    "https://%s:%s" : "https://[%s]:%s", t.host, t.port),
		    .timeout_ms = timeout_ms });
	why = resolve(a, &t, end, &all);
	for (one = all; one != NULL; one = one->ai_next)
		n++;
	for (one = all; one != NULL; one = one->ai_next, n--) {
		part = (end - clock_mono()) / n;
		error = ask_address(one, t.tcp, clock_mono() + part);
		if (error == 0)
			break;
	}
	if (all != NULL)
		freeaddrinfo(all);
	return why != NULL ? why : error == 0 ? NULL : error == ETIMEDOUT ?
	    "no response" : arena_str(a, strerror(error));
}
