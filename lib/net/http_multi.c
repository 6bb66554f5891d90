/* http_multi: several requests at once, on a multi handle of libcurl. */
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "net/http_handle.h"

struct one {
	struct http_handle call;		/* first: what PRIVATE tells */
	CURL *curl;			/* its own, for as long as we live */
	void *tag;			/* NULL: it is free */
	bool over;
};

struct http_multi {
	CURLM *multi;
	struct one *v;
	size_t n;
};

static void
check_http_multi(CURLMcode rc)
{
	if (rc != CURLM_OK)
		BUG("libcurl: %s", curl_multi_strerror(rc));
}

struct http_multi *
http_multi_new(size_t most)
{
	struct http_multi *m;
	size_t i;

	if (!http_start())
		return NULL;
	m = calloc(1, sizeof(*m));
	if (m != NULL)
		m->v = calloc(most, sizeof(*m->v));
	if (m == NULL || m->v == NULL || (m->multi = curl_multi_init()) == NULL)
		BUG("out of memory");
	for (m->n = most, i = 0; i < most; i++)
		if ((m->v[i].curl = curl_easy_init()) == NULL)
			BUG("out of memory");
	check_http_multi(curl_multi_setopt(m->multi, CURLMOPT_MAXCONNECTS,
	    (long)most));
	return m;
}

void
http_multi_free(struct http_multi *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		struct one *one = &m->v[i];

		if (one->tag != NULL && !one->over) {
			check_http_multi(curl_multi_remove_handle(m->multi,
			    one->curl));
			http_handle_over(&one->call, CURLE_ABORTED_BY_CALLBACK);
		}
		curl_easy_cleanup(one->curl);
	}
	curl_multi_cleanup(m->multi);
	free(m->v);
	free(m);
}

/* A free one, for what has that tag. */
static struct one *
take_http_multi(struct http_multi *m, void *tag)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].tag == NULL) {
			m->v[i].tag = tag;
			return &m->v[i];
		}
	BUG("more than %zu requests at once", m->n);
}

/* Off with it, if it could be prepared. */
static void
go(struct http_multi *m, struct one *one, bool prepared)
{
	one->over = !prepared;
	if (prepared)
		check_http_multi(curl_multi_add_handle(m->multi, one->curl));
}

void
http_multi_ask(struct http_multi *m, struct arena *a,
    const struct http_request *r, struct http_answer *answer, void *tag)
{
	struct one *one = take_http_multi(m, tag);

	go(m, one, http_handle_ask(&one->call, one->curl, a, r, answer));
}

void
http_multi_mail(struct http_multi *m, struct arena *a,
    const struct mail_request *r, struct http_answer *answer, void *tag)
{
	struct one *one = take_http_multi(m, tag);

	go(m, one, http_handle_mail(&one->call, one->curl, a, r, answer));
}

/* Take notice of those that have ended. */
static void
notice(struct http_multi *m)
{
	struct one *one;
	CURLMsg *msg;
	CURLcode rc;
	int left;

	while ((msg = curl_multi_info_read(m->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		rc = msg->data.result;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &one);
		check_http_multi(curl_multi_remove_handle(m->multi, one->curl));
		http_handle_over(&one->call, rc);
		one->over = true;
	}
}

void *
http_multi_over(struct http_multi *m)
{
	int running;
	void *tag;
	size_t i;

	check_http_multi(curl_multi_perform(m->multi, &running));
	notice(m);
	for (i = 0; i < m->n; i++)
		if (m->v[i].tag != NULL && m->v[i].over) {
			tag = m->v[i].tag;
			m->v[i].tag = NULL;
			return tag;
		}
	return NULL;
}

void
http_multi_wait(struct http_multi *m, int fd, int ms)
{
	struct curl_waitfd other = { .fd = fd, .events = CURL_WAIT_POLLIN };

	/* What fails here fails again where it is told. */
	(void)curl_multi_poll(m->multi, &other, fd < 0 ? 0 : 1, ms, NULL);
}
