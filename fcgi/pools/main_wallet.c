/*
 * earmark-wallet: the pool of wallets, sessions, payments and their webhooks.
 */
#include "domain/calls/session.h"
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"
#include "providers/provider.h"

static const struct route_table *const tables[] = {
	&wallet_routes,
	&promotions_routes,
	&payment_webhooks_routes,
	&payments_routes,
	&checkout_routes,
	&sessions_routes,
	NULL
};

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_WALLET, .tables = tables,
	    .configure = session_register,
	    .start = provider_start });
}
