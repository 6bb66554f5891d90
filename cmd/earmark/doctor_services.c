#include "cmd/earmark/doctor_services.h"

#include "base/str.h"
#include "providers/message.h"
#include "providers/provider.h"
#include "providers/service_probe.h"

#define TIMEOUT	5000		/* ms for each service */

/* Reports keys that a provider of payments would reject. */
static void
check_payment_keys(struct checkup *v)
{
	static const struct {
		enum provider provider;
		const char *name;
	} all[] = {
		{ PROVIDER_RAZORPAY, "Razorpay keys" },
		{ PROVIDER_STRIPE, "Stripe keys" },
	};
	const char *why;

	for (size_t i = 0; i < NELEM(all); i++) {
		if (!provider_on(v->conf, all[i].provider))
			continue;
		why = provider_key_doubt(v->conf, all[i].provider);
		report(v, all[i].name, why == NULL ? GOOD : BAD, "%s",
		    why == NULL ? "complete" : why);
	}
}

void
doctor_services(struct checkup *v)
{
	struct service_probe all[SERVICE_PROBES];
	const char *why;
	size_t n;

	check_payment_keys(v);
	if (!message_start(v->conf, &why)) {
		report(v, "message keys", BAD, "%s: see earmark.conf(5)", why);
		return;
	}
	n = service_probe_all(&v->cli->arena, v->conf, TIMEOUT, all);
	for (size_t i = 0; i < n; i++)
		if (all[i].why == NULL)
			report(v, all[i].name, GOOD, "%s is ready",
			    all[i].url);
		else if (all[i].by_devices)
			report(v, all[i].name, WARN, "%s cannot be reached from "
			    "this machine: %s: unless devices can reach it, "
			    "check %s", all[i].url, all[i].why, all[i].keys);
		else
			report(v, all[i].name, BAD, "%s cannot be used: %s: "
			    "check %s, the name servers and the firewall",
			    all[i].url, all[i].why, all[i].keys);
}
