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

/* Finds the providers whose keys are due, and returns their number in *n. */
static enum rc
find_due(struct db *db, struct arena *a, const struct conf *conf, int64_t now,
    struct fetch *v, size_t *n)
{
	bool due;
	size_t i;
	enum rc rc = db_read(db);

	*n = 0;
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < conf->oidc_n && rc == RC_OK; i++) {
		rc = oidc_key_due(db, a, &conf->oidc[i], now, &due);
		if (rc == RC_OK && due)
			v[(*n)++].provider = &conf->oidc[i];
	}
	db_read_end(db);
	return rc;
}

static enum rc
begin_all(struct db *db, const struct fetch *v, size_t n, int64_t now)
{
	enum rc rc = db_write(db);
	size_t i;

	if (rc != RC_OK)
		return rc;
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = oidc_key_begin(db, v[i].provider, now);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
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

/*
 * Sends all requests and stores each result when it arrives, so that a provider
 * that hangs does not delay the others.
 */
static enum rc
fetch_all(struct db *db, struct arena *a, struct fetch *v, size_t n,
    int64_t (*now)(void), const volatile sig_atomic_t *stop,
    struct message_dispatcher_sum *sum)
{
	struct http_multi *m = http_multi_new(CONF_OIDC_MAX);
	struct fetch *done;
	size_t left = n, i;
	enum rc rc = RC_OK, one;

	if (m == NULL)
		return RC_FAULT;
	for (i = 0; i < n; i++) {
		v[i].request = (struct http_request){ .method = "GET",
		    .url = v[i].provider->jwks_url,
		    .timeout_ms = KEY_DISPATCHER_TIMEOUT };
		http_multi_ask(m, a, &v[i].request, &v[i].answer, &v[i]);
	}
	while (left > 0 && !*stop) {
		done = http_multi_over(m);
		if (done == NULL) {
			http_multi_wait(m, -1, WAIT);
			continue;
		}
		left--;
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
	size_t n;
	enum rc rc;

	memset(v, 0, sizeof(v));
	arena_init(&a, MEMORY);
	rc = find_due(db, &a, conf, now(), v, &n);
	if (rc == RC_OK && n > 0)
		rc = begin_all(db, v, n, now());
	if (rc == RC_OK && n > 0)
		rc = fetch_all(db, &a, v, n, now, stop, sum);
	arena_free(&a);
	return rc;
}
