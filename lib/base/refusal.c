#include <stdatomic.h>
#include <stddef.h>

#include "base/metric.h"
#include "base/refusal.h"

const char *const refusal_names[REFUSAL_MAX] = {
	[REFUSED_WRITE] = "write", [REFUSED_SEARCH] = "search",
	[REFUSED_PASSWORD] = "password", [REFUSED_GUESS] = "code_guess",
	[REFUSED_RESEND] = "code_resend", [REFUSED_DAILY] = "code_daily",
	[REFUSED_COUNTRY] = "code_country", [REFUSED_PREFIX] = "code_prefix",
	[REFUSED_CEILING] = "code_ceiling",
	[REFUSED_COUNTRIES] = "code_countries",
	[REFUSED_UNPROVED] = "code_unproved", [REFUSED_OWNER] = "code_owner",
	[REFUSED_NETWORK] = "code_network",
	[REFUSED_NETWORK_UNPROVED] = "code_network_unproved",
	[REFUSED_ACCOUNT_CODE] = "code_account",
	[REFUSED_PASSWORD_NETWORK] = "password_network",
	[REFUSED_PASSWORD_ACCOUNT] = "password_account",
	[REFUSED_PASSWORD_GLOBAL] = "password_global",
	[REFUSED_RING] = "ring", [REFUSED_SIGNAL] = "call_signal",
	[REFUSED_SUPPORT] = "support",
	[REFUSED_LARGE] = "large", [REFUSED_PICTURE] = "picture",
};

/* Looks the series up once, so a flood of rejected requests takes no lock. */
static metric *
refusals(enum refusal which)
{
	static metric *known[REFUSAL_MAX];

	if (known[which] == NULL)
		known[which] = metric_get("earmark_refused_total{limit=\"%s\"}",
		    refusal_names[which]);
	return known[which];
}

void
refusal_count(enum refusal which)
{
	metric_add(refusals(which), 1);
}

uint64_t
refusal_total(enum refusal which)
{
	return atomic_load(refusals(which));
}
