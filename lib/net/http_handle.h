/* http_handle: one request on a libcurl handle. Private to http*.c. */
#ifndef NET_HTTP_HANDLE_H
#define NET_HTTP_HANDLE_H

#include <curl/curl.h>

#include "base/buf.h"
#include "net/http.h"

struct http_handle {
	CURL *curl;
	struct arena *arena;		/* of the response */
	struct http_answer *answer;
	struct curl_slist *list;	/* headers; for mail, the recipients */
	struct buf body;
	const char *left;		/* part of the mail that is not sent
					 * yet */
	size_t left_len;
	bool mail;
	struct smtp_trace trace;	/* of mail */
	long limit_ms;			/* of mail, until the text is sent */
	char why[CURL_ERROR_SIZE];
};

/*
 * Prepares a request on a handle, which must live until the request has
 * finished. Returns false if that failed; the request has then finished, and
 * the response contains the reason.
 */
bool	http_handle_ask(struct http_handle *, CURL *, struct arena *,
	    const struct http_request *, struct http_answer *);
bool	http_handle_mail(struct http_handle *, CURL *, struct arena *,
	    const struct mail_request *, struct http_answer *);
/*
 * Fills in the response and resets the handle, so that no credentials remain in
 * it.
 */
void	http_handle_over(struct http_handle *, CURLcode);

#endif
