/*
 * earmark-calls: the pool of calls, events and realtime tickets.
 */
#include "domain/calls/session.h"
#include "fcgi/core/pool.h"
#include "fcgi/core/routes.h"
#include "providers/media_credentials.h"

static const struct route_table *const tables[] = {
	&calls_routes, &call_presence_routes, &agora_routes, &events_routes,
	&realtime_routes, NULL
};

int
main(int argc, char **argv)
{
	return pool_main(argc, argv, &(const struct pool_desc){
	    .pool = POOL_CALLS, .tables = tables,
	    .configure = session_register,
	    .start = media_credentials_start });
}
