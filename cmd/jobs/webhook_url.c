
#include "base/str.h"
#include "cmd/jobs/webhook_url.h"

const char *
webhook_url(struct arena *a, const struct conf *conf, enum provider p)
{
	if (p == PROVIDER_SANDBOX && *conf->sandbox_webhook_url != '\0')
		return conf->sandbox_webhook_url;
	return arena_fmt(a, "%s/payments/webhook/%s", conf->base_url,
	    provider_names[p]);
}
