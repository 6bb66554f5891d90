/*
 * http_handle: one request on a handle of libcurl. Private to http*.c.
 */
#ifndef NET_HTTP_HANDLE_H
#define NET_HTTP_HANDLE_H

#include <curl/curl.h>

#include "base/buf.h"
#include "net/http.h"

struct http_handle {
	CURL *curl;
	struct arena *arena;		/* of the answer */
	struct http_answer *answer;
	struct curl_slist *list;	/* headers; of a mail: to whom */
	struct buf body;
	const char *left;		/* of a mail, not yet handed over */
	size_t left_len;
	bool mail;
	char why[CURL_ERROR_SIZE];
};

/*
 * Prepare one, on a handle that lives until it is over. False: it is over
 * already, and the answer says why.
 */
bool	http_handle_ask(struct http_handle *, CURL *, struct arena *,
	    const struct http_request *, struct http_answer *);
bool	http_handle_mail(struct http_handle *, CURL *, struct arena *,
	    const struct mail_request *, struct http_answer *);
/* What came of it; nothing of it stays with the handle, its keys least. */
void	http_handle_over(struct http_handle *, CURLcode);

#endif
