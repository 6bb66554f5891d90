#include "net/http.h"

#include "base/str.h"
#include "net/http_handle.h"

/* One handle per process, which keeps connections open for later requests. */
static CURL *curl;

bool
http_start(void)
{
	if (curl != NULL)
		return true;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return false;
	curl = curl_easy_init();
	return curl != NULL;
}

void
http_ask(struct arena *a, const struct http_request *r,
    struct http_answer *out)
{
	struct http_handle call;

	*out = (struct http_answer){ .body = "",
		.error = "libcurl cannot be initialized" };
	if (http_start() && http_handle_ask(&call, curl, a, r, out))
		http_handle_over(&call, curl_easy_perform(curl));
}

/*
 * Connects, if the request was prepared. The handle is not used again, because
 * libcurl keeps its connection for the caller.
 */
static void
probe(CURL *own, struct http_handle *call, bool prepared)
{
	if (prepared) {
		(void)curl_easy_setopt(own, CURLOPT_CONNECT_ONLY, 1L);
		http_handle_over(call, curl_easy_perform(own));
	}
	curl_easy_cleanup(own);
}

const char *
http_probe(struct arena *a, const struct http_request *r)
{
	CURL *own = http_start() ? curl_easy_init() : NULL;
	struct http_answer answer;
	struct http_handle call;

	if (own == NULL)
		return "libcurl cannot be initialized";
	probe(own, &call, http_handle_ask(&call, own, a, r, &answer));
	return answer.error;
}

void
http_probe_mail(struct arena *a, const struct mail_request *r,
    struct http_answer *out)
{
	CURL *own = http_start() ? curl_easy_init() : NULL;
	struct http_handle call;

	*out = (struct http_answer){ .body = "",
		.error = "libcurl cannot be initialized" };
	if (own != NULL)
		probe(own, &call, http_handle_mail(&call, own, a, r, out));
}

char *
http_escape(struct arena *a, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_alloc(a, 3 * strlen(text) + 1), *p = out;

	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL) {
			*p++ = *text;
			continue;
		}
		*p++ = '%';
		*p++ = digits[(unsigned char)*text >> 4];
		*p++ = digits[(unsigned char)*text & 15];
	}
	*p = '\0';
	return out;
}
