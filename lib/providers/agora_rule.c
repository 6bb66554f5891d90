#include "providers/agora_rule.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "json/json_write.h"
#include "net/url_policy.h"
#include "providers/provider_internal.h"

#define PATH		"/dev/v1/kicking-rule"
/* Agora recommends at least 20 s, because the rule exists after a timeout. */
#define TIMEOUT		(20 * SECOND)
#define BODY		4096

static char secret[SECRET_FILE_BYTES];

bool
agora_rule_start(const struct conf *c, const char **why)
{
	size_t n;

	secret[0] = '\0';
	if (c->agora_customer_file[0] == '\0')
		return true;
	return url_policy_ok("rtc.agora_url", c->agora_url, URL_BASE, why) &&
	    secret_file_lines("rtc.agora_customer_file", c->agora_customer_file,
	    &secret, 1, &n, why);
}

/* The members of a response that are used. */
struct created { int64_t id; };
static const struct field created_fields[] = {
	{ .name = "id", .type = F_INT, .flags = FIELD_REQUIRED, .min = 1,
	    .max = INT64_MAX, .off = offsetof(struct created, id) },
};
static const struct field_table created_table =
    FIELD_TABLE(created_fields, struct created);

struct refused { const char *message; };
static const struct field refused_fields[] = {
	{ .name = "message", .type = F_STR, .flags = FIELD_CTL, .max = 1000,
	    .off = offsetof(struct refused, message) },
};
static const struct field_table refused_table =
    FIELD_TABLE(refused_fields, struct refused);

struct rule { int64_t id, uid; const char *cname; };
static const struct field rule_fields[] = {
	{ .name = "id", .type = F_INT, .flags = FIELD_REQUIRED,
	    .max = INT64_MAX, .off = offsetof(struct rule, id) },
	{ .name = "uid", .type = F_INT, .max = INT64_MAX,
	    .off = offsetof(struct rule, uid) },
	{ .name = "cname", .type = F_STR, .max = 200,
	    .off = offsetof(struct rule, cname) },
};
static const struct field_table rule_table =
    FIELD_TABLE(rule_fields, struct rule);

struct rules { struct objv rules; };
static const struct field rules_fields[] = {
	{ .name = "rules", .type = F_OBJV, .flags = FIELD_REQUIRED,
	    .max = 2000, .off = offsetof(struct rules, rules),
	    .sub = &rule_table },
};
static const struct field_table rules_table =
    FIELD_TABLE(rules_fields, struct rules);

static enum rc
fail(struct agora_failure *f, const char *why, int64_t retry_after)
{
	*f = (struct agora_failure){ why, retry_after };
	return RC_UPSTREAM;
}

/* Sends a request. RC_NOT_FOUND: Agora returned 404. */
static enum rc
send_request(struct arena *a, const struct conf *c, const char *method,
    const char *query, const struct buf *body, const char **answered,
    struct agora_failure *f)
{
	struct refused *refused = field_new(a, &refused_table);
	struct http_request r = { .method = method,
		.url = arena_fmt(a, "%s" PATH "%s", c->agora_url, query),
		.user = c->agora_customer_id, .password = secret,
		.timeout_ms = TIMEOUT };
	struct http_answer answer;

	if (body != NULL) {
		r.content_type = "application/json";
		r.body = body->data;
		r.body_len = body->len;
	}
	http_ask(a, &r, &answer);
	if (answer.status == 0)
		return fail(f, answer.error, 0);
	if (answer.status == 404)
		return RC_NOT_FOUND;
	*answered = strlen(answer.body) == answer.len ? answer.body : "";
	if (answer.status / 100 == 2)
		return RC_OK;
	if (answer.status == 401 || answer.status == 403)
		log_error("agora_key", "Agora rejects rtc.agora_customer_id: "
		    "%d", answer.status);
	if (!provider_json_read(a, &refused_table, refused, *answered))
		refused->message = NULL;
	return fail(f, arena_fmt(a, "%d %s", answer.status,
	    refused->message == NULL ? "" :
	    provider_json_text(a, refused->message)),
	    answer.retry_after * SECOND);
}

static enum rc
invalid(struct agora_failure *f)
{
	return fail(f, "the response is invalid", 0);
}

enum rc
agora_rule_create(struct arena *a, const struct conf *c, const char *channel,
    int64_t user, int64_t seconds, int64_t *id, struct agora_failure *f)
{
	struct created *created = field_new(a, &created_table);
	const char *answered;
	struct json_write j;
	struct buf b;
	enum rc rc;

	/* Agora extends shorter times to AGORA_RULE_MIN, except for 0. */
	if (seconds < AGORA_RULE_MIN)
		seconds = 0;
	*id = 0;
	buf_init(&b, BODY);
	json_write_init(&j, &b);
	json_write_obj(&j, NULL);
	json_write_str(&j, "appid", c->agora_app_id);
	json_write_str(&j, "cname", channel);
	json_write_int(&j, "uid", user);
	json_write_int(&j, "time_in_seconds", seconds < AGORA_RULE_MAX ?
	    seconds : AGORA_RULE_MAX);
	json_write_arr(&j, "privileges");
	json_write_str(&j, NULL, "join_channel");
	json_write_arr_end(&j);
	json_write_obj_end(&j);
	rc = send_request(a, c, "POST", "", &b, &answered, f);
	buf_free(&b);
	if (rc == RC_NOT_FOUND)
		return fail(f, "404", 0);
	if (rc != RC_OK || seconds == 0)
		return rc;
	if (!provider_json_read(a, &created_table, created, answered))
		return invalid(f);
	*id = created->id;
	return RC_OK;
}

enum rc
agora_rule_find(struct arena *a, const struct conf *c, const char *channel,
    int64_t user, int64_t ids[AGORA_RULES], size_t *n, struct agora_failure *f)
{
	struct rules *found = field_new(a, &rules_table);
	const char *answered;
	enum rc rc;

	*n = 0;
	rc = send_request(a, c, "GET", arena_fmt(a, "?appid=%s",
	    c->agora_app_id), NULL, &answered, f);
	if (rc == RC_NOT_FOUND)
		return fail(f, "404", 0);
	if (rc != RC_OK)
		return rc;
	if (!provider_json_read(a, &rules_table, found, answered))
		return invalid(f);
	for (size_t i = 0; i < found->rules.n && *n < AGORA_RULES; i++) {
		const struct rule *r = (struct rule *)found->rules.v + i;

		if (r->uid == user && r->cname != NULL &&
		    str_eq(r->cname, channel))
			ids[(*n)++] = r->id;
	}
	return RC_OK;
}

enum rc
agora_rule_delete(struct arena *a, const struct conf *c, int64_t id,
    struct agora_failure *f)
{
	const char *answered;
	struct json_write j;
	struct buf b;
	enum rc rc;

	buf_init(&b, BODY);
	json_write_init(&j, &b);
	json_write_obj(&j, NULL);
	json_write_str(&j, "appid", c->agora_app_id);
	json_write_int(&j, "id", id);
	json_write_obj_end(&j);
	rc = send_request(a, c, "DELETE", "", &b, &answered, f);
	buf_free(&b);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}
