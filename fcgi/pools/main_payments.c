/*
 * earmark-payments: the pool that waits for payment providers. It is separate
 * so that other requests do not wait for them.
 */
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"
#include "net/http.h"
#include "providers/provider.h"

static const struct route_table *const tables[] = {
	&payment_create_routes, NULL
};

static bool
start_payments(const struct conf *conf, const char **why)
{
	return provider_start(conf, why) && http_start();
}

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_PAYMENTS, .tables = tables, .tls = true,
	    .start = start_payments });
}
