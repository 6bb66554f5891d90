/*
 * earmark-listeners: the pool of listeners and presence.
 */
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"

static const struct route_table *const tables[] = {
	&listeners_routes, &listener_stats_routes, &presence_routes,
	&availability_routes, NULL
};

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_LISTENERS, .tables = tables });
}
