#include "cmd/jobs/key_dispatcher.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/metric.h"
#include "domain/accounts/oidc_key.h"
#include "net/http.h"
#include "net/url_policy.h"
#include "providers/jwks.h"

#define MEMORY	(32 << 20)
#define WAIT	100			/* ms between two looks at `stop` */

/* A request to a provider. */
struct fetch {
	const struct conf_oidc *provider;
	struct http_request request;
	struct http_answer answer;
	bool due;			/* its keys must be requested */
	bool busy;			/* a request is under way */
};

bool
key_dispatcher_start(const struct conf *conf, const char **why)
{
	static char key[64];
	const struct conf_oidc *p;

	for (p = conf->oidc; p < conf->oidc + conf->oidc_n; p++) {
		snprintf(key, sizeof(key), "oidc.%s.jwks_url", p->name);
		if (p->audiences.n > 0 &&
		    !url_policy_ok(key, p->jwks_url, URL_WEB, why))
			return false;
	}
	return true;
}

/* Marks the providers whose keys are due, and returns their number in *n. */
static enum rc
find_due(struct db *db, struct arena *a, struct fetch *v, size_t max,
    int64_t now, size_t *n)
{
	size_t i;
	enum rc rc = db_read(db);

	*n = 0;
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < max && rc == RC_OK; i++) {
		v[i].due = false;
		if (!v[i].busy)
			rc = oidc_key_due(db, a, v[i].provider, now,
			    &v[i].due);
		*n += v[i].due;
	}
	db_read_end(db);
	return rc;
}

static enum rc
begin_due(struct db *db, const struct fetch *v, size_t max, int64_t now)
{
	enum rc rc = db_write(db);
	size_t i;

	if (rc != RC_OK)
		return rc;
	for (i = 0; i < max && rc == RC_OK; i++)
		if (v[i].due)
			rc = oidc_key_begin(db, v[i].provider, now);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

/* Sends requests to the providers whose keys are due. */
static enum rc
ask_due(struct db *db, struct arena *a, struct http_multi *m, struct fetch *v,
    size_t max, int64_t now)
{
	size_t n, i;
	enum rc rc = find_due(db, a, v, max, now, &n);

	if (rc == RC_OK && n > 0)
		rc = begin_due(db, v, max, now);
	if (rc != RC_OK || n == 0)
		return rc;
	for (i = 0; i < max; i++) {
		if (!v[i].due)
			continue;
		v[i].busy = true;
		v[i].request = (struct http_request){ .method = "GET",
		    .url = v[i].provider->jwks_url,
		    .timeout_ms = KEY_DISPATCHER_TIMEOUT };
		http_multi_ask(m, a, &v[i].request, &v[i].answer, &v[i]);
	}
	return RC_OK;
}

/* Reads the response. Returns why it cannot be used, or NULL. */
static const char *
read_keys(struct arena *a, const struct fetch *f, struct oidc_key **keys,
    size_t *n)
{
	const struct http_answer *r = &f->answer;
	struct jwks_key *v;
	size_t i;

	*n = 0;
	if (r->status == 0)
		return r->error != NULL ? r->error : "no response";
	if (r->status != 200)
		return arena_fmt(a, "status %d", r->status);
	*n = jwks_read(a, r->body, r->len, &v);
	if (*n == 0)
		return "the response contains no key for RS256 or ES256";
	*keys = arena_zalloc(a, *n, sizeof(**keys));
	for (i = 0; i < *n; i++)
		(*keys)[i] = (struct oidc_key){ .kid = v[i].kid,
		    .type = (int)v[i].key.type, .first = v[i].key.first,
		    .first_len = v[i].key.first_len,
		    .second = v[i].key.second,
		    .second_len = v[i].key.second_len };
	return NULL;
}

static enum rc
store_result(struct db *db, struct arena *a, const struct fetch *f,
    int64_t now, struct message_dispatcher_sum *sum)
{
	struct oidc_key *keys = NULL;
	const char *why;
	size_t n;
	enum rc rc;

	why = read_keys(a, f, &keys, &n);
	if (why == NULL)
		sum->sent++;
	else
		sum->failed++;
	metric_add(metric_get("earmark_oidc_key_fetches_total{provider=\"%s\","
	    "result=\"%s\"}", f->provider->name, why == NULL ? "ok" :
	    "failed"), 1);
	if (why != NULL)
		log_warn("oidc_keys", "%s: %s", f->provider->name, why);
	rc = db_write(db);
	if (rc != RC_OK)
		return rc;
	rc = why == NULL ? oidc_key_store(db, f->provider, keys, n,
	    f->answer.max_age, now) : oidc_key_failed(db, f->provider, why);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

static bool
is_busy(const struct fetch *v, size_t max)
{
	size_t i;

	for (i = 0; i < max && !v[i].busy; i++)
		;
	return i < max;
}

/*
 * Sends the requests that are due, and stores each result when it arrives. Keys
 * that become due meanwhile are requested too, so that a provider that hangs
 * delays no other. After an error of the database, no further request is sent.
 */
static enum rc
fetch_all(struct db *db, struct arena *a, struct fetch *v, size_t max,
    int64_t (*now)(void), const volatile sig_atomic_t *stop,
    struct message_dispatcher_sum *sum)
{
	struct http_multi *m = http_multi_new(CONF_OIDC_MAX);
	struct fetch *done;
	enum rc rc, one;

	if (m == NULL)
		return RC_FAULT;
	rc = ask_due(db, a, m, v, max, now());
	while (is_busy(v, max) && !*stop) {
		done = http_multi_over(m);
		if (done == NULL) {
			http_multi_wait(m, -1, WAIT);
			if (rc == RC_OK)
				rc = ask_due(db, a, m, v, max, now());
			continue;
		}
		done->busy = false;
		one = store_result(db, a, done, now(), sum);
		if (rc == RC_OK)
			rc = one;
	}
	http_multi_free(m);
	return rc;
}

enum rc
key_dispatcher_run(struct db *db, const struct conf *conf,
    int64_t (*now)(void), const volatile sig_atomic_t *stop,
    struct message_dispatcher_sum *sum)
{
	struct fetch v[CONF_OIDC_MAX];
	struct arena a;
	size_t n, i;
	enum rc rc;

	memset(v, 0, sizeof(v));
	for (i = 0; i < conf->oidc_n; i++)
		v[i].provider = &conf->oidc[i];
	arena_init(&a, MEMORY);
	rc = find_due(db, &a, v, conf->oidc_n, now(), &n);
	if (rc == RC_OK && n > 0)
		rc = fetch_all(db, &a, v, conf->oidc_n, now, stop, sum);
	arena_free(&a);
	return rc;
}
