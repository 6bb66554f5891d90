/*
 * webhook_url: where a payment provider sends its webhooks to.
 */
#ifndef CMD_JOBS_WEBHOOK_URL_H
#define CMD_JOBS_WEBHOOK_URL_H

#include "base/arena.h"
#include "base/conf.h"
#include "cmd/jobs/webhook_url.h"

/* Where webhooks of a provider are taken. */
const char *webhook_url(struct arena *, const struct conf *, enum provider);

#endif
