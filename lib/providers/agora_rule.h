/*
 * agora_rule: bans users from channels with Agora's REST API.
 *
 * Source: docs.agora.io/en/api-reference/api-ref/rtc/create-ban-rule,
 * delete-ban-rule, get-ban-rule-list and ban-user-privileges-best-practices.
 * Agora allows 10 requests per second. After a request that timed out, the rule
 * may exist, so it must be looked for before it is created again.
 */
#ifndef PROVIDERS_AGORA_RULE_H
#define PROVIDERS_AGORA_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"

#define AGORA_RULE_MIN	10	/* shortest rule, seconds */
#define AGORA_RULE_MAX	86430	/* longest rule, seconds */
#define AGORA_RULES	20	/* maximum that agora_rule_find() returns */

/*
 * Reads the customer secret, once per process. Returns false, and sets *why to
 * a message, if it is configured and cannot be read.
 */
bool	agora_rule_start(const struct conf *, const char **why);

/* The reason of a failure. */
struct agora_failure {
	const char *why;		/* in the arena */
	int64_t retry_after;		/* ms; 0: not given */
};

/*
 * Bans a user from a channel for some seconds. Less than AGORA_RULE_MIN: the
 * user leaves the channel, and no rule remains. *id: the rule; 0: none. Returns
 * RC_UPSTREAM and fills in the failure if Agora did not confirm it.
 */
enum rc	agora_rule_create(struct arena *, const struct conf *,
	    const char *channel, int64_t user, int64_t seconds, int64_t *id,
	    struct agora_failure *);
/* Lists the rules for a user in a channel. Fails as agora_rule_create(). */
enum rc	agora_rule_find(struct arena *, const struct conf *,
	    const char *channel, int64_t user, int64_t ids[AGORA_RULES],
	    size_t *n, struct agora_failure *);
/* Deletes a rule. It may be gone already. Fails as agora_rule_create(). */
enum rc	agora_rule_delete(struct arena *, const struct conf *, int64_t id,
	    struct agora_failure *);

#endif
