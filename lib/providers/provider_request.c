/* provider_request: sends HTTP requests to payment providers. */
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "providers/provider_internal.h"

struct refusal { const char *error; };

static const struct field refusal_fields[] = {
	{ .name = "error", .type = F_JSON, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct refusal, error) },
};
static const struct field_table refusal_table =
    FIELD_TABLE(refusal_fields, struct refusal);

/* The members of an error object at Stripe and Razorpay. */
struct reason { const char *code, *type, *message, *description; };

#define TEXT(key, member) \
	{ .name = key, .type = F_STR, .flags = FIELD_CTL, \
	    .off = offsetof(struct reason, member) }

static const struct field reason_fields[] = {
	TEXT("code", code), TEXT("type", type), TEXT("message", message),
	TEXT("description", description),
};
static const struct field_table reason_table =
    FIELD_TABLE(reason_fields, struct reason);

void
provider_request_begin(struct provider_request *k, struct arena *a,
    const struct conf *c, enum provider p, struct err *err)
{
	*k = (struct provider_request){ .arena = a, .conf = c, .provider = p,
		.err = err,
		.until = clock_mono() + c->pay_timeout * SECOND * 1000 };
}

/*
 * Returns the provider's reason for an error, or NULL if the body is not an
 * error response of a provider.
 */
static const char *
provider_reason(struct provider_request *k, const char *body)
{
	struct refusal *top = field_new(k->arena, &refusal_table);
	struct reason *r = field_new(k->arena, &reason_table);
	const char *code, *text;

	if (!provider_json_read(k->arena, &refusal_table, top, body) ||
	    !provider_json_read(k->arena, &reason_table, r, top->error))
		return NULL;
	code = r->code != NULL ? r->code : r->type;
	text = r->message != NULL ? r->message : r->description;
	if (code == NULL && text == NULL)
		return NULL;
	return provider_json_text(k->arena, arena_fmt(k->arena, "%s%s%s",
	    code == NULL ? "" : code, code == NULL || text == NULL ? "" : ": ",
	    text == NULL ? "" : text));
}

static enum rc
unavailable(struct provider_request *k, const char *path, const char *why)
{
	log_warn("provider", "%s %.*s: %s", provider_names[k->provider],
	    (int)strcspn(path, "?"), path, why);
	return err_set(k->err, RC_UPSTREAM, "provider_unavailable", NULL);
}

enum rc
provider_request_invalid(struct provider_request *k, const char *path)
{
	return unavailable(k, path, "the response is invalid");
}

/* Handles a response with an error status. */
static enum rc
handle_error(struct provider_request *k, const char *path,
    const struct http_answer *answer)
{
	const char *why = strlen(answer->body) != answer->len ? NULL :
	    provider_reason(k, answer->body);
	int status = answer->status;

	if (status == 401 || status == 403 || (why != NULL &&
	    strstr(why, ": Authentication failed") != NULL)) {
		/* The provider rejects the key, not this payment. */
		log_error("provider_key", "%s rejects the configured key: "
		    "%d %s", provider_names[k->provider], status,
		    why == NULL ? "" : why);
		return err_set(k->err, RC_UPSTREAM, "provider_unavailable",
		    NULL);
	}
	if (status < 400 || status == 408 || status == 409 || status == 429 ||
	    status >= 500 || why == NULL) {
		unavailable(k, path, arena_fmt(k->arena, "%d %s", status,
		    why == NULL ? "" : why));
		k->err->retry_after = answer->retry_after;
		return RC_UPSTREAM;
	}
	log_warn("provider_refused", "%s %.*s: %d %s",
	    provider_names[k->provider], (int)strcspn(path, "?"), path, status,
	    why);
	return err_set(k->err, RC_BAD, "provider_refused",
	    "The provider rejected the request: %s", why);
}

enum rc
provider_request_send(struct provider_request *k, const char *path,
    struct http_request *r, const char **body)
{
	const char *base = k->provider == PROVIDER_STRIPE ?
	    k->conf->stripe_url : k->conf->razorpay_url;
	int64_t left = (k->until - clock_mono()) / 1000;
	struct http_answer answer;

	*body = "";
	if (left < 1)
		return unavailable(k, path, "payments.timeout has passed");
	r->url = arena_fmt(k->arena, "%s%s", base, path);
	r->timeout_ms = (long)left;
	http_ask(k->arena, r, &answer);
	if (answer.status == 0)
		return unavailable(k, path, answer.error);
	if (answer.status < 200 || answer.status > 299)
		return handle_error(k, path, &answer);
	if (strlen(answer.body) != answer.len)
		return provider_request_invalid(k, path);
	*body = answer.body;
	return RC_OK;
}
