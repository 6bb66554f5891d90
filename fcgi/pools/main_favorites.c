/*
 * earmark-favorites: the pool of favorites of all kinds, and of /me.
 */
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"

static const struct route_table *const tables[] = {
	&destination_favorites_routes, &flyer_favorites_routes,
	&listener_favorites_routes, &studio_favorites_routes,
	    &favorites_sync_routes, &popular_routes, &export_routes, NULL
};

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_FAVORITES, .tables = tables });
}
