/*
 * wallet_json: a wallet, as its owner and administrators see it.
 */
#ifndef FCGI_WALLET_JSON_H
#define FCGI_WALLET_JSON_H

#include "base/conf.h"
#include "dom/wallet.h"
#include "wire/jout.h"

/* Into the open object. earnings: this may be a listener, so say those too. */
static inline void
wallet_members(struct jout *j, const struct conf *conf,
    const struct wallet *w, bool earnings)
{
	jout_int(j, "balance", w->balance);
	jout_str(j, "currency", conf->currency);
	jout_int(j, "available", w->available);
	jout_int(j, "bonus", w->bonus);
	jout_int(j, "held", w->held);
	jout_int(j, "owed", w->owed);
	jout_int(j, "free_minutes", w->free_minutes);
	if (earnings)
		jout_int(j, "earnings", w->earnings);
}

#endif
