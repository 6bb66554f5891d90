/*
 * wallet_json: a wallet and its lines, as their owner and administrators see it.
 */
#ifndef FCGI_ROUTES_MONEY_WALLET_JSON_H
#define FCGI_ROUTES_MONEY_WALLET_JSON_H

#include "base/conf.h"
#include "domain/money/wallet.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/route.h"
#include "json/json_write.h"

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

/* A line of it. */
static inline void
line_render(struct jout *j, const struct wallet_line *l)
{
	const char *what = wallet_reference(l->transfer);
	char reference[40];

	snprintf(reference, sizeof(reference), "%s:%lld", what ? what : "",
	    (long long)l->reference);
	jout_obj(j, NULL);
	jout_int(j, "id", l->id);
	jout_str(j, "type", line_type_words[l->type - 1]);
	jout_str(j, "account", l->earned ? "earnings" : "wallet");
	jout_int(j, "amount", l->amount);
	jout_int(j, "balance_after", l->balance);
	jout_str(j, "reference", what == NULL || l->reference == INT64_MIN ?
	    NULL : reference);
	jout_time(j, "created_at", l->at);
	jout_obj_end(j);
}

/* The query of a list of lines. */
extern const struct field_table lines_in_table;
/* The whole list, of a query of that table. */
enum rc	lines_render(struct req *, enum page_tag, int64_t user);

#endif
