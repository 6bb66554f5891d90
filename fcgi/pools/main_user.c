/*
 * earmark-user: the pool of the caller's account, notifications and support. It
 * verifies the password of callers who delete their account.
 */
#include "crypto/password.h"
#include "domain/calls/session.h"
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"

static const struct route_table *const tables[] = {
	&user_routes, &notifications_routes, &support_routes, &faq_routes,
	&blocks_routes, &reports_routes, &unsubscribe_routes,
	NULL
};

static bool
start_main_user(const struct conf *conf, const char **why)
{
	(void)why;
	return password_init(conf);
}

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_USER, .tables = tables,
	    .configure = session_register,
	    .start = start_main_user });
}
