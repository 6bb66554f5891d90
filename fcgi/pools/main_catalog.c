/*
 * earmark-catalog: the pool of flyers, destinations and the studio.
 */
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"

static const struct route_table *const tables[] = {
	&flyers_routes, &destinations_routes, &studio_routes, NULL
};

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_CATALOG, .tables = tables });
}
