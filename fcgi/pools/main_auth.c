/*
 * earmark-auth: the pool of registration and login. Only this pool has the
 * private key for JWTs.
 */
#include <unistd.h>

#include "crypto/password.h"
#include "crypto/totp.h"
#include "domain/calls/session.h"
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"

static const struct route_table *const tables[] = {
	&auth_routes, &auth_sessions_routes, &link_routes,
	&auth_mfa_routes, &identities_routes, NULL
};

/*
 * Lowers the priority. Password hashes of many logins would otherwise take the
 * CPU from the requests of other pools. On an idle machine it has no effect.
 */
#define NICE 10

static bool
start_main_auth(const struct conf *conf, const char **why)
{
	(void)why;
	(void)!nice(NICE);
	return password_init(conf) && totp_init();
}

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_AUTH, .tables = tables,
	    .configure = session_register,
	    .signs = true,
	    .start = start_main_auth });
}
