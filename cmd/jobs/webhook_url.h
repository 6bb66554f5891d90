/*
 * webhook_url: the URLs for the webhooks of payment providers.
 */
#ifndef CMD_JOBS_WEBHOOK_URL_H
#define CMD_JOBS_WEBHOOK_URL_H

#include "base/arena.h"
#include "base/conf.h"
#include "cmd/jobs/webhook_url.h"

/*
 * Returns the URL that receives the webhooks of a provider, allocated in the
 * arena.
 */
const char *webhook_url(struct arena *, const struct conf *, enum provider);

#endif
