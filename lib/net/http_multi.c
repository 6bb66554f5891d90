/* http_multi: concurrent requests on a libcurl multi handle. */
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "net/http_handle.h"

struct slot {
	struct http_handle call;		/* first member, see
						 * CURLINFO_PRIVATE */
	CURL *curl;			/* kept for later requests */
	void *tag;			/* NULL: free */
	bool over;
};

struct http_multi {
	CURLM *multi;
	struct slot *v;
	size_t n;
};

static void
check_multi(CURLMcode rc)
{
	if (rc != CURLM_OK)
		BUG("libcurl: %s", curl_multi_strerror(rc));
}

struct http_multi *
http_multi_new(size_t max)
{
	struct http_multi *m;
	size_t i;

	if (!http_start())
		return NULL;
	m = calloc(1, sizeof(*m));
	if (m != NULL)
		m->v = calloc(max, sizeof(*m->v));
	if (m == NULL || m->v == NULL || (m->multi = curl_multi_init()) == NULL)
		BUG("out of memory");
	for (m->n = max, i = 0; i < max; i++)
		if ((m->v[i].curl = curl_easy_init()) == NULL)
			BUG("out of memory");
	check_multi(curl_multi_setopt(m->multi, CURLMOPT_MAXCONNECTS,
	    (long)max));
	return m;
}

void
http_multi_limit(struct http_multi *m, size_t hosts)
{
	check_multi(curl_multi_setopt(m->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
	    (long)hosts));
}

void
http_multi_free(struct http_multi *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		struct slot *slot = &m->v[i];

		if (slot->tag != NULL && !slot->over) {
			check_multi(curl_multi_remove_handle(m->multi,
			    slot->curl));
			http_handle_over(&slot->call,
			    CURLE_ABORTED_BY_CALLBACK);
		}
		curl_easy_cleanup(slot->curl);
	}
	curl_multi_cleanup(m->multi);
	free(m->v);
	free(m);
}

/* Returns a free slot and assigns the tag to it. */
static struct slot *
take_slot(struct http_multi *m, void *tag)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].tag == NULL) {
			m->v[i].tag = tag;
			return &m->v[i];
		}
	BUG("more than %zu requests at once", m->n);
}

/* Starts a prepared request. Marks one whose preparation failed as finished. */
static void
start_request(struct http_multi *m, struct slot *slot, bool prepared)
{
	slot->over = !prepared;
	if (prepared)
		check_multi(curl_multi_add_handle(m->multi, slot->curl));
}

void
http_multi_ask(struct http_multi *m, struct arena *a,
    const struct http_request *r, struct http_answer *answer, void *tag)
{
	struct slot *slot = take_slot(m, tag);

	start_request(m, slot, http_handle_ask(&slot->call, slot->curl, a, r,
	    answer));
}

void
http_multi_mail(struct http_multi *m, struct arena *a,
    const struct mail_request *r, struct http_answer *answer, void *tag)
{
	struct slot *slot = take_slot(m, tag);

	start_request(m, slot, http_handle_mail(&slot->call, slot->curl, a, r,
	    answer));
}

/* Handles the requests that have finished. */
static void
finish_requests(struct http_multi *m)
{
	struct slot *slot;
	CURLMsg *msg;
	CURLcode rc;
	int left;

	while ((msg = curl_multi_info_read(m->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		rc = msg->data.result;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &slot);
		check_multi(curl_multi_remove_handle(m->multi, slot->curl));
		http_handle_over(&slot->call, rc);
		slot->over = true;
	}
}

void *
http_multi_over(struct http_multi *m)
{
	int running;
	void *tag;
	size_t i;

	check_multi(curl_multi_perform(m->multi, &running));
	finish_requests(m);
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

	/*
	 * An error here occurs again, and is reported, in curl_multi_perform().
	 */
	(void)curl_multi_poll(m->multi, &other, fd < 0 ? 0 : 1, ms, NULL);
}
