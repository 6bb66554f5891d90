/*
 * routes: the route tables, one per file in fcgi/routes/.
 */
#ifndef FCGI_CORE_ROUTES_H
#define FCGI_CORE_ROUTES_H

#include "fcgi/core/route.h"

/* pools auth, user */
extern const struct route_table auth_routes, auth_sessions_routes, link_routes;
extern const struct route_table user_routes, contact_routes, settings_routes;
extern const struct route_table notifications_routes, push_devices_routes;
extern const struct route_table support_routes, faq_routes;
extern const struct route_table blocks_routes, reports_routes;
/* pool listeners */
extern const struct route_table listeners_routes, listener_stats_routes,
    presence_routes, availability_routes;
/* pool favorites */
extern const struct route_table listener_favorites_routes,
	    flyer_favorites_routes,
    destination_favorites_routes, studio_favorites_routes,
    favorites_sync_routes, popular_routes, export_routes;
/* pool catalog */
extern const struct route_table flyers_routes, destinations_routes,
    studio_routes;
/* pool calls */
extern const struct route_table call_presence_routes, tariff_routes;
extern const struct route_table agora_routes, calls_routes, events_routes,
    realtime_routes;
/* pools wallet, payments */
extern const struct route_table wallet_routes, sessions_routes,
    payments_routes, payment_webhooks_routes, checkout_routes,
    promotions_routes;
extern const struct route_table payment_create_routes;
/* pools admin, system */
extern const struct route_table admin_accounts_routes, admin_logs_routes,
	    system_routes;
extern const struct route_table openapi_routes;
extern const struct route_table admin_analytics_routes, admin_status_routes;
extern const struct route_table admin_promotions_routes;
extern const struct route_table admin_payments_routes;
extern const struct route_table admin_approvals_routes;
extern const struct route_table admin_staff_routes, link_routes;
extern const struct route_table auth_mfa_routes, user_mfa_routes;
extern const struct route_table identities_routes;
extern const struct route_table admin_wallets_routes;
extern const struct route_table admin_sessions_routes;
extern const struct route_table admin_outbox_routes, admin_calls_routes;
extern const struct route_table admin_templates_routes, unsubscribe_routes;
extern const struct route_table admin_tickets_routes, admin_moderation_routes;
extern const struct route_table admin_auth_sessions_routes,
	    admin_webhooks_routes;

#endif
