/*
 * earmark-admin: the pool of the administrators' routes.
 */
#include "domain/calls/session.h"
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"

static const struct route_table *const tables[] = {
	&admin_accounts_routes, &admin_analytics_routes, &admin_logs_routes,
	&admin_promotions_routes,
	&admin_payments_routes,
	&admin_wallets_routes,
	&admin_approvals_routes,
	&admin_sessions_routes,
	&admin_outbox_routes, &admin_calls_routes,
	&admin_tickets_routes, &admin_moderation_routes,
	&admin_auth_sessions_routes, &admin_webhooks_routes,
	&admin_status_routes, &admin_staff_routes, &admin_templates_routes,
	NULL
};

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_ADMIN, .tables = tables,
	    .configure = session_register });
}
