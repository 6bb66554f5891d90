/*
 * refusal: counts what the limits refused, by reason.
 */
#ifndef BASE_REFUSAL_H
#define BASE_REFUSAL_H

#include <stdint.h>

/* What has refused something, as people and metrics are told. */
enum refusal {
	REFUSED_WRITE, REFUSED_SEARCH, REFUSED_PASSWORD, REFUSED_GUESS,
	REFUSED_RESEND, REFUSED_DAILY, REFUSED_COUNTRY, REFUSED_PREFIX,
	REFUSED_CEILING, REFUSED_COUNTRIES, REFUSED_UNPROVED, REFUSED_OWNER,
	REFUSED_NETWORK, REFUSED_NETWORK_UNPROVED, REFUSED_ACCOUNT_CODE,
	REFUSED_PASSWORD_NETWORK, REFUSED_PASSWORD_ACCOUNT,
	REFUSED_PASSWORD_GLOBAL,
	REFUSED_SIGNAL, REFUSED_SUPPORT, REFUSED_LARGE, REFUSAL_MAX
};
extern const char *const refusal_names[REFUSAL_MAX];

/* Count one, in earmark_refused_total{limit="..."}. */
void		refusal_count(enum refusal);
/* How many there were, since the metrics began. */
uint64_t	refusal_total(enum refusal);

#endif
