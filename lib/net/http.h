/*
 * http: one request to somebody else's service, by libcurl.
 *
 * Blocking, with a time limit over all of it. TLS is checked, redirects are not
 * followed, proxies of the environment are not used, nothing but http and https
 * is spoken; an answer over HTTP_ANSWER bytes is a failure. For the payments
 * pool, earmark-jobs and earmark alone: nobody else may wait for others.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define HTTP_ANSWER	(256 * 1024)

struct http_request {
	const char *method, *url;
	const char *user, *password;	/* HTTP Basic; NULL: none */
	const char *bearer;		/* or a token; NULL: none */
	const char *content_type;	/* of body; NULL: no body */
	const char *body;
	size_t body_len;
	const char *const *headers;	/* "Name: value", NULL at the end; or NULL */
	long timeout_ms;		/* of connecting and of the whole */
};

struct http_answer {
	int status;			/* 0: there was no answer */
	const char *body;		/* ends with NUL; in the arena */
	size_t len;
	int retry_after;		/* seconds, 0: not said */
	bool timed_out;
	const char *error;		/* where status is 0: why */
};

/* Once a process, after fork; who asks first does it too. */
bool	http_start(void);
/* Ask. *answer is always filled. */
void	http_ask(struct arena *, const struct http_request *,
	    struct http_answer *);

struct mail_request {
	const char *url;		/* smtp://, smtps:// */
	const char *user, *password;	/* user "": none */
	const char *ca_file;		/* "": the system's */
	const char *from, *to;
	const char *text;		/* headers and all, lines with CR LF */
	size_t len;
	long timeout_ms;
};

/*
 * Several at once. The request with all it points to, the arena and the answer
 * live until it is over; which is told by its tag, never NULL. A mail is handed
 * over by TLS (but to this machine it may be without); its status is that of
 * SMTP, 2xx where it was taken.
 */
struct http_multi;
struct http_multi *http_multi_new(size_t most);	/* NULL: no libcurl */
/* What is not over is given up. */
void	http_multi_free(struct http_multi *);
void	http_multi_ask(struct http_multi *, struct arena *,
	    const struct http_request *, struct http_answer *, void *tag);
void	http_multi_mail(struct http_multi *, struct arena *,
	    const struct mail_request *, struct http_answer *, void *tag);
/* Go on with all of them. One that is over; NULL: none is. */
void	*http_multi_over(struct http_multi *);
/* Until one moves, or there is something to read at fd (-1: none). */
void	http_multi_wait(struct http_multi *, int fd, int ms);

/* Percent-encode what is no unreserved character (RFC 3986 2.3). */
char	*http_escape(struct arena *, const char *);

#endif
