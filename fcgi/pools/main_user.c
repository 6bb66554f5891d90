/*
 * earmark-user: the pool of the caller's account, notifications and support. It
 * verifies the password of callers who delete their account, and the codes of
 * second factors.
 */
#include "crypto/password.h"
#include "crypto/totp.h"
#include "domain/calls/session.h"
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"

static const struct route_table *const tables[] = {
	&user_routes, &contact_routes, &settings_routes, &notifications_routes,
	&push_devices_routes, &support_routes, &faq_routes,
	&blocks_routes, &reports_routes, &user_mfa_routes,
	&unsubscribe_routes,
	NULL
};

static bool
start_main_user(const struct conf *conf, const char **why)
{
	(void)why;
	return password_init(conf) && totp_init();
}

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_USER, .tables = tables,
	    .configure = session_register,
	    .start = start_main_user });
}
