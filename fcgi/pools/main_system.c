/*
 * earmark-system: the pool of health, version, metrics and openapi.json.
 */
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"

static const struct route_table *const tables[] = {
	&system_routes, &openapi_routes, NULL
};

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_SYSTEM, .tables = tables });
}
