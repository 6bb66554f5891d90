/* The pool of the favorites: four dialects of one engine, and /me. */
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"

static const struct route_table *const tables[] = {
	&favorites_d_routes, &favorites_c_routes, &favorites_a_routes,
	&favorites_e_routes, &me_routes, &export_routes, NULL
};

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_FAVORITES, .tables = tables });
}
