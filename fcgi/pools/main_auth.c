/* The pool that signs people in; it alone knows Argon2 and the signing key. */
#include <unistd.h>

#include "crypto/password.h"
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"

static const struct route_table *const tables[] = {
	&auth_routes, &auth_sessions_routes, NULL
};

/*
 * A storm of sign-ins is nothing but password hashes, and would take the
 * processors from those who are signed in already. On an idle machine it
 * makes no difference.
 */
#define NICE 10

static bool
start_main_auth(const struct conf *conf, const char **why)
{
	(void)why;
	(void)!nice(NICE);
	return password_init(conf);
}

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_AUTH, .tables = tables, .signs = true,
	    .start = start_main_auth });
}
