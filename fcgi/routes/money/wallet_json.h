/*
 * wallet_json: writes a wallet and its entries as its owner and administrators
 * see it.
 */
#ifndef FCGI_ROUTES_MONEY_WALLET_JSON_H
#define FCGI_ROUTES_MONEY_WALLET_JSON_H

#include "base/conf.h"
#include "domain/money/referral.h"
#include "domain/money/wallet.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/route.h"
#include "json/json_write.h"

/*
 * Writes the members of a wallet into the open object. earnings: the user may
 * be a listener, so include the earnings.
 */
static inline void
wallet_json_members(struct json_write *j, const struct conf *conf,
    const struct wallet *w, bool earnings)
{
	json_write_int(j, "balance", w->balance);
	json_write_str(j, "currency", conf->currency);
	json_write_int(j, "available", w->available);
	json_write_int(j, "bonus", w->bonus);
	json_write_int(j, "held", w->held);
	json_write_int(j, "owed", w->owed);
	json_write_int(j, "free_minutes", w->free_minutes);
	if (earnings)
		json_write_int(j, "earnings", w->earnings);
}

/* Writes an entry as an object into the open array. */
static inline void
wallet_json_entry(struct json_write *j, const struct wallet_entry *l)
{
	const char *what = wallet_reference(l->transfer);
	char reference[40];

	snprintf(reference, sizeof(reference), "%s:%lld", what ? what : "",
	    (long long)l->reference);
	json_write_obj(j, NULL);
	json_write_int(j, "id", l->id);
	json_write_str(j, "type", wallet_entry_type_names[l->type - 1]);
	json_write_str(j, "account", l->earned ? "earnings" : "wallet");
	json_write_int(j, "amount", l->amount);
	json_write_int(j, "balance_after", l->balance);
	json_write_str(j, "reference", what == NULL ||
	    l->reference == INT64_MIN ? NULL : reference);
	json_write_time(j, "created_at", l->at);
	json_write_obj_end(j);
}

/* Writes an invited user as an object into the open array. */
static inline void
wallet_json_referred(struct json_write *j, const struct referred *r)
{
	json_write_obj(j, NULL);
	json_write_int(j, "user_id", r->user);
	json_write_str(j, "username", r->username);
	json_write_time(j, "joined_at", r->joined_at);
	json_write_str(j, "state", referral_state_names[r->state]);
	json_write_int(j, "bonus", r->bonus);
	json_write_time(j, "paid_at", r->paid_at);
	json_write_obj_end(j);
}

/* The query of a list of entries. */
extern const struct field_table wallet_entries_in_table;
/* Renders a list of entries. The query of the route must use that table. */
enum rc	wallet_json_entries(struct req *, enum paging_tag, int64_t user);

#endif
