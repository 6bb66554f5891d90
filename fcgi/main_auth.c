/* The pool that signs people in; it alone knows Argon2 and the signing key. */
#include "fcgi/groups.h"
#include "fcgi/pool.h"
#include "net/password.h"

static const struct route_table *const tables[] = {
	&auth_routes, &devices_routes, NULL
};

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_AUTH, .tables = tables, .signs = true,
	    .start = password_init });
}
