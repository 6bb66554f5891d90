/*
 * http: requests to external services with libcurl.
 *
 * Requests block, with a time limit for the whole request. TLS certificates are
 * verified, redirects are not followed, proxies of the environment are not
 * used, and only http and https are allowed. A response over HTTP_ANSWER bytes
 * is an error. Only the payments pool, earmark-jobs and earmark use this; other
 * programs must not wait for external services.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "net/smtp_trace.h"

#define HTTP_ANSWER	(256 * 1024)

struct http_request {
	const char *method, *url;
	const char *user, *password;	/* HTTP Basic; NULL: none */
	const char *bearer;		/* bearer token instead; NULL: none */
	const char *content_type;	/* of body; NULL: no body */
	const char *body;
	size_t body_len;
	const char *const *headers;	/* "Name: value", NULL at the end; or
					 * NULL */
	long timeout_ms;		/* for connecting and for the whole
					 * request */
	const char *ca_file;		/* NULL or "": the certificates of the
					 * system */
	bool http2;			/* requests share a connection, which
					 * stays open */
	bool fresh;			/* use a new connection */
	long max_age;			/* maximum age of a used connection in
					 * s; 0: no limit */
};

struct http_answer {
	int status;			/* 0: no response */
	const char *body;		/* in the arena; ends with NUL */
	size_t len;
	int retry_after;		/* seconds; 0: not given */
	int max_age;			/* seconds, by Cache-Control; 0: not
					 * given, or not to be stored */
	bool timed_out;
	const char *error;		/* the reason, if status is 0 */
	enum smtp_phase phase;		/* mail: what failed */
};

/*
 * Initializes libcurl, once per process, after fork(). http_ask() does it too.
 */
bool	http_start(void);
/*
 * Sends a request and waits. *answer is always set. A failed allocation is a
 * response with status 0.
 */
void	http_ask(struct arena *, const struct http_request *,
	    struct http_answer *);

struct mail_request {
	const char *url;		/* smtp://, smtps:// */
	const char *user, *password;	/* user "": no authentication */
	const char *ca_file;		/* "": the certificates of the system */
	const char *from, *to;
	const char *text;		/* headers and body, lines end with
					 * CR LF */
	size_t len;
	long timeout_ms;		/* until the text is sent */
	long text_timeout_ms;		/* for the whole request */
};

/*
 * Connect to the server of a request and end the connection without sending
 * the request: http_probe() with TLS, http_probe_mail() also with EHLO,
 * STARTTLS and the sign-in. http_probe() returns NULL, or the reason of the
 * failure in the arena. The response of http_probe_mail() is that of mail, with
 * status 250 if the server is ready.
 */
const char	*http_probe(struct arena *, const struct http_request *);
void	http_probe_mail(struct arena *, const struct mail_request *,
	    struct http_answer *);

/*
 * Several concurrent requests. The request with everything it refers to, the
 * arena and the response must live until the request has finished.
 * http_multi_over() then returns its tag, which is not NULL.
 *
 * Mail is sent over TLS; to this host, TLS is optional unless ca_file is set.
 * Its status is the SMTP reply code, 2xx if the mail was accepted. If it was
 * rejected, its body is the reply.
 */
struct http_multi;
struct http_multi *http_multi_new(size_t max);	/* NULL: no libcurl */
/* Limits the connections to each host. */
void	http_multi_limit(struct http_multi *, size_t hosts);
/* Aborts unfinished requests. */
void	http_multi_free(struct http_multi *);
void	http_multi_ask(struct http_multi *, struct arena *,
	    const struct http_request *, struct http_answer *, void *tag);
void	http_multi_mail(struct http_multi *, struct arena *,
	    const struct mail_request *, struct http_answer *, void *tag);
/* Continues all requests. Returns the tag of a finished one, or NULL. */
void	*http_multi_over(struct http_multi *);
/*
 * Waits until a request makes progress, fd is readable (-1: none), or ms
 * milliseconds have passed.
 */
void	http_multi_wait(struct http_multi *, int fd, int ms);

/* Percent-encodes all characters that are not unreserved (RFC 3986 2.3). */
char	*http_escape(struct arena *, const char *);

#endif
