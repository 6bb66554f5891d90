#include "providers/service_probe.h"

#include "base/str.h"
#include "net/http.h"
#include "net/stun_probe.h"
#include "providers/jwks.h"
#include "providers/message.h"
#include "providers/message_internal.h"
#include "providers/provider.h"

struct probing {
	struct arena *arena;
	const struct conf *conf;
	long timeout_ms;
	struct service_probe *out;
	size_t n;
};

/* Adds a service. Its URL may contain secrets after the host. */
static struct service_probe *
add_service(struct probing *p, const char *name, const char *url,
    const char *keys)
{
	struct service_probe *s = &p->out[p->n++];
	const char *host = strstr(url, "://");

	host = host == NULL ? url : host + 3;
	*s = (struct service_probe){ .name = name, .keys = keys,
		.url = arena_strn(p->arena, url, (size_t)(host - url) +
		    strcspn(host, "/?#{")) };
	return s;
}

static void
probe_mail(struct probing *p)
{
	const struct conf *c = p->conf;
	const struct mail_request r = { .url = c->smtp_url,
		.user = c->smtp_user, .password = message_keys.smtp,
		.ca_file = c->smtp_ca_file, .from = c->mail_from,
		.to = c->mail_from, .text = "", .timeout_ms = p->timeout_ms,
		.text_timeout_ms = p->timeout_ms };
	struct service_probe *s = add_service(p, "mail server", c->smtp_url,
	    "delivery.smtp_url");
	struct http_answer answer;

	http_probe_mail(p->arena, &r, &answer);
	s->why = answer.error;
	if (answer.status == 0 || answer.status / 100 == 2)
		return;
	s->why = arena_fmt(p->arena, "it responded %s", answer.body);
	s->keys = "delivery.smtp_user and delivery.smtp_password_file";
}

/* http2: the service accepts no other protocol. */
static void
probe_web(struct probing *p, const char *name, const char *url,
    const char *keys, const char *ca_file, bool http2)
{
	struct service_probe *s = add_service(p, name, url, keys);
	const struct http_request r = { .method = "GET", .url = s->url,
		.timeout_ms = p->timeout_ms, .ca_file = ca_file,
		.http2 = http2 };

	s->why = http_probe(p->arena, &r);
}

/* Reads the public keys of a provider. */
static void
probe_oidc(struct probing *p, const struct conf_oidc *oidc)
{
	const struct http_request r = { .method = "GET", .url = oidc->jwks_url,
		.timeout_ms = p->timeout_ms };
	struct service_probe *s = add_service(p, arena_fmt(p->arena,
	    "sign-in with %s", oidc->name), oidc->jwks_url, arena_fmt(p->arena,
	    "oidc.%s.jwks_url", oidc->name));
	struct http_answer answer;
	struct jwks_key *keys;

	http_ask(p->arena, &r, &answer);
	if (answer.status == 0)
		s->why = answer.error != NULL ? answer.error : "no response";
	else if (answer.status != 200)
		s->why = arena_fmt(p->arena, "it responded %d", answer.status);
	else if (jwks_read(p->arena, answer.body, answer.len, &keys) == 0)
		s->why = "its response has no key for RS256 or ES256";
}

/* Contacts each server of a list. */
static void
probe_relays(struct probing *p, const char *name, const char *list,
    const char *keys)
{
	char *copy = arena_str(p->arena, list), *url;
	struct service_probe *s;

	while ((url = strsep(&copy, ", ")) != NULL) {
		if (*url == '\0' || p->n == SERVICE_PROBES)
			continue;
		s = add_service(p, name, url, keys);
		s->url = url;
		s->by_devices = true;
		s->why = stun_probe(p->arena, url, p->timeout_ms);
	}
}

static void
probe_media(struct probing *p)
{
	const struct conf *c = p->conf;

	if (c->agora_customer_id[0] != '\0')
		probe_web(p, "Agora", c->agora_url, "rtc.agora_url", NULL,
		    false);
	if (c->rtc_provider != 0)
		return;
	probe_relays(p, "STUN server", c->stun_urls, "rtc.stun_urls");
	probe_relays(p, "TURN server", c->turn_urls, "rtc.turn_urls");
}

size_t
service_probe_all(struct arena *arena, const struct conf *c, long timeout_ms,
    struct service_probe out[SERVICE_PROBES])
{
	struct probing p = { .arena = arena, .conf = c,
		.timeout_ms = timeout_ms, .out = out };

	if (c->email_by == EMAIL_SMTP)
		probe_mail(&p);
	if (c->sms_by == SMS_WEBHOOK || c->sms_by == SMS_HTTP)
		probe_web(&p, "SMS gateway", c->sms_url, "delivery.sms_url",
		    c->sms_ca_file, false);
	if (c->sms_by == SMS_TWILIO)
		probe_web(&p, "SMS gateway", c->twilio_url,
		    "delivery.twilio_url", c->sms_ca_file, false);
	if (c->push_by == PUSH_FCM)
		probe_web(&p, "FCM", c->fcm_url, "delivery.fcm_url",
		    c->fcm_ca_file, false);
	if (message_by_apns(c))
		probe_web(&p, "APNs", c->apns_url, "delivery.apns_url",
		    c->apns_ca_file, true);
	if (provider_on(c, PROVIDER_RAZORPAY))
		probe_web(&p, "Razorpay", c->razorpay_url,
		    "payments.razorpay_url", NULL, false);
	if (provider_on(c, PROVIDER_STRIPE))
		probe_web(&p, "Stripe", c->stripe_url, "payments.stripe_url",
		    NULL, false);
	for (size_t i = 0; i < c->oidc_n; i++)
		if (c->oidc[i].audiences.n > 0)
			probe_oidc(&p, &c->oidc[i]);
	probe_media(&p);
	return p.n;
}
