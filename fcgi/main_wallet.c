/* The pool of money: wallets, sessions, payments and their webhooks. */
#include "fcgi/groups.h"
#include "fcgi/pool.h"

static const struct route_table *const tables[] = {
	&promotions_routes,
	&events_routes,
	NULL
};

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_WALLET, .tables = tables });
}
