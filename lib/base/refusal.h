/* refusal: counts rejected requests by limit. */
#ifndef BASE_REFUSAL_H
#define BASE_REFUSAL_H

#include <stdint.h>

/* The limit that rejected a request. */
enum refusal {
	REFUSED_WRITE, REFUSED_SEARCH, REFUSED_PASSWORD, REFUSED_GUESS,
	REFUSED_RESEND, REFUSED_DAILY, REFUSED_COUNTRY, REFUSED_PREFIX,
	REFUSED_CEILING, REFUSED_COUNTRIES, REFUSED_UNPROVED, REFUSED_OWNER,
	REFUSED_NETWORK, REFUSED_NETWORK_UNPROVED, REFUSED_ACCOUNT_CODE,
	REFUSED_PASSWORD_NETWORK, REFUSED_PASSWORD_ACCOUNT,
	REFUSED_PASSWORD_GLOBAL,
	REFUSED_SIGNAL, REFUSED_SUPPORT, REFUSED_LARGE, REFUSED_RING,
	REFUSED_PICTURE,
	REFUSAL_MAX
};
extern const char *const refusal_names[REFUSAL_MAX];

/* Increments earmark_refused_total{limit="..."}. */
void		refusal_count(enum refusal);
/* Returns the number of rejections since the metrics file was created. */
uint64_t	refusal_total(enum refusal);

#endif
