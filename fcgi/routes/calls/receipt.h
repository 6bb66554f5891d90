/*
 * receipt: how the cost of a session came about, line by line.
 *
 * Each line says one step in words and has the number that it adds, so that a
 * dispute can be settled by reading: our clock, what of it is free, what is
 * left of it in started minutes, what a promotion took off, the rate, and
 * where the money came from and went.
 */
#ifndef FCGI_ROUTES_CALLS_RECEIPT_H
#define FCGI_ROUTES_CALLS_RECEIPT_H

#include "fcgi/routes/calls/session_json.h"

/* Render it; RC_CONFLICT session_live: it has not ended. */
enum rc	receipt_render(struct req *, const struct session *,
	    enum session_json_viewer);

#endif
