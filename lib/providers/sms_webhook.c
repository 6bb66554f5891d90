/*
 * sms_webhook: sends SMS to a webhook of the operator. Requests are signed by
 * Standard Webhooks (https://www.standardwebhooks.com).
 */
#include <openssl/evp.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"
#include "json/json_write.h"
#include "providers/message_internal.h"

char *
sms_webhook_sign(struct arena *a, const char *secret, const char *id,
    int64_t seconds, const char *body, size_t n)
{
	char *text = arena_fmt(a, "%s.%lld.", id, (long long)seconds);
	size_t head = strlen(text), len;
	char *out = arena_alloc(a, 48);
	unsigned char key[SECRET_FILE_BYTES];
	struct hash mac;
	struct buf b;
	int got;

	if (str_prefix(secret, "whsec_"))
		secret += 6;
	len = strlen(secret);
	got = len / 4 * 3 > sizeof(key) ? -1 :
	    EVP_DecodeBlock(key, (const unsigned char *)secret, (int)len);
	while (got > 0 && len > 0 && secret[--len] == '=')
		got--;
	if (got <= 0)
		return NULL;
	buf_init(&b, head + n + 1);
	buf_add(&b, text, head);
	buf_add(&b, body, n);
	mac = hash_hmac(key, (size_t)got, b.data, b.len);
	buf_free(&b);
	explicit_bzero(key, sizeof(key));
	EVP_EncodeBlock((unsigned char *)out, mac.b, sizeof(mac.b));
	return out;
}

static bool
begin_sms_webhook(struct sending *s, const struct conf *c,
    struct message_result *result)
{
	const struct message *m = s->m;
	struct arena *a = s->arena;
	char *id = arena_fmt(a, "msg_%lld", (long long)m->id), *sign;
	const char **headers = arena_zalloc(a, 4, sizeof(*headers));
	struct buf body;
	struct json_write j;

	s->ask = (struct http_request){ .method = "POST", .url = c->sms_url,
		.content_type = "application/json", .headers = headers,
		.ca_file = c->sms_ca_file, .timeout_ms = MESSAGE_TIMEOUT };
	buf_init(&body, 64 * 1024);
	json_write_init(&j, &body);
	json_write_obj(&j, NULL);
	json_write_str(&j, "type", "sms.send");
	json_write_time(&j, "timestamp", m->now);
	json_write_obj(&j, "data");
	json_write_str(&j, "to", m->to);
	json_write_str(&j, "template", m->template);
	json_write_str(&j, "code", m->code);
	json_write_str(&j, "text", m->body);
	if (m->data != NULL)
		json_write_raw(&j, "details", m->data);
	json_write_obj_end(&j);
	json_write_obj_end(&j);
	s->ask.body = arena_strn(a, body.data, body.len);
	s->ask.body_len = body.len;
	buf_free(&body);
	sign = sms_webhook_sign(a, message_keys.sms, id, m->now / 1000,
	    s->ask.body, s->ask.body_len);
	if (sign == NULL) {
		*result = message_dead("the secret is not base64");
		return false;
	}
	headers[0] = arena_fmt(a, "webhook-id: %s", id);
	headers[1] = arena_fmt(a, "webhook-timestamp: %lld",
	    (long long)(m->now / 1000));
	headers[2] = arena_fmt(a, "webhook-signature: v1,%s", sign);
	return true;
}

static struct message_result
evaluate_sms_webhook(struct sending *s)
{
	return message_judge(s->arena, &s->answer);
}

const struct message_driver sms_webhook_driver = {
	.max_requests = 16, .begin = begin_sms_webhook,
	.judge = evaluate_sms_webhook,
};
